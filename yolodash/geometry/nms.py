"""Non-maximum suppression: of boxes that overlap too much, keep the one with the highest score.

Source: the lecture, "YOLO – NMS"; in order of score descending, then index ascending; strict ``IoU > threshold``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from yolodash.geometry.overlap import intersection_over_union


def suppress(boxes: Tensor, scores: Tensor, iou_threshold: float) -> tuple[Tensor, Tensor]:
    """Walk down the scores; each box still standing survives and suppresses those that overlap it too much.

    Args:
        boxes: ``(N, 4)`` float32 x1, y1, x2, y2 in pixels.
        scores: ``(N,)``.
        iou_threshold: a box falls when its IoU with a survivor is **greater** than this.

    Returns:
        ``(N,)`` int64, for each box the index of the survivor that suppressed it, or −1 if it survived; and ``(N,)``
        float32, the overlap with that survivor, or 0.
    """
    order = torch.sort(scores, descending=True, stable=True).indices
    suppressor = torch.full((len(boxes),), -1, dtype=torch.int64)
    overlap_with = torch.zeros(len(boxes))
    while len(order):
        survivor, rest = order[0], order[1:]
        overlap = intersection_over_union(boxes[survivor][None], boxes[rest])[0]
        falls = overlap > iou_threshold
        suppressor[rest[falls]] = survivor
        overlap_with[rest[falls]] = overlap[falls]
        order = rest[~falls]
    return suppressor, overlap_with
