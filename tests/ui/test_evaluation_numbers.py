"""The numbers of the page Evaluate: counts, curves, areas, and the boxes behind each of them."""

from __future__ import annotations

import numpy as np
import pytest

from yolodash.evaluation.conventions import CONVENTIONS, ConventionName
from yolodash.evaluation.mistakes import KINDS
from yolodash.evaluation.report import scored
from yolodash.evaluation.tables import Found, Labels, Truths
from yolodash.ui.evaluation import boxes, charts, curve, requests, source
from yolodash.ui.evaluation.measured import Measured, measure
from yolodash.ui.evaluation.requests import Request

NAMES = tuple(CONVENTIONS)


def sample(convention: ConventionName = "coco") -> Measured:
    one = source.from_files(source.SAMPLE / "truth.json", source.SAMPLE / "detections.json", "a", {})
    return measure(one.truths, one.found, one.labels, convention)


def hand_made() -> Measured:
    """One class, one picture: a match, its duplicate, a box off its truth, and a truth that nobody sees."""
    nothing = np.zeros(3, bool)
    truths = Truths(
        image=np.zeros(3, np.int64),
        label=np.zeros(3, np.int64),
        xywh=np.array([[0, 0, 10, 10], [20, 0, 10, 10], [40, 0, 10, 10]], float),
        area=np.full(3, 100.0),
        crowd=nothing,
        difficult=nothing,
    )
    found = Found(
        image=np.zeros(3, np.int64),
        label=np.zeros(3, np.int64),
        xywh=np.array([[0, 0, 10, 10], [0, 0, 10, 9], [20, 0, 10, 4]], float),
        score=np.array([0.9, 0.8, 0.7]),
    )
    return measure(truths, found, Labels((0,), ("block",), ("one.jpg",)), "coco")


def area(outline: list[list[float]]) -> float:
    points = np.array(outline).reshape(-1, 2)
    return float(np.trapezoid(points[:, 1], points[:, 0]))


@pytest.mark.parametrize("convention", NAMES)
@pytest.mark.parametrize("label", [None, 0, 1])
@pytest.mark.parametrize("match_iou", [0.5, 0.75])
def test_the_shaded_area_is_the_average_precision(
    convention: ConventionName, label: int | None, match_iou: float
) -> None:
    measured = sample(convention)

    outline, samples = curve.shaded(measured, match_iou, label)

    assert area(outline) == pytest.approx(measured.average_precision(match_iou, label), abs=2e-5)
    assert {"coco": 101, "voc07": 11, "yolov5": 101}.get(convention, len(samples)) == len(samples)


@pytest.mark.parametrize("convention", NAMES)
def test_the_common_area_is_the_map_of_the_report(convention: ConventionName) -> None:
    measured = sample(convention)
    assert area(curve.shaded(measured, 0.5, None)[0]) == pytest.approx(scored(measured.scoring).map50, abs=2e-5)


def test_the_counts_of_a_hand_made_picture_fill_the_formulas() -> None:
    counts = hand_made().ranking(0.5, 0).counts(0.7)

    assert (counts.true, counts.false, counts.missed) == (1, 2, 2)
    assert (counts.precision, counts.recall, counts.f1) == (1 / 3, 1 / 3, 1 / 3)
    assert hand_made().ranking(0.4, 0).counts(0.7).true == 2


def test_the_kinds_of_the_hand_made_boxes_are_told_apart() -> None:
    opened = boxes.at_threshold(hand_made(), 0.5, 0.0, 0)

    assert [(box.kind, box.found, box.truth) for box in opened] == [
        ("TP", 0, 0),
        ("FP", 1, 0),
        ("FP", 2, 1),
        ("FN", -1, 1),
        ("FN", -1, 2),
    ]
    assert [round(box.overlap, 2) for box in opened] == [1.0, 0.9, 0.4, 0.0, 0.0]


@pytest.mark.parametrize("label", [None, 2])
@pytest.mark.parametrize("match_iou", [0.5, 0.8])
def test_every_step_of_the_slider_counts_what_it_opens(label: int | None, match_iou: float) -> None:
    measured = sample()
    entry = curve.at_iou(measured, match_iou, label)
    for place in (0, 50, 121, 200):
        opened = boxes.at_threshold(measured, match_iou, float(curve.SCORES[place]), label)
        kinds = [box.kind for box in opened]
        assert kinds.count("TP") == entry["true"][place]
        assert kinds.count("FP") == entry["false"][place]
        assert kinds.count("FN") == entry["truths"] - entry["true"][place]


def test_every_point_of_the_curve_counts_what_it_opens() -> None:
    measured = sample()
    for _recall, _precision, score, true, false in curve.points(measured.ranking(0.5, 1))[::9]:
        opened = boxes.at_threshold(measured, 0.5, score, 1)
        assert len(opened) == true + false + (measured.truths(1) - true)


def figures(measured: Measured, label: int | None) -> dict[str, object]:
    return {
        "scores": charts.against_score(measured, 0.6, 0.3, label),
        "confusion": charts.confusion_matrix(measured, 0.6, 0.3),
        "classes": charts.class_bars(measured, 0.6, 0.3),
        "iou": charts.against_iou(measured, 0.6, 0.3, label),
        "calibration": charts.calibration(measured, 0.6, label),
        "sizes": charts.size_bars(measured, 0.6),
        "mistakes": charts.what_went_wrong(measured),
    }


@pytest.mark.parametrize("label", [None, 0])
@pytest.mark.parametrize("chart", ["scores", "confusion", "classes", "iou", "calibration", "sizes", "mistakes"])
def test_the_number_in_the_hover_is_the_number_of_boxes_that_open(chart: str, label: int | None) -> None:
    measured = sample()
    custom = [tuple(row) for trace in figures(measured, label)[chart].data for row in trace.customdata or ()]

    assert custom
    for values in custom[:: max(1, len(custom) // 12)]:
        opening = requests.opened(measured, Request("", 1, values), label)
        assert len(opening.boxes) == values[-1], values


def test_of_many_classes_those_with_few_truths_share_a_row_and_nothing_is_lost() -> None:
    random = np.random.default_rng(1)
    classes, count = 40, 300
    label = random.integers(0, classes, count)
    xywh = np.concatenate([random.uniform(0, 90, (count, 2)), random.uniform(5, 30, (count, 2))], axis=1)
    nothing = np.zeros(count, bool)
    truths = Truths(np.arange(count) // 10, label, xywh, xywh[:, 2] * xywh[:, 3], nothing, nothing)
    guessed = np.where(random.random(count) < 0.3, random.integers(0, classes, count), label)
    found = Found(truths.image, guessed, xywh + random.normal(0, 1, xywh.shape), random.random(count))
    labels = Labels(tuple(range(classes)), tuple(map(str, range(classes))), tuple(map(str, range(30))))
    measured = measure(truths, found, labels, "coco")

    parts = charts.cells(measured)
    drawn = charts.confusion_matrix(measured, 0.5, 0.2).data[1].customdata

    assert len(parts) == charts.MOST_CELLS + 1
    assert sorted(place for _name, places in parts for place in places) == list(range(classes + 1))
    assert sum(row[-1] for row in drawn) == measured.confusion(0.5, 0.2).counts.sum()


def test_mistakes_open_as_many_boxes_as_their_bar_says() -> None:
    measured = sample()
    for number, mended in enumerate(measured.mistakes.mended):
        assert len(boxes.of_mistake(measured, number)) == mended.count
        assert mended.kind == KINDS[number]


@pytest.mark.parametrize("empty", ["truths", "detections"])
@pytest.mark.parametrize("convention", NAMES)
def test_every_picture_is_drawn_of_nothing(empty: str, convention: ConventionName) -> None:
    full = hand_made().scoring
    truths, found = full.truths, full.found
    if empty == "truths":
        truths = Truths(**{name: value[:0] for name, value in vars(truths).items()})
    else:
        found = Found(**{name: value[:0] for name, value in vars(found).items()})
    measured = measure(truths, found, full.labels, convention)

    assert figures(measured, None).keys() == figures(measured, 0).keys()
    entry = curve.at_iou(measured, 0.5, 0)
    assert entry["truths"] == len(truths.label)
    assert len(boxes.at_threshold(measured, 0.5, 0.0, None)) == 3
