"""The [detection] layer of v1: no anchors, linear outputs, classes shared by the boxes of a cell."""

from __future__ import annotations

import torch
from torch import Tensor

from yolodash.models.heads.grid import cell_corners
from yolodash.structures import Head, ImageSize


def arrange(raw: Tensor, head: Head) -> Tensor:
    """v1's flat output as a map: all classes of all cells come first, then all objectness, then all boxes.

    Args:
        raw: ``(B, S·S·(C + 5·A))``, S cells a side, A boxes a cell.

    Returns:
        ``(B, A, S, S, 5 + C)`` x, y, w, h, objectness, classes; the classes are repeated for every box of the cell.
    """
    boxes, classes = len(head.anchors), head.classes
    cells = int(raw.shape[1]) // (classes + 5 * boxes)
    side = round(cells**0.5)
    class_part, objectness_part, box_part = torch.split(raw, [cells * classes, cells * boxes, cells * boxes * 4], dim=1)
    shared = class_part.view(-1, 1, side, side, classes).expand(-1, boxes, -1, -1, -1)
    objectness = objectness_part.view(-1, side, side, boxes, 1).permute(0, 3, 1, 2, 4)
    box = box_part.view(-1, side, side, boxes, 4).permute(0, 3, 1, 2, 4)
    return torch.cat([box, objectness, shared], dim=-1)


def decode(raw: Tensor, head: Head, network: ImageSize) -> Tensor:
    """b_xy = (t_xy + c_xy)·stride; b_wh = t_wh² · network size (without the square if the cfg says so).

    Args:
        raw: ``(B, A, S, S, 5 + C)`` as ``arrange`` gives it; linear, so anything can lie outside [0, 1].

    Returns:
        the same shape: cx, cy, w, h in network pixels, objectness, class numbers.

    Source: Redmon et al., 2016.
    """
    centre = (raw[..., 0:2] + cell_corners(raw.shape[2], raw.shape[3], raw)) * head.stride
    share = raw[..., 2:4].square() if head.square_root else raw[..., 2:4]
    size = share * raw.new_tensor([network.width, network.height])
    return torch.cat([centre, size, raw[..., 4:]], dim=-1)
