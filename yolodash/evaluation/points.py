"""Curves as a page draws them: few points, each of which knows the detections that made it.

A curve of 100,000 points is thinned to what a chart of its width would show: of each column the first, the last, the
highest and the lowest point stay, so that every corner stays too (Jugel et al., 2014, M4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yolodash.evaluation import curves
from yolodash.evaluation.matching import Match
from yolodash.evaluation.report import Scoring, outcomes
from yolodash.evaluation.tables import Flags, Indices, Numbers

MOST_POINTS = 496
"""Four a column."""


@dataclass(frozen=True)
class PrecisionRecall:
    """A precision–recall curve; T points from the highest score down.

    Attributes:
        recall, precision: ``(T,)``.
        score: ``(T,)`` of the detection at each point.
        rank: ``(T,)`` how many detections of the ranking lead to the point, itself included: the first ``rank`` of
            ``ranking`` are the ones behind it.
        true, false: ``(T,)`` how many of those are true and false positives (the rest are ignored).
        truths: how many count.
    """

    recall: Numbers
    precision: Numbers
    score: Numbers
    rank: Indices
    true: Indices
    false: Indices
    truths: int


@dataclass(frozen=True)
class AgainstScore:
    """Precision, recall and F1 of the detections of at least each score, ``(T,)`` each, scores ascending."""

    score: Numbers
    precision: Numbers
    recall: Numbers
    f1: Numbers
    true: Indices
    false: Indices
    truths: int


def ranking(scoring: Scoring, label: int | None = None) -> Indices:
    """Places in ``pairs.order`` from the highest score down: of one class, or of all together."""
    if label is None:
        return scoring.by_score
    part = scoring.of_class(label)
    return np.arange(part.start, part.stop)


def precision_recall_curve(
    scoring: Scoring, matched: Match, label: int | None = None, *, most: int = MOST_POINTS
) -> PrecisionRecall:
    """The curve of one class, or of all detections in one ranking; at most ``most`` points."""
    order, true, false, truths = _ranked(scoring, matched, label)
    precision, recall = curves.precision_recall(true, false, truths)
    kept = thinned(recall, precision, most)
    hits, wrong = (np.cumsum(outcome, dtype=np.int64)[kept] for outcome in (true, false))
    return PrecisionRecall(recall[kept], precision[kept], scoring.scores[order[kept]], kept + 1, hits, wrong, truths)


def score_curve(scoring: Scoring, matched: Match, label: int | None = None, *, count: int = 401) -> AgainstScore:
    """Precision, recall and F1 at evenly spaced score thresholds; a detection counts from its own score down."""
    order, true, false, truths = _ranked(scoring, matched, label)
    ascending = scoring.scores[order][::-1]
    low, high = (float(ascending[0]), float(ascending[-1])) if len(ascending) else (0.0, 1.0)
    at = np.linspace(min(low, 0.0), max(high, 1.0), count)
    shown = len(ascending) - np.searchsorted(ascending, at, side="left")
    hits = np.concatenate([[0], np.cumsum(true)])[shown]
    wrong = np.concatenate([[0], np.cumsum(false)])[shown]
    total = hits + wrong
    precision = np.divide(hits, total, out=np.zeros(count), where=total > 0)
    recall = hits / truths if truths else np.zeros(count)
    return AgainstScore(at, precision, recall, curves.harmonic_mean(precision, recall), hits, wrong, truths)


@dataclass(frozen=True)
class Counts:
    """TP, FP and FN of the detections of at least one score, and the two formulas made of them.

    Attributes:
        true, false: places in ``pairs.order``.
        missed: truths.
    """

    true: Indices
    false: Indices
    missed: Indices

    @property
    def precision(self) -> float:
        """``TP / (TP + FP)``; 0 without detections."""
        shown = len(self.true) + len(self.false)
        return len(self.true) / shown if shown else 0.0

    @property
    def recall(self) -> float:
        """``TP / (TP + FN)``; 0 without truths."""
        truths = len(self.true) + len(self.missed)
        return len(self.true) / truths if truths else 0.0


def counts_at(scoring: Scoring, matched: Match, score_threshold: float, label: int | None = None) -> Counts:
    """True and false positives and misses at one score threshold, of one class or of all."""
    part = slice(None) if label is None else scoring.of_class(label)
    true, false = outcomes(matched, part)
    shown = scoring.scores[part] >= score_threshold
    offset = part.start or 0
    hits = np.flatnonzero(true & shown) + offset
    missed = ~scoring.ignored()
    if label is not None:
        missed &= scoring.truths.label == label
    missed[matched.truth[hits]] = False
    return Counts(hits, np.flatnonzero(false & shown) + offset, np.flatnonzero(missed))


def thinned(x: Numbers, y: Numbers, most: int = MOST_POINTS) -> Indices:
    """Which points to draw of a curve with ``x`` ascending: all corners of a chart ``most / 4`` columns wide."""
    if len(x) <= most:
        return np.arange(len(x))
    columns = most // 4
    span = x[-1] - x[0]
    column = (
        np.minimum((x - x[0]) / span * columns, columns - 1).astype(np.int64) if span > 0 else np.zeros(len(x), int)
    )
    first = np.flatnonzero(np.concatenate([[True], column[1:] != column[:-1]]))
    last = np.append(first[1:], len(x)) - 1
    by_height = np.lexsort((y, column))
    return np.unique(np.concatenate([first, last, by_height[first], by_height[last]]))


def _ranked(scoring: Scoring, matched: Match, label: int | None) -> tuple[Indices, Flags, Flags, int]:
    order = ranking(scoring, label)
    true, false = (outcome[order] for outcome in outcomes(matched, slice(None)))
    truths = scoring.truths_per_class()
    return order, true, false, int(truths.sum() if label is None else truths[label])
