"""YOLOv1's loss, term by term as the lecture writes it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from yolodash.geometry.boxes import cxcywh_to_xyxy
from yolodash.geometry.overlap import paired_intersection_over_union
from yolodash.losses.matches import Matches, largest_at, predictions_at
from yolodash.losses.terms import exact
from yolodash.models.heads.detection import arrange
from yolodash.models.heads.grid import cell_corners
from yolodash.structures import Head

COORDINATES_WEIGHT = 5.0
"""λ_coord"""
NO_OBJECT_WEIGHT = 0.5
"""λ_noobj"""


@dataclass(frozen=True)
class LectureTerms:
    """The five sums of the lecture's formula, of one picture on the average, each with its λ.

    Attributes:
        total: their sum × pictures in the batch.
        centre: λ_coord Σ (x − x̂)² + (y − ŷ)².
        size: λ_coord Σ (√w − √ŵ)² + (√h − √ĥ)².
        object_: Σ (C − Ĉ)² of the boxes that answer for an object.
        no_object: λ_noobj Σ (C − Ĉ)² of all the others.
        class_: Σ Σ (p(c) − p̂(c))² of the cells that hold an object.
    """

    total: Tensor
    centre: Tensor
    size: Tensor
    object_: Tensor
    no_object: Tensor
    class_: Tensor


def yolov1_loss(
    raw: Tensor,
    targets: Tensor,
    head: Head,
    coordinates_weight: float = COORDINATES_WEIGHT,
    no_object_weight: float = NO_OBJECT_WEIGHT,
) -> LectureTerms:
    """The lecture's five terms.

    Args:
        raw: ``(B, S·S·(C + 5·A))`` the network's flat output, or ``(B, A, S, S, 5 + C)`` as
            ``detection.arrange`` gives.
        targets: ``(M, 6)`` picture in the batch, class, cx, cy, w, h as shares of the network's input.
        head: ``square_root`` says whether the network gives √w or w.
        coordinates_weight: λ_coord.
        no_object_weight: λ_noobj.

    Source: the lecture, "YOLO – Funzione di Loss"; Redmon et al., 2016, eq. 3.
    """
    answers = exact(raw if raw.ndim == 5 else arrange(raw, head))  # (B, A, S, S, 5 + C)
    who, overlap = responsible(answers, targets, head)
    mine = predictions_at(answers, who)  # (M, 5 + C)
    pictures = answers.shape[0]
    terms = (
        coordinates_weight * centre_term(mine, targets, who, answers.shape[3]) / pictures,
        coordinates_weight * size_term(mine, targets, head) / pictures,
        object_term(answers, who, overlap) / pictures,
        no_object_weight * no_object_term(answers, who) / pictures,
        class_term(answers, targets, who) / pictures,
    )
    return LectureTerms(torch.stack(terms).sum() * pictures, *terms)


def boxes_in_shares(answers: Tensor, head: Head) -> Tensor:
    """Every predicted box: ``(B, A, S, S, 5 + C)`` → ``(B, A, S, S, 4)`` x1, y1, x2, y2 as shares of the picture."""
    side = answers.shape[3]
    centre = (answers[..., 0:2] + cell_corners(side, side, answers)) / side
    size = answers[..., 2:4].square() if head.square_root else answers[..., 2:4]
    return cxcywh_to_xyxy(torch.cat([centre, size], dim=-1))


@torch.no_grad()
def responsible(answers: Tensor, targets: Tensor, head: Head) -> tuple[Matches, Tensor]:
    """1_ij^obj: of the boxes of the cell that holds an object's centre, the one that overlaps it most; and the IoU."""
    side = answers.shape[3]
    picture = targets[:, 0].long()
    column, row = (targets[:, 2:4] * side).floor().clamp(0, side - 1).long().unbind(dim=-1)
    offered = boxes_in_shares(answers, head)[picture, :, row, column]  # (M, A, 4)
    wanted = cxcywh_to_xyxy(targets[:, 2:6]).to(offered.dtype)
    overlap, box = paired_intersection_over_union(offered, wanted[:, None]).max(dim=1)
    return Matches(torch.arange(len(targets), device=targets.device), picture, box, row, column), overlap


def centre_term(mine: Tensor, targets: Tensor, who: Matches, side: int) -> Tensor:
    """Σ (x − x̂)² + (y − ŷ)², both counted from the cell's corner in cells."""
    corner = torch.stack([who.column, who.row], dim=-1)
    return (mine[:, 0:2] - (targets[:, 2:4] * side - corner)).square().sum()


def size_term(mine: Tensor, targets: Tensor, head: Head) -> Tensor:
    """Σ (√w − √ŵ)² + (√h − √ĥ)², as shares of the picture: the same error counts more in a small box."""
    root = mine[:, 2:4] if head.square_root else mine[:, 2:4].clamp(min=1e-9).sqrt()
    return (root - targets[:, 4:6].sqrt()).square().sum()


def object_term(answers: Tensor, who: Matches, overlap: Tensor) -> Tensor:
    """Σ (C − Ĉ)² of the boxes that answer; the confidence should be the IoU, of several objects the largest."""
    wanted = largest_at(answers[..., 4], who, overlap)
    return ((answers[..., 4] - wanted).square() * answering(answers, who)).sum()


def no_object_term(answers: Tensor, who: Matches) -> Tensor:
    """Σ C² of the boxes that answer for nothing."""
    return (answers[..., 4].square() * ~answering(answers, who)).sum()


def class_term(answers: Tensor, targets: Tensor, who: Matches) -> Tensor:
    """Σ Σ (p(c) − p̂(c))² of the cells that hold an object."""
    return class_errors(answers, targets, who).sum()


def class_errors(answers: Tensor, targets: Tensor, who: Matches) -> Tensor:
    """``(B, S, S)`` Σ_c (p(c) − p̂(c))²; a cell has one set of classes for all its boxes, and 0 without an object."""
    shared = answers[:, 0, :, :, 5:]  # (B, S, S, C)
    wanted = torch.zeros_like(shared)
    wanted[who.picture, who.row, who.column, targets[:, 1].long()] = 1
    holds = wanted.amax(dim=-1, keepdim=True)
    return ((shared - wanted).square() * holds).sum(dim=-1)


def answering(answers: Tensor, who: Matches) -> Tensor:
    """1_ij^obj as a map: ``(B, A, S, S)`` bool."""
    result = torch.zeros(answers.shape[:4], dtype=torch.bool, device=answers.device)
    result[who.picture, who.anchor, who.row, who.column] = True
    return result
