"""Whole data sets of the workspace: made, found, renamed, noted, put into the bin."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from yolodash import bins, workspace
from yolodash.bins import BinEntry
from yolodash.data.formats.own import looks_like_own
from yolodash.data.store.classes import StoredClass, usual_colour
from yolodash.data.store.journal import changing, note_event, now
from yolodash.errors import N_, DatasetError, WorkspaceError

FORMAT = 1
_WRITTEN = (".", "images", "annotations")
_BEGUN = re.compile(r"\.[0-9a-f]{16}\.part")


def create_dataset(name: str, *, classes: Sequence[str] = (), note: str = "", by: str = "") -> Path:
    """A new, empty data set; it appears whole or not at all.

    Raises:
        WorkspaceError: the name is taken or cannot be one, or the disk cannot be written to.
    """
    place = free_place(name)
    stored = [StoredClass(number, one, usual_colour(number)) for number, one in enumerate(classes)]
    with workspace.new_folder(place) as folder:
        write_frame(folder, stored, note=note)
        note_event(folder, "created", by, classes=list(classes))
    return place


def free_place(name: str) -> Path:
    """Where a data set of this name will lie.

    Raises:
        WorkspaceError: the name is taken or cannot be one.
    """
    place = workspace.inside(workspace.folder("datasets"), name)
    if place.exists():
        raise _taken(name)
    return place


def write_frame(folder: Path, classes: Sequence[StoredClass], *, note: str = "") -> None:
    """What every data set has, before its pictures."""
    for part in ("images", "annotations"):
        (folder / part).mkdir()
    workspace.write_json(folder / "about.json", {"format": FORMAT, "created": now(), "note": note})
    workspace.write_json(folder / "classes.json", [asdict(one) for one in classes])
    workspace.write_json(folder / "splits.json", {})


def find_stored(name: str) -> Path:
    """The folder of a data set, by its name.

    Raises:
        DatasetError: there is none of this name.
    """
    if name == workspace.safe_name(name):
        path = workspace.folder("datasets") / name
        if not path.is_symlink() and looks_like_own(path):
            return path
    raise DatasetError(N_("There is no such data set"), where=name, fix=N_("choose one that the page Data sets shows"))


def list_stored() -> tuple[Path, ...]:
    """The folders of all data sets, by name."""
    folders = workspace.folder("datasets").iterdir()
    return tuple(sorted(one for one in folders if not one.name.startswith(".") and looks_like_own(one)))


def read_about(dataset: Path) -> dict[str, Any]:
    """``format``, ``created`` and ``note``; empty for a data set that another program made."""
    try:
        content = json.loads((dataset / "about.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def write_note(dataset: Path, text: str) -> None:
    """Keep a few words about a data set."""
    with changing(dataset):
        about = {"format": FORMAT, "created": "", **read_about(dataset), "note": text}
        workspace.write_json(dataset / "about.json", about)


def rename_dataset(dataset: Path, name: str) -> Path:
    """Call a data set otherwise. Runs name it by its path: those that go on need the old one.

    Raises:
        WorkspaceError: the name is taken or cannot be one.
    """
    with changing(dataset):
        place = free_place(name)
        note_event(dataset, "renamed", "", before=dataset.name, after=name)
        workspace.rename_folder(dataset, place, _taken(name))
    return place


def delete_dataset(dataset: Path) -> BinEntry:
    """Put a data set into the bin, where it stays for 30 days."""
    with changing(dataset):
        note_event(dataset, "deleted", "")
        return bins.put_in_bin(dataset)


def list_bin() -> tuple[BinEntry, ...]:
    """The deleted data sets, the newest first."""
    return bins.list_bin(workspace.folder("datasets"))


def restore(entry: BinEntry) -> Path:
    """Take a data set out of the bin.

    Raises:
        WorkspaceError: its name was taken meanwhile.
    """
    place = free_place(entry.name)
    workspace.rename_folder(entry.path, place, _taken(entry.name))
    return place


def sweep_leftovers() -> int:
    """Remove what killed processes left of data sets, versions and files that they were writing; gives how many.

    Nothing goes that is being written: who fills a folder holds its lock, who writes a file the data set's.
    """
    swept = workspace.sweep_work_folders(workspace.folder("datasets"))
    for dataset in list_stored():
        swept += workspace.sweep_work_folders(dataset / "versions")
        with suppress(WorkspaceError), workspace.locked(dataset / ".lock", wait=False) as ours:  # one may be read-only
            if ours:
                swept += sum(_removed(path) for part in _WRITTEN for path in (dataset / part).glob(".*.part"))
    return swept


def _removed(path: Path) -> bool:
    """Whether a file that ``workspace.writing`` had begun is gone now."""
    if _BEGUN.fullmatch(path.name) is None or not path.is_file():
        return False
    with suppress(OSError):
        path.unlink()
    return not path.exists()


def _taken(name: str) -> WorkspaceError:
    return WorkspaceError(N_("There is a data set of this name"), where=name, fix=N_("choose another name"))
