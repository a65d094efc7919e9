"""What happened to a data set, a line a change: ``{"event", "at", "by", …}``.

A change is written here, and flushed, before it is made: a line whose change did not follow, since the process was
killed in between, was never confirmed to anybody.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from yolodash import workspace

JOURNAL = "journal.jsonl"


def now() -> str:
    """The time as ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def changing(dataset: Path) -> Iterator[None]:
    """Be the only one that changes a data set."""
    with workspace.locked(dataset / ".lock"):
        yield


def note_event(dataset: Path, event: str, by: str, **values: Any) -> str:
    """Write a line before a change is made; gives its time.

    Raises:
        WorkspaceError: the disk is full, read-only or not ours.
    """
    at = now()
    record = {"event": event, "at": at, "by": by, **values}
    workspace.append_line(dataset / JOURNAL, json.dumps(record, ensure_ascii=False))
    return at


def events(dataset: Path) -> Iterator[dict[str, Any]]:
    """Every change, the oldest first; lines that a kill cut off are passed over."""
    return _records(workspace.read_lines(dataset / JOURNAL))


@dataclass(frozen=True)
class Mark:
    """How far a journal was read: the file, as the file system knows it, and the bytes of it."""

    device: int = -1
    inode: int = -1
    length: int = 0

    def continues(self, earlier: Mark) -> bool:
        """Whether this is the same journal, no shorter than it was."""
        return (self.device, self.inode) == (earlier.device, earlier.inode) and self.length >= earlier.length


def end_of(dataset: Path) -> Mark:
    """A mark behind everything that is written by now."""
    try:
        about = (dataset / JOURNAL).stat()
    except OSError:
        return Mark()
    return Mark(about.st_dev, about.st_ino, about.st_size)


def events_since(dataset: Path, mark: Mark) -> tuple[list[dict[str, Any]], Mark]:
    """The changes behind a mark and the mark behind them; every change where the journal does not go on from it.

    No clock is asked: a journal only grows, whoever writes it.
    """
    try:
        with (dataset / JOURNAL).open("rb") as file:
            about = os.fstat(file.fileno())
            goes_on = Mark(about.st_dev, about.st_ino, about.st_size).continues(mark)
            start = file.seek(mark.length if goes_on else 0)
            whole, line_break, _torso = file.read().rpartition(b"\n")
    except OSError:
        return [], Mark()
    after = Mark(about.st_dev, about.st_ino, start + len(whole) + len(line_break))
    return list(_records(whole.decode("utf-8", "replace").split("\n"))), after


_told: dict[Path, tuple[Mark, set[str]]] = {}
"""By data set: how far its journal was read, and the pictures of which it tells until there."""


def tells_of(dataset: Path, stem: str) -> bool:
    """Whether the journal tells a picture's history; it is read on from where it was the last time.

    For whoever holds ``changing``.
    """
    mark, told = _told.get(dataset, (Mark(), set()))
    new, after = events_since(dataset, mark)
    if not after.continues(mark):
        told = set()
    told.update(str(one.get("stem")) for one in new if one.get("event") in ("saved", "found"))
    _told[dataset] = after, told
    return stem in told


def _records(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            yield record


def last_change(dataset: Path) -> float:
    """When a data set was changed last, in seconds since 1970; 0 for one that has no journal."""
    try:
        return (dataset / JOURNAL).stat().st_mtime
    except OSError:
        return 0.0
