"""The page Train, through app.py: what it offers first, what it says of data, and that the button makes one run."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pages_app import ROOT, opened, sound, words
from streamlit.testing.v1 import AppTest

from tests.training_files import small_data
from yolodash import workspace as places
from yolodash.runs import estimates
from yolodash.runs.config import options_from
from yolodash.runs.estimates import Measured, Rung
from yolodash.runs.folders import find_run, read_run
from yolodash.runs.state import kill, request_stop

SMALL = {"from": "new:yolov5p", "size": "64", "batch": "4", "epochs": "1", "device": "cpu", "workers": "0"}


MEASURED = Measured("cpu", "float32", (Rung(1, 2.0, 10**9), Rung(2, 4.0, 2 * 10**9)), 0.0, 0.5, 10.0)


@pytest.fixture(autouse=True)
def nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page would start a process that takes a few steps; the process has tests of its own."""
    monkeypatch.setattr(estimates, "start_detached", lambda *_: None)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_data(tmp_path_factory.mktemp("drawn"), 12)


def page(**address: str) -> AppTest:
    return opened("train", **address)


def looked(app: AppTest) -> AppTest:
    """The page after the data set was looked at, which a thread does; the page runs again where a browser would ask."""
    for _ in range(200):
        if "Opening the data set" not in words(app) and not app.get("progress"):
            return app
        time.sleep(0.2)
        app.run()
    raise AssertionError(words(app))


def button(app: AppTest, label: str) -> bool:
    return next(one for one in app.button if one.label == label).disabled


def test_with_nothing_there_the_first_paint_suggests_scenes_and_a_small_network(workspace: Path) -> None:
    app = page()

    sound(app)
    assert "Make **300** scenes and train **yolov5p** from nothing on 240 of them" in words(app)
    assert not button(app, "Make the scenes and train")
    lines = app.code[0].value.splitlines()
    assert [shlex.split(line)[3] for line in lines] == ["scenes", "train"]


def test_the_first_paint_imports_no_torch(workspace: Path) -> None:
    code = (
        "import sys; from streamlit.testing.v1 import AppTest; from yolodash.runs import estimates\n"
        "estimates.start_detached = lambda *_: None\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=120).run()\n"
        "app.switch_page('pages/train.py').run()\n"
        "assert app.title[0].value == 'Train', app.title\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "False"


def test_the_address_shows_the_same_again_and_says_only_what_is_not_usual(workspace: Path, drawn: Path) -> None:
    app = page(data=str(drawn), mosaic="0.5", optimizer="adamw", freeze="10", momentum="7", patience="long", **SMALL)

    sound(app)
    line = app.code[0].value
    assert "--cfg yolov5p --epochs 1 --batch 4" in line
    assert "--freeze 10 --optimizer adamw" in line
    assert line.endswith("--set mosaic=0.5 --name yolov5p-scenes")
    assert "momentum" not in line
    assert app.query_params["freeze"] == "10"
    assert not {"momentum", "patience"} & set(app.query_params)


def test_data_is_shown_with_its_health_and_three_epochs_are_called_what_they_are(workspace: Path, drawn: Path) -> None:
    app = looked(page(data=str(drawn), **{**SMALL, "epochs": "3"}))

    said = words(app)
    assert "**train** 10 pictures" in said
    assert "Few pictures to train with" in said
    assert "All 3 epochs lie wholly in the warm-up" in said


def test_what_makes_no_sense_has_a_sentence_and_no_button(workspace: Path, drawn: Path) -> None:
    (places.folder("runs") / "taken").mkdir()
    app = looked(page(data=str(drawn), **{**SMALL, "size": "100"}))

    assert "a multiple of 32, such as 128" in words(app)
    assert button(app, "Train")
    app.number_input(key="train_size").set_value(64).run()
    assert not button(app, "Train")
    app.text_input(key="train_run_name").set_value("taken").run()
    assert "There is a run of this name" in words(app)
    assert button(app, "Train")
    app.text_input(key="train_run_name").set_value("../out").run()
    assert "cannot be a name" in words(app)
    assert button(app, "Train")


def test_the_name_of_the_run_follows_the_options_also_where_the_browser_is_a_step_behind(
    workspace: Path, drawn: Path
) -> None:
    app = page(**SMALL)
    name = "train_run_name"
    first = app.text_input(key=name).value
    app.number_input(key="train_scenes").set_value(12).run()
    second = app.text_input(key=name).value
    assert second != first

    app.text_input(key=name).set_value(first)  # sent before the second was seen
    app.number_input(key="train_scene_seed").set_value(7).run()
    assert app.text_input(key=name).value == second.replace("seed-0", "seed-7")

    app.text_input(key=name).set_value("mine").run()
    app.number_input(key="train_scene_seed").set_value(8).run()
    assert app.text_input(key=name).value == "mine"


def test_data_that_is_not_there_is_a_sentence(workspace: Path) -> None:
    app = page(data="/nowhere/data.yaml", **SMALL)

    assert "There is no such data set" in app.error[0].value
    assert button(app, "Train")


def test_what_it_takes_is_said_once_it_was_measured(
    workspace: Path, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimates, "measured", lambda key: MEASURED)
    app = looked(page(data=str(drawn), **{**SMALL, "epochs": "10"}))

    # 10 pictures in batches of 4 at 8 s, one to validate with, ten times, and 10 s to begin
    assert [(one.label, one.value) for one in app.metric] == [("Time, about", "4 min"), ("Memory, about", "4.0 GB")]
    assert "All 10 epochs lie wholly in the warm-up" in words(app)


def test_presets_set_every_number_and_are_recognised(workspace: Path) -> None:
    app = page(mosaic="0.5")
    next(one for one in app.button if one.label == "The lab").click().run()

    assert "--epochs 3 --batch 16 --size 640" in app.code[0].value
    assert "mosaic" not in app.code[0].value
    next(one for one in app.button if one.label == "Thorough").click().run()
    assert "--schedule cosine" in app.code[0].value


def test_the_button_makes_one_run_of_a_name_and_starts_it(workspace: Path, drawn: Path) -> None:
    first, second = (looked(page(data=str(drawn), **SMALL)) for _ in range(2))
    line = shlex.split(first.code[0].value)

    for app in (first, second):
        next(one for one in app.button if one.label == "Train").click().run()

    run = find_run("yolov5p-scenes")
    try:
        assert [path.name for path in (workspace / "runs").iterdir() if not path.name.startswith(".")] == [run.name]
        about = read_run(run)
        assert about["command"] == line[3:]
        assert options_from(about["options"]).size == 64
        assert "There is a run of this name" in second.error[0].value
    finally:
        request_stop(run)
        kill(run)
