"""The decode rules: examples worked out by hand for every generation, counts, and laws."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from yolodash.models.heads import detection, region
from yolodash.models.heads.decode import decode_map, decode_rows, raw_rows
from yolodash.models.heads.grid import candidate_count, candidate_positions, cell_corners
from yolodash.structures import ClassTree, Head, ImageSize

V3 = Head(kind="yolo", anchors=((116.0, 90.0),), stride=32, classes=2)
V5 = Head(kind="yolov5", anchors=((116.0, 90.0),), stride=32, classes=2)
V2 = Head(kind="region", anchors=((3.42 * 32, 4.41 * 32),), stride=32, classes=2, softmax=True)
SIZE = ImageSize(416, 416)
ROW, COLUMN = 4, 7

numbers = st.floats(-8, 8, width=32)


def decoded_at_the_cell(head: Head, *raw: float) -> list[float]:
    """One box's raw numbers, put into row 4, column 7 of a 13×13 map, decoded."""
    values = torch.zeros(1, 1, 13, 13, 5 + head.classes)
    values[0, 0, ROW, COLUMN] = torch.tensor(raw)
    decoded: list[float] = decode_map(values, head, SIZE)[0, 0, ROW, COLUMN].tolist()
    return decoded


def test_v3_puts_the_logistic_of_the_centre_into_the_cell_and_stretches_the_anchor_by_the_exponential() -> None:
    # σ(.2) = .549834, σ(−.3) = .425557, e^.1 = 1.105171, e^.4 = 1.491825, σ(1) = .731059, σ(2) = .880797
    box = decoded_at_the_cell(V3, 0.2, -0.3, 0.1, 0.4, 1.0, 2.0, 0.0)
    assert box == pytest.approx([241.5947, 141.6178, 128.1998, 134.2642, 0.731059, 0.880797, 0.5], abs=1e-4)


def test_v4_stretches_the_centre_so_that_it_can_reach_the_border_of_its_cell() -> None:
    # .549834·1.2 − .1 = .559801 and .425557·1.2 − .1 = .410668
    box = decoded_at_the_cell(replace(V3, scale_x_y=1.2), 0.2, -0.3, 0.1, 0.4, 1.0, 2.0, 0.0)
    assert box == pytest.approx([241.9136, 141.1414, 128.1998, 134.2642, 0.731059, 0.880797, 0.5], abs=1e-4)


def test_new_coordinates_square_numbers_that_have_been_through_the_logistic_already() -> None:
    # (7 + .7·2 − .5)·32, (4 + .2·2 − .5)·32, 116·(2·.5)², 90·(2·.75)²; objectness and classes as they are
    head = replace(V3, scale_x_y=2.0, new_coords=True)
    box = decoded_at_the_cell(head, 0.7, 0.2, 0.5, 0.75, 0.9, 0.25, 0.125)
    assert box == pytest.approx([252.8, 124.8, 116.0, 202.5, 0.9, 0.25, 0.125], abs=1e-4)


def test_v5_lets_the_centre_leave_the_cell_by_half_and_the_size_reach_four_anchors() -> None:
    # 2·.549834 − .5 = .599668, 2·.425557 − .5 = .351115, (2·.524979)² = 1.102413, (2·.598688)² = 1.433707
    box = decoded_at_the_cell(V5, 0.2, -0.3, 0.1, 0.4, 1.0, 2.0, 0.0)
    assert box == pytest.approx([243.1894, 139.2357, 127.8799, 129.0336, 0.731059, 0.880797, 0.5], abs=2e-3)


def test_v2_counts_anchors_in_cells_and_shares_one_softmax_between_the_classes() -> None:
    # anchor 3.42×4.41 cells = 109.44×141.12 pixels; softmax(2, 0) = .880797, .119203
    box = decoded_at_the_cell(V2, 0.2, -0.3, 0.1, 0.4, 1.0, 2.0, 0.0)
    assert box == pytest.approx([241.5947, 141.6178, 120.9499, 210.5263, 0.731059, 0.880797, 0.119203], abs=1e-3)


def test_v2_without_softmax_gives_each_class_its_own_logistic() -> None:
    box = decoded_at_the_cell(replace(V2, softmax=False), 0.2, -0.3, 0.1, 0.4, 1.0, 2.0, 0.0)
    assert box[5:] == pytest.approx([0.880797, 0.5], abs=1e-6)


@pytest.mark.parametrize(("square_root", "width", "height"), [(True, 112.0, 28.0), (False, 224.0, 112.0)])
def test_v1_gives_shares_of_cell_and_picture(square_root: bool, width: float, height: float) -> None:
    # (2 + .5)·64, (3 + .25)·64; .5²·448 and .25²·448 where the cfg says sqrt=1
    head = Head(kind="detection", anchors=((0.0, 0.0),), stride=64, classes=1, square_root=square_root)
    raw = torch.zeros(1, 1, 7, 7, 6)
    raw[0, 0, 3, 2] = torch.tensor([0.5, 0.25, 0.5, 0.25, -0.3, 1.2])
    box = decode_map(raw, head, ImageSize(448, 448))[0, 0, 3, 2].tolist()
    assert box == pytest.approx([160.0, 208.0, width, height, -0.3, 1.2])


def test_v1_lists_all_classes_first_then_all_objectness_then_all_boxes() -> None:
    head = Head(kind="detection", anchors=((0.0, 0.0),) * 3, stride=64, classes=20, square_root=True)
    flat = torch.arange(1715, dtype=torch.float32)[None]
    arranged = detection.arrange(flat, head)
    assert arranged.shape == (1, 3, 7, 7, 25)
    cell, box = 3 * 7 + 2, 1  # row 3, column 2, second box
    found = arranged[0, box, 3, 2].tolist()
    assert found[5:] == [cell * 20 + index for index in range(20)]
    assert found[4] == 980 + cell * 3 + box
    assert found[:4] == [980 + 147 + (cell * 3 + box) * 4 + index for index in range(4)]


#    0 animal ── 2 dog ── 4 terrier, 5 spaniel
#    1 thing     3 cat
TREE = ClassTree(parents=(-1, -1, 0, 0, 2, 2), group_sizes=(2, 2, 2))


def logits(*probabilities: float) -> Tensor:
    return torch.tensor(probabilities).log()


def test_the_tree_multiplies_probabilities_down_from_the_root() -> None:
    given_parent = region.tree_softmax(logits(0.9, 0.1, 0.8, 0.2, 0.75, 0.25), TREE)
    assert given_parent.tolist() == pytest.approx([0.9, 0.1, 0.8, 0.2, 0.75, 0.25])
    product = region.tree_product(given_parent, TREE)
    assert product.tolist() == pytest.approx([0.9, 0.1, 0.72, 0.18, 0.54, 0.18])


@pytest.mark.parametrize(
    ("terrier", "kept", "score"),
    [(0.75, 4, 0.54), (0.6, 2, 0.72)],
    ids=["deepest class over one half", "its parent, when no child is over one half"],
)
def test_of_the_classes_over_one_half_the_highest_numbered_is_kept(terrier: float, kept: int, score: float) -> None:
    raw = logits(0.9, 0.1, 0.8, 0.2, terrier, 1 - terrier)
    found = region.class_probabilities(raw, replace(V2, classes=6, tree=TREE))
    expected = [0.0] * 6
    expected[kept] = score
    assert found.tolist() == pytest.approx(expected)


def test_a_box_that_is_sure_of_no_class_in_the_tree_has_none() -> None:
    raw = logits(0.5, 0.5, 0.5, 0.5, 0.5, 0.5)
    assert region.class_probabilities(raw, replace(V2, classes=6, tree=TREE)).tolist() == [0.0] * 6


def three_scales(kind: str) -> tuple[Head, ...]:
    return tuple(
        Head(kind=kind, anchors=((1.0, 1.0),) * 3, stride=stride, classes=80)  # type: ignore[arg-type]
        for stride in (8, 16, 32)
    )


@pytest.mark.parametrize(
    ("heads", "side", "count"),
    [
        (three_scales("yolo"), 416, 10_647),
        (three_scales("yolo"), 608, 22_743),
        (three_scales("yolov5"), 640, 25_200),
        ((replace(V2, anchors=((1.0, 1.0),) * 5),), 416, 845),
        ((Head(kind="detection", anchors=((0.0, 0.0),) * 3, stride=64, classes=20),), 448, 147),
    ],
    ids=["v3 at 416", "v3 at 608", "v5 at 640", "v2 at 416", "v1 at 448"],
)
def test_detectors_make_as_many_boxes_as_published(heads: tuple[Head, ...], side: int, count: int) -> None:
    assert candidate_count(heads, ImageSize(side, side)) == count
    assert len(candidate_positions(heads, ImageSize(side, side))[0]) == count


def test_rows_stand_in_the_order_of_their_positions_on_a_picture_that_is_no_square() -> None:
    heads = (replace(V3, anchors=((1.0, 1.0), (2.0, 2.0)), stride=16), V3)
    size = ImageSize(64, 96)
    maps = []
    for scale, head in enumerate(heads):
        anchors, rows, columns = len(head.anchors), size.height // head.stride, size.width // head.stride
        where = torch.meshgrid(*(torch.arange(n) for n in (anchors, rows, columns)), indexing="ij")
        raw = torch.zeros(1, anchors, rows, columns, 7)
        raw[0, ..., 0], raw[0, ..., 1:4] = scale, torch.stack([where[1], where[2], where[0]], dim=-1).float()
        maps.append(raw)
    found = raw_rows(tuple(maps), heads)[0, :, :4].long()
    expected = torch.stack(candidate_positions(heads, size), dim=-1)
    assert torch.equal(found, expected)
    assert decode_rows(tuple(maps), heads, size).shape == (1, candidate_count(heads, size), 7)


def test_corners_count_columns_first() -> None:
    assert cell_corners(2, 3, torch.zeros(1)).tolist() == [
        [[0, 0], [1, 0], [2, 0]],
        [[0, 1], [1, 1], [2, 1]],
    ]


@given(x=numbers, y=numbers, w=numbers, h=numbers)
def test_v3_keeps_the_centre_in_its_own_cell(x: float, y: float, w: float, h: float) -> None:
    cx, cy, width, height = decoded_at_the_cell(V3, x, y, w, h, 0.0, 0.0, 0.0)[:4]
    assert COLUMN * 32 <= cx <= (COLUMN + 1) * 32
    assert ROW * 32 <= cy <= (ROW + 1) * 32
    assert width > 0
    assert height > 0


@given(x=numbers, y=numbers, w=numbers, h=numbers)
def test_v5_bounds_centre_and_size(x: float, y: float, w: float, h: float) -> None:
    cx, cy, width, height = decoded_at_the_cell(V5, x, y, w, h, 0.0, 0.0, 0.0)[:4]
    assert (COLUMN - 0.5) * 32 <= cx <= (COLUMN + 1.5) * 32
    assert (ROW - 0.5) * 32 <= cy <= (ROW + 1.5) * 32
    assert 0 < width <= 4 * 116 + 1e-3
    assert 0 < height <= 4 * 90 + 1e-3


@given(x=numbers, scale=st.floats(1, 3))
def test_stretching_leaves_the_middle_of_the_cell_where_it_is(x: float, scale: float) -> None:
    plain = decoded_at_the_cell(V3, x, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    stretched = decoded_at_the_cell(replace(V3, scale_x_y=scale), x, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    middle = (COLUMN + 0.5) * 32
    assert stretched[0] - middle == pytest.approx((plain[0] - middle) * scale, abs=1e-3)
    assert stretched[1] == pytest.approx(plain[1])


@given(st.lists(numbers, min_size=6, max_size=6))
def test_siblings_in_the_tree_share_one(raw: list[float]) -> None:
    conditional = region.tree_softmax(torch.tensor(raw), TREE)
    assert [math.fsum(group.tolist()) for group in conditional.split(list(TREE.group_sizes))] == pytest.approx([1] * 3)
    product = region.tree_product(conditional, TREE)
    assert float(product[4] + product[5]) == pytest.approx(float(product[2]), abs=1e-6)
