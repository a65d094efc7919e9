"""Formats of boxes: there and back again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from yolodash.geometry.boxes import area, clip, cxcywh_to_xyxy, xywh_to_xyxy, xyxy_to_cxcywh, xyxy_to_xywh

numbers = st.lists(st.floats(-1000, 1000, width=32), min_size=4, max_size=4)


@pytest.mark.parametrize(("there", "back"), [(cxcywh_to_xyxy, xyxy_to_cxcywh), (xywh_to_xyxy, xyxy_to_xywh)])
@given(numbers)
def test_a_format_and_back_is_the_same_box(
    there: Callable[[Tensor], Tensor], back: Callable[[Tensor], Tensor], box: list[float]
) -> None:
    before = torch.tensor([box], dtype=torch.float64)
    assert torch.allclose(back(there(before)), before, atol=1e-9)


def test_the_formats_of_one_box() -> None:
    corners = torch.tensor([[10.0, 20, 40, 60]])
    assert xyxy_to_cxcywh(corners).tolist() == [[25, 40, 30, 40]]
    assert xyxy_to_xywh(corners).tolist() == [[10, 20, 30, 40]]


def test_an_inverted_box_has_no_area() -> None:
    assert area(torch.tensor([[0.0, 0, 3, 2], [3, 2, 0, 0]])).tolist() == [6, 0]


@given(numbers)
def test_a_clipped_box_lies_in_the_picture_and_clipping_again_changes_nothing(box: list[float]) -> None:
    clipped = clip(torch.tensor([box]), height=30, width=50)
    assert bool((clipped >= 0).all())
    assert bool((clipped <= torch.tensor([50.0, 30, 50, 30])).all())
    assert torch.equal(clip(clipped, 30, 50), clipped)
