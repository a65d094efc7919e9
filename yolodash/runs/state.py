"""How far a run came, and whether anybody works on it: ``state.json``, ``events.log`` and the lock.

A worker holds ``worker.lock`` for as long as it lives; the operating system frees it however the worker ends. A run
that says that it is running while nobody holds its lock has died.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from yolodash import workspace
from yolodash.errors import N_, WorkspaceError, YoloDashError
from yolodash.runs.told_errors import error_from, error_record

STATE, EVENTS, LOCK, STOP, WORKER = "state.json", "events.log", "worker.lock", "stop", "worker.json"
PROGRESS = "progress.json"
"""What a worker shows of the work under way; only a display."""
STARTING_SECONDS = 60.0
"""How long a worker may take from its launch to its lock."""
CLUSTER_FILE = "cluster.json"
"""Which job of a cluster a run is; there where it is one."""
IN_SWEEP = "waits for its turn in a sweep"
"""The message of a run that no worker has begun with, since its sweep has not come to it yet."""

AT_WORK = frozenset({"queued", "running", "stopping"})
"""The states of a run that a worker has, or will have."""
_PROBE = 0.05


@dataclass(frozen=True)
class RunState:
    """What a run says of itself.

    Attributes:
        state: ``queued``, ``running``, ``stopping``, ``stopped``, ``finished``, ``failed``, or ``died``.
        epoch: how many epochs are done; None where there are none.
        epochs: of how many.
        message: a sentence, where there is something to say.
        updated: when, ISO 8601.
        error: what it failed with, where that is known by its parts, so that a page can say it in its language.
    """

    state: str
    epoch: int | None = None
    epochs: int | None = None
    message: str = ""
    updated: str = ""
    error: YoloDashError | None = field(default=None, compare=False)


def now() -> str:
    """The time, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def read_state(run: Path) -> RunState:
    """The state of a run; ``died`` where it should be at work and nobody holds its lock."""
    found = written_state(run)
    if found.state in AT_WORK and not is_alive(run) and not _may_be_starting(run, found):
        return replace(found, state="died")
    return found


def written_state(run: Path) -> RunState:
    """The state of a run as its file says it, whether or not anybody lives; ``unknown`` without a file."""
    said = read_json(run / STATE) or {}
    return RunState(
        str(said.get("state", "unknown")),
        said.get("epoch"),
        said.get("epochs"),
        str(said.get("message") or ""),
        str(said.get("updated") or ""),
        error_from(said["error"]) if isinstance(said.get("error"), dict) else None,
    )


def _may_be_starting(run: Path, found: RunState) -> bool:
    """Whether its worker was launched just now and has no lock yet, or waits for its turn in a sweep that is there."""
    if found.state == "queued" and found.message == IN_SWEEP:
        sweep = (read_json(run / "run.json") or {}).get("sweep")
        return isinstance(sweep, str) and (run.parent / sweep / "run.json").is_file()
    if found.state == "queued" and (read_json(run / CLUSTER_FILE) or {}).get("job"):
        return True  # in the cluster's line
    with contextlib.suppress(OSError):
        return found.state == "queued" and time.time() - (run / STATE).stat().st_mtime < STARTING_SECONDS
    return False


def write_state(
    run: Path,
    state: str,
    epoch: int | None = None,
    epochs: int | None = None,
    message: str = "",
    *,
    error: YoloDashError | None = None,
) -> None:
    """Say how far a run is; a change of the state goes into the log of events too.

    Args:
        message: a sentence in English; without it the error's.
        error: what it failed with; its parts are written beside the message.
    """
    before = written_state(run).state
    message = message or ("" if error is None else str(error))
    record: dict[str, Any] = {
        "state": state, "epoch": epoch, "epochs": epochs, "message": message, "updated": now()
    }  # fmt: skip
    if error is not None:
        record["error"] = error_record(error)
    workspace.write_json(run / STATE, record)
    if state != before:
        log(run, f"{state}: {message}" if message else state)


def log(run: Path, event: str) -> None:
    """Append a line to the log of events."""
    workspace.append_line(run / EVENTS, f"{now()} {event}".replace("\n", " "))


def is_alive(run: Path) -> bool:
    """Whether a worker holds the run's lock."""
    try:
        return workspace.is_locked(run / LOCK)
    except OSError:
        return False


@contextlib.contextmanager
def at_work(run: Path, pid: int | None = None) -> Iterator[None]:
    """Hold a run's lock for the block.

    Args:
        pid: of the process that takes signals for this one; its own without.

    Raises:
        WorkspaceError: another worker has it.
    """
    for attempt in range(20):
        with workspace.locked(run / LOCK, wait=False) as ours:
            if ours:
                about = {"pid": pid or os.getpid(), "host": socket.gethostname()}
                workspace.write_json(run / WORKER, about)
                yield
                return
        if attempt < 19:
            time.sleep(_PROBE)  # someone who only looks holds it for a moment
    raise worked_on(run)


def worked_on(run: Path) -> WorkspaceError:
    """The error for who wants to work on a run while somebody does."""
    return WorkspaceError(
        N_("Another process works on this run"),
        where=run.name,
        fix=N_("wait for it, or stop it: runs stop {name}"),
        name=run.name,
    )


def busy(run: Path) -> WorkspaceError:
    """The error for who wants to move a run while somebody works on it."""
    return WorkspaceError(
        N_("A worker is busy with this run"),
        where=run.name,
        fix=N_("stop it first: runs stop {name}"),
        name=run.name,
    )


def request_stop(run: Path) -> bool:
    """Ask a run's worker to finish its step, save and stop.

    Returns:
        whether there was a worker.
    """
    workspace.write_bytes(run / STOP, b"")
    if not is_alive(run):
        found = written_state(run)
        if _cancelled(run):
            return True
        if found.state in AT_WORK:
            write_state(run, "stopped", found.epoch, found.epochs)
        return False
    _signal(run, signal.SIGTERM)
    return True


def kill(run: Path, *, wait: float = 10.0) -> bool:
    """End a run's worker at once; what it did since its last checkpoint is lost.

    Returns:
        whether there was a worker.

    Raises:
        WorkspaceError: it runs on another machine, or does not end.
    """
    if _cancelled(run):
        return True
    if not is_alive(run):
        return False
    _signal(run, signal.SIGKILL)
    wait_for_end(run, wait)
    log(run, "killed")
    return True


def _cancelled(run: Path) -> bool:
    """Cancel the job of a cluster that a run is, in line or at work; False where it is none."""
    if not (read_json(run / CLUSTER_FILE) or {}).get("job"):
        return False
    from yolodash.runs.cluster import cancel

    return cancel(run)


def wait_for_end(run: Path, seconds: float) -> None:
    """Until nobody holds the run's lock.

    Raises:
        WorkspaceError: somebody still does.
    """
    deadline = time.monotonic() + seconds
    while is_alive(run):
        if time.monotonic() > deadline:
            raise WorkspaceError(
                N_("The worker of this run does not end"), where=run.name, fix=N_("end it on the machine it runs on")
            )
        time.sleep(_PROBE)


def _signal(run: Path, number: signal.Signals) -> None:
    """Send a signal to the worker that holds the lock."""
    about = read_json(run / WORKER) or {}
    if about.get("host") != socket.gethostname() or not isinstance(about.get("pid"), int):
        if number == signal.SIGTERM:
            return  # its stop file reaches it
        raise WorkspaceError(
            N_("This run's worker is on another machine: {host}"),
            where=run.name,
            fix=N_("stop it with runs stop, or kill it there"),
            host=str(about.get("host")),
        )
    with contextlib.suppress(ProcessLookupError):
        os.kill(about["pid"], number)


def write_display(path: Path, value: dict[str, Any]) -> None:
    """A small file of JSON, as ``replace_display`` writes it."""
    replace_display(path, json.dumps(value).encode())


def replace_display(path: Path, data: bytes) -> None:
    """A file that is replaced whole, but not flushed: nothing depends on it."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(data)
    os.replace(beside, path)


def read_json(path: Path) -> dict[str, Any] | None:
    """A file's JSON object; None where there is none."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
