"""The [yolo] layer of v3 and v4: logistic centre, exponential size; and v4-csp's new coordinates."""

from __future__ import annotations

import torch
from torch import Tensor

from yolodash.models.heads.grid import anchor_sizes, cell_corners
from yolodash.structures import Head


def decode(raw: Tensor, head: Head) -> Tensor:
    """b_xy = (s·σ(t_xy) − (s−1)/2 + c_xy)·stride; b_wh = anchor·exp(t_wh).

    With ``new_coords`` the numbers have gone through the logistic in the layer before, and b_wh = anchor·(2·t_wh)².

    Args:
        raw: ``(B, A, h, w, 5 + C)``.
        head: stride, anchors in network pixels, ``scale_x_y`` (s) and ``new_coords``.

    Returns:
        the same shape: cx, cy, w, h in network pixels, objectness, class probabilities.

    Source: the lecture, "YOLO – output" and "YOLO – anchor boxes"; Redmon and Farhadi, 2018; Bochkovskiy et al., 2020.
    """
    probability = raw if head.new_coords else raw.sigmoid()
    stretched = probability[..., 0:2] * head.scale_x_y - (head.scale_x_y - 1) / 2
    centre = (stretched + cell_corners(raw.shape[2], raw.shape[3], raw)) * head.stride
    factor = (2 * raw[..., 2:4]).square() if head.new_coords else raw[..., 2:4].exp()
    return torch.cat([centre, anchor_sizes(head, raw) * factor, probability[..., 4:]], dim=-1)
