"""Our COCO numbers equal pycocotools': crowds, areas, ties, empty classes, tiny boxes, over 100 detections."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yolodash.evaluation.files import read_files
from yolodash.evaluation.report import Report, report

NUMBERS = ("map", "map50", "map75", "map_small", "map_medium", "map_large", "ar1", "ar10", "ar100")


def reference(truth: Path, detections: Path) -> list[float]:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        target = COCO(str(truth))
        evaluation = COCOeval(target, target.loadRes(str(detections)), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return [float(value) for value in evaluation.stats[:9]]


def ours(truth: Path, detections: Path) -> Report:
    files = read_files(truth, detections)
    return report(files.truths, files.found, files.labels, "coco")


@st.composite
def case(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A truth file and results for it; hypothesis chooses the shape, a seeded generator the numbers."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pictures, classes = draw(st.integers(1, 12)), draw(st.integers(1, 5))
    most_truths, most_found = draw(st.sampled_from([1, 6, 25])), draw(st.sampled_from([2, 30, 140]))
    digits = draw(st.sampled_from([1, 2, 6]))
    categories = [{"id": 3 * c + 1, "name": f"class {c}"} for c in range(classes)]
    images = [{"id": 7 * i + 5, "file_name": f"{i}.jpg", "width": 640, "height": 480} for i in range(pictures)]
    truths: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for image in images:
        mine = []
        for _ in range(int(random.integers(0, most_truths + 1))):
            x, y, width, height = random.uniform([0, 0, 0, 0], [600, 440, 200, 200]) * random.choice([0.05, 1.0])
            if random.random() < 0.05:
                width = 0.0
            mine.append(
                {
                    "id": len(truths) + len(mine) + 1,
                    "image_id": image["id"],
                    "category_id": categories[int(random.integers(classes))]["id"],
                    "bbox": [x, y, width, height],
                    "area": width * height * random.uniform(0.4, 1.0),
                    "iscrowd": int(random.random() < 0.1),
                }
            )
        truths += mine
        for _ in range(int(random.integers(1, most_found + 1))):
            box, category = random.uniform([0, 0, 1, 1], [600, 440, 200, 200]), categories[0]["id"]
            if mine and random.random() < 0.7:
                near = mine[int(random.integers(len(mine)))]
                box, category = near["bbox"] + random.normal(0, random.choice([0, 2, 20]), 4), near["category_id"]
                box[2:] = np.maximum(box[2:], 0.0)
            found.append(
                {
                    "image_id": image["id"],
                    "category_id": category,
                    "bbox": [float(value) for value in box],
                    "score": round(float(random.random()), digits),
                }
            )
    return {"images": images, "annotations": truths, "categories": categories}, found


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case())
def test_every_number_equals_pycocotools(tmp_path: Path, drawn: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    truth, detections = tmp_path / "truth.json", tmp_path / "detections.json"
    truth.write_text(json.dumps(drawn[0]))
    detections.write_text(json.dumps(drawn[1]))

    result = ours(truth, detections)

    assert [getattr(result, name) for name in NUMBERS] == pytest.approx(reference(truth, detections), abs=1e-9)


def test_the_toy_example_has_its_published_numbers(asset: Callable[[str], Path], tmp_path: Path) -> None:
    folder = asset("metrics/padilla_toyexample")
    expected = json.loads((folder / "expected.json").read_text())["coco_style"]
    result = ours(
        folder / "toyexample/gts_coco_format/toy_example_coco.JSON",
        folder / "toyexample/dets_coco_format/coco_dets.json",
    )

    assert result.map == pytest.approx(expected["AP"], abs=1e-6)
    assert result.map50 == pytest.approx(expected["AP50"], abs=1e-6)
    assert result.map75 == pytest.approx(expected["AP75"], abs=1e-6)
    assert result.ar100 == pytest.approx(expected["AR100"], abs=1e-6)
