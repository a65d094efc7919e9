"""Two eyes on one motorcycle: the stereo pair of scikit-image's wheel, and the distance that it gives."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yolodash.data.images import read_image
from yolodash.data.samples import sample_path
from yolodash.errors import N_, ImageError
from yolodash.structures import Image

FOCAL_LENGTH = 994.978
"""Pixels."""
BASELINE = 0.193001
"""Metres between the two cameras."""
OFFSET = 31.086
"""Pixels by which the two pictures' middles are apart."""


@dataclass(frozen=True)
class StereoPair:
    """What two cameras saw, and by how much each pixel moved from one picture to the other.

    Attributes:
        left, right: ``(H, W, 3)`` uint8.
        disparity: ``(H, W)`` float32 pixels; nan where it is not known.
    """

    left: Image
    right: Image
    disparity: NDArray[np.float32]


def stereo_pair() -> StereoPair:
    """The motorcycle of the Middlebury Stereo Datasets 2014 (Scharstein et al.), a quarter of its size.

    Raises:
        ImageError: scikit-image is not installed with its photos.
    """
    left = sample_path("motorcycle")
    right, disparity = left.with_name("motorcycle_right.png"), left.with_name("motorcycle_disp.npz")
    return StereoPair(read_image(left), read_image(_there(right)), _disparity(_there(disparity)))


def distance(disparity: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far away, in metres: Z = f · b / (d + d₀); nan where the disparity is."""
    return np.asarray(FOCAL_LENGTH * BASELINE / (disparity + OFFSET), np.float32)


def _there(path: Path) -> Path:
    if not path.is_file():
        raise ImageError(
            N_("The sample photos are not installed"),
            where=path.name,
            fix=N_("run pip install -r requirements.txt again"),
        )
    return path


def _disparity(path: Path) -> NDArray[np.float32]:
    with np.load(io.BytesIO(path.read_bytes())) as arrays:
        values = np.asarray(arrays["arr_0"], np.float32)
    return np.where(np.isfinite(values), values, np.nan).astype(np.float32)
