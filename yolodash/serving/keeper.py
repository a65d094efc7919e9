"""A thread beside the pages: writes down how the server does, and sweeps what nobody came back for."""

from __future__ import annotations

import gc
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from yolodash import workspace
from yolodash.data.limits import demo
from yolodash.data.store.folders import sweep_leftovers
from yolodash.data.uploads import sweep_sessions
from yolodash.errors import YoloDashError
from yolodash.serving import logs, prometheus
from yolodash.serving.latency import Clock
from yolodash.serving.status import METRICS, SERVER, Status, folder_sizes, look

METRICS_SETTING = "YOLODASH_METRICS"
DAYS_SETTING = "YOLODASH_SESSION_DAYS"
DAYS, DEMO_DAYS = 30.0, 1.0
WRITE_SECONDS = 5.0
COLLECT_SECONDS = 20.0
COUNT_SECONDS = 60.0
SWEEP_SECONDS = 3600.0
_LOG = logging.getLogger("yolodash")


def session_days() -> float:
    """After how many days without a visit a session is deleted: ``YOLODASH_SESSION_DAYS``, else 30, of a demo 1."""
    usual = DEMO_DAYS if demo() else DAYS
    try:
        days = float(os.environ.get(DAYS_SETTING) or usual)
    except ValueError:
        return usual
    return days if 0 < days < 100_000 else usual


class Keeper:
    """The thread's work, one step at a time."""

    def __init__(self, sessions: Callable[[], int | None], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._collected = self._counted = self._swept = -float("inf")
        self._folders: dict[str, int] = {}
        self._well = True

    def step(self, now: float) -> None:
        """Do what is due; what goes wrong is logged once, and tried again.

        Args:
            now: seconds of a clock that only goes forward.
        """
        try:
            if now - self._swept >= SWEEP_SECONDS:
                self._swept = now
                sessions = sweep_sessions(timedelta(days=session_days()))
                logs.event("sweep", sessions=sessions, leftovers=sweep_leftovers())
            if now - self._collected >= COLLECT_SECONDS:
                self._collected = now
                gc.collect()  # Streamlit would after every run of a page, which takes longer than most runs
            if now - self._counted >= COUNT_SECONDS:
                self._counted = now
                self._folders = folder_sizes()
            write(look(self._sessions(), self._clock, self._folders))
            self._well = True
        except (YoloDashError, OSError, ValueError):
            if self._well:
                _LOG.exception("the server's status could not be written")
            self._well = False

    def run(self, stop: threading.Event) -> None:
        """Step after step until told to stop."""
        while not stop.wait(WRITE_SECONDS):
            self.step(time.monotonic())


def write(status: Status) -> None:
    """Put a status where others find it: for Prometheus, and for ``python -m yolodash status``.

    Raises:
        OSError: the disk.
    """
    home = workspace.home()
    _replace(Path(os.environ.get(METRICS_SETTING) or home / METRICS), prometheus.text(status))
    _replace(home / SERVER, json.dumps(status.record()) + "\n")


def begin(sessions: Callable[[], int | None], clock: Clock) -> threading.Event:
    """Start the thread.

    Args:
        sessions: tells the number of open connections.
        clock: how long pages took.

    Returns:
        what stops it when set.
    """
    stop = threading.Event()
    keeper = Keeper(sessions, clock)
    threading.Thread(target=keeper.run, args=(stop,), name="keeper", daemon=True).start()
    return stop


def _replace(path: Path, content: str) -> None:
    """A file that is replaced whole, but not flushed: nothing depends on it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    beside.write_text(content, encoding="utf-8")
    beside.replace(path)
