"""YOLOv5's decode: every number through the logistic, sizes at most four times the anchor."""

from __future__ import annotations

import torch
from torch import Tensor

from yolodash.models.heads.grid import anchor_sizes, cell_corners
from yolodash.structures import Head


def decode(raw: Tensor, head: Head) -> Tensor:
    """b_xy = (2σ(t_xy) − 0.5 + c_xy)·stride; b_wh = anchor·(2σ(t_wh))².

    Args:
        raw: ``(B, A, h, w, 5 + C)`` t_x, t_y, t_w, t_h, t_o, then one a class.
        head: stride and anchors in network pixels.

    Returns:
        the same shape: cx, cy, w, h in network pixels, objectness, class probabilities.
    """
    probability = raw.sigmoid()
    centre = (2 * probability[..., 0:2] - 0.5 + cell_corners(raw.shape[2], raw.shape[3], raw)) * head.stride
    size = anchor_sizes(head, raw) * (2 * probability[..., 2:4]).square()
    return torch.cat([centre, size, probability[..., 4:]], dim=-1)
