"""The lecture's five terms in worked numbers, and as the formula says them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from yolodash.losses.yolov1 import yolov1_loss
from yolodash.structures import Head

HEAD = Head("detection", ((0.0, 0.0),) * 2, 32, 3, square_root=True)
SIDE = 2


def answers(pictures: int = 1, seed: int | None = None) -> Tensor:
    """``(B, 2 boxes, 2, 2, 5 + 3)`` zeros, or random numbers with boxes of a sensible size."""
    if seed is None:
        return torch.zeros(pictures, 2, SIDE, SIDE, 8, dtype=torch.float64)
    drawn = torch.rand(pictures, 2, SIDE, SIDE, 8, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    drawn[:, 1, :, :, 5:] = drawn[:, 0, :, :, 5:]  # a cell has one set of classes
    return drawn


def boxes(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64).reshape(-1, 6)


def random_boxes(pictures: int, count: int, seed: int) -> Tensor:
    draw = torch.rand(count, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    draw[:, 0] = (draw[:, 0] * pictures).floor()
    draw[:, 1] = (draw[:, 1] * 3).floor()
    draw[:, 4:] = 0.1 + draw[:, 4:] * 0.8
    return draw


def one_object() -> tuple[Tensor, Tensor]:
    """An object in the lower left cell; the second box of that cell overlaps it most."""
    raw = answers()
    raw[0, 0, 1, 0, :5] = torch.tensor([0.5, 0.5, 0.3, 0.3, 0.4])
    raw[0, 1, 1, 0, :5] = torch.tensor([0.5, 0.5, 0.5, 0.6, 0.9])
    raw[0, :, 1, 0, 5:] = torch.tensor([0.2, 0.7, 0.0])
    raw[0, 0, 0, 1, 4] = 0.6
    return raw, boxes((0, 1, 0.3, 0.75, 0.36, 0.36))


def test_the_five_terms_in_worked_numbers() -> None:
    terms = yolov1_loss(*one_object(), HEAD)

    assert terms.centre.item() == pytest.approx(5 * ((0.5 - 0.6) ** 2 + 0))
    assert terms.size.item() == pytest.approx(5 * ((0.5 - 0.6) ** 2 + 0))
    # The box covers .125 … .375 by .57 … .93, the object .12 … .48 by .57 … .93: all of the box lies within it.
    assert terms.object_.item() == pytest.approx((0.9 - 0.25 / 0.36) ** 2)
    assert terms.no_object.item() == pytest.approx(0.5 * (0.4**2 + 0.6**2))
    assert terms.class_.item() == pytest.approx(0.2**2 + 0.3**2)
    assert terms.total.item() == pytest.approx(0.05 + 0.05 + (0.9 - 25 / 36) ** 2 + 0.26 + 0.13)


def test_a_network_that_gives_the_sides_themselves_is_compared_by_their_roots_too() -> None:
    raw, target = one_object()
    plain = raw.clone()
    plain[..., 2:4] = raw[..., 2:4] ** 2
    one, other = yolov1_loss(raw, target, HEAD), yolov1_loss(plain, target, replace(HEAD, square_root=False))

    assert other.size.item() == pytest.approx(one.size.item())
    assert other.total.item() == pytest.approx(one.total.item())


def test_the_flat_output_of_the_network_is_read_in_its_own_order() -> None:
    raw = answers(2, seed=3)
    classes = raw[:, 0, :, :, 5:].reshape(2, -1)
    confidence = raw[..., 4].permute(0, 2, 3, 1).reshape(2, -1)
    box = raw[..., :4].permute(0, 2, 3, 1, 4).reshape(2, -1)
    targets = random_boxes(2, 4, 1)

    flat = yolov1_loss(torch.cat([classes, confidence, box], dim=1), targets, HEAD)
    assert flat.total.item() == pytest.approx(yolov1_loss(raw, targets, HEAD).total.item())


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(0, 5))
def test_every_term_is_what_the_formula_says_cell_by_cell(seed: int, count: int) -> None:
    raw, targets = answers(2, seed), random_boxes(2, count, seed)
    terms = yolov1_loss(raw, targets, HEAD)

    found = (terms.centre, terms.size, terms.object_, terms.no_object, terms.class_)
    assert [one.item() for one in found] == pytest.approx([one / 2 for one in by_hand(raw, targets)])
    assert terms.total.item() == pytest.approx(sum(by_hand(raw, targets)))


def test_without_objects_only_the_term_without_objects_is_left() -> None:
    terms = yolov1_loss(answers(2, seed=1), boxes(), HEAD)

    assert [terms.centre, terms.size, terms.object_, terms.class_] == [0, 0, 0, 0]
    assert terms.total == 2 * terms.no_object > 0


def test_the_weights_are_those_that_are_given() -> None:
    raw, target = one_object()
    lecture, plain = yolov1_loss(raw, target, HEAD), yolov1_loss(raw, target, HEAD, 1.0, 1.0)

    assert lecture.centre.item() == pytest.approx(5 * plain.centre.item())
    assert lecture.no_object.item() == pytest.approx(0.5 * plain.no_object.item())


def test_the_gradients_are_those_of_the_formula() -> None:
    raw, target = one_object()

    def terms(box: Tensor, confidence: Tensor, classes: Tensor) -> tuple[Tensor, ...]:
        whole = torch.cat([box, confidence, classes.expand(-1, 2, -1, -1, -1)], dim=-1)
        found = yolov1_loss(whole, target, HEAD)
        return found.centre, found.size, found.no_object, found.class_

    parts = (raw[..., :4], raw[..., 4:5], raw[:, :1, :, :, 5:])
    assert torch.autograd.gradcheck(terms, tuple(part.clone().requires_grad_() for part in parts))


def test_the_confidence_should_be_the_overlap_and_the_box_does_not_pay_for_it() -> None:
    raw, target = one_object()
    raw.requires_grad_()
    yolov1_loss(raw, target, HEAD).object_.backward()

    assert raw.grad is not None
    assert raw.grad.nonzero().tolist() == [[0, 1, 1, 0, 4]]
    assert raw.grad[0, 1, 1, 0, 4].item() == pytest.approx(2 * (0.9 - 25 / 36))


def by_hand(raw: Tensor, targets: Tensor) -> list[float]:
    """The five sums over the batch with plain numbers."""
    centre = size = 0.0
    wanted: dict[tuple[int, ...], float] = {}
    classes: dict[tuple[int, ...], set[int]] = {}
    for picture, class_, x, y, w, h in targets.tolist():
        cell = (int(picture), int(y * SIDE), int(x * SIDE))
        overlaps = [iou(box_of(raw, cell, j), (x - w / 2, y - h / 2, x + w / 2, y + h / 2)) for j in (0, 1)]
        j = overlaps.index(max(overlaps))
        wanted[(*cell, j)] = max(wanted.get((*cell, j), 0), overlaps[j])
        classes.setdefault(cell, set()).add(int(class_))
        numbers = raw[cell[0], j, cell[1], cell[2]].tolist()
        centre += 5 * ((numbers[0] + cell[2] - x * SIDE) ** 2 + (numbers[1] + cell[1] - y * SIDE) ** 2)
        size += 5 * ((numbers[2] - math.sqrt(w)) ** 2 + (numbers[3] - math.sqrt(h)) ** 2)
    object_ = no_object = class_sum = 0.0
    for picture, j, row, column in torch.cartesian_prod(*(torch.arange(n) for n in raw.shape[:4])).tolist():
        numbers, place = raw[picture, j, row, column].tolist(), (picture, row, column, j)
        if place in wanted:
            object_ += (numbers[4] - wanted[place]) ** 2
        else:
            no_object += 0.5 * numbers[4] ** 2
        if j == 0 and place[:3] in classes:
            class_sum += sum((p - (c in classes[place[:3]])) ** 2 for c, p in enumerate(numbers[5:]))
    return [centre, size, object_, no_object, class_sum]


def box_of(raw: Tensor, cell: tuple[int, ...], j: int) -> tuple[float, ...]:
    x, y, w, h = raw[cell[0], j, cell[1], cell[2], :4].tolist()
    x, y, w, h = (x + cell[2]) / SIDE, (y + cell[1]) / SIDE, w * w, h * h
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def iou(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    width = max(0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)
