"""Room for what all sessions keep together: a bound on the sum, and on what has to stay free on the disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import time
from pathlib import Path

from yolodash import workspace
from yolodash.data.limits import demo
from yolodash.errors import N_, InputError

SETTING = "YOLODASH_SESSIONS_GIB"
GIBIBYTES = 20.0
DEMO_GIBIBYTES = 4.0
LEAST_FREE = 512 * 2**20
"""Bytes of the disk that uploads leave to runs and to everything else."""
REMEMBERED = 10.0
"""Seconds for which a sum counts; what comes in the meantime is added to it."""


class _Sum:
    """Bytes of all sessions, counted anew when it is too old."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[Path, float, int] | None = None

    def with_more(self, folder: Path, size: int, limit: int) -> bool:
        """Take so many bytes in, if that stays within the limit."""
        with self._lock:
            now = time.monotonic()
            known = self._known
            if known is None or known[0] != folder or now - known[1] > REMEMBERED:
                known = (folder, now, bytes_below(folder))
            fits = known[2] + size <= limit
            self._known = (known[0], known[1], known[2] + size * fits)
            return fits


_SUM = _Sum()


def bytes_below(folder: Path) -> int:
    """Bytes of all files below a folder; what goes away while it is counted is none, and links are not followed."""
    total = 0
    for place, _folders, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - a hundred thousand of them
    return total


def most_bytes() -> int:
    """What all sessions may keep together: ``YOLODASH_SESSIONS_GIB``, else 20 GiB, on a server for strangers 4."""
    usual = DEMO_GIBIBYTES if demo() else GIBIBYTES
    try:
        gibibytes = float(os.environ.get(SETTING) or usual)
    except ValueError:
        gibibytes = usual
    return int(gibibytes * 2**30) if 0 <= gibibytes < 2**20 else int(usual * 2**30)


def take(name: str, size: int) -> None:
    """Refuse a file for which all sessions together have no room.

    Args:
        name: what the user calls it.
        size: in bytes.

    Raises:
        InputError: there is none.
    """
    folder = workspace.folder("sessions")
    if shutil.disk_usage(folder).free - size < LEAST_FREE or not _SUM.with_more(folder, size, most_bytes()):
        raise InputError(
            N_("This server has no room for more uploads"),
            where=name,
            fix=N_("delete uploads that are no longer needed, or ask whoever runs this server"),
        )
