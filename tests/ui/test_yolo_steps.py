"""What Python works out for the steps of the page YOLO: the lecture's own numbers, and odd inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_detector import random_candidates

from yolodash.models.heads.grid import candidate_count
from yolodash.structures import Candidates, ImageSize, Transform
from yolodash.ui.learn import stage, subject
from yolodash.ui.learn.subject import LECTURE_HEADS, Scene
from yolodash.ui.learn.yolo import decoding, offsets, overlap, scales, suppression, vector
from yolodash.ui.pictures import Photo

KINDS = ("v1", "v2", "9000", "v3", "v4", "v4-csp", "v5")


def scene_of(candidates: Candidates) -> Scene:
    heads = tuple(sorted(candidates.heads, key=lambda head: head.stride))
    photo = Photo("sample", "coffee", "Coffee cup")
    return Scene(
        photo, candidates.image_size, candidates.network_size, candidates.transform, heads, candidates, "identity"
    )


def test_the_lectures_heads_make_its_10647_boxes() -> None:
    assert candidate_count(LECTURE_HEADS, ImageSize(416, 416)) == 10_647
    assert candidate_count(LECTURE_HEADS, ImageSize(640, 640)) == 25_200


@pytest.mark.parametrize("kind", KINDS)
def test_the_vector_of_a_cell_names_every_number_that_the_network_gave(kind: str) -> None:
    candidates = random_candidates(kind)
    scene, index = scene_of(candidates), 17
    head = candidates.heads[int(candidates.scale[index])]
    now = {"stride": str(head.stride), "cell": f"{candidates.row[index]},{candidates.column[index]}"}
    told = vector.vector(scene, now)
    place = int(candidates.anchor[index])
    shown = [row[place]["raw"] for row in told["values"]]
    assert shown == pytest.approx(candidates.raw[index].tolist())
    assert len(told["boxes"]) == len(head.anchors)
    assert len(told["entries"]) == 5 + head.classes
    assert [entry["symbol"] for entry in told["entries"][:6]] == ["t_x", "t_y", "t_w", "t_h", "p_o", "p_{1}"]


def test_a_cells_vector_is_as_long_as_the_lecture_says() -> None:
    assert vector.formula(LECTURE_HEADS[0]) == "3 · (5 + 80) = 255"
    assert vector.formula(replace(LECTURE_HEADS[0], classes=20)) == "3 · (5 + 20) = 75"


def test_yolov1s_boxes_share_the_classes_of_their_cell() -> None:
    head = replace(random_candidates("v1").heads[0], anchors=((0.0, 0.0),) * 2, classes=20)
    assert vector.formula(head) == "2 · 5 + 20 = 30"


def test_a_cell_beyond_a_coarser_grid_becomes_the_nearest() -> None:
    candidates = random_candidates("v5")
    assert vector.place_of(candidates, {"stride": "32", "cell": "15,15"}) == (32, 3, 3)
    assert len(vector.rows_of(candidates, {"stride": "32", "cell": "15,15"})) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_decoding_begins_with_the_models_own_numbers_where_they_are_logits(kind: str) -> None:
    head, cell, own, anchor = decoding.start_of(scene_of(random_candidates(kind)))
    assert (own is None) == (kind in ("v1", "v4-csp"))
    assert all(width > 0 for width, _height in head.anchors)
    assert 0 <= anchor < len(head.anchors)
    assert min(cell) >= 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_box_lies_within_the_input(kind: str) -> None:
    scene = scene_of(random_candidates(kind, spread=4))
    text = stage.written(subject.main_box(scene))
    assert stage.box_within(scene.network)(text) == text
    truth = overlap.beside(subject.main_box(scene), scene)
    assert stage.box_within(scene.network)(stage.written(truth)) == stage.written(truth)
    assert truth != subject.main_box(scene)


def test_numbers_that_are_none_do_not_stop_a_step() -> None:
    candidates = random_candidates("v3")
    broken = replace(
        candidates,
        boxes=np.full_like(candidates.boxes, np.nan),
        objectness=np.full_like(candidates.objectness, np.nan),
        raw=np.full_like(candidates.raw, np.inf),
    )
    scene = scene_of(broken)
    assert stage.box_within(scene.network)(stage.written(subject.main_box(scene)))
    assert suppression.strongest(broken) == ([], suppression.LOWEST)
    vector.vector(scene, {"stride": "32", "cell": "1,1"})
    decoding.start_of(scene)
    scales.heads_of(scene, scene.heads)


def test_a_crowd_raises_the_lowest_threshold_instead_of_losing_its_best() -> None:
    candidates = random_candidates("v5", network=512)
    rows, floor = suppression.strongest(candidates)
    assert len(rows) <= suppression.MOST
    assert floor > suppression.LOWEST
    strength = np.maximum(
        candidates.objectness, (candidates.objectness[:, None] * candidates.class_probabilities).max(axis=1)
    )
    assert {row["index"] for row in rows} >= set(np.flatnonzero(strength > floor).tolist())


def test_three_objects_of_three_sizes_are_taken_from_the_anchors() -> None:
    found = offsets.objects_of(LECTURE_HEADS)
    assert [one["truth"] for one in found] == [10, 59, 373]
    assert all(0 < one["anchor"] < one["truth"] for one in found)


@pytest.mark.parametrize("text", ["nan", "inf", "", "x", "1,2", "-1e9", "0.5"])
def test_a_whole_number_from_an_address_is_one_within_its_bounds(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        stage.number(0, 100, whole=True)(text)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "5,5,5,9", "-1,0,5,5", "0,0,65,64", "a,b,c,d", "1.5,2,3,4"])
def test_a_box_from_an_address_is_four_whole_numbers_within_the_input(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        stage.box_within(ImageSize(64, 64))(text)


def test_a_picture_lies_in_a_square_as_the_letterbox_places_it() -> None:
    from yolodash.geometry.letterbox import place_yolov5

    expected = place_yolov5(ImageSize(400, 600), ImageSize(416, 416), "letterbox").transform
    scale = min(416 / 400, 416 / 600)
    assert expected == Transform(scale, scale, 0.0, (416 - 400 * scale) / 2)
