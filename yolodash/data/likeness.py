"""Which pictures are the same or nearly so: the same bytes, or the same after resizing, recompressing or light noise.

A picture's signature is its SHA-256, 64 bits that say where it becomes brighter from left to right (a difference hash,
after Krawetz, 2013), and itself in 16 × 16 cells. The bits find pairs quickly; the cells decide, since pictures of one
scene, such as frames of a fixed camera or rendered scenes on one ground, agree in many bits while showing other things.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from yolodash.data.images import read_image
from yolodash.errors import YoloDashError
from yolodash.structures import Image

CELLS = 16
MOST_BITS = 8
"""Of 64 that may differ."""
MEAN_DIFFERENCE, LARGEST_DIFFERENCE = 3.0, 24
"""Grey levels of 255 by which cells may differ on average, and at most."""
_ROWS = 256
_PAIRS = 4096
_ROUNDING = 0.01


@dataclass(frozen=True)
class Signature:
    """What stands for a picture when it is compared.

    Attributes:
        digest: SHA-256 of the file.
        bits: 64, as one number.
        cells: ``(16, 16, 3)`` uint8.
    """

    digest: str
    bits: int
    cells: NDArray[np.uint8]


@dataclass(frozen=True)
class Pair:
    """Two pictures by their places in the two lists, and whether their files are the same byte by byte."""

    first: int
    second: int
    identical: bool


def signature(image: Image, digest: str = "") -> Signature:
    """The signature of a picture, ``(H, W, 3)`` uint8 RGB."""
    picture = Pillow.fromarray(image)
    grey = np.asarray(picture.convert("L").resize((9, 8), Pillow.Resampling.BOX), np.int16)
    bits = int("".join("1" if brighter else "0" for brighter in (grey[:, 1:] > grey[:, :-1]).ravel()), 2)
    cells = np.asarray(picture.resize((CELLS, CELLS), Pillow.Resampling.BOX), np.uint8)
    return Signature(digest, bits, cells)


def signatures(
    paths: Sequence[Path], progress: Callable[[int], None] = lambda _: None
) -> tuple[list[Signature | None], list[YoloDashError]]:
    """The signatures of picture files; None and an error for each that cannot be read.

    Args:
        progress: told after each how many are done.
    """
    found: list[Signature | None] = []
    errors: list[YoloDashError] = []
    for path in paths:
        try:
            image = read_image(path)
            found.append(signature(image, _digest(path)))
        except YoloDashError as error:
            errors.append(error)
            found.append(None)
        progress(len(found))
    return found, errors


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def alike(first: Sequence[Signature | None], second: Sequence[Signature | None]) -> list[Pair]:
    """Every pair, one of each list, that shows the same; in the order of the first list."""
    places, others = ([place for place, one in enumerate(part) if one is not None] for part in (first, second))
    if not places or not others:
        return []
    a, b = [one for one in first if one is not None], [one for one in second if one is not None]
    return [
        Pair(places[row], others[column], bool(a[row].digest) and a[row].digest == b[column].digest)
        for row, column in _near(a, b)
    ]


def twins(found: Sequence[Signature | None]) -> list[Pair]:
    """Every pair of one list that shows the same, each once, ``first < second``."""
    places = [place for place, one in enumerate(found) if one is not None]
    there = [one for one in found if one is not None]
    return [
        Pair(places[row], places[column], bool(there[row].digest) and there[row].digest == there[column].digest)
        for row, column in (_near(there, there, above=True) if there else ())
    ]


def _near(a: Sequence[Signature], b: Sequence[Signature], *, above: bool = False) -> Iterator[tuple[int, int]]:
    """The pairs whose bits and cells agree; of one list with itself only those ``above`` the diagonal.

    A mean of differences is at least the difference of means, over all of a picture or over its 16 blocks: these come
    first, since they are fewer numbers a pair.
    """
    bits, other_bits = (np.array([one.bits for one in part], np.uint64) for part in (a, b))
    cells, other_cells = (np.stack([one.cells for one in part]).astype(np.int16) for part in (a, b))
    blocks, other_blocks = (_block_means(part) for part in (cells, other_cells))
    means, other_means = (part.mean(axis=1) for part in (blocks, other_blocks))
    for start in range(0, len(a), _ROWS):
        rows = slice(start, start + _ROWS)
        near = np.abs(means[rows, None] - other_means) <= MEAN_DIFFERENCE + _ROUNDING  # (≤ 256, M)
        near &= np.bitwise_count(bits[rows, None] ^ other_bits) <= MOST_BITS
        if above:
            near &= np.arange(len(b)) > np.arange(start, start + len(near))[:, None]
        pairs = np.argwhere(near) + np.array([start, 0])
        for some in np.array_split(pairs, range(_PAIRS, len(pairs), _PAIRS)):
            coarse = np.abs(blocks[some[:, 0]] - other_blocks[some[:, 1]]).mean(axis=1)
            some = some[coarse <= MEAN_DIFFERENCE + _ROUNDING]
            difference = np.abs(cells[some[:, 0]] - other_cells[some[:, 1]])  # (≤ 4096, 16, 16, 3)
            same = difference.mean(axis=(1, 2, 3)) <= MEAN_DIFFERENCE
            same &= difference.max(axis=(1, 2, 3), initial=0) <= LARGEST_DIFFERENCE
            yield from ((int(row), int(column)) for row, column in some[same])


def _block_means(cells: NDArray[np.int16]) -> NDArray[np.float32]:
    """``(N, 48)``: each channel's mean over 4 × 4 cells, from ``(N, 16, 16, 3)``."""
    means: NDArray[np.float32] = cells.reshape(-1, 4, 4, 4, 4, 3).mean(axis=(2, 4), dtype=np.float32)
    return means.reshape(-1, 48)
