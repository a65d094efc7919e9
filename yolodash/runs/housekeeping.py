"""Keeping order among runs: their names, a note on each, what depends on which, and the room that they take."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from yolodash import workspace
from yolodash.bins import BIN, BinEntry, size_on_disk
from yolodash.errors import N_, InputError, WorkspaceError
from yolodash.runs.folders import appear, delete_run, name_taken, new_run_folder, numbered, read_run
from yolodash.runs.launch import LOG
from yolodash.runs.state import LOCK, STARTING_SECONDS, STATE, busy, is_alive, log, read_json, written_state
from yolodash.runs.sweep import delete_sweep, renamed

NOTE = "note.txt"
LONGEST_NOTE = 10_000
How = Literal["trained", "evaluated", "sweep", "member"]
"""Trained from its weights · an evaluation of it · the sweep that it belongs to · belongs to it, a sweep."""


@dataclass(frozen=True)
class Citation:
    """Another run that builds on this one, and how."""

    run: str
    how: How


@dataclass(frozen=True)
class Room:
    """Bytes: of all runs, of those in the bin, and free on their disk."""

    runs: int
    bin: int
    free: int


def read_note(run: Path) -> str:
    """What somebody wrote down about a run; empty where nobody did."""
    with contextlib.suppress(OSError):
        return (run / NOTE).read_bytes()[:LONGEST_NOTE].decode("utf-8", "replace")
    return ""


def write_note(run: Path, text: str) -> None:
    """Write a note down, whole; an empty one goes.

    Raises:
        InputError: it is too long.
        WorkspaceError: the disk.
    """
    if len(text.encode()) > LONGEST_NOTE:
        raise InputError(
            N_("This note is too long"), where=run.name, fix=N_("use at most {most} letters"), most=LONGEST_NOTE
        )
    if text.strip():
        workspace.write_bytes(run / NOTE, text.encode("utf-8", "replace"))
    else:
        (run / NOTE).unlink(missing_ok=True)


def rename_run(run: Path, name: str) -> Path:
    """Give a run another name; the runs that build on it follow.

    Raises:
        WorkspaceError: a worker has it or is on its way, or the name is taken or cannot be one.
        InputError: its description cannot be read.
    """
    with _at_rest(run):
        about = read_run(run)
        place = new_run_folder(name)
        citing = citations(run)
        try:
            run.rename(place)
        except OSError as error:
            raise workspace.disk_error(error, run) from error
        workspace.flush_folder(place.parent)
    workspace.write_json(place / "run.json", {**about, "name": name})
    log(place, f"renamed from {run.name}")
    renamed(run.name, name)
    for one in citing:
        if one.how in ("trained", "evaluated"):
            _follow(run.parent / one.run, run, place)
    return place


def bin_run(run: Path) -> tuple[BinEntry, ...]:
    """Put a run into the bin (see ``delete_run`` and ``delete_sweep``), also one whose description is damaged.

    Raises:
        WorkspaceError: a worker has it or is on its way.
    """
    with _at_rest(run):
        pass  # let go again: what moves the folder looks at the lock itself
    about = read_json(run / "run.json")
    return delete_sweep(run) if about is not None and about.get("kind") == "sweep" else (delete_run(run),)


def unbin_run(entry: BinEntry) -> Path:
    """Take a run out of the bin, under its own name or the next that is free.

    Raises:
        WorkspaceError: the disk, or all names are taken.
    """
    for name in numbered(entry.name):
        try:
            place = new_run_folder(name)
            appear(entry.path, place)
        except WorkspaceError:
            if not (workspace.folder("runs") / name).exists():
                raise
            continue
        about = read_json(place / "run.json")
        if about is not None and about.get("name") != name:
            workspace.write_json(place / "run.json", {**about, "name": name})
        log(place, "restored")
        return place
    raise name_taken(entry.name)


def citations(run: Path) -> tuple[Citation, ...]:
    """The runs that build on this one, by name."""
    found = []
    own = (read_json(run / "run.json") or {}).get("sweep")
    for path in sorted(run.parent.iterdir()):
        about = read_json(path / "run.json") if path != run and not path.name.startswith(".") else None
        if about is None:
            continue
        if path.name == own:
            found.append(Citation(path.name, "sweep"))
        elif about.get("sweep") == run.name:
            found.append(Citation(path.name, "member"))
        elif _means(_weights(about), run):
            found.append(Citation(path.name, "evaluated" if about.get("kind") == "evaluate" else "trained"))
    return tuple(found)


def room() -> Room:
    """What the runs take."""
    folder = workspace.folder("runs")
    binned = size_on_disk(folder / BIN)
    return Room(size_on_disk(folder) - binned, binned, shutil.disk_usage(folder).free)


def _weights(about: dict[str, Any]) -> str:
    options = about.get("options")
    return str(options.get("weights") or "") if isinstance(options, dict) else ""


def _means(weights: str, run: Path) -> bool:
    """Whether ``--weights`` so written is a model of this run."""
    if not weights:
        return False
    name = weights.removeprefix("runs/").removesuffix("/last").rstrip("/")
    return name == run.name or Path(weights).parent == run.resolve() or Path(name) == run.resolve()


def _follow(citing: Path, before: Path, after: Path) -> None:
    """Let a run that builds on a renamed one say the new name."""
    about = read_json(citing / "run.json")
    if about is not None:
        weights, known = _weights(about), str(before)
        told = (
            weights.replace(known, str(after), 1) if known in weights else weights.replace(before.name, after.name, 1)
        )
        about["options"]["weights"] = told
        workspace.write_json(citing / "run.json", about)


@contextlib.contextmanager
def _at_rest(run: Path) -> Iterator[None]:
    """Hold the lock of a run on which nobody works, and for which no worker is on its way.

    Raises:
        WorkspaceError: somebody does, or one is.
    """
    with workspace.locked(run / LOCK, wait=False) as ours:
        if not ours or _is_starting(run):
            raise busy(run)
        yield


def _is_starting(run: Path) -> bool:
    """Whether a worker is on its way to a run, or it belongs to a sweep that is at work."""
    sweep = (read_json(run / "run.json") or {}).get("sweep")
    if isinstance(sweep, str) and sweep and is_alive(run.parent / sweep):
        return True
    if written_state(run).state != "queued" or not (run / LOG).exists():
        return False
    return time.time() - (run / STATE).stat().st_mtime < STARTING_SECONDS
