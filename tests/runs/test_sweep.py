"""Sweeps: a matrix of runs, one after the other, that loses nothing whatever happens to its worker."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training_files import small_data, small_weights
from yolodash.data.augment.recipe import UNCHANGED
from yolodash.errors import DatasetError, InputError, OptionError, WorkspaceError
from yolodash.runs.config import TrainOptions, options_from
from yolodash.runs.folders import create_run, find_run, list_bin, read_run
from yolodash.runs.metrics import read_metrics
from yolodash.runs.state import is_alive, read_json, read_state, request_stop
from yolodash.runs.store import list_runs
from yolodash.runs.sweep import (
    Plan,
    create_sweep,
    delete_sweep,
    kill_run,
    members_of,
    renamed,
    start_sweep,
    stop_run,
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("training")
    return small_data(folder), small_weights(folder)


@pytest.fixture
def base(files: tuple[Path, Path], workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrainOptions]:
    """A training of seconds; no worker outlives the test."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    data, weights = files
    yield TrainOptions(
        data=str(data), weights=str(weights), size=64, batch=8, device="cpu", precision="float32", augment=UNCHANGED
    )
    for entry in list_runs():
        kill_run(find_run(entry.name))


def until(true: Callable[[], bool], seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, [(entry.name, read_state(find_run(entry.name))) for entry in list_runs()]
        time.sleep(0.02)


def states(sweep: Path) -> list[str]:
    return [member.state.state for member in members_of(sweep)]


def test_a_sweep_makes_every_combination_once_and_the_first_seed_first() -> None:
    options = TrainOptions(data="d", weights="w.pt")
    plan = Plan(options, freeze=(0, 10), epochs=(3, 30), seeds=(0, 1), weights=("a/best.pt", "b/best.pt"), sizes=(64,))

    labels = [label for label, _ in plan.members()]
    assert len(set(labels)) == len(labels) == plan.count == 16
    assert labels[:3] == ["a-f0-e3-s0", "a-f10-e3-s0", "a-f0-e30-s0"]
    assert {one.seed for _, one in plan.members()[:8]} == {0}
    assert {one.size for _, one in plan.members()} == {64}


def test_weights_of_the_same_name_give_runs_of_different_names() -> None:
    plan = Plan(TrainOptions(data="d", weights="w"), weights=("one/net.pt", "two/net.pt"))

    assert [label for label, _ in plan.members()] == ["net-f0-e3-s0", "net_2-f0-e3-s0"]


@pytest.mark.parametrize(
    "wrong", [{"freeze": ()}, {"seeds": (0, 0)}, {"epochs": (0,)}, {"freeze": (-1,)}, {"seeds": tuple(range(501))}]
)
def test_a_matrix_that_makes_no_sense_is_refused(wrong: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(OptionError):
        Plan(TrainOptions(data="d", weights="w"), **wrong)  # type: ignore[arg-type]


def test_a_new_sweep_lists_ordinary_runs_that_wait_for_their_turn(base: TrainOptions) -> None:
    sweep = create_sweep(Plan(base, freeze=(0, 1), epochs=(1, 2)), "night")

    members = members_of(sweep)
    assert [member.name for member in members] == [f"night-f{f}-e{e}-s0" for e in (1, 2) for f in (0, 1)]
    assert states(sweep) == ["queued"] * 4
    assert [(member.options["freeze"], member.options["epochs"]) for member in members] == [
        (0, 1), (1, 1), (0, 2), (1, 2)
    ]  # fmt: skip
    assert all(options_from(member.options).data == base.data for member in members)
    assert {read_run(member.run)["data"]["fingerprint"] for member in members if member.run} == {
        read_run(sweep)["data"]["fingerprint"]
    }
    assert (read_state(sweep).epoch, read_state(sweep).epochs) == (0, 6)


def test_runs_of_a_sweep_stay_queued_however_long_they_wait_but_not_without_their_sweep(
    base: TrainOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yolodash.runs.state.STARTING_SECONDS", 0.0)
    sweep = create_sweep(Plan(base), "night")
    member = find_run("night-f0-e3-s0")

    assert read_state(member).state == "queued"
    shutil.rmtree(sweep)
    assert read_state(member).state == "died"


def test_a_name_that_a_member_would_need_is_refused_and_nothing_is_left(base: TrainOptions) -> None:
    create_run("train", "night-f0-e3-s0", options={}, data={})
    with pytest.raises(WorkspaceError, match="run of this name"):
        create_sweep(Plan(base), "night")
    assert [entry.name for entry in list_runs()] == ["night-f0-e3-s0"]

    second = create_sweep(Plan(base), "night", exist="rename")
    assert second.name == "night-2"
    assert [member.name for member in members_of(second)] == ["night-2-f0-e3-s0"]


def test_what_cannot_be_trained_leaves_no_folder(base: TrainOptions) -> None:
    with pytest.raises(DatasetError):
        create_sweep(Plan(replace(base, data="nowhere.yaml")), "night")
    with pytest.raises(InputError):
        create_sweep(Plan(base, weights=(base.weights, "nowhere.pt")), "night")
    assert not list_runs()


def test_stop_saves_the_run_at_work_and_leaves_the_rest_queued_and_resume_goes_on(base: TrainOptions) -> None:
    sweep = create_sweep(Plan(replace(base, patience=0), epochs=(60, 1), seeds=(0,)), "night")
    start_sweep(sweep)
    first = find_run("night-f0-e60-s0")
    until(lambda: len(read_metrics(first)) >= 2)
    with pytest.raises(WorkspaceError, match="Another process"):
        start_sweep(sweep)

    assert stop_run(sweep)
    until(lambda: not is_alive(sweep))
    assert read_state(sweep).state == "stopped"
    assert states(sweep) == ["stopped", "queued"]
    assert (first / "last.safetensors").exists()
    done = len(read_metrics(first))

    start_sweep(sweep)
    until(lambda: len(read_metrics(first)) > done)
    assert [record["epoch"] for record in read_metrics(first)][: done + 1] == list(range(done + 1))
    assert request_stop(first)  # one run alone: the sweep goes on with the next
    until(lambda: not is_alive(sweep))
    assert states(sweep) == ["stopped", "finished"]
    assert read_state(sweep).state == "stopped"
    assert "1 of 2" in read_state(sweep).message


def test_a_sweep_that_is_killed_loses_nothing(base: TrainOptions) -> None:
    sweep = create_sweep(Plan(replace(base, patience=0), epochs=(1, 60)), "night")
    start_sweep(sweep)
    second = find_run("night-f0-e60-s0")
    until(lambda: len(read_metrics(second)) >= 2)
    about = read_json(sweep / "worker.json")
    assert about is not None
    os.kill(about["pid"], signal.SIGKILL)

    until(lambda: not is_alive(sweep) and not is_alive(second))
    assert read_state(sweep).state == "died"
    assert states(sweep)[0] == "finished"
    before, done = (find_run("night-f0-e1-s0") / "last.safetensors").stat().st_mtime_ns, len(read_metrics(second))

    start_sweep(sweep)
    until(lambda: len(read_metrics(second)) > done)
    assert kill_run(sweep)
    until(lambda: not is_alive(second))
    assert (find_run("night-f0-e1-s0") / "last.safetensors").stat().st_mtime_ns == before
    assert [record["epoch"] for record in read_metrics(second)] == list(range(len(read_metrics(second))))


def test_a_sweep_does_all_its_runs_and_one_that_fails_does_not_keep_the_others(base: TrainOptions) -> None:
    sweep = create_sweep(Plan(base, freeze=(999, 0), epochs=(1,)), "night")
    start_sweep(sweep)

    until(lambda: read_state(sweep).state == "failed" and not is_alive(sweep))
    assert states(sweep) == ["failed", "finished"]
    assert "1 of 2 runs failed; night-f999-e1-s0: " in read_state(sweep).message
    assert "999" in read_state(sweep).message
    assert (read_state(sweep).epoch, read_state(sweep).epochs) == (1, 2)
    assert len(read_metrics(find_run("night-f0-e1-s0"))) == 1


def test_a_deleted_sweep_takes_along_only_what_nobody_has_begun_with(base: TrainOptions) -> None:
    sweep = create_sweep(Plan(base, epochs=(1, 2)), "night")
    (find_run("night-f0-e1-s0") / "metrics.jsonl").write_text(json.dumps({"epoch": 0, "map50": 0.1, "map": 0.1}) + "\n")

    delete_sweep(sweep)
    assert [entry.name for entry in list_runs()] == ["night-f0-e1-s0"]
    assert {entry.name for entry in list_bin()} == {"night", "night-f0-e2-s0"}


def test_names_may_change_and_a_deleted_run_is_passed_over(base: TrainOptions) -> None:
    sweep = create_sweep(Plan(base, epochs=(1, 2)), "night")
    runs = sweep.parent
    (runs / "night-f0-e1-s0").rename(runs / "short")
    renamed("night-f0-e1-s0", "short")
    sweep = sweep.rename(runs / "day")
    renamed("night", "day")
    shutil.rmtree(runs / "night-f0-e2-s0")

    assert [(member.name, member.state.state) for member in members_of(sweep)] == [
        ("short", "queued"), ("night-f0-e2-s0", "deleted")
    ]  # fmt: skip
    assert read_run(runs / "short")["sweep"] == "day"
