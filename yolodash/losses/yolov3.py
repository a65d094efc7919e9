"""YOLOv3's assignment and loss: one anchor answers for an object, in the one cell that holds its centre."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot

from yolodash.errors import N_, OptionError
from yolodash.geometry.boxes import cxcywh_to_xyxy
from yolodash.geometry.overlap import intersection_over_union
from yolodash.losses.matches import Matches, read
from yolodash.losses.terms import LossTerms, exact, joined
from yolodash.models.heads.yolo import decode
from yolodash.structures import Head, ImageSize


def yolov3_loss(
    raw_maps: Sequence[Tensor],
    targets: Tensor,
    heads: Sequence[Head],
    network_size: ImageSize,
    ignore_threshold: float = 0.7,
) -> LossTerms:
    """BCE on x, y, objectness and each class; squared error on t_w, t_h; box terms × (2 − w·h).

    Sums over the predictions, unlike ``yolov5_loss``, which takes means: its numbers are larger and its learning rate
    must be smaller.

    Args:
        raw_maps: ``(B, A, h, w, 5 + C)`` a head, as the model gives them.
        targets: ``(M, 6)`` picture in the batch, class, cx, cy, w, h as shares of the network's input; sides over 0.
        heads: what the maps came from, in the same order.
        network_size: of the input.
        ignore_threshold: a prediction that answers for nothing but overlaps an object by more than this has no
            objectness loss (.7 in the configuration, .5 in the paper).

    Raises:
        OptionError: a head of v4 (``scale_x_y``, ``new_coords``) or of another family.

    Source: Redmon and Farhadi, 2018.
    """
    for head in heads:
        check_head(head)
    best_head, best_anchor = best_anchors(targets, heads, network_size)
    pictures = raw_maps[0].shape[0]
    box = objectness = class_ = exact(raw_maps[0].new_zeros(()))
    for number, (raw, head) in enumerate(zip(raw_maps, heads, strict=True)):
        matches = cells_of(targets, best_head == number, best_anchor, (raw.shape[2], raw.shape[3]))
        truths = targets[matches.target]
        predicted, logits = read(raw, matches)  # (K, 5 + C), (B, A, h, w)
        overlapped = overlapping(raw, targets, head, ignore_threshold)
        box = box + box_term(predicted, truths, matches, head, raw)
        objectness = objectness + objectness_term(logits, matches, overlapped)
        class_ = class_ + class_term(predicted[:, 5:], truths[:, 1].long())
    return joined(box / pictures, objectness / pictures, class_ / pictures, pictures)


def check_head(head: Head) -> None:
    """Refuse heads whose boxes are not v3's.

    Raises:
        OptionError: it is of another generation.
    """
    if head.kind != "yolo" or head.new_coords or head.scale_x_y != 1:
        raise OptionError(
            N_("This network's boxes are not YOLOv3's, and its loss would be wrong for them"),
            fix=N_("train a YOLOv3 or YOLOv5 network"),
        )


def best_anchors(targets: Tensor, heads: Sequence[Head], network_size: ImageSize) -> tuple[Tensor, Tensor]:
    """The one anchor of all heads whose shape overlaps each object's most, both centred at the origin.

    Returns:
        ``(M,)`` int64 head, and ``(M,)`` int64 anchor within it.
    """
    sides = targets[:, 4:6] * targets.new_tensor([network_size.width, network_size.height])
    anchors = targets.new_tensor([anchor for head in heads for anchor in head.anchors])  # (9, 2)
    best = intersection_over_union(centred(sides), centred(anchors)).argmax(dim=1)  # (M,)
    owners = [(number, anchor) for number, head in enumerate(heads) for anchor in range(len(head.anchors))]
    owner = torch.tensor(owners, device=targets.device)[best]
    return owner[:, 0], owner[:, 1]


def centred(sides: Tensor) -> Tensor:
    """Boxes of these sides about the origin: ``(N, 2)`` → ``(N, 4)`` x1, y1, x2, y2."""
    return torch.cat([-sides / 2, sides / 2], dim=-1)


def cells_of(targets: Tensor, here: Tensor, anchors: Tensor, grid: tuple[int, int]) -> Matches:
    """The predictions of one head that answer: the best anchor, in the cell that holds the centre."""
    target = here.nonzero()[:, 0]
    cells = targets.new_tensor([grid[1], grid[0]])
    place = torch.minimum((targets[target, 2:4] * cells).floor(), cells - 1).clamp(min=0).long()
    return Matches(target, targets[target, 0].long(), anchors[target], place[:, 1], place[:, 0])


def box_term(predicted: Tensor, truths: Tensor, matches: Matches, head: Head, raw: Tensor) -> Tensor:
    """(2 − w·h) · (BCE(x) + BCE(y) + (t_w − t̂_w)² + (t_h − t̂_h)²), summed: small boxes count up to twice."""
    cells = truths.new_tensor([raw.shape[3], raw.shape[2]])
    corner = torch.stack([matches.column, matches.row], dim=-1)
    inside = (truths[:, 2:4] * cells - corner).to(predicted.dtype)  # (K, 2) in [0, 1]
    anchors = truths.new_tensor(head.anchors)[matches.anchor]
    size = (truths[:, 4:6] * cells * head.stride / anchors).log()  # (K, 2) t_w, t_h
    weight = 2 - truths[:, 4:5] * truths[:, 5:6]
    centre_error = binary_cross_entropy_with_logits(predicted[:, 0:2], inside, reduction="none")
    return (weight * (centre_error + (predicted[:, 2:4] - size).square())).sum()


def objectness_term(logits: Tensor, matches: Matches, overlapped: Tensor) -> Tensor:
    """BCE of every prediction's objectness, summed."""
    return objectness_errors(logits, matches, overlapped).sum()


def objectness_errors(logits: Tensor, matches: Matches, overlapped: Tensor) -> Tensor:
    """``(B, A, h, w)`` BCE: it should be 1 where a prediction answers, else 0, and nothing counts where it overlaps."""
    wanted = torch.zeros_like(logits)
    wanted[matches.picture, matches.anchor, matches.row, matches.column] = 1
    counted = (wanted > 0) | ~overlapped
    return binary_cross_entropy_with_logits(logits, wanted, reduction="none") * counted


@torch.no_grad()
def overlapping(raw: Tensor, targets: Tensor, head: Head, threshold: float) -> Tensor:
    """Which predictions overlap an object of their picture by more than the threshold: ``(B, A, h, w)`` bool."""
    columns_rows = targets.new_tensor([raw.shape[3], raw.shape[2]] * 2)
    truths = cxcywh_to_xyxy(targets[:, 2:6] * columns_rows * head.stride)
    boxes = cxcywh_to_xyxy(decode(exact(raw[..., :4]), head))  # (B, A, h, w, 4)
    result = torch.zeros(raw.shape[:4], dtype=torch.bool, device=raw.device)
    for picture in set(targets[:, 0].long().tolist()):
        own = truths[targets[:, 0] == picture].to(boxes.dtype)
        overlap = intersection_over_union(boxes[picture].reshape(-1, 4), own)  # (A·h·w, M)
        result[picture] = (overlap.amax(dim=1) > threshold).view(result.shape[1:])
    return result


def class_term(logits: Tensor, classes: Tensor) -> Tensor:
    """BCE of each class by itself, no softmax: summed over ``(K, C)``."""
    wanted = one_hot(classes, logits.shape[1]).to(logits.dtype)
    return binary_cross_entropy_with_logits(logits, wanted, reduction="sum")
