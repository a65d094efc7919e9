"""Whether a network's anchors fit the boxes that it is to learn, and better ones where they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from yolodash.data.box_sizes import GOOD_RECALL, Sizes, best_possible_recall, box_sizes
from yolodash.data.dataset import LabelledImage
from yolodash.structures import Head

if TYPE_CHECKING:
    from yolodash.models.detector import Detector

ROUNDS = 100


@dataclass(frozen=True)
class AnchorCheck:
    """How the anchors fit.

    Attributes:
        best_possible_recall: the share of boxes for which an anchor would answer.
        boxes: how many there are.
        replaced: whether other anchors were found, with ``new_recall``.
        new_recall: ″
    """

    best_possible_recall: float
    boxes: int
    replaced: bool = False
    new_recall: float = 0.0


def check_anchors(model: Detector, pictures: Sequence[LabelledImage], size: int, *, seed: int = 0) -> AnchorCheck:
    """Report how a YOLOv5's anchors fit, and replace them only where they are poor and others are better."""
    sizes = box_sizes(pictures, size)
    anchors = np.array([anchor for head in model.heads for anchor in head.anchors], np.float64)
    recall = best_possible_recall(sizes, anchors)
    if recall > GOOD_RECALL or model.family != "yolov5" or len(sizes) < len(anchors):
        return AnchorCheck(recall, len(sizes))
    found = cluster(sizes, len(anchors), seed)
    better = best_possible_recall(sizes, found)
    if better <= recall:
        return AnchorCheck(recall, len(sizes))
    model.heads = _with_anchors(model.heads, found)
    return AnchorCheck(recall, len(sizes), True, better)


def cluster(sizes: Sizes, count: int, seed: int) -> Sizes:
    """``(count, 2)`` typical sizes, the smallest first: k-means on the logarithms, since ratios are what matters."""
    random = np.random.default_rng(seed)
    points = np.log(sizes)
    centres = points[random.choice(len(points), count, replace=False)]
    for _ in range(ROUNDS):
        nearest = ((points[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        moved = [points[nearest == i].mean(axis=0) if (nearest == i).any() else centres[i] for i in range(count)]
        if np.allclose(moved, centres):
            break
        centres = np.array(moved)
    found = np.exp(centres)
    return np.asarray(found[found.prod(axis=1).argsort(kind="stable")], np.float64)


def _with_anchors(heads: tuple[Head, ...], sizes: Sizes) -> tuple[Head, ...]:
    """The heads with new anchors, small ones for the finest grid."""
    order = sorted(range(len(heads)), key=lambda index: heads[index].stride)
    result, start = list(heads), 0
    for index in order:
        count = len(heads[index].anchors)
        chosen = tuple((round(float(w), 1), round(float(h), 1)) for w, h in sizes[start : start + count])
        result[index] = replace(heads[index], anchors=chosen)
        start += count
    return tuple(result)
