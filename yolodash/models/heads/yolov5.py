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
    corners = cell_corners(raw.shape[2], raw.shape[3], raw)
    centre, size = centre_and_size(probability, corners, anchor_sizes(head, raw), head.stride)
    return torch.cat([centre, size, probability[..., 4:]], dim=-1)


def centre_and_size(probability: Tensor, corners: Tensor, anchors: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """A box from the network's numbers after the logistic, which lie in (0, 1).

    Args:
        probability: ``(…, 4)`` or more: σ(t_x), σ(t_y), σ(t_w), σ(t_h).
        corners: ``(…, 2)`` column and row of the cell.
        anchors: ``(…, 2)`` width and height in network pixels.
        stride: network pixels per cell.

    Returns:
        ``(…, 2)`` cx, cy and ``(…, 2)`` w, h in network pixels.
    """
    centre = (2 * probability[..., 0:2] - 0.5 + corners) * stride
    return centre, anchors * (2 * probability[..., 2:4]).square()
