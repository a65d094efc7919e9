"""Two processes that share every batch: their gradients are the whole batch's, and they stop and go on together."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.training.sharing import CASES, gradients
from tests.training_files import ROOT, command, done, environment, small_data, small_weights
from tests.yolov5_files import tiny
from yolodash.models.loading import load_model
from yolodash.runs.folders import find_run
from yolodash.runs.metrics import read_metrics
from yolodash.runs.state import is_alive, read_state
from yolodash.training.distributed import Processes, with_shared_statistics
from yolodash.training.optimisation import parameter_groups


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that two processes wrote."""
    folder = tmp_path_factory.mktemp("shared")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    processes = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.training.sharing", str(folder)],
            cwd=ROOT,
            env={**environment(folder), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2",
                 "GLOO_SOCKET_IFNAME": "lo", "RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]  # fmt: skip
    try:
        for process in processes:
            done(process)
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    return folder


@pytest.mark.parametrize("case", CASES)
def test_gradients_of_two_processes_are_those_of_one_with_the_whole_batch(
    shared: Path, tmp_path: Path, case: str
) -> None:
    of_two = load_file(shared / f"gradients{CASES.index(case)}.safetensors")
    of_one = gradients(case, tmp_path)

    assert of_two.keys() == of_one.keys()
    assert all(float(of_one[f"told.{term}"]) > 0 for term in ("box", "objectness", "class"))
    for name, gradient in of_one.items():
        assert torch.allclose(of_two[name], gradient, rtol=1e-5, atol=1e-5), name


def test_two_processes_stop_at_the_same_step_when_the_first_is_asked_and_go_on_to_the_same_bits(shared: Path) -> None:
    for folder in (shared, shared / "other"):
        assert (folder / "outcomes").read_text() == "finished stopped finished"
    whole, cut = (load_file(shared / name / "last.safetensors") for name in ("whole", "cut"))
    assert all(torch.equal(whole[name], cut[name]) for name in whole)
    assert len((shared / "cut" / "metrics.jsonl").read_text().splitlines()) == 3
    assert load_model(shared / "whole" / "best.safetensors").names == ("thing 0", "thing 1")


def test_batch_norm_over_all_gpus_keeps_names_weights_and_their_group() -> None:
    alone, shared_ = tiny(classes=2), tiny(classes=2)
    shared_.load_state_dict(alone.state_dict())

    with_shared_statistics(shared_, Processes(0, 2), "cuda:0")

    assert any(isinstance(module, torch.nn.SyncBatchNorm) for module in shared_.modules())
    assert shared_.state_dict().keys() == alone.state_dict().keys()
    names = [{group: list(part) for group, part in parameter_groups(one).items()} for one in (alone, shared_)]
    assert names[0] == names[1]


def descendants(parent: int) -> set[int]:
    """Process ids of everything that a process started, and what that started."""
    children: dict[int, set[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            children.setdefault(int(path.read_text().rpartition(")")[2].split()[1]), set()).add(int(path.parent.name))
        except OSError:
            continue  # it ended while we looked
    found: set[int] = set()
    waiting = [parent]
    while waiting:
        new = children.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def wait_until(condition: object, seconds: float, what: object = "") -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_run_on_two_devices_dies_with_its_launcher_and_is_gone_on_with_to_its_end(
    workspace: Path, tmp_path: Path
) -> None:
    data, weights = small_data(tmp_path), small_weights(tmp_path)
    process = command(
        workspace, "train", "--data", data, "--weights", weights, "--img", 64, "--batch", 4, "--device", "cpu,cpu",
        "--epochs", 40, "--patience", 0, "--name", "pair", "--workers", 0,
    )  # fmt: skip
    run = workspace / "runs" / "pair"
    log = run / "worker.log"
    wait_until(lambda: read_metrics(run) or process.poll() is not None, 240, log)
    started = descendants(process.pid)
    assert len(started) == 3, process.communicate()  # torchrun and two processes
    assert is_alive(run)

    process.kill()
    process.communicate()
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), 10)

    assert read_state(run).state == "died"
    before = len(read_metrics(run))
    again = command(workspace, "train", "--resume", "pair")
    wait_until(lambda: len(read_metrics(run)) > before or again.poll() is not None, 240, log)
    again.send_signal(signal.SIGINT)
    said = done(again)
    assert "stopped and saved" in said, said
    assert read_state(run).state == "stopped"
    epochs = [record["epoch"] for record in read_metrics(find_run("pair"))]
    assert epochs == list(range(len(epochs)))
    assert (run / "last.safetensors").exists()
