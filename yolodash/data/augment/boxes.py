"""Which boxes a changed picture still has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yolodash.structures import ImageSize

Boxes = NDArray[np.float64]
"""``(N, 4)`` x1, y1, x2, y2 in pixels of the picture beside them; transforms keep the number and the order."""

LEAST_SIDE = 2.0
"""Pixels: a box with a shorter side shows nothing that could be learnt."""
LEAST_VISIBLE = 0.1
"""Share of its area that must still lie in the picture."""
MOST_ELONGATED = 100.0
"""Longer side by shorter side, at most."""


def clipped(boxes: Boxes, size: ImageSize) -> Boxes:
    """Boxes cut to the picture; one that lies outside becomes a line or a point at its edge."""
    limit = np.array([size.width, size.height] * 2, np.float64)
    return np.clip(boxes, 0.0, limit)


def stay(whole: Boxes, seen: Boxes, least_visible: float = LEAST_VISIBLE) -> NDArray[np.bool_]:
    """Which boxes are kept: enough of them is seen, and what is seen is large enough and no mere sliver.

    Args:
        whole: as they would be without the picture's edge.
        seen: the same, clipped.
        least_visible: share of the area.

    Returns:
        ``(N,)`` bool: sides over ``LEAST_SIDE``, more than ``least_visible`` of the area, sides within
        ``MOST_ELONGATED`` of each other.
    """
    sides = seen[:, 2:] - seen[:, :2]
    shorter, longer = sides.min(axis=1, initial=np.inf), sides.max(axis=1, initial=0.0)
    visible = sides.prod(axis=1) > least_visible * (whole[:, 2:] - whole[:, :2]).prod(axis=1)
    return np.asarray((shorter > LEAST_SIDE) & visible & (longer < MOST_ELONGATED * shorter))
