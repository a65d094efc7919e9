"""The page Runs, through app.py: what it says of runs of every kind and state, and what its buttons do."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pages_app import opened, sound, words
from streamlit.testing.v1 import AppTest

from yolodash.errors import N_, DeviceError
from yolodash.runs.folders import create_run, list_bin
from yolodash.runs.housekeeping import read_note, write_note
from yolodash.runs.state import STOP, WORKER, at_work, write_state
from yolodash.runs.store import list_runs


def put_run(
    name: str = "night",
    state: str = "finished",
    epochs: int = 5,
    done: int = 5,
    warm: int = 3,
    message: str = "",
    **more: Any,
) -> Path:
    """A training as its worker leaves it."""
    run = create_run(
        "train", name, options={"data": "scenes", "cfg": "yolov5n", "epochs": epochs, **more}, data={}, epochs=epochs
    )
    records = [
        {
            "epoch": epoch, "seconds": 2.0, "images_per_second": 20.5, "loss_box": 0.1 / (epoch + 1),
            "loss_objectness": 0.05, "loss_class": 0.02, "warmup": epoch < warm, "precision": 0.5, "recall": 0.4,
            "learning_rates": {"biases": 0.1, "weights": 0.01, "normalisation": 0.01},
            "map50": 0.1 * epoch, "map": 0.05 * epoch, "memory_bytes": 5e8,
        }
        for epoch in range(done)
    ]  # fmt: skip
    (run / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    for file in ("best.safetensors", "last.safetensors") if done else ():
        (run / file).write_bytes(b"x" * 1000)
    write_state(run, state, done, epochs, message)
    return run


@contextlib.contextmanager
def worked_on(run: Path) -> Iterator[Path]:
    """A run whose worker, on another machine, is in the middle of an epoch."""
    with at_work(run):
        (run / WORKER).write_text(json.dumps({"pid": 1, "host": "elsewhere"}))
        write_state(run, "running", 2, 5)
        progress = {"epoch": 2, "epochs": 5, "step": 4, "steps": 10, "seconds_left": 95.0, "images_per_second": 31.25}
        (run / "progress.json").write_text(json.dumps(progress))
        yield run


def page(**address: str) -> AppTest:
    return opened("runs", **address)


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def charts(app: AppTest) -> list[dict[str, Any]]:
    """What the curves' components are sent."""
    sent = [json.loads(element.proto.json) for element in app.get("bidi_component") if element.proto.json]
    return [chart for data in sent for chart in data.get("charts", [])]


def test_without_a_run_it_says_so_and_takes_one_in(workspace: Path) -> None:
    app = page()
    sound(app)
    assert "Nothing has been trained" in app.info[0].value
    assert "Bring it in" in labels(app)


def test_a_running_training_shows_how_far_it_is_and_what_can_be_done(workspace: Path) -> None:
    with worked_on(put_run(done=2)):
        app = page(run="night")
        sound(app)
        assert {"Stop", "Yes, end it at once", "Detect with it", "Evaluate it"} <= labels(app)
        assert "Resume" not in labels(app)
        (bar,) = app.get("progress")
        assert bar.proto.text == "epoch 3 of 5 · batch 4 of 10 · about 1 min 35 s left"
        assert bar.proto.value == 48
        assert "31.2" in words(app)
        assert any("keeps its name" in caption.value for caption in app.caption)

        app.button(key="run_stop").click().run()
        sound(app)
        assert (workspace / "runs" / "night" / STOP).exists()


def test_the_curves_are_those_of_the_file_with_the_warm_up_shaded(workspace: Path) -> None:
    put_run()
    app = page(run="night")

    sound(app)
    losses, quality, rates, speed = charts(app)
    assert [line["label"] for line in losses["lines"]] == ["box", "objectness", "class"]
    assert [line["label"] for line in quality["lines"]] == ["mAP50", "mAP50–95", "precision", "recall"]
    assert [line["label"] for line in rates["lines"]] == ["biases", "weights", "normalisation"]
    assert [line["label"] for line in speed["lines"]] == ["pictures a second"]
    assert losses["lines"][0]["x"] == [1, 2, 3, 4, 5]
    assert losses["lines"][0]["y"] == [0.1, 0.05, 0.033333, 0.025, 0.02]
    assert losses["warm"] == 3
    assert not [info.value for info in app.info if "warm-up" in info.value]


def test_a_run_that_was_all_warm_up_says_so(workspace: Path) -> None:
    put_run(epochs=3, done=3)
    app = page(run="night")
    assert [info.value for info in app.info if info.value.startswith("All 3 epochs so far lie in the warm-up")]


def test_curves_of_other_runs_are_drawn_beside_and_the_address_says_which(workspace: Path) -> None:
    put_run("one")
    put_run("two")
    app = page(run="one", beside="two")

    sound(app)
    assert "box · two" in [line["label"] for line in charts(app)[0]["lines"]]
    assert app.sidebar.multiselect[0].value == ["two"]


@pytest.mark.parametrize(
    ("state", "message", "said"),
    [
        ("failed", "No room — make some", "No room"),
        ("stopped", "", "what it had learned is saved"),
        ("running", "", "ended without a word"),
    ],
)
def test_a_run_that_ended_early_says_why_and_can_be_gone_on_with(
    workspace: Path, state: str, message: str, said: str
) -> None:
    put_run(state=state, done=2, message=message)
    app = page(run="night")
    sound(app)
    assert said in words(app) + "".join(warning.value for warning in app.warning)
    assert "Resume" in labels(app)
    assert "Stop" not in labels(app)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "**Not enough memory on cpu for even one picture at a time**. Take a smaller size"),
        ("it", "**La memoria di cpu non basta nemmeno per un'immagine alla volta**. "),
    ],
)
def test_the_failure_of_a_worker_is_told_in_the_language_of_the_reader(
    workspace: Path, language: str, said: str
) -> None:
    run = put_run(done=2)
    error = DeviceError(
        N_("Not enough memory on {device} for even one picture at a time"),
        fix=N_("take a smaller size or model, or another device"),
        device="cpu",
    )
    write_state(run, "failed", 2, 5, error=error)
    app = page(run="night", lang=language)
    sound(app)
    assert said in words(app) + "".join(warning.value for warning in app.warning)


def test_two_who_resume_at_once_get_one_worker_and_a_sentence(workspace: Path) -> None:
    run = put_run(state="stopped", done=2)
    app = page(run="night")
    with at_work(run):
        app.button(key="run_resume").click().run()
        assert "Another process works on this run" in app.error[0].value
    assert json.loads((run / "state.json").read_text())["state"] == "stopped"


@pytest.mark.parametrize("file", ["metrics.jsonl", "run.json", "state.json", "pictures/validation.json"])
def test_damaged_files_leave_the_rest_on_the_page(workspace: Path, file: str) -> None:
    run = put_run()
    (run / "pictures").mkdir()
    with (run / file).open("a") as stream:
        stream.write('nonsense\n{"epoch": 7, "map50": "x", "map": []}\n{"epoch": 8, "ma')
    app = page(run="night")
    sound(app)
    assert len(charts(app)) == 4
    assert all(line["x"] == [1, 2, 3, 4, 5] for line in charts(app)[0]["lines"])


def test_a_folder_without_a_description_can_be_looked_at_and_deleted(workspace: Path) -> None:
    run = put_run()
    (run / "run.json").unlink()
    app = page(run="night")
    sound(app)
    assert any("missing or damaged" in warning.value for warning in app.warning)
    app.button(key="run_delete").click().run()
    sound(app)
    assert [entry.name for entry in list_bin()] == ["night"]


def test_a_name_and_a_note_are_kept(workspace: Path) -> None:
    run = put_run()
    app = page(run="night")
    app.text_area(key="note_night").set_value("frozen *backbone*").run()
    app.button(key="run_note").click().run()
    assert read_note(run) == "frozen *backbone*"

    app.text_input(key="name_night").set_value("day").run()
    app.button(key="run_rename").click().run()
    sound(app)
    assert [entry.name for entry in list_runs()] == ["day"]
    assert "### day" in words(app)

    put_run("other")
    app.text_input(key="name_day").set_value("other").run()
    app.button(key="run_rename").click().run()
    assert "There is a run of this name" in app.error[0].value


def test_what_builds_on_a_run_is_said_before_it_is_deleted_and_the_bin_gives_it_back(workspace: Path) -> None:
    run = put_run()
    put_run("child", weights=str(run / "best.safetensors"))
    app = page(run="night")
    assert "**child** was trained from its weights" in app.warning[0].value
    assert app.button(key="run_delete").label == "Delete it all the same"
    app.button(key="run_delete").click().run()
    sound(app)
    assert [entry.name for entry in list_runs()] == ["child"]

    app = page(view="bin")
    sound(app)
    assert "30 days left" in words(app)
    next(button for button in app.button if button.label == "Restore").click().run()
    sound(app)
    assert {entry.name for entry in list_runs()} == {"child", "night"}


def test_the_list_shows_every_run_with_its_figures(workspace: Path) -> None:
    put_run("one")
    put_run("two", state="failed", done=0)
    write_note(workspace / "runs" / "one", "the good one")
    (workspace / "runs" / "spoilt").mkdir()
    app = page(view="all")

    sound(app)
    assert {"one", "two", "spoilt"} <= labels(app)
    said = words(app)
    assert "5 of 5 epochs" in said
    assert "0.400" in said
    assert "3 runs" in said
    app.button(key="open_two").click().run()
    sound(app)
    assert "### two" in words(app)


def test_a_run_of_the_yolov5_repository_is_brought_in(workspace: Path, asset: Callable[[str], Path]) -> None:
    app = page()
    app.text_input(key="import_folder").set_value("/nowhere/else").run()
    app.button(key="import").click().run()
    assert "There is no results" in app.error[0].value

    folder = asset("models/yolov5n-six-crops")
    app.text_input(key="import_folder").set_value(str(folder)).run()
    app.button(key="import").click().run()
    sound(app)
    assert "### yolov5n\\-six\\-crops" in words(app)
    assert [len(line["x"]) for line in charts(app)[0]["lines"]] == [100, 100, 100]
    assert {"Detect with it", "Evaluate it"} <= labels(app)
    assert "Resume" not in labels(app)


def test_a_link_to_a_run_that_is_gone_says_so(workspace: Path) -> None:
    put_run()
    app = page(run="gone")
    sound(app)
    assert any("no run of the name" in warning.value for warning in app.warning)
    assert "### night" in words(app)


def test_an_evaluation_and_a_sweep_are_shown_as_what_they_are(workspace: Path) -> None:
    judged = create_run("evaluate", "judged", options={"weights": "runs/night"}, data={})
    (judged / "report.json").write_text(json.dumps({"map": 0.5, "map50": 0.75}))
    write_state(judged, "finished")
    put_run("night")
    create_run("sweep", "matrix", options={"members": ["night", "gone"]}, data={}, epochs=5)
    write_state(workspace / "runs" / "matrix", "stopped", 5, 10)

    app = page(run="judged")
    sound(app)
    assert [metric.value for metric in app.metric] == ["0.500", "0.750"]
    assert "Open its numbers" in labels(app)
    app = page(run="matrix")
    sound(app)
    assert {"Compare its runs", "night", "Resume"} <= labels(app)


def test_the_first_paint_loads_no_torch(workspace: Path) -> None:
    import subprocess
    import sys

    from pages_app import ROOT

    put_run()
    code = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(ROOT / 'app.py')!r}, default_timeout=120).run()\n"
        "app.switch_page('pages/runs.py').run()\n"
        "assert not app.exception and '### night' in str([m.value for m in app.markdown])\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    shutil.rmtree(workspace / "runs")
