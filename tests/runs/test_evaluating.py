"""An evaluation as a run: a process of its own does it, it can be stopped, and its end is said."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from yolodash.errors import YoloDashError
from yolodash.runs import state as states
from yolodash.runs.evaluating import begin_evaluation, evaluate_run
from yolodash.runs.folders import create_run
from yolodash.runs.reporting import read_progress
from yolodash.runs.store import list_runs, open_evaluation
from yolodash.structures import Thresholds

OPTIONS = {"score_threshold": 0.001, "nms_iou_threshold": 0.6, "max_detections": 300, "labels": "all"}


@pytest.fixture
def crops(asset: Callable[[str], Path], workspace: Path) -> Path:
    """Six pictures of a real data set, and its model in the workspace."""
    source = asset("models/yolov5n-six-crops")
    place = workspace / "datasets" / "crops"
    for picture in sorted((source / "images/val").iterdir())[:6]:
        for path in (picture, source / "labels/val" / f"{picture.stem}.txt"):
            target = place / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    (place / "data.yaml").write_text(
        "val: images/val\nnames: [banana, carrot, green_chilli, orange, soya, tomato]\n", encoding="utf-8"
    )
    return place


def ended(run: Path) -> states.RunState:
    end = time.monotonic() + 240
    while time.monotonic() < end:
        found = states.read_state(run)
        if found.state not in ("queued", "running", "stopping"):
            return found
        time.sleep(0.1)
    pytest.fail("the worker did not end")


def test_a_worker_of_its_own_does_it_and_the_result_opens(crops: Path, asset: Callable[[str], Path]) -> None:
    weights = str(asset("models/yolov5n-six-crops/best.pt"))

    run = begin_evaluation(
        "crops", weights=weights, data=str(crops), split="val", thresholds=Thresholds(0.001, 0.6, 300, labels="all")
    )

    assert ended(run).state == "finished", (run / "worker.log").read_text()
    kept = open_evaluation("crops")
    assert len(kept.labels.images) == 6
    assert kept.report["map50"] > 0.5
    assert kept.data["fingerprint"]
    progress = read_progress(run)
    assert progress is not None
    assert progress.done == progress.total == 6
    assert [entry.state for entry in list_runs("evaluate")] == ["finished"]


def test_a_request_to_stop_ends_it_before_its_next_pictures(crops: Path, asset: Callable[[str], Path]) -> None:
    weights = str(asset("models/yolov5n-six-crops/best.pt"))
    run = begin_evaluation(
        "crops", weights=weights, data=str(crops), split="val", thresholds=Thresholds(0.001, 0.6, 300, labels="all")
    )
    while not states.is_alive(run):
        time.sleep(0.05)

    states.request_stop(run)

    assert ended(run).state == "stopped"
    assert not (run / "report.json").exists()


def test_what_cannot_be_evaluated_is_said_in_the_runs_state(workspace: Path) -> None:
    run = create_run(
        "evaluate", "lost", options={"weights": "no-such", "split": "val", **OPTIONS}, data={"path": "gone"}
    )

    with pytest.raises(YoloDashError):
        evaluate_run(run)

    found = states.read_state(run)
    assert found.state == "failed"
    assert "There is no such data set" in found.message
