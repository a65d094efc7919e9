"""YOLOv5's loss against worked numbers, and against its rules asked of every prediction in plain numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from yolodash.losses.matches import Matches, predictions_at, read
from yolodash.losses.yolov5 import (
    Gains,
    assign,
    box_term,
    objectness_term,
    predicted_boxes,
    scale_weights,
    scaled,
    yolov5_loss,
)
from yolodash.structures import Head, ImageSize

SIZE = ImageSize(64, 96)
CLASSES = 3
ANCHORS = (
    ((10.0, 13.0), (16.0, 30.0), (33.0, 23.0)),
    ((30.0, 61.0), (62.0, 45.0), (59.0, 119.0)),
    ((116.0, 90.0), (156.0, 198.0), (373.0, 326.0)),
)
HEADS = tuple(Head("yolov5", anchors, stride, CLASSES) for anchors, stride in zip(ANCHORS, (8, 16, 32), strict=True))


def maps(pictures: int = 1, *, seed: int | None = None, spread: float = 1.0) -> list[Tensor]:
    """Raw maps of zeros, or of random numbers, in float64."""
    generator = torch.Generator().manual_seed(seed or 0)
    shapes = [(pictures, 3, SIZE.height // head.stride, SIZE.width // head.stride, 5 + CLASSES) for head in HEADS]
    drawn = [torch.randn(shape, generator=generator, dtype=torch.float64) * spread for shape in shapes]
    return drawn if seed is not None else [torch.zeros_like(raw) for raw in drawn]


def boxes(*rows: tuple[float, ...]) -> Tensor:
    """Targets from picture, class, and cx, cy, w, h in pixels."""
    targets = torch.tensor(rows, dtype=torch.float64).reshape(-1, 6)
    return targets / torch.tensor([1, 1, SIZE.width, SIZE.height, SIZE.width, SIZE.height], dtype=torch.float64)


def random_boxes(pictures: int, count: int, seed: int) -> Tensor:
    """Targets anywhere in the picture, of any size."""
    generator = torch.Generator().manual_seed(seed)
    draw = torch.rand(count, 6, generator=generator, dtype=torch.float64)
    draw[:, 0] = (draw[:, 0] * pictures).floor()
    draw[:, 1] = (draw[:, 1] * CLASSES).floor()
    draw[:, 4:] = 0.03 + draw[:, 4:] * 0.9
    return draw


def cells(matches: Matches) -> set[tuple[int, int, int]]:
    """Anchor, row and column of every match."""
    return set(zip(matches.anchor.tolist(), matches.row.tolist(), matches.column.tolist(), strict=True))


def test_an_object_is_answered_for_in_its_cell_and_in_the_two_that_its_centre_is_nearest_to() -> None:
    object_ = boxes((0, 0, 18, 30, 12, 16))  # 2.25 cells from the left, 3.75 from the top

    assert cells(assign(object_, HEADS[0], (8, 12))) == {
        (anchor, row, column) for anchor in range(3) for row, column in ((3, 2), (3, 1), (4, 2))
    }


def test_cells_outside_the_picture_do_not_answer() -> None:
    corners = boxes((0, 0, 1, 1, 12, 16), (0, 0, 95, 63, 12, 16), (0, 0, 96, 64, 12, 16))
    matches = assign(corners, HEADS[0], (8, 12))

    assert {(row, column) for _, row, column in cells(matches)} == {(0, 0), (7, 11)}


def test_an_object_in_the_middle_of_its_cell_has_no_nearer_neighbour() -> None:
    assert {place[1:] for place in cells(assign(boxes((0, 0, 20, 28, 12, 16)), HEADS[0], (8, 12)))} == {(3, 2)}


@pytest.mark.parametrize(("width", "answers"), [(39.9, True), (40.0, False), (2.51, True), (2.5, False)])
def test_an_anchor_answers_only_for_sides_that_differ_by_less_than_four_times(width: float, answers: bool) -> None:
    found = cells(assign(boxes((0, 0, 20, 28, width, 13)), HEADS[0], (8, 12)))

    assert ((0, 3, 2) in found) == answers


def test_the_loss_of_a_network_that_says_nothing_yet_in_worked_numbers() -> None:
    # All logits are 0: each box is its anchor in the middle of its cell, and every BCE is ln 2 whatever it should be.
    object_ = boxes((0, 1, 20, 28, 10, 13))  # the first anchor exactly; the two others of stride 8 also answer
    terms = yolov5_loss(maps(), object_, HEADS, SIZE)
    second = ciou((12, 13, 28, 43), (15, 21.5, 25, 34.5))
    third = ciou((3.5, 16.5, 36.5, 39.5), (15, 21.5, 25, 34.5))

    assert second == pytest.approx(130 / 480 - 0.01113**2 / (1 - 130 / 480 + 0.01113), abs=1e-5)  # v = 0.01113
    assert terms.box.item() == pytest.approx(0.05 * (0 + 1 - second + 1 - third) / 3, rel=1e-6)
    assert terms.objectness.item() == pytest.approx((96 / 640) ** 2 * (4 + 1 + 0.4) * math.log(2))
    assert terms.class_.item() == pytest.approx(0.5 * 3 / 80 * math.log(2))


def test_the_gains_are_those_of_the_recipe_for_eighty_classes_three_scales_and_640_pixels() -> None:
    assert scaled(Gains(), 80, 3, ImageSize(640, 640)) == Gains(0.05, 1.0, 0.5)
    assert scaled(Gains(), 20, 3, ImageSize(320, 192)) == Gains(0.05, 0.25, 0.125)
    assert scaled(Gains(), 80, 2, ImageSize(640, 640)) == Gains(0.05 * 1.5, 1.5, 0.75)
    assert scale_weights(3) == (4.0, 1.0, 0.4)
    assert scale_weights(4) == (4.0, 1.0, 0.25, 0.06)


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(0, 9))
def test_every_term_is_what_the_rules_give_prediction_by_prediction(seed: int, count: int) -> None:
    raw, targets = maps(2, seed=seed), random_boxes(2, count, seed)
    terms = yolov5_loss(raw, targets, HEADS, SIZE)
    box, objectness, class_ = by_hand(raw, targets)

    assert terms.box.item() == pytest.approx(box, rel=1e-6, abs=1e-12)
    assert terms.objectness.item() == pytest.approx(objectness, rel=1e-9)
    assert terms.class_.item() == pytest.approx(class_, rel=1e-9, abs=1e-12)
    assert terms.total.item() == pytest.approx(2 * (box + objectness + class_), rel=1e-6)


def test_without_objects_only_the_objectness_is_left() -> None:
    terms = yolov5_loss(maps(2, seed=3), boxes(), HEADS, SIZE)

    assert terms.box == 0
    assert terms.class_ == 0
    assert terms.total == 2 * terms.objectness > 0


@given(st.permutations(range(8)))
@settings(max_examples=10)
def test_the_order_of_the_targets_does_not_matter(order: list[int]) -> None:
    raw, targets = maps(2, seed=1), random_boxes(2, 8, 5)
    one, other = (yolov5_loss(raw, chosen, HEADS, SIZE).total for chosen in (targets, targets[order]))

    assert one.item() == pytest.approx(other.item(), rel=1e-12)


def test_twice_the_same_batch_has_the_same_terms_and_twice_the_total() -> None:
    raw, targets = maps(2, seed=1), random_boxes(2, 6, 5)
    again = torch.cat([targets, targets + torch.tensor([2, 0, 0, 0, 0, 0])])
    once = yolov5_loss(raw, targets, HEADS, SIZE)
    twice = yolov5_loss([torch.cat([one, one]) for one in raw], again, HEADS, SIZE)

    for term in ("box", "objectness", "class_"):
        torch.testing.assert_close(getattr(twice, term), getattr(once, term))
    torch.testing.assert_close(twice.total, 2 * once.total)


def test_the_gradients_of_classes_and_objectness_are_those_of_their_formulas() -> None:
    raw, targets = maps(seed=2), random_boxes(1, 3, 4)
    small = raw[0][:, 1:2, ::4, ::4].clone()
    head = replace(HEADS[0], stride=32, anchors=((33.0, 33.0),))

    def terms(logits: Tensor) -> tuple[Tensor, Tensor]:
        whole = torch.cat([small[..., :4], logits], dim=-1)
        found = yolov5_loss([whole], targets, [head], SIZE)
        return found.objectness, found.class_

    assert torch.autograd.gradcheck(terms, (small[..., 4:].clone().requires_grad_(),))


def test_the_gradient_of_the_box_is_that_of_one_minus_ciou() -> None:
    # CIoU holds its weight α constant, which finite differences do not see unless the shapes agree, where α is 0.
    matches = Matches(*(torch.tensor([value]) for value in (0, 0, 1, 3, 4)))
    wanted = torch.tensor([[30.0, 17.0, 54.0, 62.0]], dtype=torch.float64)  # 24 × 45, the shape of 16 × 30

    def term(centre: Tensor) -> Tensor:
        return box_term(predicted_boxes(torch.cat([centre, torch.zeros(1, 6)], dim=1), matches, HEADS[0]), wanted)

    assert torch.autograd.gradcheck(term, (torch.tensor([[0.3, -0.4]], dtype=torch.float64, requires_grad=True),))


def test_the_objectness_should_be_the_overlap_and_the_box_does_not_pay_for_it() -> None:
    raw, targets = [one.requires_grad_() for one in maps(seed=7)], random_boxes(1, 4, 2)
    yolov5_loss(raw, targets, HEADS, SIZE, Gains(box=0.0, class_=0.0)).total.backward()

    for one in raw:
        assert one.grad is not None
        assert (one.grad[..., 4] != 0).all()
        assert not one.grad[..., :4].any()


def test_a_prediction_that_answers_for_two_objects_should_reach_the_larger_overlap() -> None:
    twice = Matches(*(torch.tensor(value) for value in ([0, 1], [0, 0], [0, 0], [0, 0], [0, 0])))
    logits = torch.full((1, 1, 1, 1), math.log(0.8 / 0.2), dtype=torch.float64)
    entropy = -0.8 * math.log(0.8) - 0.2 * math.log(0.2)

    for overlaps in ([0.3, 0.8], [0.8, 0.3]):
        assert objectness_term(logits, twice, torch.tensor(overlaps)).item() == pytest.approx(entropy, rel=1e-6)


def test_the_gradients_of_a_prediction_with_several_objects_add_up() -> None:
    raw = torch.randn(2, 3, 4, 5, 7, requires_grad=True)
    four = Matches(*(torch.tensor(value) for value in ([0, 1, 2, 3], [1, 0, 1, 1], [2] * 4, [3] * 4, [4] * 4)))
    found = predictions_at(raw, four)
    found.sum().backward()

    assert raw.grad is not None
    torch.testing.assert_close(found[0], raw[1, 2, 3, 4])
    assert raw.grad[1, 2, 3, 4].tolist() == [3] * 7
    assert raw.grad.sum() == 4 * 7


def test_the_gradients_of_what_is_read_of_a_map_are_those_of_plain_indexing() -> None:
    raw = torch.randn(2, 3, 2, 2, 7, dtype=torch.float64, requires_grad=True)
    some = Matches(*(torch.tensor(value) for value in ([0, 1, 2], [1, 0, 1], [2, 0, 2], [1, 0, 1], [0, 1, 0])))
    rows, objectness = read(raw, some)

    torch.testing.assert_close(rows, raw[some.picture, some.anchor, some.row, some.column])
    torch.testing.assert_close(objectness, raw[..., 4])
    assert torch.autograd.gradcheck(lambda one: read(one, some), (raw,))


def test_following_the_gradient_leads_to_the_object() -> None:
    raw, target = [one.requires_grad_() for one in maps()], boxes((0, 2, 43, 29, 22, 25))
    optimizer = torch.optim.Adam(raw, lr=0.2)
    for _ in range(50):
        optimizer.zero_grad()
        yolov5_loss(raw, target, HEADS, SIZE).total.backward()
        optimizer.step()
    matches = assign(target, HEADS[0], (8, 12))
    answers = predictions_at(raw[0], matches)

    found, wanted = predicted_boxes(answers, matches, HEADS[0]), torch.tensor([32, 16.5, 54, 41.5])
    torch.testing.assert_close(found, wanted.expand_as(found).double(), atol=2.0, rtol=0)
    assert answers[:, 4].sigmoid().min() > 0.8
    assert (answers[:, 5:].argmax(dim=1) == 2).all()
    assert raw[2][..., 4].sigmoid().max() < 0.1


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_summed_in_float32(dtype: torch.dtype) -> None:
    raw, targets = [one.to(dtype) for one in maps(2, seed=4)], random_boxes(2, 5, 1).float()
    terms = yolov5_loss(raw, targets, HEADS, SIZE)
    exact = yolov5_loss([one.float() for one in raw], targets, HEADS, SIZE)

    assert terms.total.dtype == torch.float32
    torch.testing.assert_close(terms.total, exact.total)


def test_extreme_numbers_stay_finite() -> None:
    for value in (-200.0, 200.0):
        raw = [torch.full_like(one, value, dtype=torch.float32).requires_grad_() for one in maps()]
        total = yolov5_loss(raw, random_boxes(1, 5, 1).float(), HEADS, SIZE).total
        total.backward()
        assert total.isfinite()
        assert all(one.grad is not None and one.grad.isfinite().all() for one in raw)


def by_hand(raw: list[Tensor], targets: Tensor) -> tuple[float, float, float]:
    """The three terms with plain numbers: every prediction is asked for which objects it answers."""
    box = objectness = class_ = 0.0
    for one, head, weight in zip(raw, HEADS, (4.0, 1.0, 0.4), strict=True):
        losses, entropies, class_entropies = [], [], []
        for place in torch.cartesian_prod(*(torch.arange(n) for n in one.shape[:4])).tolist():
            numbers = one[tuple(place)].tolist()
            overlaps = [0.0]
            for target in targets.tolist():
                if answers_for(place, target, head):
                    predicted, wanted = box_of(numbers, place, head), true_box(target)
                    losses.append(1 - ciou(predicted, wanted))
                    overlaps.append(iou(predicted, wanted))
                    class_entropies += [bce(t, float(c == target[1])) for c, t in enumerate(numbers[5:])]
            entropies.append(bce(numbers[4], max(overlaps)))
        box += 0.05 * mean(losses)
        objectness += (96 / 640) ** 2 * weight * mean(entropies)
        class_ += 0.5 * CLASSES / 80 * mean(class_entropies)
    return box, objectness, class_


def answers_for(place: list[int], target: list[float], head: Head) -> bool:
    """Whether a prediction answers: a like shape, and a centre within a cell of the cell's middle along one side."""
    picture, anchor, row, column = place
    x, y = target[2] * SIZE.width / head.stride, target[3] * SIZE.height / head.stride
    away = (abs(x - column - 0.5), abs(y - row - 0.5))
    inside = (column <= x < column + 1, row <= y < row + 1)
    near = (inside[0] and away[1] < 1) or (inside[1] and away[0] < 1)
    sides = (target[4] * SIZE.width, target[5] * SIZE.height)
    alike = all(1 / 4 < side / own < 4 for side, own in zip(sides, head.anchors[anchor], strict=True))
    return picture == target[0] and near and alike


def box_of(numbers: list[float], place: list[int], head: Head) -> tuple[float, ...]:
    _, anchor, row, column = place
    x, y, w, h = (1 / (1 + math.exp(-number)) for number in numbers[:4])
    cx, cy = (2 * x - 0.5 + column) * head.stride, (2 * y - 0.5 + row) * head.stride
    width, height = (own * 4 * value**2 for own, value in zip(head.anchors[anchor], (w, h), strict=True))
    return cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2


def true_box(target: list[float]) -> tuple[float, ...]:
    cx, cy, w, h = (value * side for value, side in zip(target[2:], (96, 64, 96, 64), strict=True))
    return cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2


def iou(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    width = max(0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


def ciou(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Zheng et al., 2020: IoU − ρ²/c² − v²/(1 − IoU + v)."""
    overlap = iou(one, other)
    middle = [((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for box in (one, other)]
    hull = (
        max(one[2], other[2]) - min(one[0], other[0]),
        max(one[3], other[3]) - min(one[1], other[1]),
    )
    angles = [math.atan2(box[2] - box[0], box[3] - box[1]) for box in (one, other)]
    v = 4 / math.pi**2 * (angles[0] - angles[1]) ** 2
    penalty = v * v / (1 - overlap + v) if v else 0.0
    return overlap - (math.dist(*middle) / math.hypot(*hull)) ** 2 - penalty


def bce(logit: float, wanted: float) -> float:
    probability = 1 / (1 + math.exp(-logit))
    return -wanted * math.log(probability) - (1 - wanted) * math.log(1 - probability)


def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
