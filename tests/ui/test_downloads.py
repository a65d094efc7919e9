"""What is downloaded holds the thresholds, and what the page shows."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from tiny_detector import random_candidates, random_picture

from yolodash.inference.results import coco_record, csv_text, detect_record, yolo_archive
from yolodash.inference.selection import judge
from yolodash.models.catalogue import InstalledModel, ModelFiles
from yolodash.structures import Milliseconds, Thresholds
from yolodash.ui import caching, downloads
from yolodash.ui.caching import NetworkInput, Prediction
from yolodash.ui.pictures import Photo

THRESHOLDS = Thresholds(score_threshold=0.3, nms_iou_threshold=0.6)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> downloads.Shown:
    candidates = random_candidates("v5")
    size = candidates.image_size
    picture = random_picture(size.height, size.width)
    monkeypatch.setattr(caching, "pixels", lambda photo: picture)
    return downloads.Shown(
        InstalledModel("tiny", "uploaded", ModelFiles(Path("tiny.pt")), 1, verified=False),
        Photo("upload", "0" * 64, "=cmd|'x'.jpg"),
        NetworkInput(),
        Prediction(candidates, Milliseconds(), ("", {}), 1),
        THRESHOLDS,
        judge(candidates, THRESHOLDS).detections,
    )


def test_the_drawn_pictures_say_which_thresholds_they_were_made_with(shown: downloads.Shown) -> None:
    png, jpeg = (Pillow.open(io.BytesIO(data)) for data in (downloads.png(shown), downloads.jpeg(shown)))

    for said in (png.info["yolodash"], jpeg.info["comment"].decode()):
        assert json.loads(said)["thresholds"]["score_threshold"] == 0.3
        assert json.loads(said)["thresholds"]["nms_iou_threshold"] == 0.6
    assert not np.array_equal(np.asarray(png), caching.pixels(shown.photo))


def test_every_format_holds_the_detections_and_the_thresholds(shown: downloads.Shown) -> None:
    count = len(shown.detections.scores)
    record = (shown.facts, shown.thresholds, [shown.result])
    detect, coco = detect_record(*record), coco_record(*record)
    rows = list(csv.DictReader(io.StringIO(csv_text(*record))))
    with zipfile.ZipFile(io.BytesIO(yolo_archive(*record))) as archive:
        lines = archive.read(next(name for name in archive.namelist() if name.startswith("labels/"))).splitlines()
        said = json.loads(archive.read("thresholds.json"))

    assert count > 1
    assert len(detect["images"][0]["detections"]) == len(coco["annotations"]) == len(rows) == len(lines) == count
    assert {float(row["score_threshold"]) for row in rows} == {0.3}
    assert said["score_threshold"] == detect["thresholds"]["score_threshold"] == 0.3
    assert coco["info"]["thresholds"]["nms_iou_threshold"] == 0.6
