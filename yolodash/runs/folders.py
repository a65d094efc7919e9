"""The folders of runs: made whole, found by name, put into a bin."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from yolodash import __version__, bins, workspace
from yolodash.bins import BinEntry
from yolodash.errors import N_, InputError, WorkspaceError
from yolodash.runs.state import IN_SWEEP, busy, is_alive, log, now, read_json, write_state

Kind = Literal["train", "evaluate", "video", "augment", "sweep"]
Exist = Literal["error", "rename"]
FORMAT = 1
MOST_OF_A_NAME = 1000


def new_run_folder(name: str) -> Path:
    """Where a run of this name will lie.

    Raises:
        WorkspaceError: it cannot be a name, or is taken.
    """
    path = workspace.inside(workspace.folder("runs"), name)
    if path.exists():
        raise name_taken(name)
    return path


def numbered(name: str) -> Iterator[str]:
    """A name, then what it may be called where that is taken: ``NAME``, ``NAME-2``, ``NAME-3`` …"""
    yield name
    for number in range(2, MOST_OF_A_NAME):
        yield f"{name}-{number}"


def create_run(
    kind: Kind,
    name: str,
    *,
    options: Mapping[str, Any],
    data: Mapping[str, str],
    command: Sequence[str] = (),
    exist: Exist = "error",
    epochs: int | None = None,
    sweep: str = "",
) -> Path:
    """Make the folder of a run that waits for its worker; it appears whole or not at all.

    Args:
        exist: what to do where the name is taken; ``rename`` takes ``NAME-2``, ``NAME-3`` …
        sweep: the name of the sweep that it belongs to, and in which it waits for its turn.

    Raises:
        WorkspaceError: the name is taken or cannot be one, or the disk cannot be written to.
    """
    runs = workspace.folder("runs")
    for chosen in numbered(name):
        place = workspace.inside(runs, chosen)
        if not place.exists():
            partial = workspace.make_folder(runs / f".{uuid.uuid4().hex}.part")
            try:
                about = about_run(kind, chosen, command=command, options=options, data=data)
                workspace.write_json(partial / "run.json", {**about, "sweep": sweep} if sweep else about)
                write_state(partial, "queued", None if epochs is None else 0, epochs, IN_SWEEP * bool(sweep))
                appear(partial, place)
                return place
            except WorkspaceError:
                if exist == "error" or not place.exists():
                    raise
            finally:
                shutil.rmtree(partial, ignore_errors=True)
        elif exist == "error":
            break
    raise name_taken(name)


def about_run(
    kind: Kind, name: str, *, command: Sequence[str], options: Mapping[str, Any], data: Mapping[str, str]
) -> dict[str, Any]:
    """The content of ``run.json``."""
    return {
        "format": FORMAT,
        "kind": kind,
        "name": name,
        "created": now(),
        "command": list(command),
        "options": dict(options),
        "code": __version__,
        "data": dict(data),
    }


def appear(partial: Path, place: Path) -> None:
    """Give a finished folder its name.

    Raises:
        WorkspaceError: the name was taken meanwhile, or the disk cannot be written to.
    """
    workspace.rename_folder(partial, place, name_taken(place.name))


def find_run(name: str, kind: Kind | None = None) -> Path:
    """The folder of a run, by its name, ``runs/NAME`` or its path.

    Raises:
        InputError: there is no such run.
    """
    plain = name.removeprefix("runs/").rstrip("/")
    candidates = [workspace.folder("runs") / plain] if plain == workspace.safe_name(plain) else []
    for path in [*candidates, Path(name)]:
        about = read_json(path / "run.json")
        if about is not None and kind in (None, about.get("kind")):
            return path
    raise InputError(N_("There is no run of this name"), where=name, fix=N_("choose one that 'runs list' shows"))


def read_run(run: Path) -> dict[str, Any]:
    """The content of a run's ``run.json``.

    Raises:
        InputError: it cannot be read.
    """
    about = read_json(run / "run.json")
    if about is None or about.get("format") != FORMAT:
        raise InputError(
            N_("This run's description cannot be read"), where=f"{run.name}/run.json", fix=N_("start a new run")
        )
    return about


def delete_run(run: Path) -> BinEntry:
    """Put a run into the bin, where it stays for ``BIN_DAYS``; older ones there go.

    Raises:
        WorkspaceError: somebody works on it.
    """
    if is_alive(run):
        raise busy(run)
    log(run, "deleted")
    return bins.put_in_bin(run)


def list_bin() -> tuple[BinEntry, ...]:
    """The deleted runs, the newest first."""
    return bins.list_bin(workspace.folder("runs"))


def empty_bin(older_than_days: float = 0.0) -> None:
    """Delete for good what has been in the bin for so long."""
    bins.empty_bin(workspace.folder("runs"), older_than_days)


def name_taken(name: str) -> WorkspaceError:
    """The error for who wants to call a run as another is called."""
    return WorkspaceError(N_("There is a run of this name"), where=name, fix=N_("choose another name"))
