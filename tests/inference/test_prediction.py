"""The network runs once, and everything that it said is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tiny_detector import HEADS, TinyDetector, random_candidates, random_picture
from torch import Tensor

import yolodash
from yolodash.inference.prediction import candidates_from_maps, compact, predict, predict_timed
from yolodash.inference.preparation import prepare
from yolodash.inference.selection import select
from yolodash.models.heads.grid import candidate_count
from yolodash.structures import ImageSize

KINDS = sorted(HEADS)
REFERENCE: dict[str, Any] = {"device": "cpu", "precision": "float32", "engine": "torch"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_box_of_the_network_is_kept_with_its_place(kind: str) -> None:
    model = TinyDetector(kind)
    made = predict(model, random_picture(), **REFERENCE)
    count = candidate_count(model.heads, made.network_size)
    classes = len(model.names)
    assert made.boxes.shape == (count, 4)
    assert made.raw.shape == (count, 5 + classes)
    assert made.class_probabilities.shape == (count, classes)
    assert made.boxes.dtype == made.raw.dtype == made.objectness.dtype == made.class_probabilities.dtype == np.float32
    for number, head in enumerate(model.heads):
        here = made.scale == number
        assert made.row[here].max() == made.network_size.height // head.stride - 1
        assert made.column[here].max() == made.network_size.width // head.stride - 1
        assert made.anchor[here].max() == len(head.anchors) - 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_candidate_s_raw_numbers_are_those_of_its_cell_and_anchor(kind: str) -> None:
    model = TinyDetector(kind)
    made = predict(model, random_picture(128, 128), **REFERENCE)
    maps = model(torch.from_numpy(random_picture(128, 128)).permute(2, 0, 1)[None] / 255)
    if kind.startswith("v1"):
        return  # its flat output is arranged by the head, which has tests of its own
    for index in range(0, len(made.raw), 17):
        place = (0, made.anchor[index], made.row[index], made.column[index])
        assert maps[made.scale[index]][place].tolist() == pytest.approx(made.raw[index].tolist(), abs=1e-4)


def test_the_network_runs_once_a_picture_and_never_for_a_threshold() -> None:
    class Counting(TinyDetector):
        runs = 0

        def forward(self, batch: Tensor) -> tuple[Tensor, ...]:
            Counting.runs += 1
            return super().forward(batch)

    made = predict(Counting("v5"), random_picture(), **REFERENCE)
    for threshold in (0.1, 0.2, 0.3):
        select(made, score_threshold=threshold, nms_iou_threshold=0.45)
    assert Counting.runs == 1


def test_boxes_are_in_pixels_of_the_picture_whatever_the_network_s_size() -> None:
    model, picture = TinyDetector("v5"), np.full((64, 128, 3), 90, dtype=np.uint8)
    small = predict(model, picture, size=128, **REFERENCE)
    large = predict(model, np.full((128, 256, 3), 90, dtype=np.uint8), size=128, **REFERENCE)
    assert np.allclose(small.boxes * 2, large.boxes, atol=1e-3)


def test_a_rectangular_size_is_taken_as_height_and_width() -> None:
    made = predict(TinyDetector("v3"), random_picture(), size=ImageSize(64, 128), **REFERENCE)
    assert made.network_size == ImageSize(64, 128)


def test_the_time_is_told() -> None:
    _, spent = predict_timed(TinyDetector("v5"), random_picture(), **REFERENCE)
    assert spent.prepare > 0
    assert spent.forward > 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_for_galleries_gives_the_same_detections(kind: str) -> None:
    full = random_candidates(kind, spread=3)
    small = compact(full, 0.2)
    assert len(small.boxes) < len(full.boxes)
    for threshold in (0.2, 0.5):
        one = select(full, score_threshold=threshold, nms_iou_threshold=0.45)
        other = select(small, score_threshold=threshold, nms_iou_threshold=0.45)
        assert np.array_equal(one.boxes, other.boxes)
        assert np.array_equal(one.scores, other.scores)
        assert np.array_equal(one.class_ids, other.class_ids)


@pytest.mark.parametrize("kind", KINDS)
def test_a_floor_leaves_the_same_rows_as_taking_them_from_all(kind: str) -> None:
    model = TinyDetector(kind)
    prepared = prepare(model, random_picture())
    maps = model(prepared.batch)
    full = candidates_from_maps(model, maps, prepared)
    floor = float(np.quantile(full.objectness, 0.7))
    some = candidates_from_maps(model, maps, prepared, floor)
    rows = np.arange(len(full.boxes)) if kind.startswith("v1") else np.flatnonzero(full.objectness > floor)
    assert len(rows) > 0
    for name in ("boxes", "objectness", "class_probabilities", "raw"):
        assert np.allclose(getattr(some, name), getattr(full, name)[rows], rtol=1e-6, atol=1e-6)
    for name in ("scale", "row", "column", "anchor"):
        assert np.array_equal(getattr(some, name), getattr(full, name)[rows])


def test_the_public_names_are_these_functions() -> None:
    assert yolodash.predict is predict
    assert yolodash.select is select
