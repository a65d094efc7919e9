"""MOTA, IDF1 and switches: worked examples, and laws."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolodash.evaluation.tracking import Followed, identities

Row = tuple[float, int]
"""Left side of a 10 × 10 box, and its identity."""


def frame(rows: Sequence[Row], class_id: int = 0) -> Followed:
    boxes = np.array([[x, 0, x + 10, 10] for x, _ in rows], np.float64).reshape(-1, 4)
    return Followed(boxes, np.array([track for _, track in rows], np.int64), np.full(len(rows), class_id))


def test_a_perfect_answer_scores_one_whatever_the_identities_are_called() -> None:
    truth = [frame([(0, 1), (50, 2)]), frame([(5, 1), (45, 2)])]
    found = [frame([(0, 8), (50, 4)]), frame([(5, 8), (45, 4)])]
    numbers = identities(truth, found)
    assert (numbers.mota, numbers.idf1, numbers.switches) == (1.0, 1.0, 0)


def test_one_object_whose_identity_changes_after_six_of_ten_frames() -> None:
    """One switch in ten truths: MOTA 1 − 1/10; the best partner agrees in six: IDF1 2·6 / (10 + 10)."""
    truth = [frame([(0, 1)])] * 10
    found = [frame([(0, 1)])] * 6 + [frame([(0, 2)])] * 4
    numbers = identities(truth, found)
    assert numbers.switches == 1
    assert numbers.mota == pytest.approx(0.9)
    assert numbers.idf1 == pytest.approx(0.6)


def test_two_that_swap_identities_are_two_switches() -> None:
    truth = [frame([(0, 1), (50, 2)])] * 4
    found = [frame([(0, 1), (50, 2)])] * 2 + [frame([(0, 2), (50, 1)])] * 2
    numbers = identities(truth, found)
    assert numbers.switches == 2
    assert numbers.mota == pytest.approx(1 - 2 / 8)
    assert numbers.idf1 == pytest.approx(0.5)


def test_a_gap_is_missed_but_no_switch_where_the_identity_comes_back() -> None:
    truth = [frame([(0, 1)])] * 5
    found = [frame([(0, 7)]), frame([]), frame([]), frame([(0, 7)]), frame([(0, 7)])]
    numbers = identities(truth, found)
    assert (numbers.switches, numbers.missed, numbers.false) == (0, 2, 0)
    assert numbers.idf1 == pytest.approx(2 * 3 / 8)


def test_false_boxes_can_make_mota_negative() -> None:
    numbers = identities([frame([(0, 1)])], [frame([(100, 1), (200, 2)])])
    assert numbers.mota == -2


def test_a_pair_of_the_frame_before_stays_though_another_box_now_overlaps_more() -> None:
    truth = [frame([(0, 1)]), frame([(0, 1)])]
    found = [frame([(0, 1)]), frame([(2, 1), (0, 2)])]
    assert identities(truth, found).switches == 0


def test_another_class_never_matches() -> None:
    numbers = identities([frame([(0, 1)])], [frame([(0, 1)], class_id=1)])
    assert (numbers.missed, numbers.false) == (1, 1)


def test_nothing_at_all_is_undefined() -> None:
    numbers = identities([frame([])], [frame([])])
    assert math.isnan(numbers.mota)
    assert math.isnan(numbers.idf1)


rows = st.lists(
    st.tuples(st.integers(0, 5).map(lambda n: 20.0 * n), st.integers(1, 5)), max_size=4, unique_by=lambda r: r[1]
)
clips = st.lists(st.tuples(rows, rows), min_size=1, max_size=6)


@given(clips)
def test_the_numbers_stay_within_their_bounds_and_names_of_identities_do_not_matter(
    clip: list[tuple[list[Row], list[Row]]],
) -> None:
    truth = [frame(true) for true, _ in clip]
    found = [frame(ours) for _, ours in clip]
    renamed = [frame([(x, 100 - track) for x, track in ours]) for _, ours in clip]
    numbers = identities(truth, found)
    assert numbers.truths - numbers.missed == numbers.found - numbers.false >= 0
    if numbers.truths:
        assert numbers.mota <= 1
    if numbers.truths + numbers.found:
        assert 0 <= numbers.idf1 <= 1
        assert identities(truth, renamed).idf1 == pytest.approx(numbers.idf1)
