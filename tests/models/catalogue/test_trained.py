"""The best and the last of every run are models like any other."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from yolodash.errors import ModelFileError
from yolodash.models import catalogue


def put_run(home: Path, name: str, *files: str, age: int = 0) -> Path:
    run = home / "runs" / name
    run.mkdir(parents=True)
    (run / "run.json").write_text(json.dumps({"format": 1, "kind": "train", "name": name}))
    os.utime(run / "run.json", (10_000 - age, 10_000 - age))
    for file in files:
        (run / file).write_bytes(b"12345")
    return run


def test_the_best_and_the_last_of_each_run_are_listed_the_newest_run_first(workspace: Path) -> None:
    put_run(workspace, "old", "best.safetensors", "last.safetensors", age=5)
    put_run(workspace, "new", "best.safetensors")
    put_run(workspace, "empty")
    put_run(workspace, ".part", "best.safetensors")
    (workspace / "runs" / "no run").mkdir()

    assert [model.name for model in catalogue.trained()] == ["runs/new", "runs/old", "runs/old/last"]
    assert {(model.origin, model.bytes) for model in catalogue.trained()} == {("run", 5)}
    assert [model for model in catalogue.usable() if model.origin == "run"] == catalogue.trained()
    assert catalogue.find_usable("runs/old/last") == catalogue.trained()[-1]
    assert catalogue.find_usable("runs/empty") is None


def test_what_is_listed_is_what_weights_means(workspace: Path) -> None:
    run = put_run(workspace, "night", "best.safetensors", "last.safetensors")

    for model in catalogue.trained():
        assert catalogue.locate(model.name) == model.files
    for text in ("night/last", "runs/night/last", f"{run}/last"):
        assert catalogue.locate(text).weights == run / "last.safetensors"
    assert catalogue.locate("night").weights == run / "best.safetensors"
    assert catalogue.model_of_run("night", last=True) == "runs/night/last"


def test_a_run_without_an_epoch_and_a_name_without_a_run_are_told_apart(workspace: Path) -> None:
    put_run(workspace, "young")
    for text in ("young", "young/last"):
        with pytest.raises(ModelFileError, match="no best weights yet"):
            catalogue.locate(text)
    with pytest.raises(ModelFileError, match="no model file"):
        catalogue.locate("nowhere/last")


def test_a_workspace_without_runs_has_none(workspace: Path) -> None:
    assert catalogue.trained() == []
