"""A bin: what was deleted lies beside what was not, for 30 days, and can be taken back.

A folder's bin is ``.bin`` in it; an entry is called ``SECONDS NAME``, the time of its deletion and its name before.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from yolodash import workspace

BIN = ".bin"
BIN_DAYS = 30


@dataclass(frozen=True)
class BinEntry:
    """Something deleted.

    Attributes:
        name: that it had.
        path: of its folder in the bin.
        bytes: what it takes.
        days_left: until it may be gone.
    """

    name: str
    path: Path
    bytes: int
    days_left: float


def size_on_disk(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def put_in_bin(place: Path) -> BinEntry:
    """Move a folder into the bin of the folder in which it stands; what is too old there goes.

    Raises:
        WorkspaceError: the disk cannot be written to.
    """
    empty_bin(place.parent, BIN_DAYS)
    target = free_entry(place.parent, place.name)
    try:
        place.rename(target)
    except OSError as error:
        raise workspace.disk_error(error, place) from error
    workspace.flush_folder(place.parent)
    return _entry(target)


def free_entry(folder: Path, name: str) -> Path:
    """Where something of this name may lie in a folder's bin."""
    bin_folder = workspace.make_folder(folder / BIN)
    seconds = int(time.time())
    while (target := bin_folder / f"{seconds} {name}").exists():
        seconds += 1
    return target


def list_bin(folder: Path) -> tuple[BinEntry, ...]:
    """What lies in a folder's bin, the newest first."""
    places = [path for path in (folder / BIN).iterdir() if path.is_dir()] if (folder / BIN).is_dir() else []
    return tuple(_entry(path) for path in sorted(places, reverse=True))


def empty_bin(folder: Path, older_than_days: float = 0.0) -> None:
    """Delete for good what has been in a folder's bin for so long."""
    for entry in list_bin(folder):
        if BIN_DAYS - entry.days_left >= older_than_days:
            remove(entry)


def remove(entry: BinEntry) -> None:
    """Delete one for good."""
    shutil.rmtree(entry.path, ignore_errors=True)


def _entry(place: Path) -> BinEntry:
    deleted, _, name = place.name.partition(" ")
    age = (time.time() - float(deleted)) / 86_400 if deleted.isdecimal() else 0.0
    return BinEntry(name, place, size_on_disk(place), BIN_DAYS - age)
