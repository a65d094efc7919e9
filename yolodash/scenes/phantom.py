"""A head that nobody has: ten ellipsoids, after Shepp and Logan, 1974, as a volume to slice.

Sizes and places are those of the three-dimensional phantom that is usual in tomography; the intensities are ours,
stronger than in a real head, so that what lies inside can be seen without a window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Ellipsoid:
    """What it adds inside; half its lengths and its centre in [−1, 1]; its turn about the vertical in degrees."""

    adds: float
    half: tuple[float, float, float]
    centre: tuple[float, float, float]
    turn: float = 0.0


ELLIPSOIDS = (
    Ellipsoid(1.0, (0.69, 0.92, 0.81), (0.0, 0.0, 0.0)),
    Ellipsoid(-0.6, (0.6624, 0.874, 0.78), (0.0, -0.0184, 0.0)),
    Ellipsoid(-0.3, (0.11, 0.31, 0.22), (0.22, 0.0, 0.0), -18.0),
    Ellipsoid(-0.3, (0.16, 0.41, 0.28), (-0.22, 0.0, 0.0), 18.0),
    Ellipsoid(0.15, (0.21, 0.25, 0.41), (0.0, 0.35, -0.15)),
    Ellipsoid(0.15, (0.046, 0.046, 0.05), (0.0, 0.1, 0.25)),
    Ellipsoid(0.15, (0.046, 0.046, 0.05), (0.0, -0.1, 0.25)),
    Ellipsoid(0.15, (0.046, 0.023, 0.05), (-0.08, -0.605, 0.0)),
    Ellipsoid(0.15, (0.023, 0.023, 0.02), (0.0, -0.606, 0.0)),
    Ellipsoid(0.15, (0.023, 0.046, 0.02), (0.06, -0.605, 0.0)),
)


def phantom(side: int = 80) -> NDArray[np.uint8]:
    """The volume: ``(side, side, side)`` from bottom to top, from front to back, from left to right."""
    axis = (np.arange(side) + 0.5) * (2 / side) - 1
    z, y, x = np.meshgrid(axis, -axis, axis, indexing="ij")
    values = np.zeros((side, side, side))
    for ellipsoid in ELLIPSOIDS:
        values += ellipsoid.adds * inside(ellipsoid, x, y, z)
    return np.floor(np.clip(values, 0.0, 1.0) * 255 + 0.5).astype(np.uint8)


def inside(
    ellipsoid: Ellipsoid, x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which points lie in an ellipsoid: (x/a)² + (y/b)² + (z/c)² ≤ 1, in its own directions."""
    angle = np.deg2rad(ellipsoid.turn)
    across, along = x - ellipsoid.centre[0], y - ellipsoid.centre[1]
    own = (
        np.cos(angle) * across + np.sin(angle) * along,
        np.cos(angle) * along - np.sin(angle) * across,
        z - ellipsoid.centre[2],
    )
    reach = [(coordinate / half) ** 2 for coordinate, half in zip(own, ellipsoid.half, strict=True)]
    result: NDArray[np.bool_] = reach[0] + reach[1] + reach[2] <= 1
    return result


def slice_of(volume: NDArray[np.uint8], axis: int, place: int) -> NDArray[np.uint8]:
    """One slice of a volume: axis 0 from above, 1 from the front, 2 from the side; what is above stands above."""
    cut: NDArray[np.uint8] = np.take(volume, place, axis=axis)
    return cut if axis == 0 else cut[::-1]
