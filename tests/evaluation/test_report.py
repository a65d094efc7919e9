"""Precision, recall and AP: published cases, worked numbers and laws."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yolodash.evaluation import curves
from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.overlap import paired_overlap
from yolodash.evaluation.report import evaluate, report
from yolodash.evaluation.tables import Found, Labels, Truths
from yolodash.structures import Annotations, Detections, ImageSize

CONVENTIONS: tuple[ConventionName, ...] = ("coco", "voc", "voc07", "yolov5")


def tables(
    truth_rows: list[list[float]], found_rows: list[list[float]], pictures: int = 1
) -> tuple[Truths, Found, Labels]:
    """Rows of picture, x, y, width, height; detections have their score behind; one class."""
    truth = np.array(truth_rows, float).reshape(-1, 5)
    found = np.array(found_rows, float).reshape(-1, 6)
    none = np.zeros(len(truth), bool)
    return (
        Truths(truth[:, 0].astype(int), none.astype(int), truth[:, 1:], truth[:, 3] * truth[:, 4], none, none.copy()),
        Found(found[:, 0].astype(int), np.zeros(len(found), int), found[:, 1:5], found[:, 5]),
        Labels((0,), ("thing",), tuple(str(i) for i in range(pictures))),
    )


def padilla(folder: Path) -> tuple[Truths, Found, Labels]:
    names = sorted(path.stem for path in (folder / "groundtruths").glob("*.txt"))
    truth_rows, found_rows = [], []
    for picture, name in enumerate(names):
        for line in (folder / "groundtruths" / f"{name}.txt").read_text().splitlines():
            truth_rows.append([picture, *map(float, line.split()[1:])])
        for line in (folder / "detections" / f"{name}.txt").read_text().splitlines():
            score, *box = map(float, line.split()[1:])
            found_rows.append([picture, *box, score])
    return tables(truth_rows, found_rows, len(names))


@pytest.mark.parametrize("threshold", ["0.1", "0.3", "0.5", "0.75"])
def test_voc_numbers_equal_the_published_ones(asset: Callable[[str], Path], threshold: str) -> None:
    folder = asset("metrics/padilla_first_example")
    expected = json.loads((folder / "expected.json").read_text())["values"][threshold]
    truths, found, labels = padilla(folder)

    all_points = report(truths, found, labels, "voc", float(threshold))
    eleven = report(truths, found, labels, "voc07", float(threshold))

    assert all_points.map == pytest.approx(expected["AP_all_point"], abs=1e-9)
    assert eleven.map == pytest.approx(expected["AP_11_point"], abs=1e-9)


def test_yolov5s_last_line_lends_area_that_nothing_earned() -> None:
    truths = [[i, 0, 0, 10, 10] for i in range(100)]
    found = [[i, 0, 0, 10, 10, 1 - i / 1000] for i in range(50)]
    made = tables(truths, found, 100)

    assert report(*made, "yolov5").map50 == pytest.approx(0.75, abs=1e-3)
    assert report(*made, "coco").map50 == pytest.approx(51 / 101, abs=1e-12)


def test_a_second_detection_of_the_same_truth_is_a_false_positive() -> None:
    made = tables([[0, 0, 0, 10, 10]], [[0, 0, 0, 10, 10, 0.9], [0, 0, 0, 10, 10, 0.8]])

    point = report(*made, "coco", score_threshold=0.5).working_point

    assert (point.precision, point.recall) == (0.5, 1.0)


def test_a_detection_may_take_its_second_best_truth_only_where_the_convention_says_so() -> None:
    truths = [[0, 0, 0, 10, 10], [0, 0, 2, 10, 10]]
    found = [[0, 0, 0, 10, 10, 0.9], [0, 0, 0.5, 10, 10, 0.8]]
    made = tables(truths, found)

    assert report(*made, "coco").map50 == pytest.approx(1.0)
    assert report(*made, "voc").map50 == pytest.approx(0.5)


def test_the_best_f1_is_read_where_it_is_highest() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6])
    true = np.array([True, True, False, False])

    assert curves.best_f1(scores, true, ~true, 2) == 0.8


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_nothing_found_is_a_result(convention: ConventionName) -> None:
    result = report(*tables([[0, 0, 0, 10, 10]], []), convention)

    assert result.map == 0.0
    assert (result.working_point.precision, result.working_point.recall) == (0.0, 0.0)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_without_truth_ap_is_undefined(convention: ConventionName) -> None:
    result = report(*tables([], [[0, 0, 0, 10, 10, 0.9]]), convention)

    assert result.map == -1.0
    assert result.classes[0].map == -1.0


def random_tables(seed: int, pictures: int = 6) -> tuple[list[list[float]], list[list[float]]]:
    random = np.random.default_rng(seed)
    truths = [
        [int(random.integers(pictures)), *random.uniform([0, 0, 5, 5], [80, 80, 40, 40])]
        for _ in range(int(random.integers(1, 20)))
    ]
    found = [
        [truths[int(random.integers(len(truths)))][0], *random.uniform([0, 0, 5, 5], [80, 80, 40, 40]), random.random()]
        for _ in range(int(random.integers(0, 15)))
    ] + [[t[0], *(np.array(t[1:]) + random.normal(0, 2, 4)), random.random()] for t in truths if random.random() < 0.7]
    return sorted(truths, key=lambda row: row[0]), sorted(found, key=lambda row: row[0])


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from(CONVENTIONS))
def test_ap_lies_between_0_and_1_and_a_false_positive_at_the_end_never_raises_it(
    seed: int, convention: ConventionName
) -> None:
    truths, found = random_tables(seed)
    before = report(*tables(truths, found, 6), convention).map
    extra = sorted([*found, [0, 500, 500, 5, 5, -1.0]], key=lambda row: row[0])

    assert 0.0 <= before <= 1.0
    assert report(*tables(truths, extra, 6), convention).map <= before + 1e-12


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.sampled_from(CONVENTIONS), st.randoms(use_true_random=False))
def test_the_order_of_the_pictures_changes_nothing(seed: int, convention: ConventionName, random: object) -> None:
    truths, found = random_tables(seed)
    places = list(range(6))
    random.shuffle(places)  # type: ignore[attr-defined]

    def moved(rows: list[list[float]]) -> list[list[float]]:
        return sorted(([places[int(row[0])], *row[1:]] for row in rows), key=lambda row: row[0])

    before = report(*tables(truths, found, 6), convention)
    after = report(*tables(moved(truths), moved(found), 6), convention)

    assert after.map == pytest.approx(before.map, abs=1e-12)
    assert after.working_point.f1 == pytest.approx(before.working_point.f1, abs=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_the_overlap_equals_that_of_geometry(seed: int) -> None:
    import torch

    from yolodash.geometry.boxes import xywh_to_xyxy
    from yolodash.geometry.overlap import paired_intersection_over_union

    random = np.random.default_rng(seed)
    one, other = random.uniform(0, 50, (20, 4)), random.uniform(0, 50, (20, 4))

    ours = paired_overlap(one, other, np.zeros(20, bool))
    theirs = paired_intersection_over_union(xywh_to_xyxy(torch.tensor(one)), xywh_to_xyxy(torch.tensor(other)))

    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-12)


def test_evaluate_takes_detections_and_annotations_by_picture() -> None:
    box = np.array([[10.0, 20.0, 30.0, 60.0]])
    truth = Annotations(
        boxes=box,
        xywh=np.array([[10.0, 20.0, 20.0, 40.0]]),
        class_ids=np.array([7]),
        areas=np.array([800.0]),
        crowd=np.array([False]),
        difficult=np.array([False]),
        image_size=ImageSize(100, 100),
    )
    found = Detections(box.astype(np.float32), np.array([0.8], np.float32), np.array([7]), np.array([0]))

    result = evaluate({"a": found}, {"a": truth, "b": truth}, names={7: "cup"})

    assert result.classes[0].name == "cup"
    assert result.classes[0].truths == 2
    assert result.map50 == pytest.approx(51 / 101)
