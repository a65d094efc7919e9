"""One number taken apart: by size, by proportions, by IoU threshold; and whether scores mean what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yolodash.evaluation.conventions import COCO_AREAS, IOU_THRESHOLDS
from yolodash.evaluation.curves import UNDEFINED
from yolodash.evaluation.matching import Match, match
from yolodash.evaluation.report import Scoring, mean_of_defined, outcomes
from yolodash.evaluation.tables import Flags, Indices, Numbers

SIZES: dict[str, tuple[float, float]] = {name: COCO_AREAS[name] for name in ("small", "medium", "large")}
"""Square pixels, both ends included, as COCO has them."""

ASPECTS: dict[str, tuple[float, float]] = {
    "tall": (0.0, 0.5),
    "upright": (0.5, 0.8),
    "square": (0.8, 1.25),
    "flat": (1.25, 2.0),
    "wide": (2.0, math.inf),
}
"""Width / height, the lower end included."""


@dataclass(frozen=True)
class Part:
    """The truths of one size or proportion alone.

    Attributes:
        name: key of ``SIZES`` or ``ASPECTS``.
        truths: how many count.
        found: of them, how many a detection answers.
        average_precision: mean over the classes, −1 without truths.
        recall: found / truths, −1 without truths.
        missed: ``(M,)`` the others.
    """

    name: str
    truths: int
    found: int
    average_precision: float
    recall: float
    missed: Flags


def by_size(scoring: Scoring, match_iou_threshold: float) -> tuple[Part, ...]:
    """AP and recall of small, medium and large objects, by the area that the truth states."""
    truth, found = scoring.truths.area, scoring.sizes
    return tuple(
        _part(scoring, name, (truth < low) | (truth > high), (found < low) | (found > high), match_iou_threshold)
        for name, (low, high) in SIZES.items()
    )


def by_aspect(scoring: Scoring, match_iou_threshold: float) -> tuple[Part, ...]:
    """AP and recall of tall, square and wide objects."""
    truth, found = _aspects(scoring.truths.xywh), _aspects(scoring.found.xywh[scoring.pairs.order])
    return tuple(
        _part(scoring, name, (truth < low) | (truth >= high), (found < low) | (found >= high), match_iou_threshold)
        for name, (low, high) in ASPECTS.items()
    )


def _aspects(xywh: Numbers) -> Numbers:
    """Width / height; 1 where a box has no height."""
    return np.divide(xywh[:, 2], xywh[:, 3], out=np.ones(len(xywh)), where=xywh[:, 3] > 0)


def _part(scoring: Scoring, name: str, truths_outside: Flags, found_outside: Flags, threshold: float) -> Part:
    """Truths outside do not count, and neither do detections outside that answer nothing."""
    ignored = scoring.ignored() | truths_outside
    matched = match(scoring.pairs, scoring.truths, threshold, choice=scoring.rules.choice, ignored_truths=ignored)
    matched = Match(matched.truth, matched.ignored | ((matched.truth < 0) & found_outside), matched.overlap)
    per_class = np.bincount(scoring.truths.label[~ignored], minlength=len(scoring.labels.class_ids))
    answers = matched.truth[(matched.truth >= 0) & ~matched.ignored]
    missed = ~ignored
    missed[answers] = False
    count = int(per_class.sum())
    return Part(
        name,
        count,
        len(answers),
        mean_of_defined(scoring.average_precisions_of(matched, per_class)),
        len(answers) / count if count else UNDEFINED,
        missed,
    )


@dataclass(frozen=True)
class AgainstIou:
    """AP at each match IoU threshold: ``mean (T,)`` over the classes, ``classes (T, C)``; −1 where undefined."""

    thresholds: Numbers
    mean: Numbers
    classes: Numbers


def against_iou(scoring: Scoring, thresholds: Numbers = IOU_THRESHOLDS) -> AgainstIou:
    """How AP falls as a match asks for more overlap."""
    classes = np.array([scoring.average_precisions(scoring.match(float(one))) for one in thresholds])
    return AgainstIou(thresholds, np.array([mean_of_defined(row) for row in classes]), classes)


@dataclass(frozen=True)
class Reliability:
    """One bin of the reliability diagram.

    Attributes:
        least, most: scores in it, ``least <= score < most`` (the last bin takes ``most`` too).
        count: detections in it.
        true: of them, true positives.
        score: their mean score.
        places: which they are, in ``pairs.order``.
    """

    least: float
    most: float
    count: int
    true: int
    score: float
    places: Indices

    @property
    def precision(self) -> float:
        """The share of true positives; −1 for an empty bin."""
        return self.true / self.count if self.count else UNDEFINED


@dataclass(frozen=True)
class Calibration:
    """The reliability diagram, and the expected calibration error: Σ count / all · |precision − score|.

    Source: Guo et al., 2017; for detectors the share of true positives takes the place of the accuracy.
    """

    bins: tuple[Reliability, ...]
    error: float


def calibration(scoring: Scoring, matched: Match, *, score_threshold: float = 0.0, bins: int = 10) -> Calibration:
    """Do detections with a score of .8 lie right eight times in ten?

    Args:
        matched: at the match IoU threshold that decides what is right.
        score_threshold: leave out those below, which are many and say little.
    """
    true, false = outcomes(matched, slice(None))
    places = np.flatnonzero((true | false) & (scoring.scores >= score_threshold))
    edges = np.linspace(0.0, 1.0, bins + 1)
    number = np.clip(np.searchsorted(edges, scoring.scores[places], side="right") - 1, 0, bins - 1)
    made = tuple(_bin(scoring, true, places[number == i], edges[i : i + 2].tolist()) for i in range(bins))
    total = len(places)
    error = sum(one.count / total * abs(one.precision - one.score) for one in made if one.count)
    return Calibration(made, float(error))


def _bin(scoring: Scoring, true: Flags, places: Indices, edges: Sequence[float]) -> Reliability:
    score = float(scoring.scores[places].mean()) if len(places) else UNDEFINED
    return Reliability(edges[0], edges[1], len(places), int(true[places].sum()), score, places)
