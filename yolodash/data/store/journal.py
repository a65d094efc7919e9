"""What happened to a data set, a line a change: ``{"event", "at", "by", …}``.

A change is written here, and flushed, before it is made: a line whose change did not follow, since the process was
killed in between, was never confirmed to anybody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
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
    for line in workspace.read_lines(dataset / JOURNAL):
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
