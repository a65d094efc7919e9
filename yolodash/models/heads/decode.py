"""From raw maps to rows: chooses each head's rule and joins the heads in order."""

from __future__ import annotations

import torch
from torch import Tensor

from yolodash.models.heads import detection, region, yolo, yolov5
from yolodash.structures import Head, ImageSize


def arrange(raw: Tensor, head: Head) -> Tensor:
    """A head's raw output as ``(B, A, h, w, 5 + C)``; only v1's is not in that shape already."""
    return detection.arrange(raw, head) if head.kind == "detection" else raw


def decode_map(raw: Tensor, head: Head, network: ImageSize) -> Tensor:
    """One head's raw map, decoded by the rule of its kind.

    Args:
        raw: ``(B, A, h, w, 5 + C)``.
        head: what the map came from.
        network: size of the network's input.

    Returns:
        the same shape: cx, cy, w, h in network pixels, objectness, class probabilities.
    """
    match head.kind:
        case "detection":
            return detection.decode(raw, head, network)
        case "region":
            return region.decode(raw, head)
        case "yolo":
            return yolo.decode(raw, head)
        case "yolov5":
            return yolov5.decode(raw, head)


def raw_rows(raw_maps: tuple[Tensor, ...], heads: tuple[Head, ...]) -> Tensor:
    """The network's own numbers, ``(B, N, 5 + C)``, in the order of the decoded rows."""
    return torch.cat([arrange(raw, head).flatten(1, 3) for raw, head in zip(raw_maps, heads, strict=True)], dim=1)


def decode_rows(raw_maps: tuple[Tensor, ...], heads: tuple[Head, ...], network: ImageSize) -> Tensor:
    """Every head decoded and joined: ``(B, N, 5 + C)``, heads in order, then anchor, row, column."""
    decoded = [
        decode_map(arrange(raw, head), head, network).flatten(1, 3) for raw, head in zip(raw_maps, heads, strict=True)
    ]
    return torch.cat(decoded, dim=1)
