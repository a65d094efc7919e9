"""The boxes behind a number: which detections and truths a point, a cell or a bar was counted from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from yolodash.evaluation.overlap import paired_overlap
from yolodash.evaluation.tables import Indices, Numbers
from yolodash.ui.evaluation.measured import Measured

Kind = Literal["TP", "FP", "FN"]
KINDS: tuple[Kind, ...] = ("TP", "FP", "FN")


@dataclass(frozen=True)
class Box:
    """One box behind a number.

    Attributes:
        kind: true positive, false positive, or a miss.
        image: index into ``Labels.images``.
        found: index into ``Found``, −1 for a miss.
        truth: index into ``Truths``: the one that is answered, for a false positive the one of its class that it
            overlaps most, or −1.
        overlap: IoU with that truth.
    """

    kind: Kind
    image: int
    found: int
    truth: int
    overlap: float


@dataclass(frozen=True)
class Opening:
    """What was asked to be opened.

    Attributes:
        title: what it is called on the page.
        boxes: in the order in which they are shown.
        match_iou_threshold: at which they were counted.
    """

    title: str
    boxes: tuple[Box, ...]
    match_iou_threshold: float


def at_threshold(
    measured: Measured, match_iou_threshold: float, score_threshold: float, label: int | None
) -> tuple[Box, ...]:
    """Everything that is counted at a working point: true positives, false positives, misses."""
    ranking = measured.ranking(match_iou_threshold, label)
    kept = ranking.score >= score_threshold
    answered = measured.match(match_iou_threshold).truth[ranking.place[kept & ranking.true]]
    return (
        *detected(measured, match_iou_threshold, ranking.place[kept & ranking.true], "TP"),
        *detected(measured, match_iou_threshold, ranking.place[kept & ranking.false], "FP"),
        *missed(measured, answered, label),
    )


def between_scores(
    measured: Measured, match_iou_threshold: float, low: float, high: float, label: int | None, *, closed: bool = False
) -> tuple[Box, ...]:
    """The true and false positives whose scores lie in ``[low, high)``, or ``[low, high]`` if closed."""
    ranking = measured.ranking(match_iou_threshold, label)
    within = (ranking.score >= low) & ((ranking.score <= high) if closed else (ranking.score < high))
    return (
        *detected(measured, match_iou_threshold, ranking.place[within & ranking.true], "TP"),
        *detected(measured, match_iou_threshold, ranking.place[within & ranking.false], "FP"),
    )


def in_cell(
    measured: Measured, match_iou_threshold: float, score_threshold: float, row: int, column: int
) -> tuple[Box, ...]:
    """The detections of a cell of the confusion matrix; of its background column the truths that nothing met."""
    scoring = measured.scoring
    found = measured.confusion(match_iou_threshold, score_threshold)
    if column == len(scoring.labels.class_ids):
        truths = np.flatnonzero(found.missed & (scoring.truths.label == row))
        return tuple(Box("FN", int(scoring.truths.image[truth]), -1, int(truth), 0.0) for truth in truths.tolist())
    boxes = []
    for place in found.cell(row, column).tolist():
        index, truth = int(scoring.pairs.order[place]), int(found.truth[place])
        overlap = overlap_of(measured, index, truth)
        boxes.append(Box("TP" if row == column else "FP", int(scoring.found.image[index]), index, truth, overlap))
    return tuple(boxes)


def overlap_of(measured: Measured, found: int, truth: int) -> float:
    """IoU of a detection with a truth; 0 without one."""
    if truth < 0:
        return 0.0
    scoring = measured.scoring
    one = slice(truth, truth + 1)
    overlap = paired_overlap(
        scoring.found.xywh[found : found + 1],
        scoring.truths.xywh[one],
        scoring.truths.crowd[one],
        inclusive=scoring.rules.inclusive,
    )
    return float(overlap[0])


def detected(measured: Measured, match_iou_threshold: float, places: Indices, kind: Kind) -> tuple[Box, ...]:
    """Detections, each with the truth that it answers or, failing that, overlaps most."""
    scoring, matched = measured.scoring, measured.match(match_iou_threshold)
    nearest, overlaps = nearest_truths(measured)
    boxes = []
    for place in places.tolist():
        found = int(scoring.pairs.order[place])
        answered = int(matched.truth[place])
        truth, overlap = (answered, matched.overlap[place]) if answered >= 0 else (nearest[place], overlaps[place])
        boxes.append(Box(kind, int(scoring.found.image[found]), found, int(truth), float(overlap)))
    return tuple(boxes)


def missed(measured: Measured, answered: Indices, label: int | None) -> tuple[Box, ...]:
    """The truths that count and that none of the answered ones is."""
    scoring = measured.scoring
    left = ~scoring.ignored()
    left[answered] = False
    if label is not None:
        left &= scoring.truths.label == label
    return tuple(
        Box("FN", int(scoring.truths.image[truth]), -1, int(truth), 0.0) for truth in np.flatnonzero(left).tolist()
    )


def nearest_truths(measured: Measured) -> tuple[Indices, Numbers]:
    """For each detection in ``Pairs.order`` the truth of its class that it overlaps most (−1: none), and the IoU."""
    pairs = measured.scoring.pairs
    nearest, overlap = np.full(len(pairs.order), -1, np.int64), np.zeros(len(pairs.order))
    first = np.ones(len(pairs.detection), bool)
    first[1:] = pairs.detection[1:] != pairs.detection[:-1]
    nearest[pairs.detection[first]] = pairs.truth[first]
    overlap[pairs.detection[first]] = pairs.overlap[first]
    return nearest, overlap
