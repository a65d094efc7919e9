"""Reads a Darknet ``.weights`` file: a short header, then nothing but float32 values in the order of the layers.

The file itself says neither what it holds nor how much, so its length is all there is to check: it must be, to the
byte, what the cfg asks for. Darknet loads a wrong one without a word and then finds nothing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yolodash.errors import N_, ModelFileError
from yolodash.models.darknet.plan import Plan
from yolodash.models.darknet.specification import Values, values_of
from yolodash.structures import Floats

SHORTEST_HEADER = 16
LONGEST_HEADER = 20

_OTHER_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"version https://git-lfs", N_("the file is a Git LFS pointer: it stands for the weights file but is not it")),
    (b"<!doctype", N_("the file is a web page, not a Darknet weights file")),
    (b"<html", N_("the file is a web page, not a Darknet weights file")),
    (b"<?xml", N_("the file is an XML text, not a Darknet weights file")),
    (b"pk\x03\x04", N_("the file is a zip archive, as PyTorch's .pt files are, not a Darknet weights file")),
    (b"\x80\x02", N_("the file is a pickle, as PyTorch's older .pt files are, not a Darknet weights file")),
    (b"\x1f\x8b", N_("the file is a gzip archive, not a Darknet weights file")),
    (b"[net]", N_("the file is a Darknet cfg, not a weights file: the two are swapped")),
    (b"[network]", N_("the file is a Darknet cfg, not a weights file: the two are swapped")),
    (b"\x89hdf", N_("the file is an HDF5 file, as Keras writes, not a Darknet weights file")),
    (b"\x89png", N_("the file is a picture, not a Darknet weights file")),
    (b"\xff\xd8\xff", N_("the file is a picture, not a Darknet weights file")),
)
"""How other files begin (in lower case), and what to say of them."""


@dataclass(frozen=True)
class Header:
    """The first 16 or 20 bytes: version, and how many pictures the network had seen in training."""

    major: int
    minor: int
    revision: int
    seen: int
    length: int

    @property
    def transposed(self) -> bool:
        """Whether connected layers are stored input by input, as some early files have them."""
        return self.major > 1000 or self.minor > 1000


def parse_header(data: bytes) -> Header:
    """Read the header; from version 0.2 on "seen" has eight bytes instead of four."""
    major, minor, revision = struct.unpack_from("<iii", data)
    long = major * 10 + minor >= 2 and major < 1000 and minor < 1000
    (seen,) = struct.unpack_from("<Q" if long else "<I", data, 12)
    return Header(major, minor, revision, seen, LONGEST_HEADER if long else SHORTEST_HEADER)


def check_weights(path: Path, plan: Plan) -> Header:
    """Hold a weights file against its cfg.

    Raises:
        ModelFileError: when it is no such file, or has another length than the cfg asks for (with both counts).
    """
    start, found = _beginning(path)
    _refuse_other_kinds(start, path)
    asked = 4 * plan.value_count
    if found < LONGEST_HEADER:
        raise _wrong_length(path, plan, found, asked + LONGEST_HEADER)
    header = parse_header(start)
    if found != header.length + asked:
        raise _wrong_length(path, plan, found, header.length + asked)
    return header


def read_values(path: Path, plan: Plan) -> list[dict[str, Floats]]:
    """The values of every layer by name, as views of the mapped file; to write to one does not change the file.

    Raises:
        ModelFileError: as ``check_weights``, and for values that no training leaves behind.
    """
    header = check_weights(path, plan)
    if plan.value_count == 0:
        return [{} for _ in plan.layers]
    mapped = np.memmap(path, dtype="<f4", mode="c", offset=header.length)
    result: list[dict[str, Floats]] = []
    start = 0
    for layer in plan.layers:
        blocks: dict[str, Floats] = {}
        for block in values_of(layer.specification):
            flat = mapped[start : start + block.count]
            _refuse_nonsense(flat, block, layer.index, path)
            blocks[block.name] = _arranged(flat, block, header)
            start += block.count
        result.append(blocks)
    return result


def _arranged(flat: Floats, block: Values, header: Header) -> Floats:
    if header.transposed and block.name == "weights" and len(block.shape) == 2:
        return flat.reshape(block.shape[::-1]).T
    return flat.reshape(block.shape)


def _beginning(path: Path) -> tuple[bytes, int]:
    """The first bytes, and the length of the whole."""
    try:
        if not path.is_file():
            raise FileNotFoundError(path)
        with path.open("rb") as stream:
            return stream.read(64), path.stat().st_size
    except OSError as error:
        raise ModelFileError(
            N_("the weights file cannot be read"), fix=N_("check the path and its permissions"), where=path
        ) from error


def _refuse_other_kinds(start: bytes, path: Path) -> None:
    fix = N_("download the .weights file again, the file itself and not the page that shows it")
    if not start:
        raise ModelFileError(N_("the weights file is empty"), fix=fix, where=path.name)
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for mark, sentence in _OTHER_KINDS:
        if text.startswith(mark):
            raise ModelFileError(sentence, fix=fix, where=path.name)


def _wrong_length(path: Path, plan: Plan, found: int, asked: int) -> ModelFileError:
    if found < asked:
        what = N_("the weights file is too short for {cfg}: it has {found} bytes, the cfg asks for {asked}")
    else:
        what = N_("the weights file is too long for {cfg}: it has {found} bytes, the cfg asks for {asked}")
    return ModelFileError(
        what,
        fix=N_("download it again if it was cut off; else choose the cfg that belongs to it"),
        where=path.name,
        cfg=plan.file,
        found=f"{found:,}",
        asked=f"{asked:,}",
    )


def _refuse_nonsense(flat: Floats, block: Values, layer: int, path: Path) -> None:
    if not np.isfinite(flat).all() or (block.name == "variances" and flat.min() < 0):
        raise ModelFileError(
            N_("the {block} of layer {layer} hold values that no training leaves behind (not finite, or below zero)"),
            fix=N_("choose the cfg that belongs to these weights, or download them again"),
            where=path.name,
            block=block.name,
            layer=layer,
        )
