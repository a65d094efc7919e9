"""Which pictures are the same or nearly so: the same bytes, or the same after resizing, recompressing or light noise.

A picture's signature is its SHA-256, 64 bits that say where it becomes brighter from left to right (a difference hash,
after Krawetz, 2013), and itself in 16 × 16 cells. The bits find pairs quickly; the cells decide, since pictures of one
scene, such as frames of a fixed camera or rendered scenes on one ground, agree in many bits while showing other things.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
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
    a, b = [first[place] for place in places], [second[place] for place in others]
    bits, other_bits = (np.array([one.bits for one in part if one], np.uint64) for part in (a, b))
    cells, other_cells = (np.stack([one.cells for one in part if one]).astype(np.int16) for part in (a, b))
    pairs: list[Pair] = []
    for start in range(0, len(a), _ROWS):
        near = np.bitwise_count(bits[start : start + _ROWS, None] ^ other_bits) <= MOST_BITS  # (≤ 256, M)
        for row, column in np.argwhere(near).tolist():
            row += start
            difference = np.abs(cells[row] - other_cells[column])
            if difference.mean() <= MEAN_DIFFERENCE and difference.max() <= LARGEST_DIFFERENCE:
                one, other = a[row], b[column]
                same = one is not None and other is not None and bool(one.digest) and one.digest == other.digest
                pairs.append(Pair(places[row], others[column], same))
    return pairs
