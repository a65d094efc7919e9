"""Is one model better than another on the same pictures, or is it chance?

The pictures are drawn again with replacement, the same ones for both, and mAP is taken of each draw; the middle 95 %
of the differences is the interval (Efron and Tibshirani, 1993, chapter 13).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yolodash.errors import N_, DatasetError
from yolodash.evaluation.curves import UNDEFINED
from yolodash.evaluation.matching import Match
from yolodash.evaluation.report import Scoring, mean_of_defined
from yolodash.evaluation.tables import Indices, Numbers


@dataclass(frozen=True)
class Comparison:
    """mAP of two sets of detections, the difference (second − first), and where it lies on other pictures.

    Attributes:
        low, high: ends of the 95 % interval of the difference.
        draws: ``(R,)`` the differences.
    """

    first: float
    second: float
    difference: float
    low: float
    high: float
    draws: Numbers

    @property
    def decided(self) -> bool:
        """Whether the interval lies on one side of 0."""
        return self.low > 0 or self.high < 0


def compare(
    first: Scoring,
    second: Scoring,
    *,
    thresholds: tuple[float, ...] | None = None,
    draws: int = 200,
    seed: int = 0,
) -> Comparison:
    """The difference of two mAPs with its interval.

    Args:
        first, second: detections of the same pictures against the same truth in the same convention.
        thresholds: match IoUs to average; None for the convention's own (.5 where it has none).
        draws: how often the pictures are drawn again.
        seed: of the draws.

    Raises:
        DatasetError: pictures, truth, classes or convention differ, so that the numbers cannot be compared.
    """
    _check(first, second)
    at = thresholds or first.rules.iou_thresholds or (0.5,)
    pictures = len(first.labels.images)
    drawn = np.random.default_rng(seed).multinomial(pictures, np.full(pictures, 1 / pictures), size=draws)
    weights = np.concatenate([np.ones((1, pictures), np.int64), drawn])  # the first draw is the pictures as they are
    truths = _truths(first, weights)
    one, other = (_means(scoring, at, weights, truths) for scoring in (first, second))
    differences = (other - one)[1:][(one[1:] > UNDEFINED) & (other[1:] > UNDEFINED)]
    low, high = np.percentile(differences, [2.5, 97.5]) if len(differences) else (0.0, 0.0)
    return Comparison(float(one[0]), float(other[0]), float(other[0] - one[0]), float(low), float(high), differences)


def _check(first: Scoring, second: Scoring) -> None:
    if first.rules.name != second.rules.name:
        raise DatasetError(
            N_("These were scored in two conventions, {first} and {second}"),
            fix=N_("score both in the same one"),
            first=first.rules.name,
            second=second.rules.name,
        )
    if (first.labels.class_ids, first.labels.class_names) != (second.labels.class_ids, second.labels.class_names):
        raise DatasetError(N_("These were scored on different classes"), fix=N_("score both on the same data set"))
    if first.labels.images != second.labels.images:
        raise DatasetError(N_("These were scored on different pictures"), fix=N_("score both on the same split"))
    pairs = ((getattr(first.truths, name), getattr(second.truths, name)) for name in vars(first.truths))
    if not all(np.array_equal(one, other) for one, other in pairs):
        raise DatasetError(
            N_("The truth was not the same for both"), fix=N_("score both again on the data set as it is now")
        )


def _truths(scoring: Scoring, weights: Indices) -> Indices:
    """``(R, C)`` truths of each class that count in each draw."""
    counts = ~scoring.ignored()
    label, image = scoring.truths.label[counts], scoring.truths.image[counts]
    classes = range(len(scoring.labels.class_ids))
    return np.stack([weights[:, image[label == one]].sum(axis=1) for one in classes], axis=1)


def _means(scoring: Scoring, thresholds: tuple[float, ...], weights: Indices, truths: Indices) -> Numbers:
    """``(R,)`` mAP of each draw; −1 where a draw has no truth."""
    image = scoring.found.image[scoring.pairs.order]
    matches = [scoring.match(threshold) for threshold in thresholds]
    precisions = np.full((len(weights), len(thresholds), truths.shape[1]), UNDEFINED)
    for label in np.flatnonzero(truths[0]):
        part = scoring.of_class(int(label))
        repeated = weights[:, image[part]]  # (R, d)
        for number, matched in enumerate(matches):
            precisions[:, number, label] = _drawn(scoring, matched, part, repeated, truths[:, label])
    return np.array([mean_of_defined(row) for row in precisions])


def _drawn(scoring: Scoring, matched: Match, part: slice, repeated: Indices, truths: Indices) -> Numbers:
    """``(R,)`` AP of one class in each draw: a detection counts as often as its picture was drawn."""
    true = np.cumsum(repeated * ((matched.truth[part] >= 0) & ~matched.ignored[part]), axis=1)
    false = np.cumsum(repeated * ((matched.truth[part] < 0) & ~matched.ignored[part]), axis=1)
    precision = true / np.maximum(true + false, 1)
    return np.array(
        [
            scoring.rules.average_precision(row, hits / count) if count else UNDEFINED
            for row, hits, count in zip(precision, true, truths, strict=True)
        ]
    )
