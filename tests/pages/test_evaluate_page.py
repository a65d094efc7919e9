"""The page Evaluate, through app.py: what it says and remembers. What a person does is tested in a browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pages_app import ROOT, opened, put_model, sound, words
from streamlit.testing.v1 import AppTest

from yolodash.evaluation.files import read_files
from yolodash.evaluation.report import Report, report
from yolodash.runs.state import read_state
from yolodash.ui.evaluation.measured import measure
from yolodash.ui.evaluation.source import SAMPLE

VIEWS = ("curve", "scores", "confusion", "classes", "iou", "calibration", "mistakes", "stepper", "compare")


def scored_sample() -> Report:
    files = read_files(SAMPLE / "truth.json", SAMPLE / "detections.json")
    return report(files.truths, files.found, files.labels, "coco")


def page(**address: str) -> AppTest:
    return opened("evaluate", **address)


def give(app: AppTest, results: object, truth: object | None = None) -> AppTest:
    """Upload two files on the page that asks for them."""
    target = (SAMPLE / "truth.json").read_bytes() if truth is None else json.dumps(truth).encode()
    data = results if isinstance(results, bytes) else json.dumps(results).encode()
    app.file_uploader[0].set_value([("truth.json", target, "application/json")])
    return app.file_uploader[1].set_value([("results.json", data, "application/json")]).run()


def results() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads((SAMPLE / "detections.json").read_text(encoding="utf-8"))
    return rows


def test_the_first_paint_has_real_numbers_and_says_whose_they_are(workspace: Path) -> None:
    app = page()

    sound(app)
    assert f"mAP, IoU .50 to .95 **{scored_sample().map:.3f}**" in words(app)
    assert "scenes that the bundled model never saw" in "\n".join(caption.value for caption in app.sidebar.caption)


def test_the_first_paint_loads_no_torch(workspace: Path) -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=120).run()\n"
        "app.switch_page('pages/evaluate.py').run()\n"
        "assert 'mAP' in app.markdown[0].value, app.markdown\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "False"


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_from_the_address(workspace: Path, view: str) -> None:
    app = page(show=view, convention="voc07", **{"class": "1", "match_iou": "0.75", "score": "0.4"})

    sound(app)
    assert "mAP at IoU 0.75" in words(app)
    assert app.sidebar.selectbox[2].value == "voc07"


def test_the_false_positives_are_one_click_away_in_every_view(workspace: Path) -> None:
    files = read_files(SAMPLE / "truth.json", SAMPLE / "detections.json")
    counts = measure(files.truths, files.found, files.labels, "coco").ranking(0.5, None).counts(0.25)
    for view in ("curve", "compare"):
        app = page(show=view)
        app.button(key="show_false_positives").click().run()

        sound(app)
        assert "False positives" in words(app)
        assert f"{counts.false} boxes" in words(app)


def test_a_step_says_why_it_is_true_or_false(workspace: Path) -> None:
    app = page(show="stepper")
    assert re.search(r"\*\*True positive\*\*: IoU 0\.\d\d ≥ 0\.50 with truth \d+", words(app))

    app.button(key="step_on").click().run()
    sound(app)
    cubes = scored_sample().classes[0].truths
    assert f"Recall 2/{cubes}" in words(app)


def test_two_sets_are_compared_with_an_interval(workspace: Path) -> None:
    said = words(page(show="compare"))
    assert "95 % interval" in said
    assert "**Bundled model at 384 pixels** is better" in said


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b'[{"image_id": 1', "This is not a whole JSON file"),
        (b"\x00\xff\x00", "This is not a whole JSON file"),
        ([{**row, "image_id": 4711} for row in results()], "None of these detections is of a picture in the truth"),
        ([{**results()[0], "score": float("nan")}], "Entry 0 has no usable 'score'"),
    ],
)
def test_files_that_cannot_be_scored_are_refused_with_a_sentence(workspace: Path, data: object, sentence: str) -> None:
    app = give(page(detections="files"), data)

    assert [error for error in app.error if sentence in error.value.replace("\\", "")]
    assert app.exception == []


def test_no_detections_are_a_result(workspace: Path) -> None:
    app = give(page(detections="files"), [])

    sound(app)
    assert "every truth is missed" in app.warning[0].value
    assert "mAP, IoU .50 to .95 **0.000**" in words(app)


def test_no_truths_leave_the_numbers_undefined(workspace: Path) -> None:
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    app = give(page(detections="files"), results(), {**truth, "annotations": []})

    sound(app)
    assert "every detection is a false positive" in app.warning[0].value
    assert "**–**" in words(app)


def test_classes_that_the_truth_does_not_have_are_asked_for(workspace: Path) -> None:
    app = give(
        page(detections="files"), [{**row, "category_id": int(str(row["category_id"])) + 10} for row in results()]
    )
    assert "**0.000**" in words(app)

    for place in range(3):
        app.selectbox(key=f"evaluate_meant_{place + 10}").set_value(place)
    app.run()

    sound(app)
    assert f"**{scored_sample().map:.3f}**" in words(app)


def test_without_a_model_the_page_leads_to_one(workspace: Path, no_bundled_models: None) -> None:
    app = page(detections="model")
    sound(app)
    assert "No model is in your workspace yet" in app.info[0].value


def test_a_model_runs_over_a_data_set_and_is_kept_as_a_run(
    workspace: Path, asset: Callable[[str], Path], tmp_path: Path
) -> None:
    put_model(asset, workspace)
    few_pictures(asset("datasets/coco128_64"), workspace / "datasets" / "few")
    app = page(detections="model")
    app.selectbox(key="evaluate_model").set_value("yolov3-tiny")
    app.selectbox(key="evaluate_data").set_value("few").run()
    app.button(key="evaluate_run").click().run(timeout=300)
    finished(workspace / "runs" / "yolov3-tiny few val")
    app.run(timeout=300)

    sound(app)
    assert "3 pictures" in words(app)
    assert [path.name for path in (workspace / "runs").iterdir()] == ["yolov3-tiny few val"]
    assert "yolov3-tiny few val" in app.sidebar.selectbox[0].options

    again = page(detections="run:yolov3-tiny few val")
    sound(again)
    assert "3 pictures" in words(again)


def finished(run: Path) -> None:
    """Wait for the worker, which is a process of its own."""
    end = time.monotonic() + 240
    while read_state(run).state in ("queued", "running") and time.monotonic() < end:
        time.sleep(0.2)
    assert read_state(run).state == "finished", (run / "worker.log").read_text()


def few_pictures(source: Path, place: Path) -> None:
    """A data set of three pictures."""
    pictures = sorted(source.glob("images/**/*.jpg"))[:3]
    for picture in pictures:
        label = Path(str(picture).replace("/images/", "/labels/")).with_suffix(".txt")
        for path in (picture, label):
            target = place / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    shutil.copy(source / "data.yaml", place / "data.yaml")
