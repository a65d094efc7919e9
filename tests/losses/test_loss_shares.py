"""A loss cell by cell: the maps sum up to its terms, and what answers for an object stands at its cell."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from yolodash.losses.shares import yolov1_shares, yolov3_shares, yolov5_shares
from yolodash.losses.yolov1 import yolov1_loss
from yolodash.losses.yolov3 import yolov3_loss
from yolodash.losses.yolov5 import yolov5_loss
from yolodash.structures import Head, ImageSize

SIZE = ImageSize(64, 96)
ANCHORS = (((10.0, 13.0), (16.0, 30.0)), ((30.0, 61.0), (62.0, 45.0)))
V1 = Head("detection", ((0.0, 0.0),) * 2, 9, 3, square_root=True)


def targets(count: int, seed: int) -> Tensor:
    drawn = torch.rand(count, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    drawn[:, 0], drawn[:, 1] = 0, (drawn[:, 1] * 3).floor()
    drawn[:, 4:] = 0.05 + 0.6 * drawn[:, 4:]
    return drawn


def heads(kind: str) -> tuple[Head, ...]:
    return tuple(Head(kind, anchors, stride, 3) for anchors, stride in zip(ANCHORS, (8, 16), strict=True))  # type: ignore[arg-type]


def maps(seed: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shapes = [(1, 2, SIZE.height // stride, SIZE.width // stride, 8) for stride in (8, 16)]
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]


counts, seeds = st.integers(0, 6), st.integers(0, 10_000)


@settings(max_examples=25, deadline=None)
@given(counts, seeds)
def test_the_maps_of_yolov1_sum_up_to_the_five_terms(count: int, seed: int) -> None:
    answers = torch.rand(1, 2, 7, 7, 8, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    answers[..., 5:] = answers[:, :1, :, :, 5:]
    terms, shares = yolov1_loss(answers, targets(count, seed), V1), yolov1_shares(answers, targets(count, seed), V1)
    for name in ("centre", "size", "object_", "no_object", "class_"):
        assert getattr(shares, name).shape == (7, 7)
        assert getattr(shares, name).sum().item() == pytest.approx(getattr(terms, name).item(), abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(counts, seeds, st.sampled_from(["yolo", "yolov5"]))
def test_the_maps_of_yolov3_and_v5_sum_up_to_the_three_terms(count: int, seed: int, kind: str) -> None:
    loss, shares = (yolov3_loss, yolov3_shares) if kind == "yolo" else (yolov5_loss, yolov5_shares)
    terms = loss(maps(seed), targets(count, seed), heads(kind), SIZE)
    parts = shares(maps(seed), targets(count, seed), heads(kind), SIZE)
    for name in ("box", "objectness", "class_"):
        total = sum(getattr(part, name).sum().item() for part in parts)
        assert total == pytest.approx(getattr(terms, name).item(), rel=1e-9, abs=1e-9)


def test_boxes_and_classes_cost_only_where_something_answers() -> None:
    for kind, shares in (("yolo", yolov3_shares), ("yolov5", yolov5_shares)):
        for part in shares(maps(1), targets(3, 1), heads(kind), SIZE):
            answering = torch.zeros_like(part.box, dtype=torch.bool)
            answering[part.matches.row, part.matches.column] = True
            assert (part.box[~answering] == 0).all()
            assert (part.class_[~answering] == 0).all()
            assert (part.objectness > 0).any()
