"""Workers of runs: killed, stopped, resumed, two at once; each in a process of its own."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.training_files import command, done, small_data, small_weights
from yolodash.runs.folders import find_run
from yolodash.runs.metrics import read_metrics
from yolodash.runs.state import is_alive, kill, read_state, request_stop


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("training")
    return small_data(folder), small_weights(folder)


def words(files: tuple[Path, Path], name: str, *more: object) -> list[object]:
    data, weights = files
    return ["train", "--data", data, "--weights", weights, "--img", 64, "--batch", 4, "--device", "cpu", "--name", name,
            *more]  # fmt: skip


def wait_for_epochs(run: Path, count: int, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while len(read_metrics(run)) < count:
        assert time.monotonic() < deadline, read_state(run)
        time.sleep(0.02)


def same_weights(one: Path, other: Path) -> bool:
    a, b = load_file(one / "last.safetensors"), load_file(other / "last.safetensors")
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_a_run_that_is_killed_reads_as_died_and_goes_on_to_the_same_bits(
    workspace: Path, files: tuple[Path, Path]
) -> None:
    runs = workspace / "runs"
    done(command(workspace, *words(files, "whole", "--epochs", 6, "--workers", 0)))
    process = command(workspace, *words(files, "cut", "--epochs", 6, "--workers", 2))
    wait_for_epochs(runs / "cut", 2)
    assert read_state(runs / "cut").state == "running"
    process.kill()
    process.communicate()

    assert read_state(runs / "cut").state == "died"
    assert not same_weights(runs / "whole", runs / "cut")
    done(command(workspace, "train", "--resume", "cut"))

    assert read_state(runs / "cut").state == "finished"
    assert same_weights(runs / "whole", runs / "cut")
    assert [record["epoch"] for record in read_metrics(runs / "cut")] == list(range(6))
    assert "is finished" in done(command(workspace, "train", "--resume", "cut"), 1)


def test_a_detached_run_outlives_its_command_and_stops_when_asked(workspace: Path, files: tuple[Path, Path]) -> None:
    said = done(command(workspace, *words(files, "long", "--epochs", 5000, "--patience", 0, "--detach")))
    run = find_run("long")
    wait_for_epochs(run, 1)
    assert "runs show long" in said
    assert is_alive(run)
    assert "Another process works on this run" in done(command(workspace, "train", "--resume", "long"), 1)

    assert request_stop(run)
    deadline = time.monotonic() + 60
    while is_alive(run):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert read_state(run).state == "stopped"
    assert (run / "last.safetensors").exists()
    events = (run / "events.log").read_text()
    assert all(state in events for state in ("queued", "running", "stopping", "stopped"))


def test_two_runs_on_one_device_take_turns(workspace: Path, files: tuple[Path, Path]) -> None:
    first = command(workspace, *words(files, "first", "--epochs", 5000, "--patience", 0))
    wait_for_epochs(workspace / "runs" / "first", 1)
    second = command(workspace, *words(files, "second", "--epochs", 1))
    deadline = time.monotonic() + 60
    while "waits for 1 other" not in read_state(workspace / "runs" / "second").message:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert is_alive(workspace / "runs" / "second")
    assert not read_metrics(workspace / "runs" / "second")

    assert kill(workspace / "runs" / "first")
    first.communicate()
    done(second)
    assert read_state(workspace / "runs" / "first").state == "died"
    assert read_state(workspace / "runs" / "second").state == "finished"


def test_a_picture_that_is_gone_fails_the_run_with_a_sentence_and_it_goes_on_when_it_is_back(
    workspace: Path, tmp_path: Path
) -> None:
    data, weights = small_data(tmp_path), small_weights(tmp_path)
    picture = next((data.parent / "images").rglob("*.jpg"))
    good = picture.read_bytes()
    picture.write_bytes(good[:100])

    said = done(command(workspace, *words((data, weights), "gap", "--epochs", 1)), 1)
    state = read_state(workspace / "runs" / "gap")
    assert state.state == "failed"
    assert said.count("error: ") == 1
    assert picture.name in said
    assert picture.name in state.message
    assert "Traceback" not in said

    picture.write_bytes(good)
    done(command(workspace, "train", "--resume", "gap"))
    record = json.loads((workspace / "runs" / "gap" / "metrics.jsonl").read_text())
    assert record["epoch"] == 0
