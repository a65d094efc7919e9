"""From raw maps to rows: chooses each head's rule and joins the heads in order."""

from __future__ import annotations

from dataclasses import dataclass, replace

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


def class_probabilities(raw: Tensor, head: Head) -> Tensor:
    """``(…, C)`` class numbers as the network gave them → probabilities; v1's are linear, and stay so."""
    match head.kind:
        case "region":
            return region.class_probabilities(raw, head)
        case "yolo" if not head.new_coords:
            return raw.sigmoid()
        case "yolov5":
            return raw.sigmoid()
        case _:
            return raw


def raw_rows(raw_maps: tuple[Tensor, ...], heads: tuple[Head, ...]) -> Tensor:
    """The network's own numbers, ``(B, N, 5 + C)``, in the order of the decoded rows."""
    return torch.cat([arrange(raw, head).flatten(1, 3) for raw, head in zip(raw_maps, heads, strict=True)], dim=1)


def decode_rows(raw_maps: tuple[Tensor, ...], heads: tuple[Head, ...], network: ImageSize) -> Tensor:
    """Every head decoded and joined: ``(B, N, 5 + C)``, heads in order, then anchor, row, column."""
    decoded = [
        decode_map(arrange(raw, head), head, network).flatten(1, 3) for raw, head in zip(raw_maps, heads, strict=True)
    ]
    return torch.cat(decoded, dim=1)


@dataclass(frozen=True)
class Likely:
    """The rows of one picture whose objectness is above a floor.

    Attributes:
        decoded: ``(K, 5 + C)`` as ``decode_rows`` gives them.
        raw: ``(K, 5 + C)`` as ``raw_rows`` gives them.
        index: ``(K,)`` int64, which of all rows they are, ascending.
    """

    decoded: Tensor
    raw: Tensor
    index: Tensor


def likely_rows(raw_maps: tuple[Tensor, ...], heads: tuple[Head, ...], network: ImageSize, floor: float) -> Likely:
    """The rows of one picture with an objectness greater than the floor, and v1's all.

    Classes are worked out for these rows alone: of 80 classes that is nearly all the work.

    Args:
        raw_maps: of one picture, each ``(1, A, h, w, 5 + C)`` (v1: flat).
    """
    decoded: list[Tensor] = []
    raw_parts: list[Tensor] = []
    index: list[Tensor] = []
    before = 0
    for output, head in zip(raw_maps, heads, strict=True):
        raw = arrange(output, head)
        without_classes = decode_map(raw[..., :5], replace(head, tree=None), network).flatten(0, 3)  # (N, 5)
        numbers = raw.flatten(0, 3)
        everything = head.kind == "detection"
        kept = torch.arange(len(numbers)) if everything else (without_classes[:, 4] > floor).nonzero().flatten()
        chosen = numbers[kept]
        decoded.append(torch.cat([without_classes[kept], class_probabilities(chosen[:, 5:], head)], dim=1))
        raw_parts.append(chosen)
        index.append(kept + before)
        before += len(numbers)
    return Likely(torch.cat(decoded), torch.cat(raw_parts), torch.cat(index))
