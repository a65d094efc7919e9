"""Identities: an object keeps its own through gaps, crossings and weak boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolodash.inference.tracking import Tracker, TrackerOptions
from yolodash.structures import Detections

Row = tuple[float, float, float, int]
"""Left, top, score, class; every box is 20 × 30."""


def found(rows: Sequence[Row]) -> Detections:
    boxes = np.array([[x, y, x + 20, y + 30] for x, y, _, _ in rows], np.float32).reshape(-1, 4)
    return Detections(
        boxes=boxes,
        scores=np.array([row[2] for row in rows], np.float32),
        class_ids=np.array([row[3] for row in rows], np.int64),
        candidate_index=np.arange(len(rows)),
    )


def follow(frames: Sequence[Sequence[Row]], **options: float) -> list[list[int]]:
    tracker = Tracker(TrackerOptions(**options))
    return [tracker.follow(found(rows), number / 25) for number, rows in enumerate(frames)]


def test_an_object_that_moves_evenly_keeps_its_identity() -> None:
    assert follow([[(4.0 * n, 2.0 * n, 0.9, 0)] for n in range(30)]) == [[1]] * 30


def test_an_object_hidden_for_twelve_frames_is_found_again_where_it_went() -> None:
    path = [[(3.0 * n, 10.0, 0.9, 0)] if not 12 <= n < 24 else [] for n in range(40)]
    assert {number for numbers in follow(path) for number in numbers} == {1}


def test_an_object_that_is_gone_for_longer_is_another() -> None:
    path = [[(10.0, 10.0, 0.9, 0)], *[[]] * 60, [(10.0, 10.0, 0.9, 0)]]
    assert follow(path)[-1] == [2]


def test_an_object_that_goes_behind_an_edge_and_comes_out_elsewhere_is_the_same() -> None:
    """Its box shrinks toward the edge from x = 100 on, is gone, and grows again from x = 160 on."""
    tracker, numbers = Tracker(), []
    for number in range(80):
        left, right = 3.0 * number, 3.0 * number + 24
        parts = [(left, min(right, 100.0)), (max(left, 160.0), right)]
        boxes = [[a, 10, b, 40] for a, b in parts if b - a > 6]
        count = len(boxes)
        array = np.array(boxes, np.float32).reshape(-1, 4)
        seen = Detections(array, np.full(count, 0.9, np.float32), np.zeros(count, np.int64), np.arange(count))
        numbers += tracker.follow(seen, number / 25)
    assert set(numbers) == {1}


def test_two_that_cross_keep_their_identities() -> None:
    frames = [[(5.0 * n, 10.0, 0.9, 0), (200 - 5.0 * n, 16.0, 0.8, 0)] for n in range(40)]
    assert follow(frames) == [[1, 2]] * 40


def test_another_class_never_goes_on_with_a_track() -> None:
    assert follow([[(10.0, 10.0, 0.9, 0)], [(10.0, 10.0, 0.9, 1)]]) == [[1], [2]]


def test_a_weak_box_goes_on_with_a_track_but_begins_none() -> None:
    frames: list[list[Row]] = [[(10.0, 10.0, 0.15, 0)], [(10.0, 10.0, 0.9, 0)], [(11.0, 10.0, 0.15, 0)]]
    assert follow(frames) == [[0], [1], [1]]


def test_a_strong_box_chooses_before_a_weak_one() -> None:
    frames: list[list[Row]] = [[(10.0, 10.0, 0.9, 0)], [(10.0, 10.0, 0.15, 0), (12.0, 10.0, 0.9, 0)]]
    assert follow(frames)[1] == [0, 1]


def test_frames_without_boxes_are_no_trouble() -> None:
    assert follow([[], [], []]) == [[], [], []]


rows = st.tuples(st.floats(0, 300), st.floats(0, 200), st.sampled_from([0.12, 0.6, 0.95]), st.integers(0, 2))


@given(st.lists(st.lists(rows, max_size=6), max_size=8))
def test_within_a_frame_no_identity_is_given_twice(frames: list[list[Row]]) -> None:
    for rows_, numbers in zip(frames, follow(frames), strict=True):
        given_ = [number for number in numbers if number]
        assert len(given_) == len(set(given_))
        assert all(number > 0 for row, number in zip(rows_, numbers, strict=True) if row[2] >= 0.25)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_boxes_does_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    tracker, other = Tracker(), Tracker()
    starts, speeds = random.uniform(0, 400, (5, 2)), random.uniform(-4, 4, (5, 2))
    same: dict[int, int] = {}
    for number in range(20):
        places = [(*(start + number * speed), 0.9, 0) for start, speed in zip(starts, speeds, strict=True)]
        order = random.permutation(5)
        first = tracker.follow(found(places), number / 25)
        second = other.follow(found([places[i] for i in order]), number / 25)
        for place, row in enumerate(order):
            assert same.setdefault(first[row], second[place]) == second[place]
