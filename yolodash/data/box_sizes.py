"""How large the boxes of a data set are, and for how many of them a set of anchors can answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from yolodash.data.dataset import LabelledImage

SMALLEST_SIDE = 2.0
"""Pixels of the network's input; boxes smaller than this on both sides are no measure for anchors."""
GOOD_RECALL = 0.98
"""Anchors that can answer for a larger share of the boxes fit; training replaces others where it can."""
Sizes = NDArray[np.float64]


def relative_sizes(pictures: Sequence[LabelledImage]) -> Sizes:
    """``(N, 2)`` width and height of all boxes, as shares of their picture's longer side."""
    parts = [np.zeros((0, 2))]
    for picture in pictures:
        longest = max(picture.annotations.image_size.height, picture.annotations.image_size.width, 1)
        parts.append(picture.annotations.xywh[:, 2:] / longest)
    return np.concatenate(parts)


def at_input(relative: Sizes, size: int) -> Sizes:
    """Relative sizes in pixels of an input of side ``size``, without boxes that are too small to count."""
    sizes = relative * size
    kept = (sizes >= SMALLEST_SIDE).any(axis=1) & (sizes > 0).all(axis=1)
    return np.asarray(sizes[kept], np.float64)


def box_sizes(pictures: Sequence[LabelledImage], size: int) -> Sizes:
    """``(N, 2)`` width and height of all boxes that count, in pixels of the network's input."""
    return at_input(relative_sizes(pictures), size)


def best_possible_recall(sizes: Sizes, anchors: Sizes, largest_ratio: float = 4.0) -> float:
    """The share of boxes whose sides differ from those of some anchor by less than a factor; 1 where there are none.

    Args:
        sizes: ``(N, 2)`` width and height.
        anchors: ``(A, 2)``, in the same pixels.
    """
    if not len(sizes):
        return 1.0
    ratio = sizes[:, None] / anchors  # (N, A, 2)
    worst = np.maximum(ratio, 1 / ratio).max(axis=2)  # (N, A)
    return float((worst.min(axis=1) < largest_ratio).mean())
