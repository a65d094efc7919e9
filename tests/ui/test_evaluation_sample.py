"""The sample of the page Evaluate is what its script makes with the bundled detector."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image as Pillow

from scripts import evaluation_sample
from yolodash.data.images import read_image
from yolodash.ui.evaluation.source import SAMPLE, SAMPLES


def test_the_script_makes_the_picture_and_the_boxes_that_are_committed() -> None:
    rendered, picture = evaluation_sample.scene(7)
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))

    committed = read_image(SAMPLE / "images" / "007.jpg").astype(int)
    buffer = io.BytesIO()
    Pillow.fromarray(rendered.image).save(buffer, "JPEG", quality=evaluation_sample.QUALITY)
    made = np.asarray(Pillow.open(buffer)).astype(int)
    assert np.abs(committed - made).mean() < 1
    assert [one["bbox"] for one in truth["annotations"] if one["image_id"] == 8] == picture["boxes"]


@pytest.mark.parametrize(("file", "size"), SAMPLES.values(), ids=SAMPLES)
def test_the_committed_detections_are_what_the_bundled_detector_finds(file: str, size: int) -> None:
    committed = [row for row in json.loads((SAMPLE / file).read_text(encoding="utf-8")) if row["image_id"] in (1, 2, 3)]
    found = [row for index in range(3) for row in evaluation_sample.found_in(index, size)]
    sure, made = ([row for row in rows if row["score"] > 0.05] for rows in (committed, found))

    assert len(sure) > 10
    assert [row["category_id"] for row in sure] == [row["category_id"] for row in made]
    for row, again in zip(sure, made, strict=True):
        assert row["bbox"] == pytest.approx(again["bbox"], abs=0.1)
        assert row["score"] == pytest.approx(again["score"], abs=1e-3)


def test_the_sample_is_small_enough_to_travel_with_the_program() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 1_500_000
