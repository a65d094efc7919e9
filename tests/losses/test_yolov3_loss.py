"""YOLOv3's loss against worked numbers, and against its rules asked of every prediction in plain numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from yolodash.errors import OptionError
from yolodash.losses.yolov3 import best_anchors, overlapping, yolov3_loss
from yolodash.structures import Head, ImageSize

SIZE = ImageSize(64, 96)
CLASSES = 4
ANCHORS = (
    ((116.0, 90.0), (156.0, 198.0), (373.0, 326.0)),
    ((30.0, 61.0), (62.0, 45.0), (59.0, 119.0)),
    ((10.0, 13.0), (16.0, 30.0), (33.0, 23.0)),
)
HEADS = tuple(Head("yolo", anchors, stride, CLASSES) for anchors, stride in zip(ANCHORS, (32, 16, 8), strict=True))
SIDES = (SIZE.width, SIZE.height) * 2


def maps(pictures: int = 1, *, seed: int | None = None) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed or 0)
    shapes = [(pictures, 3, SIZE.height // head.stride, SIZE.width // head.stride, 5 + CLASSES) for head in HEADS]
    drawn = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]
    return drawn if seed is not None else [torch.zeros_like(raw) for raw in drawn]


def boxes(*rows: tuple[float, ...]) -> Tensor:
    """Targets from picture, class, and cx, cy, w, h in pixels."""
    targets = torch.tensor(rows, dtype=torch.float64).reshape(-1, 6)
    return targets / torch.tensor([1, 1, *SIDES], dtype=torch.float64)


def random_boxes(pictures: int, count: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    draw = torch.rand(count, 6, generator=generator, dtype=torch.float64)
    draw[:, 0] = (draw[:, 0] * pictures).floor()
    draw[:, 1] = (draw[:, 1] * CLASSES).floor()
    draw[:, 4:] = 0.05 + draw[:, 4:] * 0.9
    return draw


def test_the_one_anchor_of_the_most_alike_shape_answers_whatever_its_scale() -> None:
    shapes = boxes((0, 0, 9, 9, 10, 13), (0, 0, 9, 9, 31, 22), (0, 0, 9, 9, 60, 46), (0, 0, 9, 9, 120, 90))
    head, anchor = best_anchors(shapes, HEADS, SIZE)

    assert list(zip(head.tolist(), anchor.tolist(), strict=True)) == [(2, 0), (2, 2), (1, 1), (0, 0)]


def test_the_loss_of_a_network_that_says_nothing_yet_in_worked_numbers() -> None:
    # All logits are 0, so that every BCE is ln 2 whatever it should be, and t_w, t_h are off by their targets.
    object_ = boxes((0, 1, 19, 29, 16 * math.exp(0.1), 30 * math.exp(-0.2)))
    terms = yolov3_loss(maps(), object_, HEADS, SIZE)
    weight = 2 - 16 * 30 * math.exp(-0.1) / (96 * 64)

    assert terms.box.item() == pytest.approx(weight * (2 * math.log(2) + 0.1**2 + 0.2**2))
    assert terms.class_.item() == pytest.approx(4 * math.log(2))
    # 6 + 24 + 96 cells of 3 anchors each; none but the one that answers overlaps the object by more than .7.
    assert terms.objectness.item() == pytest.approx(3 * 126 * math.log(2))


def test_a_prediction_that_overlaps_an_object_without_answering_has_no_objectness_loss() -> None:
    # The anchor 33 × 23 in the middle of its cell lies on the object, but 31 × 22 is nearer to the object's shape …
    heads = [HEADS[2], replace(HEADS[1], anchors=((31.0, 22.0),) * 1)]
    raw = [maps(seed=5)[2], maps(seed=6)[1][:, :1]]
    raw[0][0, 2, 3, 4, :4] = 0
    raw = [one.requires_grad_() for one in raw]
    object_ = boxes((0, 0, 36, 28, 31, 22))
    yolov3_loss(raw, object_, heads, SIZE, ignore_threshold=0.85).total.backward()

    assert raw[0].grad is not None
    assert overlapping(raw[0], object_, heads[0], 0.85).nonzero().tolist() == [[0, 2, 3, 4]]
    assert not raw[0].grad[0, 2, 3, 4].any()
    assert (raw[0].grad[..., 4] != 0).sum() == raw[0][..., 4].numel() - 1


def test_a_prediction_that_overlaps_an_object_of_another_picture_is_not_let_off() -> None:
    raw, object_ = maps(2)[2], boxes((1, 0, 36, 28, 33, 23))

    assert overlapping(raw, object_, HEADS[2], 0.85).nonzero().tolist() == [[1, 2, 3, 4]]


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(0, 7), st.sampled_from([0.3, 0.7]))
def test_every_term_is_what_the_rules_give_prediction_by_prediction(seed: int, count: int, threshold: float) -> None:
    raw, targets = maps(2, seed=seed), random_boxes(2, count, seed)
    terms = yolov3_loss(raw, targets, HEADS, SIZE, threshold)
    box, objectness, class_ = (sum_ / 2 for sum_ in by_hand(raw, targets, threshold))

    assert terms.box.item() == pytest.approx(box, rel=1e-9, abs=1e-12)
    assert terms.objectness.item() == pytest.approx(objectness, rel=1e-9)
    assert terms.class_.item() == pytest.approx(class_, rel=1e-9, abs=1e-12)
    assert terms.total.item() == pytest.approx(2 * (box + objectness + class_), rel=1e-9)


def test_the_gradient_is_that_of_the_formula() -> None:
    head, targets = replace(HEADS[2], stride=32, anchors=((33.0, 23.0),)), random_boxes(1, 3, 4)
    raw = maps(seed=2)[0][:, :1].clone().requires_grad_()

    assert torch.autograd.gradcheck(lambda one: yolov3_loss([one], targets, [head], SIZE).total, (raw,))


def test_without_objects_only_the_objectness_is_left() -> None:
    terms = yolov3_loss(maps(2, seed=3), boxes(), HEADS, SIZE)

    assert terms.box == 0
    assert terms.class_ == 0
    assert terms.total == 2 * terms.objectness > 0


@given(st.permutations(range(8)))
@settings(max_examples=10)
def test_the_order_of_the_targets_does_not_matter(order: list[int]) -> None:
    raw, targets = maps(2, seed=1), random_boxes(2, 8, 5)
    one, other = (yolov3_loss(raw, chosen, HEADS, SIZE).total for chosen in (targets, targets[order]))

    assert one.item() == pytest.approx(other.item(), rel=1e-12)


def test_twice_the_same_batch_has_the_same_terms_and_twice_the_total() -> None:
    raw, targets = maps(2, seed=1), random_boxes(2, 6, 5)
    again = torch.cat([targets, targets + torch.tensor([2, 0, 0, 0, 0, 0])])
    once = yolov3_loss(raw, targets, HEADS, SIZE)
    twice = yolov3_loss([torch.cat([one, one]) for one in raw], again, HEADS, SIZE)

    for term in ("box", "objectness", "class_"):
        torch.testing.assert_close(getattr(twice, term), getattr(once, term))
    torch.testing.assert_close(twice.total, 2 * once.total)


@pytest.mark.parametrize(
    "head", [replace(HEADS[0], scale_x_y=1.05), replace(HEADS[0], new_coords=True), replace(HEADS[0], kind="yolov5")]
)
def test_boxes_of_another_generation_are_refused(head: Head) -> None:
    with pytest.raises(OptionError, match="not YOLOv3's"):
        yolov3_loss(maps()[:1], boxes(), [head], SIZE)


def by_hand(raw: list[Tensor], targets: Tensor, threshold: float) -> tuple[float, float, float]:
    """The three sums over the batch, with plain numbers: what every object and every prediction adds."""
    box = objectness = class_ = 0.0
    answering = set()
    for target in targets.tolist():
        x, y, w, h = (value * side for value, side in zip(target[2:], SIDES, strict=True))
        shapes = [(shape_iou((w, h), anchor), s, a) for s, own in enumerate(ANCHORS) for a, anchor in enumerate(own)]
        _, scale, anchor = max(shapes)
        stride = HEADS[scale].stride
        row, column = int(y // stride), int(x // stride)
        place = (int(target[0]), anchor, row, column)
        answering.add((scale, place))
        numbers = raw[scale][place].tolist()
        tw, th = (math.log(side / own) for side, own in zip((w, h), ANCHORS[scale][anchor], strict=True))
        centre = bce(numbers[0], x / stride - column) + bce(numbers[1], y / stride - row)
        weight = 2 - target[4] * target[5]
        box += weight * (centre + (numbers[2] - tw) ** 2 + (numbers[3] - th) ** 2)
        class_ += sum(bce(t, float(c == target[1])) for c, t in enumerate(numbers[5:]))
    for scale, one in enumerate(raw):
        for listed in torch.cartesian_prod(*(torch.arange(n) for n in one.shape[:4])).tolist():
            place, numbers = tuple(listed), one[tuple(listed)].tolist()
            overlaps = [iou(box_of(numbers, scale, place), true_box(t)) for t in targets.tolist() if t[0] == place[0]]
            if (scale, place) in answering:
                objectness += bce(numbers[4], 1)
            elif max(overlaps, default=0) <= threshold:
                objectness += bce(numbers[4], 0)
    return box, objectness, class_


def shape_iou(one: tuple[float, float], other: tuple[float, float]) -> float:
    common = min(one[0], other[0]) * min(one[1], other[1])
    return common / (one[0] * one[1] + other[0] * other[1] - common)


def box_of(numbers: list[float], scale: int, place: tuple[int, ...]) -> tuple[float, ...]:
    _, anchor, row, column = place
    stride, (width, height) = HEADS[scale].stride, ANCHORS[scale][anchor]
    x, y = ((1 / (1 + math.exp(-t)) + corner) * stride for t, corner in zip(numbers, (column, row), strict=False))
    w, h = width * math.exp(numbers[2]), height * math.exp(numbers[3])
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def true_box(target: list[float]) -> tuple[float, ...]:
    x, y, w, h = (value * side for value, side in zip(target[2:], SIDES, strict=True))
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def iou(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    width = max(0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


def bce(logit: float, wanted: float) -> float:
    probability = 1 / (1 + math.exp(-logit))
    return -wanted * math.log(probability) - (1 - wanted) * math.log(1 - probability)
