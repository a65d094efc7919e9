"""A loss taken apart: what each cell of each map contributes to it, so that a picture shows where it comes from.

Each function gives maps whose sums are the terms of the loss beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from yolodash.geometry.overlap import paired_intersection_over_union
from yolodash.losses import yolov1, yolov3, yolov5
from yolodash.losses.matches import Matches, largest_at, read
from yolodash.losses.terms import exact
from yolodash.models.heads.detection import arrange
from yolodash.structures import Head, ImageSize


@dataclass(frozen=True)
class CellShares:
    """The five terms of the lecture's loss, cell by cell: ``(S, S)`` each, its λ included."""

    centre: Tensor
    size: Tensor
    object_: Tensor
    no_object: Tensor
    class_: Tensor


@dataclass(frozen=True)
class HeadShares:
    """The three terms of a later loss on one scale, cell by cell: ``(h, w)`` each, its gain included.

    Attributes:
        box, objectness, class_: summed over the anchors of a cell.
        matches: the predictions that answer for objects.
    """

    box: Tensor
    objectness: Tensor
    class_: Tensor
    matches: Matches


def yolov1_shares(
    raw: Tensor,
    targets: Tensor,
    head: Head,
    coordinates_weight: float = yolov1.COORDINATES_WEIGHT,
    no_object_weight: float = yolov1.NO_OBJECT_WEIGHT,
) -> CellShares:
    """``yolov1_loss`` of one picture, cell by cell; arguments as there, with a batch of one."""
    answers = exact(raw if raw.ndim == 5 else arrange(raw, head))  # (1, A, S, S, 5 + C)
    who, overlap = yolov1.responsible(answers, targets, head)
    mine = answers[who.picture, who.anchor, who.row, who.column]
    side = answers.shape[3]

    def placed(error: Callable[[Tensor, Tensor, Matches], Tensor]) -> Tensor:
        values = [error(mine[i : i + 1], targets[i : i + 1], only(who, i)) for i in range(len(targets))]
        return spread(values, who, (side, side), like=answers)

    confidence = answers[0, ..., 4]  # (A, S, S)
    answers_for = yolov1.answering(answers, who)[0]
    wanted = largest_at(answers[..., 4], who, overlap)[0]
    return CellShares(
        coordinates_weight * placed(lambda m, t, w: yolov1.centre_term(m, t, w, side)),
        coordinates_weight * placed(lambda m, t, _: yolov1.size_term(m, t, head)),
        ((confidence - wanted).square() * answers_for).sum(dim=0),
        no_object_weight * (confidence.square() * ~answers_for).sum(dim=0),
        yolov1.class_errors(answers, targets, who)[0],
    )


def yolov3_shares(
    raw_maps: Sequence[Tensor],
    targets: Tensor,
    heads: Sequence[Head],
    network_size: ImageSize,
    ignore_threshold: float = 0.7,
) -> tuple[HeadShares, ...]:
    """``yolov3_loss`` of one picture, cell by cell; arguments as there, with a batch of one."""
    best_head, best_anchor = yolov3.best_anchors(targets, heads, network_size)
    result = []
    for number, (raw, head) in enumerate(zip(raw_maps, heads, strict=True)):
        grid = (raw.shape[2], raw.shape[3])
        matches = yolov3.cells_of(targets, best_head == number, best_anchor, grid)
        predicted, logits = read(raw, matches)
        truths = targets[matches.target]
        overlapped = yolov3.overlapping(raw, targets, head, ignore_threshold)
        boxes, classes = [], []
        for i in range(len(truths)):
            one, its = predicted[i : i + 1], truths[i : i + 1]
            boxes.append(yolov3.box_term(one, its, only(matches, i), head, raw))
            classes.append(yolov3.class_term(one[:, 5:], its[:, 1].long()))
        objectness = yolov3.objectness_errors(logits, matches, overlapped)[0].sum(dim=0)
        result.append(
            HeadShares(spread(boxes, matches, grid, raw), objectness, spread(classes, matches, grid, raw), matches)
        )
    return tuple(result)


def yolov5_shares(
    raw_maps: Sequence[Tensor],
    targets: Tensor,
    heads: Sequence[Head],
    network_size: ImageSize,
    gains: yolov5.Gains = yolov5.DEFAULT_GAINS,
) -> tuple[HeadShares, ...]:
    """``yolov5_loss`` of one picture, cell by cell; arguments as there, with a batch of one."""
    own = yolov5.scaled(gains, heads[0].classes, len(heads), network_size)
    result = []
    for raw, head, weight in zip(raw_maps, heads, yolov5.scale_weights(len(heads)), strict=True):
        grid = (raw.shape[2], raw.shape[3])
        matches = yolov5.assign(targets, head, grid, gains.largest_ratio)
        answers, logits = read(raw, matches)
        truths, count = targets[matches.target], max(len(matches.target), 1)
        boxes = yolov5.predicted_boxes(answers, matches, head)
        wanted = yolov5.true_boxes(truths, raw, head)
        box = own.box / count * yolov5.box_errors(boxes, wanted)
        classes = own.class_ / count * yolov5.class_errors(answers[:, 5:], truths[:, 1].long()).mean(dim=1)
        should = largest_at(logits, matches, paired_intersection_over_union(boxes, wanted))
        errors = binary_cross_entropy_with_logits(logits, should, reduction="none")
        objectness = own.objectness * weight * errors[0].sum(dim=0) / logits.numel()
        result.append(
            HeadShares(spread(box, matches, grid, raw), objectness, spread(classes, matches, grid, raw), matches)
        )
    return tuple(result)


def only(matches: Matches, index: int) -> Matches:
    """One of the matches, as matches."""
    part = slice(index, index + 1)
    return Matches(
        matches.target[part], matches.picture[part], matches.anchor[part], matches.row[part], matches.column[part]
    )


def spread(values: Sequence[Tensor] | Tensor, matches: Matches, grid: tuple[int, int], like: Tensor) -> Tensor:
    """A map ``(h, w)`` with every match's value at its cell, added up where several meet."""
    result = exact(like.new_zeros(()).detach()).new_zeros(grid)
    if len(values):
        each = values if isinstance(values, Tensor) else torch.stack(list(values))
        result = result.index_put((matches.row, matches.column), each.reshape(-1), accumulate=True)
    return result
