"""The sample of the page Evaluate is what its script makes."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image as Pillow

from scripts import evaluation_sample
from yolodash.data.images import read_image
from yolodash.ui.evaluation.source import SAMPLE


def test_the_script_makes_the_picture_and_the_boxes_that_are_committed() -> None:
    rendered, picture = evaluation_sample.scene(7)
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))

    committed = read_image(SAMPLE / "images" / "007.jpg").astype(int)
    buffer = io.BytesIO()
    Pillow.fromarray(rendered.image).save(buffer, "JPEG", quality=evaluation_sample.QUALITY)
    made = np.asarray(Pillow.open(buffer)).astype(int)
    assert np.abs(committed - made).mean() < 1
    assert [one["bbox"] for one in truth["annotations"] if one["image_id"] == 8] == picture["boxes"]


@pytest.mark.parametrize("detector", evaluation_sample.DETECTORS, ids=lambda one: one.file)
def test_the_committed_detections_follow_from_the_truth_and_the_seed(detector: evaluation_sample.Simulated) -> None:
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    boxes = [[one for one in truth["annotations"] if one["image_id"] == image["id"]] for image in truth["images"]]
    pictures = [
        {
            "boxes": [one["bbox"] for one in its],
            "classes": [one["category_id"] for one in its],
            "visible": [one["visible"] for one in its],
        }
        for its in boxes
    ]

    committed = json.loads((SAMPLE / detector.file).read_text(encoding="utf-8"))
    assert evaluation_sample.simulate(detector, pictures) == committed


def test_the_sample_is_small_enough_to_travel_with_the_program() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 1_500_000
