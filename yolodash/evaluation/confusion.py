"""The confusion matrix at one score threshold and one match IoU threshold; nothing is dropped.

First every detection answers a truth of its own class, as the convention has it: that is the diagonal, and equals the
true positives shown everywhere else. What is left meets across the classes, again the best score first: that is the
rest of the matrix. A detection that meets nothing stands in the background row, a truth that nothing met in the
background column. So each column adds up to the detections of its class, each row to the truths of its class.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yolodash.evaluation.matching import Match, Pairs, match, pair
from yolodash.evaluation.report import Scoring
from yolodash.evaluation.tables import Flags, Indices


@dataclass(frozen=True)
class Confusion:
    """What met what.

    Attributes:
        counts: ``(C + 1, C + 1)``: row the truth's class, column the detection's, the last of each background; the
            corner is 0.
        predicted: ``(D,)`` column of each detection in ``pairs.order``; −1 below the score threshold or ignored.
        actual: ``(D,)`` its row, or −1.
        truth: ``(D,)`` the truth that it met, or −1.
        missed: ``(M,)`` truths in the background column.
        ignored: detections that meet a crowd or another truth that does not count.
    """

    counts: NDArray[np.int64]
    predicted: Indices
    actual: Indices
    truth: Indices
    missed: Flags
    ignored: int

    def cell(self, row: int, column: int) -> Indices:
        """The detections behind a cell, as places in ``pairs.order``; those of the background column are truths."""
        return np.flatnonzero((self.actual == row) & (self.predicted == column))


def across_classes(scoring: Scoring) -> Pairs:
    """Every detection with every truth of its picture, whatever their classes; computed once for all thresholds."""
    order = scoring.pairs.order
    found = replace(
        scoring.found,
        image=scoring.found.image[order],
        label=np.zeros(len(order), np.int64),
        xywh=scoring.found.xywh[order],
        score=scoring.scores,
    )
    truths = replace(scoring.truths, label=np.zeros_like(scoring.truths.label))
    return pair(truths, found, inclusive=scoring.rules.inclusive)


def confusion(
    scoring: Scoring, matched: Match, meetings: Pairs, match_iou_threshold: float, score_threshold: float
) -> Confusion:
    """The matrix.

    Args:
        matched: ``scoring.match(match_iou_threshold)``.
        meetings: from ``across_classes``.
    """
    shown = scoring.scores >= score_threshold
    truth = np.where(shown, matched.truth, -1)
    open_truths = ~scoring.ignored()
    open_truths[truth[truth >= 0]] = False
    across = _meet(scoring, meetings, shown & (truth < 0), open_truths, match_iou_threshold)
    truth = np.where(truth < 0, across, truth)
    counted = shown & ~matched.ignored
    background = len(scoring.labels.class_ids)
    predicted = np.where(counted, scoring.found.label[scoring.pairs.order], -1)
    actual = np.where(counted, np.append(scoring.truths.label, background)[truth], -1)  # −1 is the background
    missed = ~scoring.ignored()
    missed[truth[counted & (truth >= 0)]] = False
    counts = np.zeros((background + 1, background + 1), np.int64)
    np.add.at(counts, (actual[counted], predicted[counted]), 1)
    counts[:background, background] = np.bincount(scoring.truths.label[missed], minlength=background)
    return Confusion(counts, predicted, actual, np.where(counted, truth, -1), missed, int((shown & ~counted).sum()))


def _meet(scoring: Scoring, meetings: Pairs, open_found: Flags, open_truths: Flags, threshold: float) -> Indices:
    """``(D,)`` the truth of another class that each detection left over meets, or −1; the best score first."""
    place = meetings.order[meetings.detection]
    other = scoring.found.label[scoring.pairs.order[place]] != scoring.truths.label[meetings.truth]
    kept = open_found[place] & open_truths[meetings.truth] & other
    left = replace(
        meetings, detection=meetings.detection[kept], truth=meetings.truth[kept], overlap=meetings.overlap[kept]
    )
    answer = np.full(len(open_found), -1, np.int64)
    answer[meetings.order] = match(left, scoring.truths, threshold, choice="best_free").truth
    return answer
