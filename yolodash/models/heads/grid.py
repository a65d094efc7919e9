"""The grid that a head lays over the picture, and the order in which its boxes are counted."""

from __future__ import annotations

import torch
from torch import Tensor

from yolodash.structures import Head, ImageSize


def cell_corners(rows: int, columns: int, like: Tensor) -> Tensor:
    """Column and row of every cell: ``(h, w, 2)``, x first, in the type and on the device of ``like``."""
    y = torch.arange(rows, device=like.device, dtype=like.dtype)
    x = torch.arange(columns, device=like.device, dtype=like.dtype)
    return torch.stack([x.expand(rows, columns), y[:, None].expand(rows, columns)], dim=-1)


def anchor_sizes(head: Head, like: Tensor) -> Tensor:
    """Width and height of the anchors: ``(A, 1, 1, 2)`` in network pixels, ready to multiply a map."""
    return like.new_tensor(head.anchors)[:, None, None, :]


def grid_shape(head: Head, network: ImageSize) -> tuple[int, int, int]:
    """Anchors (v1: boxes) a cell, rows and columns of one head for an input of this size."""
    return len(head.anchors), network.height // head.stride, network.width // head.stride


def candidate_count(heads: tuple[Head, ...], network: ImageSize) -> int:
    """How many boxes a detector makes: 10,647 for YOLOv3 at 416, 25,200 for YOLOv5 at 640.

    Source: the lecture, "YOLO – NMS": ((52·52) + (26·26) + (13·13))·3.
    """
    total = 0
    for head in heads:
        anchors, rows, columns = grid_shape(head, network)
        total += anchors * rows * columns
    return total


def candidate_positions(heads: tuple[Head, ...], network: ImageSize) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Scale, row, column and anchor of every candidate, in the order of the decoded rows; four ``(N,)`` int64."""
    parts: list[Tensor] = []
    for scale, head in enumerate(heads):
        anchors, rows, columns = grid_shape(head, network)
        anchor, row, column = torch.meshgrid(
            torch.arange(anchors), torch.arange(rows), torch.arange(columns), indexing="ij"
        )
        parts.append(torch.stack([torch.full_like(row, scale), row, column, anchor], dim=-1).reshape(-1, 4))
    scale_, row_, column_, anchor_ = torch.cat(parts).unbind(dim=-1)
    return scale_, row_, column_, anchor_
