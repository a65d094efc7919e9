"""Work on a data set by a process of its own that is no run: it fills what can be made again, in a folder of its own.

``begin`` writes ``request.json`` there and starts ``python -m MODULE FOLDER``. How far it is and how it ended, the same
files say as of a run; ``stop`` ends it at once, since what it writes appears whole.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yolodash import workspace
from yolodash.errors import YoloDashError
from yolodash.runs.launch import LOG, start_detached
from yolodash.runs.processes import lower_priority
from yolodash.runs.reporting import Progress, StoppedError, read_progress, reported
from yolodash.runs.signals import heeded
from yolodash.runs.state import (
    AT_WORK,
    PROGRESS,
    STOP,
    read_json,
    read_state,
    request_stop,
    write_display,
    write_state,
)
from yolodash.runs.told_errors import error_from, error_record

REQUEST, _ERROR = "request.json", "error.json"


@dataclass(frozen=True)
class Job:
    """How far one is, or how it ended.

    Attributes:
        state: as a run says it; ``died`` for one that nobody works on any more, though it was not done.
        request: what was asked for.
        progress: None before the first picture is done.
        error: what ended it.
    """

    state: str
    request: Mapping[str, Any]
    progress: Progress | None
    error: YoloDashError | None

    @property
    def at_work(self) -> bool:
        """Whether somebody works on it."""
        return self.state in AT_WORK


def begin(folder: Path, module: str, request: Mapping[str, Any]) -> None:
    """Start the work in its folder, which is made; nothing happens where it is at work already.

    Raises:
        WorkspaceError: the disk cannot be written to.
    """
    with workspace.locked(workspace.make_folder(folder) / "start.lock"):
        if read_state(folder).state in AT_WORK:
            return
        for name in (STOP, PROGRESS, _ERROR):
            (folder / name).unlink(missing_ok=True)
        workspace.write_json(folder / REQUEST, dict(request))
        write_state(folder, "queued")
        start_detached(module, [str(folder)], folder / LOG)


def look(folder: Path) -> Job | None:
    """How far the work in a folder is; None where none was asked for."""
    request = read_json(folder / REQUEST)
    if request is None:
        return None
    state = read_state(folder).state  # asked first: who ends in between has said how
    record = read_json(folder / _ERROR)
    error = None if record is None else error_from(record)
    return Job(state, request, read_progress(folder), error)


def stop(folder: Path) -> None:
    """End the work at once. Asking twice is asking once: it may be tidying up."""
    if not (folder / STOP).exists():
        request_stop(folder)


def put_away(folder: Path) -> None:
    """Forget how it ended, when it did."""
    found = look(folder)
    if found is not None and not found.at_work:
        (folder / REQUEST).unlink(missing_ok=True)


def work(arguments: Sequence[str], task: Callable[[Path, Mapping[str, Any]], None]) -> int:
    """The process's own: do what ``request.json`` of its folder asks for.

    Returns:
        its exit code.
    """
    folder = Path(arguments[0])
    lower_priority()
    try:
        with heeded(_stopped, signal.SIGTERM):
            if (folder / STOP).exists():  # before it began
                raise StoppedError
            reported(folder, lambda: _told(folder, task))
    except StoppedError:
        write_state(folder, "stopped")
    except YoloDashError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _stopped(_number: int) -> None:
    raise StoppedError


def _told(folder: Path, task: Callable[[Path, Mapping[str, Any]], None]) -> None:
    try:
        task(folder, read_json(folder / REQUEST) or {})
    except YoloDashError as error:
        write_display(folder / _ERROR, error_record(error))
        raise
