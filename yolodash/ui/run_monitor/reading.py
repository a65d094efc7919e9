"""What the files of a run say, each read again only when it has changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from yolodash import workspace
from yolodash.bins import size_on_disk
from yolodash.errors import N_, InputError
from yolodash.runs.launch import LOG
from yolodash.runs.metrics import METRICS, best_of, read_metrics
from yolodash.runs.state import AT_WORK, EVENTS, RunState, read_json, read_state

Stamp = tuple[int, int] | None
"""Size and time of a file; another one where anything was written. None where there is none."""

REPORT = "report.json"
LAST_LINES = 200
_LONGEST_LOG = 64 << 10


@dataclass(frozen=True)
class Watched:
    """A run as the page shows it.

    Attributes:
        path: its folder.
        about: its ``run.json``; empty where that cannot be read.
        state: how far it is.
    """

    path: Path
    about: dict[str, Any]
    state: RunState

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.name

    @property
    def kind(self) -> str:
        """``train``, ``evaluate``, ``sweep`` …"""
        return str(self.about.get("kind", ""))

    @property
    def options(self) -> dict[str, Any]:
        """What it was told; empty where that cannot be read."""
        options = self.about.get("options")
        return options if isinstance(options, dict) else {}

    @property
    def at_work(self) -> bool:
        """Whether something may change by itself."""
        return self.state.state in AT_WORK

    def has(self, file: str) -> bool:
        """Whether a file of that name is in its folder."""
        return (self.path / file).is_file()


def watched(name: str) -> Watched:
    """A run by its name.

    Raises:
        InputError: there is none.
        WorkspaceError: it cannot be a name.
    """
    path = workspace.inside(workspace.folder("runs"), name)
    if not path.is_dir():
        raise InputError(N_("There is no run of this name"), where=name, fix=N_("choose another one"))
    return Watched(path, read_json(path / "run.json") or {}, read_state(path))


def stamp(path: Path) -> Stamp:
    """What changes when a file does."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def records_of(run: Path) -> list[dict[str, Any]]:
    """The epochs of a run; the process reads them once for each state of the file."""
    return _records(str(run), stamp(run / METRICS))


@st.cache_resource(show_spinner=False, max_entries=64)
def _records(run: str, seen: Stamp) -> list[dict[str, Any]]:
    return read_metrics(Path(run))


def best_numbers(run: Path, kind: str) -> tuple[float | None, float | None]:
    """mAP50 and mAP of the best epoch, or of an evaluation; None where there is none (yet)."""
    if kind == "evaluate":
        report = _report(str(run), stamp(run / REPORT)) or {}
        return _known(report.get("map50")), _known(report.get("map"))
    best = best_of(records_of(run)) or {}
    return _known(best.get("map50")), _known(best.get("map"))


@st.cache_resource(show_spinner=False, max_entries=256)
def _report(run: str, seen: Stamp) -> dict[str, Any] | None:
    return read_json(Path(run) / REPORT)


def _known(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value >= 0 else None


def bytes_of(run: Path) -> int:
    """What a run takes on the disk; counted again when anything was added, taken away or replaced in its folder."""
    return _bytes(str(run), stamp(run), stamp(run / "pictures"))


@st.cache_resource(show_spinner=False, max_entries=512)
def _bytes(run: str, seen: Stamp, pictures: Stamp) -> int:
    try:
        return size_on_disk(Path(run))
    except OSError:
        return 0  # a file was replaced while they were counted


def events(run: Path) -> str:
    """The last lines of the log of events."""
    return _tail(run / EVENTS)


def output(run: Path) -> str:
    """The last lines of what its worker said."""
    return _tail(run / LOG)


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LONGEST_LOG))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-LAST_LINES:])
