"""The boxes behind a number: which detections and truths a point, a cell or a bar was counted from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from yolodash.evaluation.mistakes import KINDS as KINDS_OF_MISTAKE
from yolodash.evaluation.overlap import paired_overlap
from yolodash.evaluation.points import counts_at
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
    counts = counts_at(measured.scoring, measured.match(match_iou_threshold), score_threshold, label)
    return (
        *detected(measured, match_iou_threshold, counts.true, "TP"),
        *detected(measured, match_iou_threshold, counts.false, "FP"),
        *missed(measured, counts.missed),
    )


def at_places(measured: Measured, match_iou_threshold: float, places: Indices) -> tuple[Box, ...]:
    """Some detections: the true ones, then the false ones."""
    true = measured.match(match_iou_threshold).truth[places] >= 0
    return (
        *detected(measured, match_iou_threshold, places[true], "TP"),
        *detected(measured, match_iou_threshold, places[~true], "FP"),
    )


def of_mistake(measured: Measured, number: int) -> tuple[Box, ...]:
    """The boxes of one kind of mistake, a place in ``mistakes.KINDS``."""
    found = measured.mistakes
    if KINDS_OF_MISTAKE[number] == "missed":
        return missed(measured, np.flatnonzero(found.missed))
    places = np.flatnonzero(found.kind == number)
    boxes = []
    for place in by_score(measured, places).tolist():
        index, truth = int(measured.scoring.pairs.order[place]), int(found.truth[place])
        image = int(measured.scoring.found.image[index])
        boxes.append(Box("FP", image, index, truth, overlap_of(measured, index, truth)))
    return tuple(boxes)


def in_cell(
    measured: Measured,
    match_iou_threshold: float,
    score_threshold: float,
    rows: tuple[int, ...],
    columns: tuple[int, ...],
) -> tuple[Box, ...]:
    """The detections of some cells of the confusion matrix; of its background column the truths that nothing met."""
    scoring = measured.scoring
    found = measured.confusion(match_iou_threshold, score_threshold)
    if len(scoring.labels.class_ids) in columns:
        return missed(measured, np.flatnonzero(found.missed & np.isin(scoring.truths.label, rows)))
    places = np.flatnonzero(np.isin(found.actual, rows) & np.isin(found.predicted, columns))
    boxes = []
    for place in by_score(measured, places).tolist():
        index, truth = int(scoring.pairs.order[place]), int(found.truth[place])
        overlap = overlap_of(measured, index, truth)
        kind: Kind = "TP" if found.actual[place] == found.predicted[place] else "FP"
        boxes.append(Box(kind, int(scoring.found.image[index]), index, truth, overlap))
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
    for place in by_score(measured, places).tolist():
        found = int(scoring.pairs.order[place])
        answered = int(matched.truth[place])
        truth, overlap = (answered, matched.overlap[place]) if answered >= 0 else (nearest[place], overlaps[place])
        boxes.append(Box(kind, int(scoring.found.image[found]), found, int(truth), float(overlap)))
    return tuple(boxes)


def missed(measured: Measured, truths: Indices) -> tuple[Box, ...]:
    """Truths that nothing answered."""
    image = measured.scoring.truths.image
    return tuple(Box("FN", int(image[truth]), -1, truth, 0.0) for truth in truths.tolist())


def by_score(measured: Measured, places: Indices) -> Indices:
    """Detections from the highest score down."""
    ordered: Indices = places[np.argsort(-measured.scoring.scores[places], kind="stable")]
    return ordered


def nearest_truths(measured: Measured) -> tuple[Indices, Numbers]:
    """For each detection in ``Pairs.order`` the truth of its class that it overlaps most (−1: none), and the IoU."""
    pairs = measured.scoring.pairs
    nearest, overlap = np.full(len(pairs.order), -1, np.int64), np.zeros(len(pairs.order))
    first = np.ones(len(pairs.detection), bool)
    first[1:] = pairs.detection[1:] != pairs.detection[:-1]
    nearest[pairs.detection[first]] = pairs.truth[first]
    overlap[pairs.detection[first]] = pairs.overlap[first]
    return nearest, overlap
