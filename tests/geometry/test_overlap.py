"""Laws of overlap, and numbers that one can check on paper."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from yolodash.geometry.overlap import (
    complete_intersection_over_union,
    generalised_intersection_over_union,
    intersection_over_union,
    paired_intersection_over_union,
)

coordinate = st.floats(-500, 500, width=32)
side = st.floats(0.5, 500, width=32)


@st.composite
def boxes(draw: st.DrawFn) -> Tensor:
    x, y = draw(coordinate), draw(coordinate)
    return torch.tensor([[x, y, x + draw(side), y + draw(side)]])


@given(boxes(), boxes())
def test_overlap_is_symmetric_to_the_last_bit(one: Tensor, other: Tensor) -> None:
    assert torch.equal(intersection_over_union(one, other), intersection_over_union(other, one))


@given(boxes(), boxes())
def test_overlap_lies_between_0_and_1(one: Tensor, other: Tensor) -> None:
    assert 0 <= intersection_over_union(one, other).item() <= 1


@given(boxes())
def test_a_box_overlaps_itself_entirely(box: Tensor) -> None:
    assert intersection_over_union(box, box).item() == 1


@given(boxes(), coordinate, coordinate)
def test_an_empty_box_overlaps_nothing(box: Tensor, x: float, y: float) -> None:
    empty = torch.tensor([[x, y, x, y]])
    assert intersection_over_union(box, empty).item() == 0
    assert intersection_over_union(empty, empty).item() == 0


@given(boxes(), boxes())
def test_the_generalised_overlap_is_at_most_the_overlap_and_at_least_minus_1(one: Tensor, other: Tensor) -> None:
    generalised = generalised_intersection_over_union(one, other).item()
    assert -1 - 1e-5 <= generalised <= intersection_over_union(one, other).item() + 1e-5


@given(boxes(), boxes())
def test_the_complete_overlap_is_at_most_the_overlap(one: Tensor, other: Tensor) -> None:
    complete = complete_intersection_over_union(one, other).item()
    assert -2 - 1e-5 <= complete <= intersection_over_union(one, other).item() + 1e-5


@given(boxes())
def test_both_refinements_are_1_for_equal_boxes(box: Tensor) -> None:
    assert generalised_intersection_over_union(box, box).item() == pytest.approx(1, abs=1e-5)
    assert complete_intersection_over_union(box, box).item() == pytest.approx(1, abs=1e-5)


def test_two_squares_that_share_a_quarter_overlap_by_a_seventh() -> None:
    one, other = torch.tensor([[0.0, 0, 2, 2]]), torch.tensor([[1.0, 1, 3, 3]])
    assert intersection_over_union(one, other).item() == pytest.approx(1 / 7)
    assert generalised_intersection_over_union(one, other).item() == pytest.approx(1 / 7 - 2 / 9)
    # centres √2 apart, hull diagonal √18, equal aspect ratios
    assert complete_intersection_over_union(one, other).item() == pytest.approx(1 / 7 - 2 / 18)


def test_boxes_apart_have_overlap_0_and_a_negative_generalised_one() -> None:
    one, other = torch.tensor([[0.0, 0, 1, 1]]), torch.tensor([[2.0, 0, 3, 1]])
    assert intersection_over_union(one, other).item() == 0
    assert generalised_intersection_over_union(one, other).item() == pytest.approx(-1 / 3)


def test_the_aspect_ratio_counts_in_the_complete_overlap() -> None:
    one, other = torch.tensor([[-2.0, -1, 2, 1]]), torch.tensor([[-1.0, -2, 1, 2]])
    aspect = 4 / torch.pi**2 * (torch.atan(torch.tensor(2.0)) - torch.atan(torch.tensor(0.5))).item() ** 2
    expected = 1 / 3 - aspect**2 / (1 - 1 / 3 + aspect)
    assert complete_intersection_over_union(one, other).item() == pytest.approx(expected, abs=1e-5)


def test_every_box_meets_every_other() -> None:
    some, others = torch.rand(3, 4).cumsum(-1), torch.rand(5, 4).cumsum(-1)
    table = intersection_over_union(some, others)
    assert table.shape == (3, 5)
    assert table[2, 4] == paired_intersection_over_union(some[2], others[4])
