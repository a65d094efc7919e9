"""Files for other programs."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import numpy as np
import pytest

from yolodash.inference.results import (
    FailedImage,
    ImageResult,
    ModelFacts,
    coco_record,
    coco_results,
    csv_text,
    detect_record,
    exact,
    harmless,
    unique_stems,
    yolo_archive,
    yolo_text,
)
from yolodash.structures import Detections, ImageSize, Milliseconds, Thresholds

MODEL = ModelFacts("tiny.pt", "yolov5", ("=cmd()", 'ärger, "quoted"'), ImageSize(320, 640), 1234)
THRESHOLDS = Thresholds(score_threshold=0.3, nms_iou_threshold=0.5, classes=(0, 1))
FOUND = Detections(
    boxes=np.array([[10, 20, 30, 60], [0, 0, 100, 50]], dtype=np.float32),
    scores=np.array([0.9, 0.1], dtype=np.float32),
    class_ids=np.array([1, 0]),
    candidate_index=np.array([5, 3]),
)
NOTHING = Detections(
    np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64), np.zeros(0, np.int64)
)
RESULT = ImageResult("photos/a.jpg", ImageSize(100, 200), FOUND, Milliseconds(1.23456, 2, 3))
EMPTY = ImageResult("b.jpg", ImageSize(10, 10), NOTHING)


def test_the_json_of_detect_has_the_promised_form() -> None:
    record = json.loads(json.dumps(detect_record(MODEL, THRESHOLDS, [RESULT, FailedImage("c", "it is broken"), EMPTY])))
    assert record["model"] == {
        "name": "tiny.pt",
        "family": "yolov5",
        "classes": list(MODEL.classes),
        "size": [320, 640],
        "parameters": 1234,
    }
    first, second, third = record["images"]
    assert first == {
        "source": "photos/a.jpg",
        "width": 200,
        "height": 100,
        "detections": [
            {"class_id": 1, "class_name": MODEL.classes[1], "score": 0.9, "box": [10, 20, 30, 60]},
            {"class_id": 0, "class_name": "=cmd()", "score": 0.1, "box": [0, 0, 100, 50]},
        ],
        "milliseconds": {"prepare": 1.235, "forward": 2, "select": 3},
    }
    assert second == {"source": "c", "error": "it is broken"}
    assert third["detections"] == []


def test_every_form_holds_the_thresholds() -> None:
    expected = {"score_threshold": 0.3, "nms_iou_threshold": 0.5, "max_detections": 300, "labels": "best"}
    archive = zipfile.ZipFile(io.BytesIO(yolo_archive(MODEL, THRESHOLDS, [EMPTY])))
    for record in (
        detect_record(MODEL, THRESHOLDS, [])["thresholds"],
        coco_record(MODEL, THRESHOLDS, [])["info"]["thresholds"],
        json.loads(archive.read("thresholds.json")),
    ):
        assert record | expected == record
        assert record["classes"] == [0, 1]
    row = next(csv.DictReader(io.StringIO(csv_text(MODEL, THRESHOLDS, [RESULT]))))
    assert row | {name: str(value) for name, value in expected.items()} == row
    assert row["classes"] == "0 1"


def test_a_table_holds_a_line_a_detection_and_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(MODEL, THRESHOLDS, [RESULT, EMPTY]))))
    assert [row["class_name"] for row in rows] == [MODEL.classes[1], "'=cmd()"]
    assert [float(rows[0][name]) for name in ("x1", "y1", "x2", "y2", "score")] == [10, 20, 30, 60, 0.9]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n=1"])
def test_what_a_spreadsheet_would_run_is_made_harmless(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless(f"a{text}") == f"a{text}"


def test_yolo_lines_are_shares_of_the_picture() -> None:
    first, second = yolo_text(RESULT).splitlines()
    assert [float(word) for word in first.split()] == [1, 0.1, 0.4, 0.1, 0.4, 0.9]
    assert [float(word) for word in second.split()] == [0, 0.25, 0.25, 0.5, 0.5, 0.1]


def test_the_archive_has_one_file_a_picture_whatever_their_names() -> None:
    evil = ImageResult("../../etc/a.jpg", ImageSize(10, 10), NOTHING)
    archive = zipfile.ZipFile(io.BytesIO(yolo_archive(MODEL, THRESHOLDS, [RESULT, evil, EMPTY])))
    assert archive.namelist() == ["labels/a.txt", "labels/a-2.txt", "labels/b.txt", "classes.txt", "thresholds.json"]


def test_names_stay_apart_even_where_a_number_is_taken() -> None:
    stems = unique_stems(["a.jpg", "a-2.jpg", "A.png", "x/a.jpg"])
    assert len({stem.lower() for stem in stems}) == 4
    assert stems[:2] == ["a", "a-2"]


def test_coco_results_are_x_y_width_height() -> None:
    assert coco_results([EMPTY, RESULT], [7, 9])[0] == {
        "image_id": 9,
        "category_id": 1,
        "bbox": [10, 20, 20, 40],
        "score": 0.9,
    }


def test_a_coco_record_counts_its_annotations_from_1() -> None:
    record = coco_record(MODEL, THRESHOLDS, [EMPTY, RESULT])
    assert [image["id"] for image in record["images"]] == [1, 2]
    assert [(found["id"], found["image_id"], found["area"]) for found in record["annotations"]] == [
        (1, 2, 800),
        (2, 2, 5000),
    ]
    assert [category["id"] for category in record["categories"]] == [0, 1]


def test_numbers_read_back_as_the_same_float32() -> None:
    numbers = np.random.default_rng(0).random(1000, dtype=np.float32)
    assert all(np.float32(exact(number)) == number for number in numbers)
    assert exact(np.float32(0.1)) == 0.1
