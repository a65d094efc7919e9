"""Better, or chance?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from evaluation_tables import random_scoring
from hypothesis import given, settings
from hypothesis import strategies as st

from yolodash.errors import DatasetError
from yolodash.evaluation.compare import compare
from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.report import Scoring, scored


def with_scores(made: Scoring, seed: int) -> Scoring:
    found = replace(made.found, score=np.random.default_rng(seed).random(len(made.found.score)))
    return Scoring.of(made.truths, found, made.labels, made.rules.name)


@pytest.mark.parametrize("convention", ["coco", "voc", "voc07", "yolov5"])
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_difference_is_that_of_the_two_reports(convention: ConventionName, seed: int) -> None:
    first = random_scoring(seed, convention)
    second = with_scores(first, seed)
    result = compare(first, second, draws=3)

    assert result.first == pytest.approx(scored(first).map)
    assert result.second == pytest.approx(scored(second).map)


def test_a_draw_is_what_the_drawn_pictures_score_by_themselves() -> None:
    made = random_scoring(5, pictures=3)
    other = with_scores(made, 1)
    weights = np.random.default_rng(7).multinomial(3, np.full(3, 1 / 3), size=1)[0]

    def drawn(one: Scoring) -> float:
        images = np.repeat(np.arange(3), weights)
        truth_rows = [np.flatnonzero(one.truths.image == image) for image in images]
        found_rows = [np.flatnonzero(one.found.image == image) for image in images]
        rows, places = np.concatenate(truth_rows), np.concatenate(found_rows)
        new = np.repeat(np.arange(3), [len(part) for part in truth_rows])
        truths = replace(one.truths, **{k: v[rows] for k, v in vars(one.truths).items()} | {"image": new})
        new = np.repeat(np.arange(3), [len(part) for part in found_rows])
        found = replace(one.found, **{k: v[places] for k, v in vars(one.found).items()} | {"image": new})
        return scored(Scoring.of(truths, found, one.labels, "coco")).map

    assert compare(made, other, draws=1, seed=7).draws[0] == pytest.approx(drawn(other) - drawn(made), abs=1e-9)


def test_a_model_compared_with_itself_shows_no_difference() -> None:
    made = random_scoring(3)
    result = compare(made, made, draws=20)

    assert (result.difference, result.low, result.high, result.decided) == (0.0, 0.0, 0.0, False)


def test_the_same_seed_gives_the_same_interval() -> None:
    first = random_scoring(3)
    second = with_scores(first, 1)

    assert compare(first, second, draws=20, seed=4).low == compare(first, second, draws=20, seed=4).low
    assert compare(first, second, draws=20, seed=4).low != compare(first, second, draws=20, seed=5).low


def test_what_cannot_be_compared_is_refused_with_its_reason() -> None:
    made = random_scoring(3)
    moved = replace(made.truths, xywh=made.truths.xywh + 1)
    other_names = replace(made.labels, class_names=("a", "b", "c"))
    other_pictures = replace(made.labels, images=("a", "b", "c", "d", "e", "f"))

    for other, reason in (
        (Scoring.of(made.truths, made.found, made.labels, "voc"), "conventions"),
        (replace(made, labels=other_names), "classes"),
        (replace(made, labels=other_pictures), "pictures"),
        (replace(made, truths=moved), "truth"),
    ):
        with pytest.raises(DatasetError, match=reason):
            compare(made, other)
