"""Formats of boxes, and the way from one to another.

``xyxy``: left, top, right, bottom. ``xywh``: left, top, width, height. ``cxcywh``: centre and size.
"""

from __future__ import annotations

import torch
from torch import Tensor


def area(boxes: Tensor) -> Tensor:
    """Area of each box.

    Args:
        boxes: ``(N, 4)`` x1, y1, x2, y2.

    Returns:
        ``(N,)``, zero for a box that is inverted.
    """
    sides = (boxes[..., 2:] - boxes[..., :2]).clamp(min=0)  # (N, 2)
    return sides[..., 0] * sides[..., 1]


def cxcywh_to_xyxy(boxes: Tensor) -> Tensor:
    """``(…, 4)`` centre x, centre y, width, height → left, top, right, bottom."""
    centre, half = boxes[..., :2], boxes[..., 2:] / 2
    return torch.cat([centre - half, centre + half], dim=-1)


def xyxy_to_cxcywh(boxes: Tensor) -> Tensor:
    """``(…, 4)`` left, top, right, bottom → centre x, centre y, width, height."""
    top_left, bottom_right = boxes[..., :2], boxes[..., 2:]
    return torch.cat([(top_left + bottom_right) / 2, bottom_right - top_left], dim=-1)


def xywh_to_xyxy(boxes: Tensor) -> Tensor:
    """``(…, 4)`` left, top, width, height → left, top, right, bottom."""
    return torch.cat([boxes[..., :2], boxes[..., :2] + boxes[..., 2:]], dim=-1)


def xyxy_to_xywh(boxes: Tensor) -> Tensor:
    """``(…, 4)`` left, top, right, bottom → left, top, width, height."""
    return torch.cat([boxes[..., :2], boxes[..., 2:] - boxes[..., :2]], dim=-1)


def clip(boxes: Tensor, height: int, width: int) -> Tensor:
    """Boxes cut to the picture: ``(N, 4)`` x1, y1, x2, y2 in pixels → the same, within [0, width] and [0, height]."""
    limit = boxes.new_tensor([width, height, width, height])
    return torch.minimum(boxes.clamp(min=0), limit)
