"""How a worker that goes through pictures tells of itself: how far it is, and how it ended, however it ends."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from yolodash.errors import YoloDashError
from yolodash.runs import state as states
from yolodash.runs.signals import heeded
from yolodash.runs.told_errors import unforeseen

_SECONDS = 0.5


@dataclass(frozen=True)
class Progress:
    """How far it is: pictures done, of how many, and how many seconds it has taken."""

    done: int
    total: int
    seconds: float


class StoppedError(Exception):
    """Somebody asked to stop."""


def read_progress(run: Path) -> Progress | None:
    """How far it is; None before the first pictures are done."""
    said = states.read_json(run / states.PROGRESS)
    try:
        return None if said is None else Progress(int(said["done"]), int(said["total"]), float(said["seconds"]))
    except (KeyError, TypeError, ValueError):
        return None


def reported(run: Path, job: Callable[[], None]) -> None:
    """Do a run's work under its lock; ``state.json`` tells how it ended.

    Nothing half is left by a stop at once, since files appear whole.

    Raises:
        YoloDashError: what the work itself raised.
        WorkspaceError: another process works on it.
    """
    with heeded(_stop_at_once, signal.SIGTERM):
        try:
            with states.at_work(run):
                _reported(run, job)
        except StoppedError:  # asked before it had begun
            states.write_state(run, "stopped")


def _reported(run: Path, job: Callable[[], None]) -> None:
    try:
        (run / states.STOP).unlink(missing_ok=True)
        states.write_state(run, "running")
        job()
        states.write_state(run, "finished")
    except StoppedError:
        states.write_state(run, "stopped")  # while the lock is held: without it a run at work reads as died
    except YoloDashError as error:
        states.write_state(run, "failed", error=error)
        raise
    except BaseException as error:
        states.write_state(run, "failed", error=unforeseen(error))
        raise


def _stop_at_once(number: int) -> None:
    raise StoppedError


class Watch:
    """Told of the pictures that are done: writes the progress, and stops where somebody asked for it."""

    def __init__(self, run: Path, total: int) -> None:
        self.run, self.total, self.done = run, total, 0
        self.began, self.said = time.monotonic(), 0.0

    def __call__(self, more: int) -> None:
        """So many more are done."""
        if (self.run / states.STOP).exists():
            raise StoppedError
        self.done += more
        now = time.monotonic()
        if now - self.said >= _SECONDS or self.done == self.total:
            self.said = now
            with contextlib.suppress(OSError):  # only a display
                states.write_display(
                    self.run / states.PROGRESS, asdict(Progress(self.done, self.total, now - self.began))
                )
