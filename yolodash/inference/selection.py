"""From candidates to detections: the gates of score and class, suppression, the maximum.

The unit is the pair (candidate, class). A pair must pass, in this order:

1. objectness **>** score threshold (v1 has no such gate),
2. objectness × class probability **>** score threshold (YOLO9000: the class probability alone),
3. its class is among the chosen ones,
4. no pair with a higher score that survived overlaps it with an IoU **>** the NMS IoU threshold,
5. it is among the first ``max_detections`` survivors.

Everything is float32, the thresholds too, because the page computes the same in the browser, number by number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from yolodash.errors import N_, OptionError
from yolodash.geometry.boxes import clip
from yolodash.geometry.nms import suppress
from yolodash.structures import (
    FATES,
    Candidates,
    Detections,
    Family,
    Fate,
    Floats,
    Integers,
    Labels,
    Pairs,
    Selection,
    Thresholds,
)

FAMILY_LABELS: dict[Family, Labels] = {
    "yolov1": "all",
    "yolov2": "all",
    "yolov3": "all",
    "yolov4": "all",
    "yolov5": "best",
}
"""How many classes a candidate may stand for, as each family's own program has it."""


def select(
    candidates: Candidates,
    *,
    score_threshold: float,
    nms_iou_threshold: float,
    max_detections: int = 300,
    class_agnostic: bool = False,
    classes: Sequence[int] | None = None,
    labels: Labels | None = None,
) -> Detections:
    """What is left of the candidates after thresholds and non-maximum suppression.

    Args:
        candidates: of one picture.
        score_threshold: objectness, and objectness × class probability, must be greater.
        nms_iou_threshold: of two boxes of a class with a greater IoU, the one with the lower score falls.
        max_detections: how many survivors are kept at most.
        class_agnostic: let boxes of different classes suppress each other.
        classes: the class ids that may be found; None for all.
        labels: ``best`` gives a candidate its most probable class only, ``all`` every class that passes;
            None is the family's own.

    Returns:
        the detections, by score descending, clipped to the picture.

    Raises:
        OptionError: a threshold outside [0, 1], a maximum below 1, a class that the model does not have.
    """
    thresholds = Thresholds(
        score_threshold=score_threshold,
        nms_iou_threshold=nms_iou_threshold,
        max_detections=max_detections,
        class_agnostic=class_agnostic,
        classes=None if classes is None else tuple(classes),
        labels=labels,
    )
    return judge(candidates, thresholds).detections


def judge(candidates: Candidates, thresholds: Thresholds) -> Selection:
    """The detections, and for every candidate what became of it.

    A candidate with a kept pair is kept; any other has the fate of its best pair: the one with the highest score, or
    with ``labels="best"`` that of its most probable class.

    Raises:
        OptionError: as ``select``.
    """
    check(thresholds, candidates.class_probabilities.shape[1])
    scores = pair_scores(candidates)
    pairs = _compete(candidates, scores, thresholds)
    fates = pair_fates(pairs, thresholds)
    kept = fates == FATES.index(Fate.KEPT)
    best_class = best_classes(candidates, scores, labels_of(candidates, thresholds))
    for row in reversed(np.flatnonzero(kept)):  # by score ascending, so that the best kept pair has the last word
        best_class[pairs.candidate[row]] = pairs.class_ids[row]

    is_best = pairs.class_ids == best_class[pairs.candidate]  # (P,)
    beaten = is_best & (pairs.suppressor >= 0)
    suppressor = np.full(len(best_class), -1, dtype=np.int64)
    suppressor[pairs.candidate[beaten]] = pairs.candidate[pairs.suppressor[beaten]]
    suppressor_iou = np.zeros(len(best_class), dtype=np.float32)
    suppressor_iou[pairs.candidate[beaten]] = pairs.suppressor_iou[beaten]
    fate = _fate_before_suppression(candidates, scores, best_class, thresholds)
    fate[pairs.candidate[is_best]] = fates[is_best]
    return Selection(_detections(candidates, pairs, kept), fate, best_class, suppressor, suppressor_iou, pairs)


def check(thresholds: Thresholds, classes: int) -> None:
    """Refuse thresholds that make no sense for a model of so many classes.

    Raises:
        OptionError: a threshold outside [0, 1], a maximum below 1, a class that the model does not have.
    """
    for name in ("score_threshold", "nms_iou_threshold"):
        value = getattr(thresholds, name)
        if not 0 <= value <= 1:
            raise OptionError(
                N_("A threshold of {value} makes no sense"),
                where=name,
                fix=N_("give a number from 0 to 1"),
                value=value,
            )
    if thresholds.max_detections < 1:
        raise OptionError(
            N_("A maximum of {value} detections makes no sense"),
            where="max_detections",
            fix=N_("give a whole number from 1 on"),
            value=thresholds.max_detections,
        )
    if thresholds.labels not in (None, "best", "all"):
        raise OptionError(
            N_("'{value}' is no way to label a candidate"),
            where="labels",
            fix=N_("choose best or all"),
            value=str(thresholds.labels),
        )
    for class_id in thresholds.classes or ():
        if not 0 <= class_id < classes:
            raise OptionError(
                N_("The model has no class {value}"),
                where="classes",
                fix=N_("choose among the classes from 0 to {last}"),
                value=class_id,
                last=classes - 1,
            )


def labels_of(candidates: Candidates, thresholds: Thresholds) -> Labels:
    """The thresholds' own choice, else that of the family's program."""
    return thresholds.labels or FAMILY_LABELS[candidates.family]


def pair_scores(candidates: Candidates) -> Floats:
    """The score of every pair, ``(N, C)`` float32: objectness × class probability.

    YOLO9000's is the product of the class down its tree alone; objectness only opens the gate there.
    """
    if has_tree(candidates):
        return candidates.class_probabilities
    return candidates.objectness[:, None] * candidates.class_probabilities


def has_tree(candidates: Candidates) -> bool:
    """Whether the classes stand in a tree, as YOLO9000's do."""
    return any(head.tree is not None for head in candidates.heads)


def passes_objectness(candidates: Candidates, score_threshold: float) -> NDArray[np.bool_]:
    """``(N,)``: objectness > score threshold. v1 has no such gate: everything passes."""
    if any(head.kind == "detection" for head in candidates.heads):
        return np.ones(len(candidates.objectness), dtype=np.bool_)
    return candidates.objectness > np.float32(score_threshold)


def best_classes(candidates: Candidates, scores: Floats, labels: Labels) -> Integers:
    """The class of each candidate's best pair, ``(N,)`` int64; of equals the first.

    With ``best`` the most probable class; with ``all`` the class with the highest score, which is another one only
    where v1's linear objectness is negative.
    """
    best: Integers = candidates.class_probabilities.argmax(axis=1)
    if labels == "all":
        negative = candidates.objectness < 0
        best[negative] = scores[negative].argmax(axis=1)
    return best


def pair_fates(pairs: Pairs, thresholds: Thresholds) -> NDArray[np.int8]:
    """What became of each pair in suppression and after: ``(P,)`` int8, indices into ``FATES``."""
    fates = np.full(len(pairs.rank), FATES.index(Fate.KEPT), dtype=np.int8)
    fates[pairs.rank > thresholds.max_detections] = FATES.index(Fate.OVER_MAXIMUM)
    fates[pairs.suppressor >= 0] = FATES.index(Fate.SUPPRESSED)
    return fates


def _compete(candidates: Candidates, scores: Floats, thresholds: Thresholds) -> Pairs:
    """The pairs that pass the gates of score and class, in order, and how suppression ends for them."""
    rows = np.flatnonzero(passes_objectness(candidates, thresholds.score_threshold))  # most candidates end here
    passes = scores[rows] > np.float32(thresholds.score_threshold)  # (n, C)
    ids = np.arange(scores.shape[1])
    if labels_of(candidates, thresholds) == "best":
        passes &= ids == candidates.class_probabilities[rows].argmax(axis=1)[:, None]
    if thresholds.classes is not None:
        passes &= np.isin(ids, thresholds.classes)
    row, class_ids = np.nonzero(passes)
    candidate = rows[row]
    order = np.argsort(-scores[candidate, class_ids], kind="stable")
    candidate, class_ids = candidate[order], class_ids[order]
    pair_scores = scores[candidate, class_ids]
    suppressor, overlap = _suppress_by_class(candidates.boxes[candidate], pair_scores, class_ids, thresholds)
    survives = suppressor < 0
    return Pairs(candidate, class_ids, pair_scores, suppressor, overlap, np.where(survives, np.cumsum(survives), 0))


def _suppress_by_class(
    boxes: Floats, scores: Floats, class_ids: Integers, thresholds: Thresholds
) -> tuple[Integers, Floats]:
    """Suppression within each class, or over all: suppressor ``(P,)`` as a row or −1, and the IoU with it."""
    suppressor = np.full(len(scores), -1, dtype=np.int64)
    overlap = np.zeros(len(scores), dtype=np.float32)
    group_of = np.zeros_like(class_ids) if thresholds.class_agnostic else class_ids
    by_group = np.argsort(group_of, kind="stable")
    borders = np.flatnonzero(np.diff(group_of[by_group])) + 1
    for rows in np.split(by_group, borders) if len(by_group) else ():
        by, iou = suppress(torch.from_numpy(boxes[rows]), torch.from_numpy(scores[rows]), thresholds.nms_iou_threshold)
        suppressor[rows] = np.where(by.numpy() >= 0, rows[by.numpy()], -1)
        overlap[rows] = iou.numpy()
    return suppressor, overlap


def _fate_before_suppression(
    candidates: Candidates, scores: Floats, best_class: Integers, thresholds: Thresholds
) -> NDArray[np.int8]:
    """Where each candidate's best pair ends if it never comes to suppression: ``(N,)`` int8, indices into ``FATES``."""
    score = scores[np.arange(len(best_class)), best_class]
    fate = np.full(len(best_class), FATES.index(Fate.CLASS_NOT_CHOSEN), dtype=np.int8)
    fate[~(score > np.float32(thresholds.score_threshold))] = FATES.index(Fate.BELOW_SCORE)
    fate[~passes_objectness(candidates, thresholds.score_threshold)] = FATES.index(Fate.BELOW_OBJECTNESS)
    return fate


def _detections(candidates: Candidates, pairs: Pairs, kept: NDArray[np.bool_]) -> Detections:
    """The kept pairs, clipped to the picture; they are in order of score already."""
    index, size = pairs.candidate[kept], candidates.image_size
    boxes = clip(torch.from_numpy(candidates.boxes[index]), size.height, size.width).numpy()
    return Detections(boxes, pairs.scores[kept], pairs.class_ids[kept], index)
