"""What the page Evaluate gives away and takes in as files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from yolodash.evaluation.report import scored
from yolodash.ui.evaluation import downloads, model_run, source, uploads
from yolodash.ui.evaluation.controls import Shown
from yolodash.ui.evaluation.measured import measure
from yolodash.ui.evaluation.thresholds import Point

POINT = Point(0.5, 0.3)


@pytest.fixture
def shown() -> Shown:
    one = source.from_files(source.SAMPLE / "truth.json", source.SAMPLE / "detections.json", "a <b>", {})
    return Shown("a", one, "coco", measure(one.truths, one.found, one.labels, "coco"), None)


def written(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def rows() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((source.SAMPLE / "detections.json").read_text(encoding="utf-8"))
    return found


def test_the_coco_files_score_as_the_page_does(shown: Shown, tmp_path: Path) -> None:
    truth = written(tmp_path / "truth.json", downloads.coco_truth(shown.evaluated))
    results = written(tmp_path / "results.json", downloads.coco_results(shown.evaluated))

    again = source.from_files(truth, results, "again", {})

    assert scored(measure(again.truths, again.found, again.labels, "coco").scoring) == scored(shown.measured.scoring)


def test_the_csv_of_boxes_has_a_line_a_box_and_its_kind(shown: Shown) -> None:
    lines = list(csv.DictReader(io.StringIO(downloads.boxes_csv(shown, POINT))))
    counts = shown.measured.ranking(0.5, None).counts(0.3)

    kinds = [line["kind"] for line in lines]
    assert (kinds.count("TP"), kinds.count("FP"), kinds.count("FN")) == (counts.true, counts.false, counts.missed)
    assert all(float(line["score"]) >= 0.3 for line in lines if line["kind"] != "FN")


def test_the_json_says_what_the_page_showed(shown: Shown) -> None:
    record = downloads.record(shown, scored(shown.measured.scoring), POINT)

    assert record["sample"] is shown.evaluated.sample
    assert record["shown"]["true_positives"] == shown.measured.ranking(0.5, None).counts(0.3).true
    assert json.loads(downloads.as_json(record))["map"] == scored(shown.measured.scoring).map


def test_the_report_is_one_file_that_needs_no_network(shown: Shown) -> None:
    text = downloads.html_report(shown, scored(shown.measured.scoring), POINT)

    assert text.count("Plotly.newPlot(") >= 7
    assert 'src="http' not in text
    assert "<b>" not in text.split("<h1>")[1].split("</h1>")[0]


def test_classes_that_are_meant_otherwise_are_renamed_and_the_upload_stays(tmp_path: Path) -> None:
    shifted = [{**row, "category_id": int(str(row["category_id"])) + 10} for row in rows()]
    upload = written(tmp_path / "shifted.json", shifted)

    mended = uploads.renamed(upload, {10: 0, 11: 1, 12: 2})

    truth = source.SAMPLE / "truth.json"
    one = source.from_files(truth, mended, "mended", {})
    right = source.from_files(truth, source.SAMPLE / "detections.json", "right", {})
    assert np.array_equal(one.found.label, right.found.label)
    assert json.loads(upload.read_text(encoding="utf-8")) == shifted


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"bbox": [200, 10, -20, 10]}, "no width or height"),
        ({"bbox": [400, 10, 50, 50]}, "beyond"),
        ({"score": 7.5}, "outside 0 to 1"),
        ({"category_id": 99}, "left out"),
        ({"image_id": 999}, "left out"),
    ],
)
def test_what_is_odd_is_said_and_the_rest_is_scored(tmp_path: Path, change: dict[str, object], sentence: str) -> None:
    results = written(tmp_path / "results.json", [{**rows()[0], **change}, *rows()[1:]])

    one = source.from_files(source.SAMPLE / "truth.json", results, "odd", {})

    assert [note for note in source.notes(one) if sentence in note]
    assert len(one.found.label) >= len(rows()) - 1


def test_an_estimate_is_given_until_the_end() -> None:
    assert model_run.remaining(20, 60, 10.0) == "20 of 60 pictures · about 20 s left"
    assert model_run.remaining(60, 60, 30.0) == "60 of 60 pictures"


def test_a_run_gets_a_name_that_is_free(workspace: Path) -> None:
    first = model_run.free_name("yolov3-tiny ../x:y val")
    (workspace / "runs" / first).mkdir(parents=True)

    assert "/" not in first
    assert model_run.free_name("yolov3-tiny ../x:y val") == f"{first} 2"
