"""What a model file is, by its first bytes; and for everything that is no detector, the sentence that says so."""

from __future__ import annotations

from enum import Enum, auto
from pathlib import Path
from typing import Final

from yolodash.errors import N_, ModelFileError

HEAD_BYTES = 2048


class FileKind(Enum):
    """The kinds of files that a detector can be loaded from."""

    CHECKPOINT = auto()
    DARKNET = auto()
    SAVED = auto()


_ORDINARY_FIX: Final = N_("choose a YOLOv5 checkpoint (.pt) or Darknet weights (.weights)")
_SIGNATURES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89HDF", N_("This is a Keras or HDF5 file")),
    (4, b"TFL3", N_("This is a TensorFlow Lite model")),
    (0, b"ftrt", N_("This is a TensorRT engine")),
    (0, b"\x1f\x8b", N_("This is a gzip archive, not a model file")),
    (0, b"7z\xbc\xaf", N_("This is a 7z archive, not a model file")),
    (0, b"Rar!", N_("This is a RAR archive, not a model file")),
    (257, b"ustar", N_("This is a tar archive, not a model file")),
    (0, b"\xff\xd8\xff", N_("This is a JPEG picture, not a model file")),
    (0, b"\x89PNG", N_("This is a PNG picture, not a model file")),
    (0, b"%PDF", N_("This is a PDF document, not a model file")),
    (0, b"<?xml", N_("This is an XML file, not a model file")),
)
"""Offset, bytes, and the sentence on such a file."""


def recognise(path: Path) -> FileKind:
    """The kind of a model file, from its content.

    Raises:
        ModelFileError: it is no kind that a detector can be loaded from; says what it is and what to do.
    """
    head, size = _read_head(path)
    if head[:2] == b"PK" or head[:2] in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
        return FileKind.CHECKPOINT
    if _is_darknet(head):
        return FileKind.DARKNET
    if _is_safetensors(head, size):
        return FileKind.SAVED
    what, fix = _describe(head, size)
    raise ModelFileError(what, where=path.name, fix=fix)


def _read_head(path: Path) -> tuple[bytes, int]:
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "Is a directory")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            return head, path.stat().st_size
    except (OSError, ValueError) as error:
        raise ModelFileError(
            N_("The model file cannot be opened: {reason}"),
            where=path.name,
            fix=N_("check the path and that you may read the file"),
            reason=getattr(error, "strerror", None) or type(error).__name__,
        ) from error


def _is_darknet(head: bytes) -> bool:
    """Darknet's header begins with its version: major 0, minor 1 or 2, and a revision, 4 bytes each."""
    major, minor, revision = (int.from_bytes(head[at : at + 4], "little") for at in (0, 4, 8))
    return len(head) >= 16 and major == 0 and 1 <= minor <= 9 and revision < 100


def _describe(head: bytes, size: int) -> tuple[str, str]:
    """What a file that is no detector is, and what to do about it."""
    if size == 0:
        return N_("The file is empty"), N_("download or copy it again")
    if head.startswith(b"version https://git-lfs"):
        return (
            N_("This is a Git LFS pointer: a note that stands for the file, not the file"),
            N_("run git lfs pull in its repository, or download the file itself from its page"),
        )
    if _is_web_page(head):
        return (
            N_("This is a web page that was saved under the name of a model"),
            N_("open the link in a browser and download the file itself"),
        )
    if _is_onnx(head):
        return (
            N_("This is an ONNX model: made for inference alone, without what explanations and training need"),
            N_("choose the .pt checkpoint or the .weights file that it was exported from"),
        )
    if b"[net" in head.lower() or b"[convolutional]" in head.lower():
        return (
            N_("This is a Darknet cfg: the description of a network, without its weights"),
            N_("choose the .weights file, and give this one as its cfg"),
        )
    for offset, signature, sentence in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return sentence, _ORDINARY_FIX
    return N_("This is not a model file that YoloDash knows"), _ORDINARY_FIX


def _is_web_page(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:500].lower()
    return text.startswith((b"<!doctype html", b"<html", b"<head", b"<!--")) or b"<html" in text


def _is_onnx(head: bytes) -> bool:
    """A protobuf message whose first field is the version, a small number, before a text or the graph."""
    return len(head) > 4 and head[0] == 0x08 and 1 <= head[1] <= 20 and head[2] in (0x12, 0x1A, 0x3A, 0x42)


def _is_safetensors(head: bytes, size: int) -> bool:
    """Its header's length in 8 bytes, then the header, a JSON object."""
    return len(head) > 9 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= size - 8
