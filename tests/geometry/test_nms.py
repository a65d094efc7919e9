"""Suppression: its laws, and that the quick way gives what the walk gives, box for box."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from yolodash.geometry.nms import suppress
from yolodash.geometry.overlap import intersection_over_union

thresholds = st.sampled_from([0.0, 0.001, 0.1, 0.3, 0.45, 0.5, 0.7, 0.95, 1.0])


def random_boxes(seed: int, count: int, extent: float = 100) -> tuple[Tensor, Tensor]:
    """Boxes of all sizes, some equal, some empty, some inverted, scores with ties."""
    random = np.random.default_rng(seed)
    corner = random.uniform(-10, extent, (count, 2))
    size = np.exp(random.uniform(-3, 5, (count, 2)))
    boxes = np.concatenate([corner, corner + size], axis=1)
    boxes[::7] = boxes[:1]
    boxes[3::11, 2] = boxes[3::11, 0]
    boxes[5::13, 2] = boxes[5::13, 0] - 5
    return torch.tensor(boxes, dtype=torch.float32), torch.tensor(random.integers(0, 40, count) / 40).float()


def walk(boxes: Tensor, scores: Tensor, threshold: float) -> tuple[list[int], list[float]]:
    """The rule as it is said, one box at a time."""
    suppressor, overlap = [-1] * len(boxes), [0.0] * len(boxes)
    survivors: list[int] = []
    values = scores.tolist()
    table = intersection_over_union(boxes, boxes).numpy()
    for index in sorted(range(len(boxes)), key=lambda i: (-values[i], i)):
        for survivor in survivors:
            if table[index, survivor] > np.float32(threshold):
                suppressor[index], overlap[index] = survivor, float(table[index, survivor])
                break
        else:
            survivors.append(index)
    return suppressor, overlap


@pytest.mark.parametrize("threshold", [0.0, 0.1, 0.45, 0.9])
def test_blocks_and_neighbours_give_what_the_walk_gives(threshold: float) -> None:
    boxes, scores = random_boxes(1, 700, extent=150)
    suppressor, overlap = suppress(boxes, scores, threshold)
    expected, expected_overlap = walk(boxes, scores, threshold)
    assert suppressor.tolist() == expected
    assert overlap.tolist() == expected_overlap


@given(st.integers(0, 10_000), st.integers(0, 400), thresholds)
def test_survivors_overlap_each_other_by_the_threshold_at_most(seed: int, count: int, threshold: float) -> None:
    boxes, scores = random_boxes(seed, count)
    survivors = boxes[suppress(boxes, scores, threshold)[0] < 0]
    assert bool((intersection_over_union(survivors, survivors).triu(1) <= threshold).all())


@given(st.integers(0, 10_000), st.integers(1, 60), thresholds)
def test_a_suppressed_box_names_the_best_survivor_that_overlaps_it_too_much(
    seed: int, count: int, threshold: float
) -> None:
    boxes, scores = random_boxes(seed, count)
    suppressor, overlap = suppress(boxes, scores, threshold)
    table = intersection_over_union(boxes, boxes)
    survivors = [i for i in range(count) if suppressor[i] < 0]
    ranks = {index: (-score, index) for index, score in enumerate(scores.tolist())}
    for index in (i for i in range(count) if suppressor[i] >= 0):
        too_much = [i for i in survivors if table[index, i] > threshold]
        assert suppressor[index] == min(too_much, key=ranks.__getitem__)
        assert overlap[index] == table[index, suppressor[index]]


@given(st.integers(0, 10_000), st.integers(0, 400), thresholds)
def test_suppression_of_the_survivors_changes_nothing(seed: int, count: int, threshold: float) -> None:
    boxes, scores = random_boxes(seed, count)
    kept = suppress(boxes, scores, threshold)[0] < 0
    assert bool((suppress(boxes[kept], scores[kept], threshold)[0] == -1).all())


def test_of_equal_scores_the_first_survives() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10]]).repeat(3, 1)
    suppressor, overlap = suppress(boxes, torch.tensor([0.5, 0.9, 0.9]), 0.5)
    assert suppressor.tolist() == [1, -1, 1]
    assert overlap.tolist() == [1, 0, 1]


def test_an_overlap_of_exactly_the_threshold_is_allowed() -> None:
    boxes = torch.tensor([[0.0, 0, 2, 2], [0, 0, 2, 1]])  # IoU 1/2
    assert suppress(boxes, torch.tensor([0.9, 0.8]), 0.5)[0].tolist() == [-1, -1]
    assert suppress(boxes, torch.tensor([0.9, 0.8]), 0.499)[0].tolist() == [-1, 0]


def test_a_suppressed_box_suppresses_nothing() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [4, 0, 14, 10], [8, 0, 18, 10]])  # each overlaps the next by 6/14
    assert suppress(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.4)[0].tolist() == [-1, 0, -1]


def test_no_boxes_give_no_suppressors() -> None:
    suppressor, overlap = suppress(torch.zeros(0, 4), torch.zeros(0), 0.5)
    assert suppressor.shape == overlap.shape == (0,)


@pytest.mark.parametrize("wild", [float("inf"), float("nan"), 1e30])
def test_boxes_without_bounds_do_no_harm(wild: float) -> None:
    boxes = torch.tensor([[-wild, -wild, wild, wild], [0, 0, 10, 10], [1, 1, 10, 10]])
    assert suppress(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5)[0].tolist() == [-1, -1, 1]
