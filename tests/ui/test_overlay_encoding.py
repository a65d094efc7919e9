"""What goes to the browser is the candidates, whole and exact, as plain values."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from overlay_candidates import KINDS, candidates_of, none_of, picture

from yolodash.structures import Candidates, Thresholds
from yolodash.ui.overlay.component import read_pick, read_thresholds
from yolodash.ui.overlay.encoding import FLOOR, encode, encode_pairs, encode_picture, encode_thresholds


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype="<f4")


def integers(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype="<i4")


def without(candidates: Candidates, start: int) -> Candidates:
    """A copy in which every number is new, and one objectness differs."""
    objectness = candidates.objectness.copy()
    objectness[start] += np.float32(0.25)
    return replace(candidates, objectness=objectness)


@pytest.mark.parametrize("kind", KINDS)
def test_the_values_survive_json_and_come_back_to_the_bit(kind: str) -> None:
    candidates = candidates_of(kind)
    encoded: dict[str, Any] = json.loads(json.dumps(encode(picture(), candidates)))["candidates"]
    assert encoded["count"] == len(candidates.boxes)
    assert floats(encoded["boxes"]).tobytes() == candidates.boxes.tobytes()
    assert floats(encoded["objectness"]).tobytes() == candidates.objectness.tobytes()
    best = integers(encoded["best"]["class_id"])
    chosen = candidates.class_probabilities[np.arange(len(best)), best]
    assert floats(encoded["best"]["probability"]).tobytes() == chosen.tobytes()
    assert not (candidates.class_probabilities > chosen[:, None]).any()


@pytest.mark.parametrize("kind", ["yolov5", "yolov3", "yolov1"])
def test_every_pair_above_the_floor_travels_and_no_other(kind: str) -> None:
    candidates = candidates_of(kind)
    pairs = encode_pairs(candidates)
    assert pairs is not None
    sent = set(zip(integers(pairs["candidate"]).tolist(), integers(pairs["class_id"]).tolist(), strict=True))
    expected = {
        (index, class_id)
        for index, probabilities in enumerate(candidates.class_probabilities)
        for class_id, probability in enumerate(probabilities)
        if candidates.objectness[index] * probability > np.float32(FLOOR)
        and (kind == "yolov1" or candidates.objectness[index] > np.float32(FLOOR))
    }
    assert sent == expected
    assert len(sent) == pairs["count"] > 100


@pytest.mark.parametrize("kind", KINDS)
def test_heads_place_a_candidate_by_its_index(kind: str) -> None:
    candidates = candidates_of(kind)
    places = [
        (scale, row, column, anchor)
        for scale, head in enumerate(encode(picture(), candidates)["heads"])
        for anchor in range(len(head["anchors"]))
        for row in range(head["rows"])
        for column in range(head["columns"])
    ]
    expected = np.stack([candidates.scale, candidates.row, candidates.column, candidates.anchor], axis=1)
    assert np.array_equal(places, expected)


def test_yolo9000_has_one_class_a_candidate_and_v1_no_objectness_gate() -> None:
    assert encode_pairs(candidates_of("yolo9000")) is None
    rules = {kind: encode(picture(), candidates_of(kind))["rule"] for kind in KINDS}
    assert rules["yolov5"] == rules["yolov3"] == {"objectness_gate": True, "multiplied": True}
    assert rules["yolov1"] == {"objectness_gate": False, "multiplied": True}
    assert rules["yolo9000"] == {"objectness_gate": True, "multiplied": False}


def test_only_v1_has_another_best_class_where_objectness_is_negative() -> None:
    assert encode(picture(), candidates_of("yolov1"))["candidates"]["highest"] is not None
    assert encode(picture(), candidates_of("yolov5"))["candidates"]["highest"] is None


def test_the_version_is_that_of_the_content() -> None:
    candidates = candidates_of("yolov5")
    version = encode(picture(), candidates)["version"]
    assert encode(picture(), candidates_of("yolov5"))["version"] == version
    assert encode(picture(), without(candidates, 3))["version"] != version
    assert encode(255 - picture(), candidates)["version"] != version


@pytest.mark.parametrize(
    ("height", "width", "shown"),
    [
        (960, 1280, (960, 1280)),
        (3000, 4000, (960, 1280)),
        (1, 10_000, (1, 1280)),
        (10_000, 1, (1280, 1)),
        (1, 1, (1, 1)),
    ],
)
def test_the_picture_is_scaled_down_but_never_up(height: int, width: int, shown: tuple[int, int]) -> None:
    encoded = encode_picture(picture(height, width))
    assert (encoded["height"], encoded["width"]) == (height, width)
    decoded = cv2.imdecode(np.frombuffer(base64.b64decode(encoded["jpeg"]), np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape[:2] == shown


def test_red_stays_red() -> None:
    red = np.zeros((32, 32, 3), np.uint8)
    red[..., 0] = 255
    decoded = cv2.imdecode(np.frombuffer(base64.b64decode(encode_picture(red)["jpeg"]), np.uint8), cv2.IMREAD_COLOR)
    assert cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB)[16, 16].tolist() == pytest.approx([254, 0, 0], abs=4)


def test_no_candidates_are_encoded_as_none() -> None:
    encoded = encode(picture(), none_of(candidates_of("yolov5")))
    assert encoded["candidates"]["count"] == encoded["pairs"]["count"] == 0
    assert [head["rows"] for head in encoded["heads"]] == [0, 0, 0]


def test_thresholds_come_back_from_the_browser_as_they_went() -> None:
    thresholds = Thresholds(0.123456789, 0.7, 12, True, (1, 3), "all")
    there_and_back = read_thresholds(json.loads(json.dumps(encode_thresholds(thresholds))), Thresholds(), 5)
    assert there_and_back == thresholds


def test_what_a_browser_makes_up_changes_nothing() -> None:
    nonsense = {
        "score_threshold": None,
        "nms_iou_threshold": "x",
        "max_detections": -4,
        "classes": [99, "1"],
        "labels": 1,
    }
    assert read_thresholds(nonsense, Thresholds(0.3, 0.6), 5) == Thresholds(0.3, 0.6, 1, False, (), None)
    assert read_pick({"x": 1.0, "y": 2.0, "index": 10, "class_id": 0}, 10) is None
    assert read_pick({"cleared": True}, 10) is None
