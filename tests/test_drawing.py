"""Boxes on pixels."""

from __future__ import annotations

import numpy as np
import pytest

from yolodash.drawing import DASHES, PALETTE, colour_of, dashes_of, draw_boxes, draw_detections, line_width
from yolodash.structures import Detections

GREY = np.full((120, 200, 3), 128, dtype=np.uint8)


def changed(drawn: np.ndarray) -> np.ndarray:
    """Rows and columns of the pixels that are not the ground's."""
    return np.argwhere((drawn != GREY).any(axis=2))


def test_a_box_is_drawn_on_a_copy_and_its_middle_stays() -> None:
    before = GREY.copy()
    drawn = draw_boxes(GREY, [((50, 40, 150, 100), 0, "cup 0.90")])
    assert np.array_equal(GREY, before)
    assert drawn.shape == GREY.shape
    assert drawn.dtype == np.uint8
    assert (drawn[70, 50] == PALETTE[0]).all()
    assert (drawn[100, 100] == PALETTE[0]).all()
    assert (drawn[70, 100] == 128).all()


def test_the_label_stands_over_the_box_where_there_is_room() -> None:
    rows = changed(draw_boxes(GREY, [((50, 40, 150, 100), 0, "cup")]))[:, 0]
    assert 20 < rows.min() < 39


@pytest.mark.parametrize("box", [(0, 0, 60, 30), (150, 0, 200, 20), (190, 110, 200, 120), (0, 100, 5, 120)])
def test_at_the_edges_the_label_is_still_whole(box: tuple[float, ...]) -> None:
    assert label_size(box) == pytest.approx(label_size((50, 40, 150, 100)), abs=3)


def label_size(box: tuple[float, ...]) -> tuple[int, int]:
    """Height and width of what a label's letters add to a picture."""
    with_label, without = (draw_boxes(GREY, [(box, 2, text)]) for text in ("motorcycle", ""))
    at = np.argwhere((with_label != without).any(axis=2))
    height, width = np.ptp(at, axis=0).tolist()
    return height, width


@pytest.mark.parametrize(
    "box",
    [
        (-50, -50, -10, -10),
        (10, 10, 10, 20),
        (30, 30, 20, 20),
        (float("nan"), 0, 10, 10),
        (0, 0, float("inf"), 10),
        (500, 500, 600, 600),
    ],
)
def test_a_box_of_which_nothing_can_be_seen_is_left_out(box: tuple[float, ...]) -> None:
    assert np.array_equal(draw_boxes(GREY, [(box, 0, "cup")]), GREY)


@pytest.mark.parametrize("text", ["", "Äpfel", "杯子", "a\nb", "x" * 500, "\x00"])
def test_labels_in_any_writing_do_not_fail(text: str) -> None:
    assert len(changed(draw_boxes(GREY, [((50, 40, 150, 100), 0, text)])))


def test_classes_are_told_apart_by_colour_and_then_by_style() -> None:
    looks = [(colour_of(number), dashes_of(number)) for number in range(len(PALETTE) * len(DASHES))]
    assert len(set(looks)) == len(looks)


def test_a_broken_outline_shows_its_dark_edge_in_the_gaps() -> None:
    unbroken = draw_boxes(GREY, [((50, 40, 150, 100), 0, "")])[100, 55:145]
    broken = draw_boxes(GREY, [((50, 40, 150, 100), len(PALETTE), "")])[100, 55:145]
    assert (unbroken == PALETTE[0]).all()
    assert (broken == 0).all(axis=1).any()
    assert (broken == PALETTE[0]).all(axis=1).any()


def test_lines_are_wider_on_larger_pictures() -> None:
    assert line_width(1, 1) == 1
    assert line_width(3000, 4000) > line_width(400, 600)


def test_the_best_detection_lies_on_top() -> None:
    boxes = np.array([[50, 40, 150, 100]] * 2, dtype=np.float32)
    found = Detections(boxes, np.array([0.9, 0.5], np.float32), np.array([0, 1]), np.array([0, 1]))
    assert (draw_detections(GREY, found, ("a", "b"))[100, 100] == PALETTE[0]).all()


def test_a_picture_of_one_pixel_can_be_drawn_on() -> None:
    pixel = np.zeros((1, 1, 3), dtype=np.uint8)
    assert draw_boxes(pixel, [((0, 0, 1, 1), 0, "cup")]).shape == (1, 1, 3)
