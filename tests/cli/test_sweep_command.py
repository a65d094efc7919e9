"""The command ``runs sweep``, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.training_files import small_data, small_weights
from yolodash.cli import main
from yolodash.runs.config import options_from
from yolodash.runs.folders import find_run, read_run
from yolodash.runs.store import list_runs


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("training")
    return ["--data", str(small_data(folder)), "--weights", str(small_weights(folder))]


def test_a_matrix_is_trained_shown_and_compared(
    workspace: Path,
    base: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    other = ["--img", "64", "--batch", "8", "--device", "cpu", "--augment", "none", "--set", "momentum=0.8"]
    line = ["runs", "sweep", *base, "--freeze", "0,1", "--epochs", "1", "--name", "lab", *other]
    assert main([*line, "--json", str(tmp_path / "sweep.json")]) == 0

    said = json.loads((tmp_path / "sweep.json").read_text())
    assert [(run["name"], run["state"], run["epoch"]) for run in said["runs"]] == [
        ("lab-f0-e1-s0", "finished", 1), ("lab-f1-e1-s0", "finished", 1)
    ]  # fmt: skip
    assert all(0 <= run["map"] <= run["map50"] <= 1 for run in said["runs"])
    options = options_from(read_run(find_run("lab-f1-e1-s0"))["options"])
    assert (options.size, options.batch, options.freeze, options.hyperparameters.momentum) == (64, 8, 1, 0.8)
    assert options.augment.mosaic == 0

    capsys.readouterr()
    assert main(["runs", "show", "lab", "--json", str(tmp_path / "show.json")]) == 0
    assert "lab-f1-e1-s0" in capsys.readouterr().out
    assert json.loads((tmp_path / "show.json").read_text())["runs"] == said["runs"]
    assert main(["runs", "compare", "lab", "--json", "-"]) == 0
    compared = json.loads(capsys.readouterr().out)
    assert compared["differing"] == ["freeze"]
    assert [run["name"] for run in compared["runs"]] == ["lab-f0-e1-s0", "lab-f1-e1-s0"]

    assert main(["runs", "sweep", "--resume", "lab"]) == 1
    assert "finished" in capsys.readouterr().err
    assert main(["runs", "delete", "lab"]) == 0
    assert {entry.kind for entry in list_runs()} == {"train"}


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        (["--freeze", "0,x"], 1, "'x' is no whole number"),
        (["--seeds", "1,1"], 1, "1 is given twice"),
        (["--epochs", "0"], 1, "0 makes no sense"),
        (["--epochs", ","], 1, "needs a value"),
        (["--set", "speed=1"], 1, "speed"),
        (["--seed", "3"], 2, "--seed"),
        (["--turbo"], 2, "--turbo"),
        (["--resume", "lab"], 2, "--resume"),
    ],
)
def test_what_makes_no_sweep_is_refused_and_nothing_is_made(
    workspace: Path, base: list[str], capsys: pytest.CaptureFixture[str], wrong: list[str], code: int, words: str
) -> None:
    assert main(["runs", "sweep", *base, *wrong]) == code
    assert words in capsys.readouterr().err
    assert not list_runs()


def test_a_sweep_needs_data(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "sweep"]) == 2
    assert "--data" in capsys.readouterr().err
