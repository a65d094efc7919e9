"""Sizes, proportions, thresholds and calibration."""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_tables import random_scoring, scoring
from hypothesis import given
from hypothesis import strategies as st

from yolodash.evaluation.breakdown import against_iou, by_aspect, by_size, calibration
from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.report import scored


@given(seed=st.integers(0, 2**32 - 1))
def test_ap_by_size_is_coco_s_at_one_threshold(seed: int) -> None:
    made = random_scoring(seed)

    for part in by_size(made, 0.5):
        expected = made.average_precisions(made.match(0.5, part.name), part.name)
        defined = expected[expected > -1]
        assert part.average_precision == (pytest.approx(defined.mean()) if len(defined) else -1)


@pytest.mark.parametrize("convention", ["coco", "voc", "yolov5"])
@given(seed=st.integers(0, 2**32 - 1))
def test_every_truth_has_one_proportion_and_is_found_or_missed(convention: ConventionName, seed: int) -> None:
    made = random_scoring(seed, convention)
    parts = by_aspect(made, 0.5)

    assert sum(part.truths for part in parts) == made.truths_per_class().sum()
    assert all(part.found + part.missed.sum() == part.truths for part in parts)


def test_a_tall_truth_that_is_missed_lowers_the_recall_of_tall_ones_alone() -> None:
    made = scoring([[0, 0, 0, 0, 10, 40], [0, 0, 50, 50, 20, 20]], [[0, 0, 50, 50, 20, 20, 0.9]])
    recalls = {part.name: part.recall for part in by_aspect(made, 0.5) if part.truths}

    assert recalls == {"tall": 0.0, "square": 1.0}


@given(seed=st.integers(0, 2**32 - 1))
def test_the_mean_over_ten_thresholds_is_map(seed: int) -> None:
    made = random_scoring(seed)
    curve = against_iou(made)

    assert curve.mean.mean() == pytest.approx(scored(made).map)
    assert (np.diff(curve.mean) <= 1e-12).all()


def test_scores_that_are_always_right_when_they_say_so_have_no_error() -> None:
    truths = [[i, 0, 0, 0, 10, 10] for i in range(4)]
    found = [[i, 0, 0 if i else 50, 0, 10, 10, 0.75] for i in range(4)]
    made = scoring(truths, found, pictures=4)
    result = calibration(made, made.match(0.5))

    assert result.error == pytest.approx(0.0)
    (used,) = [one for one in result.bins if one.count]
    assert (used.least, used.count, used.true, used.precision) == (pytest.approx(0.7), 4, 3, 0.75)


def test_a_confident_detection_of_nothing_is_all_error() -> None:
    made = scoring([[0, 0, 0, 0, 10, 10]], [[0, 0, 50, 50, 10, 10, 1.0]])

    assert calibration(made, made.match(0.5)).error == pytest.approx(1.0)


@given(seed=st.integers(0, 2**32 - 1), threshold=st.sampled_from([0.0, 0.3]))
def test_the_bins_hold_every_detection_that_counts_once(seed: int, threshold: float) -> None:
    made = random_scoring(seed)
    matched = made.match(0.5)
    bins = calibration(made, matched, score_threshold=threshold).bins
    places = np.concatenate([one.places for one in bins])

    assert sorted(places) == np.flatnonzero(~matched.ignored & (made.scores >= threshold)).tolist()
