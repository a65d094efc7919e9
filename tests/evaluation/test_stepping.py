"""How AP is made, step by step."""

from __future__ import annotations

import pytest
from evaluation_tables import random_scoring, scoring
from hypothesis import given
from hypothesis import strategies as st

from yolodash.evaluation import curves
from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.report import outcomes
from yolodash.evaluation.stepping import steps


def test_a_hit_a_duplicate_a_near_miss_and_nothing_are_told_apart() -> None:
    truths = [[0, 0, 0, 0, 10, 10], [0, 0, 50, 50, 10, 10]]
    found = [
        [0, 0, 0, 0, 10, 10, 0.9],
        [0, 0, 0, 0, 10, 8, 0.8],
        [0, 0, 55, 50, 10, 10, 0.7],
        [0, 0, 90, 90, 5, 5, 0.6],
    ]
    made = scoring(truths, found)
    hit, duplicate, near, nothing = steps(made, made.match(0.5), 0)

    assert (hit.outcome, hit.truth, hit.overlap, hit.taken_by) == ("true", 0, 1.0, 0)
    assert (duplicate.outcome, duplicate.truth, duplicate.taken_by) == ("false", 0, 1)
    assert duplicate.overlap == pytest.approx(0.8)
    assert (near.outcome, near.truth, near.taken_by) == ("false", 1, 0)
    assert near.overlap == pytest.approx(1 / 3)
    assert (nothing.outcome, nothing.truth, nothing.overlap) == ("false", -1, 0.0)
    assert [(s.true_so_far, s.counted_so_far, s.truths) for s in (hit, duplicate, near, nothing)] == [
        (1, 1, 2),
        (1, 2, 2),
        (1, 3, 2),
        (1, 4, 2),
    ]


def test_an_answer_to_a_crowd_counts_nowhere() -> None:
    made = scoring([[0, 0, 0, 0, 50, 50]], [[0, 0, 0, 0, 20, 20, 0.9]], crowd=(0,))
    (step,) = steps(made, made.match(0.5), 0)

    assert (step.outcome, step.true_so_far, step.counted_so_far, step.truths) == ("ignored", 0, 0, 0)


@pytest.mark.parametrize("convention", ["coco", "voc", "yolov5"])
@given(seed=st.integers(0, 2**32 - 1))
def test_the_whole_numbers_give_the_curve(convention: ConventionName, seed: int) -> None:
    made = random_scoring(seed, convention)
    matched = made.match(0.5)
    walked = steps(made, matched, 1, count=10_000)
    true, false = outcomes(matched, made.of_class(1))
    precision, recall = curves.precision_recall(true, false, int(made.truths_per_class()[1]))

    assert len(walked) == len(true)
    for step, p, r in zip(walked, precision, recall, strict=True):
        assert step.true_so_far == pytest.approx(p * step.counted_so_far)
        assert step.true_so_far == pytest.approx(r * step.truths)


@given(seed=st.integers(0, 2**32 - 1), start=st.integers(0, 8))
def test_a_walk_from_the_middle_continues_the_one_from_the_top(seed: int, start: int) -> None:
    made = random_scoring(seed)
    matched = made.match(0.5)

    assert steps(made, matched, 0, start=start, count=3) == steps(made, matched, 0)[start : start + 3]
