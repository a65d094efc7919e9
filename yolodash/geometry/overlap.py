"""How much two boxes overlap: IoU, and the two refinements that losses use."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from yolodash.geometry.boxes import area


def intersection_over_union(boxes: Tensor, others: Tensor) -> Tensor:
    """Overlap of every box with every other: |A ∩ B| / |A ∪ B|.

    Args:
        boxes: ``(N, 4)`` x1, y1, x2, y2 in pixels.
        others: ``(M, 4)``, in the same format.

    Returns:
        ``(N, M)`` in [0, 1]; 0 where the union is empty.

    Source: the lecture, "YOLO – IoU"; Everingham et al., 2010, eq. 4.
    """
    return paired_intersection_over_union(boxes[:, None], others[None])


def paired_intersection_over_union(boxes: Tensor, others: Tensor) -> Tensor:
    """Overlap of each box with its partner; shapes ``(…, 4)`` broadcast to ``(…)``, in [0, 1]."""
    top_left = torch.maximum(boxes[..., :2], others[..., :2])  # (…, 2)
    bottom_right = torch.minimum(boxes[..., 2:], others[..., 2:])  # (…, 2)
    sides = (bottom_right - top_left).clamp(min=0)
    intersection = sides[..., 0] * sides[..., 1]  # (…)
    union = area(boxes) + area(others) - intersection
    return torch.where(union > 0, intersection / union.where(union > 0, union.new_ones(())), union.new_zeros(()))


def generalised_intersection_over_union(boxes: Tensor, others: Tensor) -> Tensor:
    """GIoU of each box with its partner: IoU less the share of the enclosing box that neither covers.

    Args:
        boxes, others: ``(…, 4)`` x1, y1, x2, y2, broadcast against each other.

    Returns:
        ``(…)`` in [−1, 1]; 1 for equal boxes, negative for boxes far apart.

    Source: Rezatofighi et al., 2019.
    """
    overlap = paired_intersection_over_union(boxes, others)
    enclosing = torch.cat(
        [torch.minimum(boxes[..., :2], others[..., :2]), torch.maximum(boxes[..., 2:], others[..., 2:])], dim=-1
    )
    hull = area(enclosing)
    union = (area(boxes) + area(others)) / (1 + overlap)
    return overlap - torch.where(hull > 0, (hull - union) / hull.clamp(min=1e-12), hull.new_zeros(()))


def complete_intersection_over_union(boxes: Tensor, others: Tensor) -> Tensor:
    """CIoU of each box with its partner: IoU − ρ²/c² − α·v.

    ρ is the distance between the centres, c the diagonal of the enclosing box, v the disagreement of the aspect
    ratios, and α = v / (1 − IoU + v) its weight, held constant for the gradient.

    Args:
        boxes, others: ``(…, 4)`` x1, y1, x2, y2, broadcast against each other.

    Returns:
        ``(…)``, at most 1.

    Source: Zheng et al., 2020, eqs. 9 to 11.
    """
    epsilon = 1e-7
    overlap = paired_intersection_over_union(boxes, others)
    hull = torch.maximum(boxes[..., 2:], others[..., 2:]) - torch.minimum(boxes[..., :2], others[..., :2])  # (…, 2)
    diagonal = hull.square().sum(dim=-1) + epsilon
    between = (boxes[..., :2] + boxes[..., 2:] - others[..., :2] - others[..., 2:]) / 2  # (…, 2)
    distance = between.square().sum(dim=-1)
    aspect_difference = 4 / math.pi**2 * (_angle(boxes, epsilon) - _angle(others, epsilon)).square()
    with torch.no_grad():
        weight = aspect_difference / (1 - overlap + aspect_difference + epsilon)
    return overlap - distance / diagonal - weight * aspect_difference


def _angle(boxes: Tensor, epsilon: float) -> Tensor:
    """arctan(width / height) of each box, which is what CIoU calls its aspect."""
    sides = boxes[..., 2:] - boxes[..., :2]
    return torch.atan(sides[..., 0] / (sides[..., 1] + epsilon))
