"""What went wrong: one hand-made case for each of the six kinds, and what mending can do."""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_tables import random_scoring, scoring
from hypothesis import given
from hypothesis import strategies as st

from yolodash.evaluation.confusion import across_classes
from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.mistakes import KINDS, Mistakes, mistakes
from yolodash.evaluation.report import Scoring

TRUTH = [[0, 0, 0, 0, 10, 10]]


def sorted_out(made: Scoring) -> Mistakes:
    return mistakes(made, across_classes(made))


def counts(result: Mistakes) -> dict[str, int]:
    return {one.kind: one.count for one in result.mended if one.count}


def gains(result: Mistakes) -> dict[str, float]:
    return {one.kind: one.gain for one in result.mended if one.gain}


def test_right_place_and_wrong_class_is_a_classification_mistake_and_mending_finds_the_truth() -> None:
    result = sorted_out(scoring(TRUTH, [[0, 1, 0, 0, 10, 9, 0.9]]))

    assert counts(result) == {"classification": 1}
    assert gains(result) == {"classification": pytest.approx(1.0)}


def test_right_class_and_a_box_that_is_off_is_a_localisation_mistake() -> None:
    result = sorted_out(scoring(TRUTH, [[0, 0, 5, 0, 10, 10, 0.9]]))

    assert counts(result) == {"localisation": 1}
    assert gains(result) == {"localisation": pytest.approx(1.0)}


def test_wrong_class_and_a_box_that_is_off_is_both_and_leaves_the_truth_missed() -> None:
    result = sorted_out(scoring([*TRUTH, [0, 1, 50, 50, 9, 9]], [[0, 1, 5, 0, 10, 10, 0.9], [0, 1, 50, 50, 9, 9, 0.8]]))

    assert counts(result) == {"both": 1, "missed": 1}
    assert result.mended[KINDS.index("both")].map == pytest.approx(0.5)  # class 1 is now perfect, class 0 has nothing
    assert result.mended[KINDS.index("missed")].map == pytest.approx(0.5)  # class 0 asks for nothing, class 1 has 1/2


def test_a_second_detection_of_a_truth_is_a_duplicate() -> None:
    result = sorted_out(
        scoring(
            [*TRUTH, [0, 0, 50, 50, 10, 10]],
            [[0, 0, 0, 0, 10, 10, 0.9], [0, 0, 0, 0, 10, 9, 0.8], [0, 0, 50, 50, 10, 10, 0.7]],
        )
    )

    assert counts(result) == {"duplicate": 1}
    assert result.kind.tolist() == [-1, KINDS.index("duplicate"), -1]
    assert result.mended[KINDS.index("duplicate")].map == pytest.approx(1.0)


def test_a_detection_of_nothing_is_background() -> None:
    result = sorted_out(scoring(TRUTH, [[0, 0, 50, 50, 10, 10, 0.9], [0, 0, 0, 0, 10, 10, 0.8]]))

    assert counts(result) == {"background": 1}
    assert (result.map, result.mended[KINDS.index("background")].map) == (pytest.approx(0.5), pytest.approx(1.0))


def test_a_truth_that_nothing_came_near_is_missed() -> None:
    result = sorted_out(scoring([*TRUTH, [0, 0, 50, 50, 10, 10]], [[0, 0, 0, 0, 10, 10, 0.9]]))

    assert counts(result) == {"missed": 1}
    assert result.missed.tolist() == [False, True]
    assert result.mended[KINDS.index("missed")].map == pytest.approx(1.0)


def test_a_wrong_class_on_a_truth_that_is_found_goes_away_when_mended() -> None:
    found = [[0, 0, 0, 0, 10, 10, 0.9], [0, 1, 0, 0, 10, 10, 0.8], [0, 1, 50, 50, 10, 10, 0.7]]
    result = sorted_out(scoring([*TRUTH, [0, 1, 50, 50, 10, 10]], found))

    assert counts(result) == {"classification": 1}
    assert result.mended[0].map == pytest.approx(1.0)


@pytest.mark.parametrize("convention", ["coco", "voc", "voc07"])
@given(seed=st.integers(0, 2**32 - 1))
def test_each_false_positive_has_one_kind_and_mending_never_costs_anything(
    convention: ConventionName, seed: int
) -> None:
    made = random_scoring(seed, convention)
    result = sorted_out(made)
    matched = made.match(0.5)
    false = (matched.truth < 0) & ~matched.ignored

    assert np.array_equal(result.kind >= 0, false)
    assert sum(one.count for one in result.mended[:-1]) == false.sum()
    assert all(one.gain >= -1e-12 for one in result.mended)
    assert result.map == pytest.approx(made.average_precisions(matched)[made.truths_per_class() > 0].mean()) or (
        result.map == -1
    )
