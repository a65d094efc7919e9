"""Starts the worker of a run as a process of its own, which outlives the page and the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from yolodash import workspace
from yolodash.runs.state import CLUSTER_FILE, STOP, read_json

LOG = "worker.log"
WAITING = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads that wait sleep. By default they spin, and where the pages want the processor too, a step takes 20 times as
long. It counts only when it is set before torch is loaded."""
_WORKERS = {"sweep": "yolodash.runs.sweeping", "augment": "yolodash.runs.enlarging"}
"""Kinds of runs whose worker needs no torch."""


def let_threads_sleep() -> None:
    """``WAITING`` for this process, where nobody chose otherwise."""
    for variable, value in WAITING.items():
        os.environ.setdefault(variable, value)


def launch(run: Path) -> int:
    """Start the worker of a run, detached; a run of a cluster goes into its line again.

    Returns:
        its process id, 0 on a cluster; whether it lives, its lock says.

    Raises:
        WorkspaceError: its log cannot be written.
        OptionError, DeviceError: the cluster does not take it.
    """
    if (run / CLUSTER_FILE).exists():
        from yolodash.runs.cluster import submit_again

        submit_again(run)
        return 0
    process = begin(run)
    threading.Thread(target=process.wait, name=f"waits for {run.name}", daemon=True).start()
    return process.pid


def begin(run: Path, ready: Callable[[], None] | None = None) -> subprocess.Popen[bytes]:
    """The worker's process, in a session of its own.

    Args:
        ready: called in the new process before it becomes the worker.

    Raises:
        WorkspaceError: its log cannot be written.
    """
    try:
        (run / STOP).unlink(missing_ok=True)
    except OSError as error:
        raise workspace.disk_error(error, run) from error
    return _started(_worker_of(run), [run.name], run / LOG, ready)


def start_detached(module: str, arguments: Sequence[str], log: Path) -> None:
    """Start ``python -m MODULE …`` and leave it to itself; what becomes of it, its files say.

    Raises:
        WorkspaceError: its log cannot be written.
    """
    process = _started(module, arguments, log)
    threading.Thread(target=process.wait, name=f"waits for {module}", daemon=True).start()


def _started(
    module: str, arguments: Sequence[str], log: Path, ready: Callable[[], None] | None = None
) -> subprocess.Popen[bytes]:
    """A module of ours as a process in a session of its own."""
    try:
        stream = open(log, "ab")  # noqa: SIM115 - handed to the process
    except OSError as error:
        raise workspace.disk_error(error, log) from error
    with stream:
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env=environment_of(),
            start_new_session=True,
            preexec_fn=ready,
        )


def environment_of() -> dict[str, str]:
    """Of a worker: this package and this workspace, wherever it is started."""
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **WAITING,
        **os.environ,
        "YOLODASH_HOME": str(workspace.home()),
        "PYTHONPATH": os.pathsep.join(paths),
    }


def _worker_of(run: Path) -> str:
    """The module that does a run; one on several devices has a worker that starts a process for each."""
    about = read_json(run / "run.json") or {}
    if "," in str((about.get("options") or {}).get("device")):
        return "yolodash.runs.processes"
    return _WORKERS.get(str(about.get("kind")), "yolodash.runs.worker")
