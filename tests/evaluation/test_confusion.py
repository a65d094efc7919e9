"""The confusion matrix: everything is in it once."""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_tables import random_scoring, scoring
from hypothesis import given
from hypothesis import strategies as st

from yolodash.evaluation.confusion import Confusion, across_classes, confusion
from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.points import counts_at
from yolodash.evaluation.report import Scoring

CONVENTIONS: tuple[ConventionName, ...] = ("coco", "voc", "voc07", "yolov5")


def matrix(made: Scoring, iou: float = 0.5, score: float = 0.0) -> Confusion:
    return confusion(made, made.match(iou), across_classes(made), iou, score)


def test_a_detection_of_another_class_stands_in_the_row_of_the_truth_that_it_lies_on() -> None:
    made = scoring([[0, 0, 0, 0, 10, 10]], [[0, 1, 0, 0, 10, 9, 0.9]])

    assert matrix(made).counts.tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]


def test_a_detection_on_a_picture_without_truth_stands_in_the_background_row() -> None:
    made = scoring([[0, 0, 0, 0, 10, 10]], [[1, 1, 0, 0, 10, 10, 0.9]], pictures=2)

    assert matrix(made).counts.tolist() == [[0, 0, 1], [0, 0, 0], [0, 1, 0]]


def test_the_right_class_answers_before_a_better_score_of_the_wrong_one() -> None:
    made = scoring([[0, 0, 0, 0, 10, 10]], [[0, 1, 0, 0, 10, 10, 0.9], [0, 0, 0, 0, 10, 10, 0.4]])

    assert matrix(made).counts.tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0]]


def test_a_lower_match_iou_brings_detections_out_of_the_background() -> None:
    made = scoring([[0, 0, 0, 0, 10, 10]], [[0, 1, 5, 0, 10, 10, 0.9]])

    assert matrix(made, iou=0.5).counts[2, 1] == 1
    assert matrix(made, iou=0.3).counts[0, 1] == 1


def test_a_crowd_is_neither_truth_nor_background() -> None:
    made = scoring([[0, 0, 0, 0, 50, 50]], [[0, 0, 0, 0, 10, 10, 0.9], [0, 0, 20, 20, 10, 10, 0.8]], crowd=(0,))
    result = matrix(made)

    assert result.counts.sum() == 0
    assert result.ignored == 2


@pytest.mark.parametrize("convention", CONVENTIONS)
@given(seed=st.integers(0, 2**32 - 1), iou=st.sampled_from([0.1, 0.5, 0.75]), score=st.sampled_from([0.0, 0.4, 0.8]))
def test_columns_add_up_to_detections_and_rows_to_truths_and_the_diagonal_is_the_true_positives(
    convention: ConventionName, seed: int, iou: float, score: float
) -> None:
    made = random_scoring(seed, convention)
    result = matrix(made, iou, score)
    counts = counts_at(made, made.match(iou), score)
    shown = made.found.label[made.pairs.order[made.scores >= score]]

    assert result.counts[:, :-1].sum() + result.ignored == len(shown)
    assert result.counts[:-1].sum(axis=1).tolist() == made.truths_per_class().tolist()
    assert np.trace(result.counts) == len(counts.true)
    assert result.counts[:, :-1].sum() - np.trace(result.counts) == len(counts.false)


@given(seed=st.integers(0, 2**32 - 1))
def test_each_cell_opens_as_many_detections_as_it_counts(seed: int) -> None:
    result = matrix(random_scoring(seed), score=0.3)
    background = len(result.counts) - 1

    for row in range(background + 1):
        for column in range(background):
            assert len(result.cell(row, column)) == result.counts[row, column]
    assert result.missed.sum() == result.counts[:, background].sum()
