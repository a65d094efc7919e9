"""Curves for a page: few points, all corners, and each knows its boxes."""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_tables import random_scoring, scoring
from hypothesis import given
from hypothesis import strategies as st

from yolodash.evaluation.points import (
    MOST_POINTS,
    counts_at,
    precision_recall_curve,
    ranking,
    score_curve,
    thinned,
)
from yolodash.evaluation.report import outcomes


@given(seed=st.integers(0, 2**32 - 1), label=st.sampled_from([None, 0, 1, 2]))
def test_the_first_detections_of_the_ranking_are_the_ones_behind_a_point(seed: int, label: int | None) -> None:
    made = random_scoring(seed)
    matched = made.match(0.5)
    curve = precision_recall_curve(made, matched, label)
    true, false = outcomes(matched, slice(None))

    for point, rank in enumerate(curve.rank):
        behind = ranking(made, label)[:rank]
        assert (true[behind].sum(), false[behind].sum()) == (curve.true[point], curve.false[point])
        assert made.scores[behind[-1]] == curve.score[point]


def test_a_long_curve_keeps_its_ends_and_its_corners() -> None:
    random = np.random.default_rng(0)
    true = random.random(50_000) < np.linspace(1, 0.1, 50_000)
    hits = np.cumsum(true)
    precision, recall = hits / np.arange(1, 50_001), hits / hits[-1]
    kept = thinned(recall, precision)

    assert len(kept) <= MOST_POINTS
    assert (kept[0], kept[-1]) == (0, 49_999)
    columns = MOST_POINTS // 4
    place = np.minimum((recall - recall[0]) / (1 - recall[0]) * columns, columns - 1e-6)
    for column in range(columns):
        inside = np.flatnonzero((place >= column) & (place < column + 1))
        drawn = np.intersect1d(inside, kept)
        assert precision[drawn].max() == precision[inside].max()
        assert precision[drawn].min() == precision[inside].min()


def test_a_short_curve_stays_whole() -> None:
    assert thinned(np.linspace(0, 1, 30), np.ones(30)).tolist() == list(range(30))


@given(seed=st.integers(0, 2**32 - 1), threshold=st.floats(0, 1))
def test_the_curve_against_the_score_says_what_the_counts_say(seed: int, threshold: float) -> None:
    made = random_scoring(seed)
    matched = made.match(0.5)
    curve = score_curve(made, matched)
    point = int(np.abs(curve.score - threshold).argmin())
    counts = counts_at(made, matched, float(curve.score[point]))

    assert (curve.true[point], curve.false[point]) == (len(counts.true), len(counts.false))
    assert curve.precision[point] == pytest.approx(counts.precision)
    assert curve.recall[point] == pytest.approx(counts.recall)


def test_a_detection_counts_at_its_own_score() -> None:
    made = scoring([[0, 0, 0, 0, 10, 10]], [[0, 0, 0, 0, 10, 10, 0.5]])

    assert len(counts_at(made, made.match(0.5), 0.5).true) == 1
    assert len(counts_at(made, made.match(0.5), 0.5000001).missed) == 1


def test_counts_of_one_class_are_places_among_all() -> None:
    made = scoring(
        [[0, 0, 0, 0, 10, 10], [0, 1, 50, 50, 10, 10]], [[0, 0, 0, 0, 10, 10, 0.5], [0, 1, 50, 50, 10, 10, 0.6]]
    )
    counts = counts_at(made, made.match(0.5), 0.1, label=1)

    assert made.found.label[made.pairs.order[counts.true]].tolist() == [1]
    assert len(counts.missed) == 0


def test_curves_of_nothing_are_empty() -> None:
    made = scoring([], [])

    assert len(precision_recall_curve(made, made.match(0.5)).recall) == 0
    assert score_curve(made, made.match(0.5)).true.sum() == 0
