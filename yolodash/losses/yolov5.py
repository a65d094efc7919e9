"""YOLOv5's assignment and loss.

An object is answered for by every anchor of a like shape, on every scale, in the cell of its centre and in the cells
beside it that the centre is nearest to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot

from yolodash.geometry.boxes import cxcywh_to_xyxy
from yolodash.geometry.overlap import complete_intersection_over_union, paired_intersection_over_union
from yolodash.losses.matches import Matches, largest_at, read
from yolodash.losses.terms import LossTerms, exact, joined
from yolodash.models.heads.yolov5 import centre_and_size
from yolodash.structures import Head, ImageSize

SCALE_WEIGHTS_OF_THREE = (4.0, 1.0, 0.4)
SCALE_WEIGHTS = (4.0, 1.0, 0.25, 0.06, 0.02)
"""How much the objectness of each scale counts, small strides first, for another number of scales than three."""
_STEPS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))


@dataclass(frozen=True)
class Gains:
    """Weights of the three terms, as the recipe states them for 80 classes, 3 scales and 640 pixels.

    Attributes:
        box, objectness, class_: of the terms.
        largest_ratio: an anchor answers for objects whose sides differ from its own by less than this factor.
    """

    box: float = 0.05
    objectness: float = 1.0
    class_: float = 0.5
    largest_ratio: float = 4.0


DEFAULT_GAINS = Gains()


def yolov5_loss(
    raw_maps: Sequence[Tensor],
    targets: Tensor,
    heads: Sequence[Head],
    network_size: ImageSize,
    gains: Gains = DEFAULT_GAINS,
    match_weights: Sequence[float] | None = None,
) -> LossTerms:
    """0.05·(1 − CIoU) + 1.0·BCE(objectness, IoU) + 0.5·BCE(class), × batch size.

    On each scale the box term is the mean over the matches, the class term over matches and classes, the objectness
    term over all predictions; the scales are added up.

    Args:
        raw_maps: ``(B, A, h, w, 5 + C)`` a head, as the model gives them.
        targets: ``(M, 6)`` picture in the batch, class, cx, cy, w, h as shares of the network's input.
        heads: what the maps came from, in the same order: small strides first.
        network_size: of the input; its longer side scales the objectness.
        gains: as the recipe states them, see ``scaled``.
        match_weights: of the means over each head's matches, where several processes share a batch; 1 without.
    """
    shares = match_weights or (1.0,) * len(heads)
    own = scaled(gains, heads[0].classes, len(heads), network_size)
    box = objectness = class_ = exact(raw_maps[0].new_zeros(()))
    for raw, head, weight, share in zip(raw_maps, heads, scale_weights(len(heads)), shares, strict=True):
        matches = assign(targets, head, (raw.shape[2], raw.shape[3]), gains.largest_ratio)
        answers, logits = read(raw, matches)  # (K, 5 + C), (B, A, h, w)
        truths = targets[matches.target]
        boxes, wanted = predicted_boxes(answers, matches, head), true_boxes(truths, raw, head)
        box = box + share * own.box * box_term(boxes, wanted)
        overlap = paired_intersection_over_union(boxes.detach(), wanted)
        objectness = objectness + own.objectness * weight * objectness_term(logits, matches, overlap)
        class_ = class_ + share * own.class_ * class_term(answers[:, 5:], truths[:, 1].long())
    return joined(box, objectness, class_, pictures=raw_maps[0].shape[0])


def scaled(gains: Gains, classes: int, scales: int, network_size: ImageSize) -> Gains:
    """The gains for another number of classes or scales or another size: box × 3/scales, class × C/80 · 3/scales,
    objectness × (longer side/640)² · 3/scales.
    """
    share = 3 / scales
    side = max(network_size.height, network_size.width) / 640
    return replace(
        gains,
        box=gains.box * share,
        class_=gains.class_ * classes / 80 * share,
        objectness=gains.objectness * side**2 * share,
    )


def scale_weights(scales: int) -> tuple[float, ...]:
    """How much the objectness of each scale counts: smaller strides have more cells, so a smaller mean."""
    return SCALE_WEIGHTS_OF_THREE if scales == 3 else SCALE_WEIGHTS[:scales]


def assign(targets: Tensor, head: Head, grid: tuple[int, int], largest_ratio: float = 4.0) -> Matches:
    """Which predictions of one scale answer for which objects.

    Args:
        targets: ``(M, 6)`` as for ``yolov5_loss``.
        head: anchors and stride.
        grid: rows and columns of the map.
        largest_ratio: see ``Gains``.
    """
    rows, columns = grid
    cells = targets.new_tensor([columns, rows])
    position = targets[:, 2:4] * cells  # (M, 2) in cells, x first
    own = torch.minimum(position.floor(), cells - 1).clamp(min=0)
    places, nearest = nearest_cells(position, own, cells)  # (5, M, 2), (5, M)
    alike = side_ratios(targets[:, 4:6] * cells * head.stride, head) < largest_ratio  # (M, A)
    step, target, anchor = (nearest[:, :, None] & alike[None]).nonzero(as_tuple=True)
    place = places[step, target].long()
    return Matches(target, targets[target, 0].long(), anchor, place[:, 1], place[:, 0])


def side_ratios(sides: Tensor, head: Head) -> Tensor:
    """By which factor an object's sides and an anchor's differ, the larger of the two: ``(M, 2)`` → ``(M, A)``."""
    ratio = sides[:, None] / sides.new_tensor(head.anchors)  # (M, A, 2)
    return torch.maximum(ratio, 1 / ratio).amax(dim=-1)


def nearest_cells(position: Tensor, own: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
    """A centre's own cell, and those beside it, left or right, above or below, on whose side of its cell it lies.

    Args:
        position: ``(M, 2)`` x, y in cells.
        own: ``(M, 2)`` column and row of the cell that holds it.
        cells: ``(2,)`` columns and rows.

    Returns:
        ``(5, M, 2)`` column and row: own, left, right, above, below; and ``(5, M)`` bool, which of them answer: own,
        and of the others at most two.
    """
    steps = position.new_tensor(_STEPS)  # (5, 2)
    places = own + steps[:, None]  # (5, M, 2)
    toward = ((position - own - 0.5) * steps[:, None]).sum(dim=-1) > 0  # (5, M)
    toward[0] = True
    return places, toward & (places >= 0).all(dim=-1) & (places < cells).all(dim=-1)


def predicted_boxes(answers: Tensor, matches: Matches, head: Head) -> Tensor:
    """``(K, 4)`` x1, y1, x2, y2 in network pixels of the predictions that answer."""
    corners = torch.stack([matches.column, matches.row], dim=-1)
    anchors = answers.new_tensor(head.anchors)[matches.anchor]
    centre, size = centre_and_size(answers[:, :4].sigmoid(), corners, anchors, head.stride)
    return cxcywh_to_xyxy(torch.cat([centre, size], dim=-1))


def true_boxes(truths: Tensor, raw: Tensor, head: Head) -> Tensor:
    """``(K, 4)`` x1, y1, x2, y2 in network pixels of the objects."""
    columns_rows = truths.new_tensor([raw.shape[3], raw.shape[2]] * 2)
    return cxcywh_to_xyxy(truths[:, 2:6] * columns_rows * head.stride)


def box_term(boxes: Tensor, wanted: Tensor) -> Tensor:
    """Mean of 1 − CIoU over the matches; 0 without any."""
    return box_errors(boxes, wanted).mean() if len(boxes) else boxes.sum()


def box_errors(boxes: Tensor, wanted: Tensor) -> Tensor:
    """``(K,)`` 1 − CIoU of each match."""
    return 1 - complete_intersection_over_union(boxes, wanted)


def objectness_term(logits: Tensor, matches: Matches, overlap: Tensor) -> Tensor:
    """BCE of every prediction's objectness; it should be the IoU with its object, or 0.

    A prediction that answers for several objects should reach the largest of its overlaps.
    """
    return binary_cross_entropy_with_logits(logits, largest_at(logits, matches, overlap))


def class_term(logits: Tensor, classes: Tensor) -> Tensor:
    """BCE of each class by itself, mean over ``(K, C)``; no smoothing of the labels; 0 without any match."""
    return class_errors(logits, classes).mean() if len(logits) else logits.sum()


def class_errors(logits: Tensor, classes: Tensor) -> Tensor:
    """``(K, C)`` BCE of each class of each match."""
    return binary_cross_entropy_with_logits(
        logits, one_hot(classes, logits.shape[1]).to(logits.dtype), reduction="none"
    )
