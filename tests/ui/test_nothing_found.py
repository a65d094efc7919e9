"""No detections after training: the panel on Runs and on Detect says why, and shows what came nearest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from yolodash.data.images import encode_jpeg
from yolodash.runs.config import TrainOptions
from yolodash.runs.folders import create_run
from yolodash.runs.pictures import read_book
from yolodash.runs.state import write_state
from yolodash.ui.nothing_found import best_score, lower

PANEL = "from pathlib import Path; from yolodash.ui.nothing_found import show; show(Path({run!r}))"


def trained(scores: list[float] | None, map50: float = 0.02, **options: Any) -> Path:
    """Three warm-up epochs, and a picture with boxes of these scores at the end."""
    told = replace(TrainOptions(data="gone", weights="yolov5n.pt"), **options)
    run = create_run("train", "young", options=told.record(), data={"path": "gone", "fingerprint": "f"})
    lines = [{"epoch": e, "map50": map50, "map": 0.01, "warmup": True, "loss_box": 0.1} for e in range(3)]
    (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    write_state(run, "finished", 3, 3)
    if scores is not None:
        (run / "pictures").mkdir()
        (run / "pictures" / "validation-0.jpg").write_bytes(encode_jpeg(np.full((90, 120, 3), 128, np.uint8)))
        picture = {"name": "a.jpg", "file": "validation-0.jpg", "height": 90, "width": 120, "scale": 1.0, "truths": []}
        boxes = [[10.0, 10.0, 50.0, 50.0, 0, score] for score in scores]
        book = {"names": ["block"], "pictures": [picture], "epochs": [{"epoch": 2, "boxes": [boxes]}]}
        (run / "pictures" / "validation.json").write_text(json.dumps(book))
    return run


def panel(run: Path) -> AppTest:
    app = AppTest.from_string(PANEL.format(run=str(run)), default_timeout=60).run()
    assert not app.exception
    assert not app.error
    return app


def said(app: AppTest) -> str:
    return "\n".join(str(one.value) for one in (*app.subheader, *app.markdown))


def test_low_boxes_are_shown_with_the_reason_and_the_way_to_the_slider(workspace: Path) -> None:
    app = panel(trained([0.071, 0.02]))

    assert "finds nothing above 0.25" in said(app)
    assert "score **0.071**" in said(app)
    assert "All 3 epochs were warm\\-up" in said(app)
    assert [button.label for button in app.button] == ["Detect with the slider at 0.064"]
    assert len(app.get("image")) == 1


def test_a_run_that_finds_something_gets_no_panel(workspace: Path) -> None:
    run = trained([0.3, 0.02])
    assert said(panel(run)) == ""


@pytest.mark.parametrize(("map50", "shown"), [(0.02, True), (0.9, False)])
def test_without_pictures_the_metrics_decide(workspace: Path, map50: float, shown: bool) -> None:
    assert ("hardly finds" in said(panel(trained(None, map50)))) is shown


def test_a_run_without_an_epoch_gets_no_panel(workspace: Path) -> None:
    run = create_run("train", "new", options=TrainOptions(data="d", weights="w").record(), data={})
    assert said(panel(run)) == ""


def test_no_box_at_all_is_a_best_score_of_zero(workspace: Path) -> None:
    assert best_score(read_book(trained([]))) == 0
    assert best_score(None) is None


@pytest.mark.parametrize("score", [0.9, 0.25, 0.071, 0.0123, 0.002])
def test_the_slider_lets_the_best_box_through(score: float) -> None:
    assert 0.5 * score < lower(score) < score
