"""One set of detections against its truth, in one convention: matches are made once an IoU threshold and kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from yolodash.evaluation.confusion import Confusion, across_classes, confusion
from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.matching import Match, Pairs
from yolodash.evaluation.mistakes import Mistakes, mistakes
from yolodash.evaluation.points import ranking
from yolodash.evaluation.report import Scoring, mean_of_defined, outcomes
from yolodash.evaluation.tables import Flags, Found, Indices, Labels, Numbers, Truths


@dataclass(frozen=True)
class Counts:
    """True positives, false positives and misses."""

    true: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        """``TP / (TP + FP)``; 0 where nothing was detected."""
        return self.true / (self.true + self.false) if self.true + self.false else 0.0

    @property
    def recall(self) -> float:
        """``TP / (TP + FN)``; 0 where there is nothing to find."""
        return self.true / (self.true + self.missed) if self.true + self.missed else 0.0

    @property
    def f1(self) -> float:
        """``2PR / (P + R)``; 0 where both are."""
        total = 2 * self.true + self.false + self.missed
        return 2 * self.true / total if total else 0.0

    @property
    def boxes(self) -> int:
        """How many boxes these are in all."""
        return self.true + self.false + self.missed


@dataclass(frozen=True)
class Ranking:
    """The detections of one class, or of all, from the highest score down.

    Attributes:
        place: ``(R,)`` index into ``Pairs.order``.
        score: ``(R,)`` descending.
        true, false: ``(R,)``; neither where the detection is ignored.
        truths: how many truths count.
    """

    place: Indices
    score: Numbers
    true: Flags
    false: Flags
    truths: int

    def counts(self, score_threshold: float) -> Counts:
        """Of the detections of at least this score."""
        return self.first(int(np.searchsorted(-self.score, -score_threshold, side="right")))

    def first(self, count: int) -> Counts:
        """Of the first so many detections."""
        true, false = int(self.true[:count].sum()), int(self.false[:count].sum())
        return Counts(true, false, self.truths - true)


@dataclass(frozen=True)
class Measured:
    """Truths and detections that have met; the matches at every IoU threshold that was asked for.

    ``label`` below is a class's place among ``scoring.labels.class_ids``; None stands for all classes together.
    """

    scoring: Scoring
    _matches: dict[float, Match] = field(default_factory=dict, repr=False)

    def match(self, match_iou_threshold: float) -> Match:
        """Who answers whom."""
        threshold = round(match_iou_threshold, 4)
        if threshold not in self._matches:
            self._matches[threshold] = self.scoring.match(threshold)
        return self._matches[threshold]

    def truths(self, label: int | None) -> int:
        """How many truths count."""
        each = self.scoring.truths_per_class()
        return int(each.sum() if label is None else each[label])

    def ranking(self, match_iou_threshold: float, label: int | None) -> Ranking:
        """The detections of a class, or of all, from the highest score down."""
        place = ranking(self.scoring, label)
        true, false = outcomes(self.match(match_iou_threshold), slice(None))
        return Ranking(place, self.scoring.scores[place], true[place], false[place], self.truths(label))

    def average_precision(self, match_iou_threshold: float, label: int | None) -> float:
        """AP of a class, or the mean over the classes, at one IoU threshold; −1 where there is no truth."""
        each = self.scoring.average_precisions(self.match(match_iou_threshold))
        if label is not None:
            return float(each[label])
        return mean_of_defined(each)

    def confusion(self, match_iou_threshold: float, score_threshold: float) -> Confusion:
        """What was taken for what."""
        matched = self.match(match_iou_threshold)
        return confusion(self.scoring, matched, self.meetings, match_iou_threshold, score_threshold)

    @cached_property
    def meetings(self) -> Pairs:
        """Every detection with every truth of its picture, whatever their classes."""
        return across_classes(self.scoring)

    @cached_property
    def mistakes(self) -> Mistakes:
        """Every mistake, sorted into six kinds."""
        return mistakes(self.scoring, self.meetings)

    @property
    def labels(self) -> Labels:
        """What the numbers stand for."""
        return self.scoring.labels


def measure(truths: Truths, found: Found, labels: Labels, convention: ConventionName) -> Measured:
    """Let truths and detections meet; every overlap is kept, so that any IoU threshold can be asked for."""
    return Measured(Scoring.of(truths, found, labels, convention))
