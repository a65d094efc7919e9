"""Jobs of a cluster, with this machine in its place: submitted, queued, stopped, cancelled, and the same weights."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.training_files import command, done, small_data, small_weights
from yolodash.cli import main
from yolodash.errors import DeviceError, OptionError
from yolodash.runs.cluster import Ask, cancel, minutes_of, observe, submit
from yolodash.runs.config import TrainOptions
from yolodash.runs.folders import create_run, find_run
from yolodash.runs.metrics import read_metrics
from yolodash.runs.state import is_alive, kill, read_json, read_state, request_stop, write_state
from yolodash.workspace import write_json

STATES = {"queued", "queued:", "running", "stopping", "stopped", "finished", "failed"}


def wait_until(condition: Callable[[], object], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def queued_run(name: str = "night", **job: object) -> Path:
    """A run that a cluster has in its line."""
    options = TrainOptions("nowhere", cfg="yolov5n").record()
    run = create_run("train", name, options=options, data={}, epochs=3)
    write_json(run / "cluster.json", {"cluster": "slurm", "nodes": 1, "gpus_per_node": 1, **job})
    write_state(run, "queued", 0, 3, "job 7 of slurm")
    os.utime(run / "state.json", (0, 0))
    return run


def tasks_of(job: str) -> list[int]:
    """The process ids of a job's tasks on this machine."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended while we looked
            parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
            if parent == job and b"submitit" in (path / "cmdline").read_bytes():
                found.append(int(path.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_job_that_is_preempted_saves_goes_on_and_makes_the_same_weights_as_a_run_here(
    workspace: Path, tmp_path: Path
) -> None:
    data, weights = small_data(tmp_path), small_weights(tmp_path)
    words = ["train", "--data", data, "--weights", weights, "--img", 64, "--batch", 4, "--epochs", 10, "--workers", 0,
             "--device", "cpu"]  # fmt: skip

    said = done(command(workspace, *words, "--name", "job", "--cluster", "local", "--time", "30"))
    run = find_run("job")
    job = read_json(run / "cluster.json")
    assert job is not None
    assert f"job is job {job['job']} of local" in said
    wait_until(lambda: read_metrics(run))
    for task in tasks_of(job["job"]):
        os.kill(task, signal.SIGUSR2)  # what a cluster sends before it takes the machine away
    wait_until(lambda: "stopped" in (run / "events.log").read_text())
    done(command(workspace, *words, "--name", "here"))
    wait_until(lambda: read_state(run).state in ("finished", "failed") and not is_alive(run))

    events = (run / "events.log").read_text()
    assert read_state(run).state == "finished", events
    assert [line.split()[1] for line in events.splitlines() if line.split()[1] in STATES] == [
        "queued", "running", "stopping", "stopped", "queued:", "running", "finished",
    ]  # fmt: skip
    assert f"job {job['job']} of local" in events
    assert [record["epoch"] for record in read_metrics(run)] == list(range(10))
    one, other = (load_file(find_run(name) / "last.safetensors") for name in ("job", "here"))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    wait_until(lambda: read_json(run / "cluster.json") == {**job, "job": None}, 60)


def test_a_run_in_the_clusters_line_reads_as_queued_however_long_it_waits(workspace: Path) -> None:
    assert read_state(queued_run(job="7")).state == "queued"
    assert read_state(queued_run("gone", job=None)).state == "died"


@pytest.mark.parametrize("how", [kill, request_stop])
def test_a_job_in_line_is_cancelled_with_the_clusters_own_command(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: Callable[[Path], bool]
) -> None:
    scancel = tmp_path / "bin" / "scancel"
    scancel.parent.mkdir()
    scancel.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/cancelled\n')
    scancel.chmod(0o755)
    monkeypatch.setenv("PATH", f"{scancel.parent}:{os.environ['PATH']}")
    run = queued_run(job="7")

    assert how(run)

    assert (tmp_path / "cancelled").read_text().strip() == "7"
    assert read_state(run).state == "stopped"
    assert not cancel(run)


def test_a_cluster_that_does_not_answer_is_named(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    run = queued_run(job="7")

    with pytest.raises(DeviceError, match=r"did not cancel the job 7.*scancel 7"):
        kill(run)
    assert read_state(run).state == "queued"


def test_a_job_that_left_the_line_by_itself_reads_as_died_once_somebody_asks(workspace: Path) -> None:
    run = queued_run(job="999999999", cluster="local")
    assert read_state(run).state == "queued"

    observe(run)

    assert read_state(run).state == "died"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("90", 90), ("1:30:00", 90), ("2-00", 2880), ("1-02:30", 1590), ("0-00:05:00", 5), ("45:00", 45)],
)
def test_times_are_read_as_slurm_reads_them(text: str, minutes: int) -> None:
    assert minutes_of(text) == minutes


@pytest.mark.parametrize("text", ["", "0", "soon", "1h", "-5", "1:2:3:4"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(OptionError, match="is no time"):
        minutes_of(text)


def test_what_the_cluster_cannot_do_is_refused_before_there_is_a_folder(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "--data", "x", "--cfg", "yolov5n", "--cluster"]
    monkeypatch.setattr(shutil, "which", lambda name: None)
    cases = [
        (["slurm"], "no srun"),
        (["local", "--nodes", "2"], "one node"),
        (["local", "--time", "soon"], "no time"),
        (["local", "--gpus-per-node", "3"], "multiple of 3, such as 18"),
        (["local", "--gpus-per-node", "17"], "at least 17"),
        (["local", "--device", "cpu,cpu"], "--gpus-per-node"),
    ]
    for more, sentence in cases:
        assert main([*words, *more]) == 1
        assert sentence in capsys.readouterr().err
    assert main([*words[:-1], "--nodes", "2"]) == 2
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "submitit" else find_spec(name))
    assert main([*words, "local"]) == 1
    assert "pip install '.[cluster]'" in capsys.readouterr().err
    assert not list((workspace / "runs").glob("*"))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_job_that_the_cluster_does_not_take_fails_with_its_words(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {
        "srun": "exit 0",
        "sbatch": f"cp $1 {tmp_path}/script; echo 'invalid partition specified: moon' >&2; exit 1",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    run = queued_run(job=None)

    with pytest.raises(DeviceError, match="invalid partition specified: moon"):
        submit(run, Ask("slurm", nodes=2, gpus_per_node=4, partition="moon", minutes=90))

    assert read_state(run).state == "failed"
    assert not is_alive(run)
    script = (tmp_path / "script").read_text()
    for line in ("--nodes=2", "--gpus-per-node=4", "--ntasks-per-node=4", "--partition=moon", "--time=90"):
        assert f"#SBATCH {line}" in script
    assert "--kill-on-bad-exit=1" in script
