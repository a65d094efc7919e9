"""A training on several devices: one process for each, started together by ``torchrun``, and all of them end together.

    the command or a page's worker ── torchrun ──┬── process 0: holds the run's lock, writes everything
                                                 └── process 1 … : only train

Whoever dies takes along what it started (on Linux at once, by ``PR_SET_PDEATHSIG``; elsewhere within a second). Asking
to stop is the file ``stop`` in the run's folder. Imports no torch: only the processes that train do.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yolodash import workspace
from yolodash.errors import N_, DeviceError, YoloDashError
from yolodash.inference.queue import turn
from yolodash.runs import state as states
from yolodash.runs.config import TrainOptions, options_from
from yolodash.runs.folders import find_run, read_run
from yolodash.runs.launch import LOG, environment_of
from yolodash.runs.metrics import read_metrics
from yolodash.runs.signals import DEATH_OF_PARENT, heeded

PARENT, LAUNCHER = "YOLODASH_PARENT", "YOLODASH_LAUNCHER"
CLUSTER, GPUS = "YOLODASH_CLUSTER", "YOLODASH_GPUS_PER_NODE"
POLL = 0.2
NICENESS = 10


class RunFailedError(YoloDashError):
    """What another process said of its failure: a whole sentence, with what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message.replace("{", "{{").replace("}", "}}"), fix="")


@dataclass(frozen=True)
class Shown:
    """What the foreground shows while a run is at work."""

    batch: Callable[[dict[str, Any]], None] = lambda _: None
    epoch: Callable[[dict[str, Any], int], None] = lambda _, __: None
    note: Callable[[str], None] = lambda _: None


@contextlib.contextmanager
def turns(devices: Sequence[str], owner: str, on_wait: Callable[[int], None] | None = None) -> Iterator[None]:
    """Have several devices to oneself. Everybody asks for them in the same order, so that nobody waits in a circle."""
    with contextlib.ExitStack() as stack:
        for device in sorted(set(devices)):
            stack.enter_context(turn(device, owner, interactive=False, timeout=math.inf, on_wait=on_wait))
        yield


def train_together(run: Path, shown: Shown | None = None) -> str:
    """Start the processes of a run on several devices and wait for them.

    Returns:
        ``finished``, ``early`` or ``stopped``.

    Raises:
        YoloDashError: what went wrong, as ``state.json`` says it.
    """
    if states.is_alive(run):
        raise states.worked_on(run)
    options = options_from(read_run(run)["options"])
    states.write_state(run, "queued", states.read_state(run).epoch or 0, options.epochs)
    with open(run / LOG, "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "yolodash.runs.processes", "--agent", str(len(options.devices)), run.name],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(options),
            start_new_session=True,  # what a terminal sends goes to us alone
        )
    try:
        with _signals(run, process):
            _follow(run, process, shown or Shown(), options.epochs)
    finally:
        process.kill()
        process.wait()
    return _outcome(run, process.returncode, options)


def _environment(options: TrainOptions) -> dict[str, str]:
    own = {PARENT: str(os.getpid()), LAUNCHER: str(os.getpid())}
    return {**environment_of(), **sharing_environment(len(options.devices)), **own}


def sharing_environment(count: int) -> dict[str, str]:
    """Of so many processes on this machine: its cores are shared among them, and they speak to each other inside it."""
    loopback = {"linux": "lo", "darwin": "lo0"}.get(sys.platform)
    threads = os.environ.get("OMP_NUM_THREADS") or str(max(1, (os.cpu_count() or 1) // count))
    return {"OMP_NUM_THREADS": threads, **({"GLOO_SOCKET_IFNAME": loopback} if loopback else {})}


def _follow(run: Path, process: subprocess.Popen[bytes], shown: Shown, epochs: int) -> None:
    """Show what the first process writes, until all have ended."""
    lines, progress = len(read_metrics(run)), states.read_json(run / states.PROGRESS)
    while True:
        ended = process.poll() is not None
        records = read_metrics(run)
        for record in records[lines:]:
            shown.epoch(record, epochs)
        lines = len(records)
        now = states.read_json(run / states.PROGRESS)
        if now is not None and now != progress:
            shown.batch(now)
        progress = now
        if ended:
            return
        time.sleep(POLL)


def _outcome(run: Path, code: int, options: TrainOptions) -> str:
    """What the run says of itself, or an error.

    Raises:
        YoloDashError: it failed, or its processes ended without a word.
    """
    found = states.written_state(run)
    if found.state == "finished":
        return "finished" if found.epoch == options.epochs else "early"
    if found.state == "stopped":
        return "stopped"
    if found.state == "failed":
        raise RunFailedError(found.message)
    if states.is_alive(run):
        raise states.worked_on(run)
    error = DeviceError(
        N_("A process of this training ended with code {code}"),
        where=LOG,
        fix=N_("look into the log files in the run's folder, then resume the run"),
        code=code,
    )
    states.write_state(run, "failed", found.epoch, options.epochs, error=error)
    raise error


def _signals(run: Path, process: subprocess.Popen[bytes]) -> AbstractContextManager[None]:
    """Let the first signal ask to stop, and the second end everything."""
    asked: list[int] = []

    def stop(number: int) -> None:
        waits = states.written_state(run).state == "queued"
        if waits or (asked and number == signal.SIGINT):
            process.kill()  # and all that it started
            _wait_for_lock(run)
            states.write_state(run, "stopped", states.read_state(run).epoch)
        asked.append(number)
        workspace.write_bytes(run / states.STOP, b"")

    return heeded(stop, signal.SIGTERM, signal.SIGINT)


def _wait_for_lock(run: Path, seconds: float = 10.0) -> None:
    """Until the process that wrote is gone."""
    deadline = time.monotonic() + seconds
    while states.is_alive(run) and time.monotonic() < deadline:
        time.sleep(POLL / 10)


def end_with_parent() -> None:
    """End this process as soon as the one that started it is gone, however that ended."""
    parent = int(os.environ.get(PARENT, os.getppid()))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_OF_PARENT, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def launcher() -> int:
    """The process that takes signals for this one: whoever started all of them, or itself."""
    return int(os.environ.get(LAUNCHER, os.getpid()))


def in_cluster() -> str:
    """Which cluster gave this process its place: ``slurm``, ``local``, or none."""
    return os.environ.get(CLUSTER, "")


def devices_in_cluster(asked: str) -> tuple[str, ...]:
    """The devices of the processes on this machine of a cluster; none outside of one."""
    if not in_cluster():
        return ()
    gpus = int(os.environ.get(GPUS, "0"))
    if asked == "cpu" or not gpus:
        return ("cpu",) * max(1, gpus)
    return tuple(f"cuda:{number}" for number in range(gpus))


def _be_agent(count: str, name: str) -> None:
    """Become ``torchrun``, which starts the processes and ends all when one ends badly."""
    end_with_parent()
    os.environ[PARENT] = str(os.getpid())
    sys.argv = [
        "torchrun", "--standalone", "--local-addr", "127.0.0.1", "--nproc-per-node", count, "--max-restarts", "0",
        "--shutdown-timeout", "5", "-m", "yolodash.runs.processes", "--rank", name,
    ]  # fmt: skip
    runpy.run_module("torch.distributed.run", run_name="__main__")


def _be_one_of_them(name: str) -> int:
    """Train a share. The exit code is 0 where the run ended as it should."""
    end_with_parent()
    from yolodash.runs.worker import work_share

    lower_priority()
    return said(lambda: work_share(find_run(name)))


def lower_priority() -> None:
    """Let everything else on this machine go first."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))


def said(job: Callable[[], object]) -> int:
    """Do something and give the exit code; what went wrong is a sentence on stderr."""
    try:
        job()
    except (YoloDashError, KeyboardInterrupt) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def main(arguments: list[str]) -> int:
    """One of the processes above."""
    match arguments:
        case ["--agent", count, name]:
            _be_agent(count, name)
            return 0
        case ["--rank", name]:
            return _be_one_of_them(name)
        case [name]:
            return said(lambda: train_together(find_run(name)))
    sys.stderr.write("usage: python -m yolodash.runs.processes NAME\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
