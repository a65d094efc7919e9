"""The page Compare, through app.py: what it says of runs, when it refuses, and what it would start."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pages_app import ROOT, opened, sound, words
from streamlit.testing.v1 import AppTest

from yolodash.runs.config import TrainOptions
from yolodash.runs.folders import create_run
from yolodash.runs.state import write_state
from yolodash.runs.store import list_runs

OPTIONS = TrainOptions(data="data.yaml", weights="yolov5n.pt")


def made(name: str, value: float, *, fingerprint: str = "f", state: str = "finished", **options: Any) -> Path:
    """A run of three epochs that ends at this mAP."""
    run = create_run(
        "train", name, options=replace(OPTIONS, **options).record(), data={"path": "d", "fingerprint": fingerprint}
    )
    records = [
        {"epoch": epoch, "seconds": 20.0, "loss_box": 0.1, "loss_objectness": 0.1, "loss_class": 0.1, "warmup": False,
         "precision": 0.5, "recall": 0.5, "map50": value, "map": value * (epoch + 1) / 3}
        for epoch in range(3)
    ]  # fmt: skip
    (run / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    write_state(run, state, 3, options.get("epochs", 3))
    return run


def matrix() -> Path:
    """Two freezes, two lengths, two seeds, as a sweep that is done."""
    members = [
        made(f"lab-f{freeze}-e{epochs}-s{seed}", 0.6 - 0.01 * freeze + 0.001 * epochs + 0.01 * seed,
             freeze=freeze, epochs=epochs, seed=seed).name
        for seed in (0, 1) for epochs in (3, 30) for freeze in (0, 10)
    ]  # fmt: skip
    sweep = create_run("sweep", "lab", options={"members": members}, data={"path": "d", "fingerprint": "f"})
    write_state(sweep, "finished", 24, 24)
    return sweep


def page(**address: str) -> AppTest:
    return opened("compare", **address)


def test_without_a_run_the_page_shows_the_matrix_and_starts_the_smallest_sweep(workspace: Path) -> None:
    app = page()

    sound(app)
    assert next(button.label for button in app.main.button) == "Start the smallest sweep on scenes"
    assert "8 runs from" in words(app)
    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert [text.count("= ?") for text in chart["data"][1]["text"]] == [1] * 4, "no number is made up"


def test_the_first_paint_loads_no_torch(workspace: Path) -> None:
    matrix()
    code = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=120).run()\n"
        "app.switch_page('pages/compare.py').run()\n"
        "assert app.dataframe, app\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "False"


def test_a_sweep_is_shown_as_groups_with_their_spread_and_a_verdict(workspace: Path) -> None:
    matrix()
    app = page()

    sound(app)
    table = app.dataframe[0].value
    assert list(table.iloc[:, 0]) == ["A", "B", "C", "D"]
    assert list(table["freeze"]) == ["0", "0", "10", "10"]
    assert table["mAP50-95"][0] == "0.608 ± 0.007"
    assert list(table["time a run"]) == ["60 s"] * 4
    assert "D − B: mAP50-95 -0.100" in words(app)
    assert "**B** is better, and not by the chance of the seeds." in words(app)


@pytest.mark.parametrize("view", ["seeds", "matrix", "curves", "cost"])
def test_every_picture_opens_from_the_address(workspace: Path, view: str) -> None:
    matrix()
    app = page(runs="lab", view=view, metric="map50", epoch="best", **{"from": "B", "to": "C"})

    sound(app)
    assert "C − B: mAP50 " in words(app)
    assert len(app.get("plotly_chart")) == 1


def test_addresses_of_nonsense_are_passed_over(workspace: Path) -> None:
    matrix()
    app = page(runs="nobody|lab|<b>", view="pie", metric="speed", epoch="7", section="x", **{"from": "Q"})

    sound(app)
    assert "D − B" in words(app)
    sound(page(sweep="lab"))


def test_runs_that_saw_other_data_are_refused_with_a_way_out(workspace: Path) -> None:
    made("one", 0.5)
    made("other", 0.6, fingerprint="g")
    app = page(runs="one|other")

    assert [element.value for element in app.exception] == []
    assert "validated on different data" in app.error[0].value
    only = [button for button in app.main.button if button.label == "Compare only these"]
    assert len(only) == 2
    only[1].click().run()
    assert not app.error
    assert app.sidebar.multiselect[0].value == ["other"]


def test_a_run_that_is_not_finished_does_not_count_beside_those_that_are(workspace: Path) -> None:
    for seed, state in ((0, "finished"), (1, "finished"), (2, "stopped")):
        made(f"run-{seed}", 0.5 + seed, seed=seed, state=state)
    app = page(runs="run-0|run-1|run-2")

    sound(app)
    assert app.dataframe[0].value["runs"][0] == "2 (+1)"
    assert app.dataframe[0].value["mAP50-95"][0].startswith("1.000")


def test_a_sweep_that_has_not_begun_says_so_and_can_go_on(workspace: Path) -> None:
    create_run("train", "s-f0", options=OPTIONS.record(), data={}, sweep="s", epochs=3)
    sweep = create_run("sweep", "s", options={"members": ["s-f0"]}, data={}, epochs=3)
    write_state(sweep, "stopped", 0, 3)
    app = page(runs="s")

    sound(app)
    assert "No epoch is done yet" in words(app)
    assert "Go on" in [button.label for button in app.main.button]


def test_the_form_counts_the_runs_before_the_button_and_names_a_list_that_is_none(workspace: Path) -> None:
    matrix()
    (workspace / "datasets" / "blocks").mkdir(parents=True)
    app = page(section="start")

    sound(app)
    assert "2 × 2 × 3 = 12 runs" in words(app)
    assert "198 epochs in all" in words(app)
    assert [button.label for button in app.main.button] == ["Start 12 runs"]
    assert "--freeze 0,10 --epochs 3,30 --seeds 0,1,2" in app.code[0].value

    app.text_input(key="sweep_epochs").set_value("3, many").run()
    assert "'many' is no whole number" in app.error[0].value
    app.text_input(key="sweep_epochs").set_value("3, 3").run()
    assert "3 is given twice" in app.error[0].value
    app.text_input(key="sweep_epochs").set_value("1").run()
    app.button(key="sweep_start").click().run()
    assert "no pictures and no labels" in app.error[0].value
    assert {entry.name for entry in list_runs("sweep")} == {"lab"}
