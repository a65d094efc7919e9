"""The commands ``train`` and ``runs``, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.training_files import small_data, small_weights
from yolodash.cli import main
from yolodash.runs.config import options_from
from yolodash.runs.folders import find_run, read_run


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_weights(tmp_path_factory.mktemp("weights"), classes=4)


def test_the_labs_own_line_trains_and_its_best_is_a_model_like_any_other(
    workspace: Path, data: Path, weights: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lab = ["train", "--img", "64", "--batch", "4", "--epochs", "2", "--data", str(data), "--weights", str(weights)]

    assert main([*lab, "--device", "cpu"]) == 0
    said = capsys.readouterr().out
    assert "epoch 2/2" in said
    assert "warm-up" in said
    run = find_run("tiny4-scenes")
    assert sorted(path.name for path in run.iterdir() if not path.name.startswith(".")) == [
        "best.safetensors", "events.log", "last.safetensors", "metrics.jsonl", "pictures", "progress.json",
        "run.json", "state.json", "worker.json", "worker.lock",
    ]  # fmt: skip
    assert json.loads((run / "state.json").read_text())["state"] == "finished"
    assert main(["models", "info", "tiny4-scenes", "--json", str(tmp_path / "info.json")]) == 0
    about = json.loads((tmp_path / "info.json").read_text())
    assert about["classes"] == ["cube", "sphere", "cylinder"]
    assert about["size"] == [64, 64]
    picture = next((data.parent / "images").rglob("*.jpg"))
    assert main(["detect", str(picture), "--weights", "runs/tiny4-scenes", "--engine", "torch", "--json", "-"]) == 0


def test_every_option_reaches_the_run(workspace: Path, data: Path, weights: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "gentle.yaml"
    recipe.write_text("mosaic: 0.25\nmomentum: 0.9\n")
    options = {
        "--freeze": "2", "--optimizer": "adamw", "--schedule": "cosine", "--patience": "7", "--seed": "3",
        "--workers": "1", "--precision": "float32", "--augment": str(recipe), "--learning-rate": "0.001",
    }  # fmt: skip
    words = [word for pair in options.items() for word in pair]

    base = ["train", "--data", str(data), "--weights", str(weights), "--size", "64", "--batch", "8", "--epochs", "1"]
    assert main([*base, "--device", "cpu", "--name", "all", "--freeze-statistics", *words]) == 0

    found = options_from(read_run(find_run("all"))["options"])
    assert (found.freeze, found.freeze_statistics, found.optimizer, found.schedule) == (2, True, "adamw", "cosine")
    assert (found.patience, found.seed, found.workers, found.precision) == (7, 3, 1, "float32")
    assert found.augment.mosaic == 0.25
    assert (found.hyperparameters.momentum, found.hyperparameters.learning_rate) == (0.9, 0.001)


WRONG = [
    (["train", "--data", "{data}"], "which network"),
    (["train", "--data", "nowhere.yaml", "--weights", "{weights}"], "no such data set"),
    (["train", "--data", "{data}", "--weights", "nothing.pt"], "no model file"),
    (["train", "--data", "{data}", "--weights", "{weights}", "--augment", "wild"], "no recipe"),
    (["train", "--data", "{data}", "--weights", "{weights}", "--img", "100", "--device", "cpu"], "multiple of 32"),
    (["train", "--data", "{data}", "--weights", "{weights}", "--img", "64", "--freeze", "9"], "6 layers"),
    (["train", "--data", "{data}", "--weights", "{weights}", "--device", "tpu"], "no device"),
    (["train", "--data", "{data}", "--cfg", "yolov9", "--img", "64", "--device", "cpu"], "description of a network"),
    (["train", "--data", "{data}", "--weights", "{weights}", "--img", "64", "--device", "cuda:77"], "no device"),
    (["train", "--data", "{data}", "--weights", "{weights}", "--device", "cuda:0,cuda:0"], "cuda:0 is named twice"),
    (["train", "--data", "{data}", "--weights", "{weights}", "--device", "cpu,cuda:0"], "cannot train together"),
    (["train", "--data", "{data}", "--weights", "{weights}", "--device", "auto,auto"], "named twice"),
    (["train", "--data", "{data}", "--weights", "{weights}", "--device", "cpu,cpu", "--batch", "5"], "such as 6"),
    (["train", "--data", "{data}", "--weights", "{weights}", "--device", "cpu,cpu", "--batch", "1"], "at least 2"),
    (["train", "--data", "{data}", "--weights", "{weights}", "--device", "cpu", "--precision", "float16"], "on a GPU"),
    (["train", "--data", "{data}", "--weights", "{weights}", "--img", "72", "--detach"], "such as 96"),
    (["train", "--resume", "nothing"], "no run"),
    (["runs", "show", "nothing"], "no run"),
    (["runs", "delete", "../x"], "no run"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_what_cannot_be_done_ends_in_one_sentence(
    workspace: Path, data: Path, weights: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    code = main([word.format(data=data, weights=weights) for word in words])

    said = capsys.readouterr().err
    assert code == 1
    assert sentence in said
    assert said.count("error: ") == 1
    assert not list(workspace.glob("runs/[!.]*"))


def test_usage_that_is_wrong_exits_with_2(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train"]) == 2
    assert main(["train", "--resume", "a", "--data", "b"]) == 2


def test_runs_are_listed_shown_compared_and_deleted(
    workspace: Path, data: Path, weights: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    base = ["train", "--data", str(data), "--weights", str(weights), "--img", "64", "--epochs", "1", "--device", "cpu"]
    for seed in ("0", "1"):
        assert main([*base, "--seed", seed, "--name", f"seed{seed}"]) == 0
    assert main([*base, "--name", "seed0"]) == 1
    assert main([*base, "--name", "seed0", "--exist", "rename"]) == 0
    capsys.readouterr()

    out = tmp_path / "out.json"
    assert main(["runs", "list", "--json", str(out)]) == 0
    rows = {row["name"]: row for row in json.loads(out.read_text())["runs"]}
    assert set(rows) == {"seed0", "seed1", "seed0-2"}
    assert rows["seed1"]["state"] == "finished"
    assert main(["runs", "show", "seed0", "--json", str(out)]) == 0
    shown = json.loads(out.read_text())
    assert [record["epoch"] for record in shown["metrics"]] == [0]
    assert main(["runs", "compare", "seed0", "seed1", "--json", str(out)]) == 0
    compared = json.loads(out.read_text())
    assert compared["differing"] == ["seed"]
    assert len(compared["groups"]) == 1
    assert main(["runs", "stop", "seed0"]) == 0
    assert main(["runs", "kill", "seed0"]) == 0
    assert main(["runs", "delete", "seed0", "seed1"]) == 0
    assert main(["runs", "list", "--json", str(out)]) == 0
    assert [row["name"] for row in json.loads(out.read_text())["runs"]] == ["seed0-2"]
