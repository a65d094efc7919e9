"""What the browser computes on the page YOLO is what the package computes, over grids of cases."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scripts_in_node import call

from yolodash.geometry.nms import suppress
from yolodash.geometry.overlap import intersection_over_union
from yolodash.losses.yolov3 import best_anchors, cells_of
from yolodash.losses.yolov5 import assign
from yolodash.models.heads import yolo, yolov5
from yolodash.models.heads.grid import candidate_count
from yolodash.structures import Head, ImageSize
from yolodash.ui.learn import stage
from yolodash.ui.learn.subject import LECTURE_HEADS
from yolodash.ui.learn.yolo import SCRIPTS

STAGE = Path(stage.__file__).parent / "stage.js"
NETWORK = ImageSize(320, 416)


def computed(step: str, expression: str, argument: object) -> Any:
    """An expression of a step's script and ``argument``."""
    return call([STAGE, SCRIPTS / f"{step}.js"], f"((argument) => ({expression}))", [[argument]])[0]


def boxes_over_the_input() -> list[list[int]]:
    """Boxes of many shapes all over the input, at its edges too."""
    corners = itertools.product((0, 31, 100, 256, 400), (0, 17, 160, 300), (4, 12, 90, 416), (4, 40, 160))
    return [[x, y, min(x + w, 416), min(y + h, 320)] for x, y, w, h in corners if x + 4 <= 416 and y + 4 <= 320]


def targets_of(boxes: list[list[int]]) -> torch.Tensor:
    """Boxes as the losses take them: picture, class, cx, cy, w, h in shares."""
    left, top, right, bottom = torch.tensor(boxes, dtype=torch.float64).unbind(dim=1)
    nothing = torch.zeros_like(left)
    share = [(left + right) / 2 / 416, (top + bottom) / 2 / 320, (right - left) / 416, (bottom - top) / 320]
    return torch.stack([nothing, nothing, *share], dim=1)


def as_data(heads: tuple[Head, ...]) -> list[dict[str, Any]]:
    return [{"stride": head.stride, "anchors": [list(sides) for sides in head.anchors]} for head in heads]


@pytest.mark.parametrize("stride", [8, 16, 32, 64])
def test_the_responsible_cell_is_the_losses_own(stride: int) -> None:
    boxes, rows, columns = boxes_over_the_input(), 320 // stride, 416 // stride
    here = torch.ones(len(boxes), dtype=torch.bool)
    matches = cells_of(targets_of(boxes), here, torch.zeros(len(boxes), dtype=torch.int64), (rows, columns))
    found = computed(
        "grid",
        "argument.boxes.map((box) => { const { row, column } ="
        " responsibleCell(box, { width: 416, height: 320 }, argument.grid); return [row, column]; })",
        {"boxes": boxes, "grid": {"rows": rows, "columns": columns}},
    )
    assert found == torch.stack([matches.row, matches.column], dim=1).tolist()
    assert len({tuple(cell) for cell in found}) > 5


def test_the_lectures_dog_is_in_row_and_column_with_index_six() -> None:
    cell = computed(
        "grid",
        "responsibleCell(argument, { width: 416, height: 416 }, { rows: 13, columns: 13 })",
        [120, 130, 280, 300],
    )
    assert cell == {"row": 6, "column": 6}


def test_yolov3s_anchor_is_the_losses_own() -> None:
    boxes = boxes_over_the_input()
    head, anchor = best_anchors(targets_of(boxes), LECTURE_HEADS, NETWORK)
    found = computed(
        "anchors",
        "argument.boxes.map((b) => { const { head, anchor } ="
        " bestAnchor([b[2] - b[0], b[3] - b[1]], argument.heads); return [head, anchor]; })",
        {"boxes": boxes, "heads": as_data(LECTURE_HEADS)},
    )
    assert found == torch.stack([head, anchor], dim=1).tolist()


def test_yolov5s_answers_are_the_losses_own() -> None:
    boxes = boxes_over_the_input()
    targets = targets_of(boxes)
    expected: list[set[tuple[int, ...]]] = [set() for _ in boxes]
    for number, head in enumerate(LECTURE_HEADS):
        matches = assign(targets, head, (320 // head.stride, 416 // head.stride))
        for row in torch.stack([matches.target, matches.anchor, matches.row, matches.column], dim=1).tolist():
            expected[row[0]].add((number, *row[1:]))
    found = computed(
        "anchors",
        "argument.boxes.map((box) => answering(box, { width: 416, height: 320 }, argument.heads, 'v5')"
        ".map(({ head, anchor, row, column }) => [head, anchor, row, column]))",
        {"boxes": boxes, "heads": as_data(LECTURE_HEADS)},
    )
    assert [{tuple(one) for one in rows} for rows in found] == expected
    assert sum(map(len, expected)) > 500


def test_boxes_are_decoded_as_the_heads_decode_them() -> None:
    numbers = [list(t) for t in itertools.product((-8, -0.3, 0, 2.5, 8), repeat=4)]
    head = Head("yolo", ((10.0, 13.0), (156.0, 198.0)), 16, 1)
    for anchor, rule in itertools.product((0, 1), ("v3", "v5")):
        raw = torch.zeros((len(numbers), 2, 4, 5, 6), dtype=torch.float64)
        raw[:, anchor, 3, 2, :4] = torch.tensor(numbers, dtype=torch.float64)
        decoded = (yolo if rule == "v3" else yolov5).decode(raw, head)[:, anchor, 3, 2, :4]
        found = computed(
            "decoding",
            "argument.numbers.map((t) => RULES[argument.rule](t, [2, 3], argument.anchor, 16))",
            {"numbers": numbers, "rule": rule, "anchor": list(head.anchors[anchor])},
        )
        np.testing.assert_allclose(found, decoded.numpy(), rtol=1e-12)


def test_zero_is_the_anchor_in_the_middle_of_the_cell_by_both_rules() -> None:
    found = computed("decoding", "['v3', 'v5'].map((rule) => RULES[rule]([0, 0, 0, 0], [6, 6], [116, 90], 32))", None)
    assert found == [[208, 208, 116, 90]] * 2


def test_overlaps_are_those_of_geometry() -> None:
    boxes = [*boxes_over_the_input()[::5], [0, 0, 4, 4], [400, 300, 416, 320]]
    exact = torch.tensor(boxes, dtype=torch.float64)
    found = computed("overlap", "argument.map((a) => argument.map((b) => overlapOf(a, b).iou))", boxes)
    np.testing.assert_allclose(found, intersection_over_union(exact, exact).numpy(), rtol=0, atol=0)


@pytest.mark.parametrize(("shift", "expected"), [(5, 1 / 3), (0, 1.0), (10, 0.0)])
def test_a_box_moved_by_half_its_side_overlaps_by_a_third(shift: int, expected: float) -> None:
    found = computed("overlap", "overlapOf([0, 0, 10, 10], [argument, 0, argument + 10, 10]).iou", shift)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("side", [320, 416, 608, 640, 1280])
def test_the_boxes_of_a_size_are_counted_as_the_heads_count_them(side: int) -> None:
    heads = [{"stride": head.stride, "anchors": len(head.anchors)} for head in LECTURE_HEADS]
    found = computed("scales", "candidateCount(argument.heads, argument.side)", {"heads": heads, "side": side})
    assert found == candidate_count(LECTURE_HEADS, ImageSize(side, side))


def test_gradients_are_those_of_autograd() -> None:
    cases = [list(case) for case in itertools.product((3.0, 20.0, 700.0), (10.0, 59.0, 373.0), (8.0, 47.2, 298.4))]
    found = computed("offsets", "argument.map((one) => gradients(...one))", cases)
    for (width, truth, anchor), gradient in zip(cases, found, strict=True):
        w = torch.tensor(width, dtype=torch.float64, requires_grad=True)
        (w - truth).square().backward()
        t = torch.tensor(math.log(width / anchor), dtype=torch.float64, requires_grad=True)
        (t - math.log(truth / anchor)).square().backward()
        assert w.grad is not None
        assert t.grad is not None
        assert gradient == {"width": pytest.approx(float(w.grad)), "offset": pytest.approx(float(t.grad), abs=1e-12)}


def test_one_step_takes_the_small_box_below_zero_in_pixels_and_never_as_an_offset() -> None:
    objects = [{"truth": truth, "anchor": 0.8 * truth} for truth in (10, 59, 373)]
    after = computed("offsets", "afterOneStep(argument, 1.5, 0.1)", objects)
    assert after[0]["width"] == pytest.approx(15 - 0.1 * (10 + 59 + 373))
    assert after[0]["width"] < 0 < after[2]["width"]
    assert [one["offset"] for one in after] == pytest.approx([truth * 1.5**0.4 for truth in (10, 59, 373)])


def crowd(seed: int) -> list[dict[str, Any]]:
    """Sixty candidates around four objects, of three classes, a third of the numbers rounded so that they tie."""
    random = np.random.default_rng(seed)
    centre = random.uniform(60, 300, (4, 2))[random.integers(0, 4, 60)] + random.normal(0, 9, (60, 2))
    half = random.uniform(20, 70, (60, 2))
    boxes = np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)
    boxes[::3] = np.round(boxes[::3] / 8) * 8
    objectness, probability = random.uniform(0, 1, (2, 60)).astype(np.float32)
    objectness[::3] = np.round(objectness[::3] * 8) / 8
    return [
        {
            "index": index,
            "box": boxes[index].tolist(),
            "objectness": float(objectness[index]),
            "score": float(np.float32(objectness[index] * probability[index])),
            "class_id": int(random.integers(0, 3)),
        }
        for index in range(60)
    ]


def survivors(rows: list[dict[str, Any]], settings: dict[str, Any]) -> list[int]:
    """Who is chosen, in order, by the package's own suppression."""
    by, limit = settings["order"], np.float32(settings["threshold"])
    passing = [row for row in rows if row["objectness"] > limit and row[by] > limit]
    groups = {row["class_id"] if settings["perClass"] else 0 for row in passing}
    kept: list[dict[str, Any]] = []
    for group in groups:
        members = [row for row in passing if not settings["perClass"] or row["class_id"] == group]
        boxes = torch.tensor([row["box"] for row in members])
        scores = torch.tensor([row[by] for row in members])
        suppressor, _overlap = suppress(boxes, scores, settings["nms"])
        kept += [row for row, one in zip(members, suppressor.tolist(), strict=True) if one < 0]
    return [row["index"] for row in sorted(kept, key=lambda row: (-row[by], row["index"]))]


def test_suppression_chooses_whom_geometry_chooses() -> None:
    grid = itertools.product((0, 1, 2), ("objectness", "score"), (0.05, 0.25, 0.5), (0.05, 0.45, 0.9), (False, True))
    cases = [
        (crowd(seed), {"order": order, "threshold": score, "nms": nms, "perClass": per_class, "gate": True})
        for seed, order, score, nms, per_class in grid
    ]
    found = computed("suppression", "argument.map((case_) => walk(...case_).map(({ chosen }) => chosen.index))", cases)
    for (rows, settings), chosen in zip(cases, found, strict=True):
        assert chosen == survivors(rows, settings), settings
    assert sum(map(len, found)) > 500


def test_an_overlap_of_exactly_the_threshold_stays() -> None:
    rows = [
        {"index": 0, "box": [0, 0, 10, 10], "objectness": 0.9, "score": 0.9, "class_id": 0},
        {"index": 1, "box": [0, 0, 10, 5], "objectness": 0.8, "score": 0.8, "class_id": 0},
    ]
    settings = {"order": "objectness", "threshold": 0.5, "nms": 0.5, "perClass": False, "gate": True}
    walked = computed("suppression", "walk(argument[0], argument[1]).length", [rows, settings])
    assert walked == 2
    stricter = [rows, {**settings, "nms": 0.49}]
    assert computed("suppression", "walk(argument[0], argument[1]).length", stricter) == 1


def test_the_letterbox_is_the_package_s_own() -> None:
    from yolodash.geometry.letterbox import place_yolov5

    for width, height, side in ((600, 400, 416), (400, 600, 320), (64, 64, 640)):
        transform = place_yolov5(ImageSize(height, width), ImageSize(side, side), "letterbox").transform
        found = computed("stride", "letterbox(argument[0], argument[1])", [{"width": width, "height": height}, side])
        assert found["x"] == pytest.approx(transform.offset_x)
        assert found["y"] == pytest.approx(transform.offset_y)
        assert found["width"] == pytest.approx(width * transform.scale_x)
