"""What happens on this server, as one value: people, queue, times, memory, disk."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from yolodash import workspace
from yolodash.data.room import bytes_below
from yolodash.inference import queue
from yolodash.inference.devices import memory
from yolodash.serving.latency import QUANTILES, Clock, PageRun, quantile

METRICS = "metrics.prom"
SERVER = "status.json"
FRESH = 60.0
"""Seconds for which what a server wrote about itself counts as now."""


@dataclass(frozen=True)
class Line:
    """The queue of a device: whether somebody has it, and how many jobs wait."""

    device: str
    running: bool
    waiting: int


@dataclass(frozen=True)
class Times:
    """Runs of pages in the last ten minutes, and milliseconds that half, 95 and 99 of a hundred stay below.

    ``waited`` is what 95 of a hundred stay below before it is their turn.
    """

    runs: int
    p50: float | None
    p95: float | None
    p99: float | None
    waited: float | None = None


@dataclass(frozen=True)
class Gpu:
    """A GPU: bytes in all and in use, and how busy it is in per cent."""

    name: str
    total: int
    used: int
    busy: int


@dataclass(frozen=True)
class Status:
    """What happens on a server.

    Attributes:
        taken: when it was looked at, in seconds since 1970.
        sessions: open connections; None where no server of this workspace says so.
        kept_sessions: browsers for which something is kept.
        lines: the queues of the devices.
        times: how long pages take on the server.
        page_runs: since the server started, and the seconds of all together.
        resident: bytes of memory that the server takes.
        memory_total, memory_free: bytes of the machine, or of its container.
        gpus: none where there are none.
        folders: bytes of each folder of the workspace.
        disk_total, disk_free: bytes of the disk on which it lies.
    """

    taken: float
    sessions: int | None
    kept_sessions: int
    lines: tuple[Line, ...]
    times: Times
    page_runs: tuple[int, float]
    resident: int | None
    memory_total: int | None
    memory_free: int | None
    gpus: tuple[Gpu, ...]
    folders: dict[str, int]
    disk_total: int
    disk_free: int

    def record(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return asdict(self)


def look(sessions: int | None, clock: Clock, folders: dict[str, int]) -> Status:
    """The status now.

    Args:
        sessions: open connections.
        clock: how long pages took.
        folders: bytes of each folder, which take long to count.

    Raises:
        WorkspaceError: the workspace cannot be read or written to.
    """
    home = workspace.make_folder(workspace.home())
    total, free = memory()
    disk = shutil.disk_usage(home)
    return Status(
        taken=time.time(),
        sessions=sessions,
        kept_sessions=_kept_sessions(),
        lines=lines(),
        times=times(clock.newest()),
        page_runs=clock.totals(),
        resident=resident(),
        memory_total=total,
        memory_free=free,
        gpus=gpus(),
        folders=folders,
        disk_total=disk.total,
        disk_free=disk.free,
    )


def times(runs: Sequence[PageRun]) -> Times:
    """Percentiles in milliseconds; None where nothing ran."""
    seconds = [run.seconds for run in runs]
    found = [*(quantile(seconds, share) for share in QUANTILES), quantile([run.waited for run in runs], 0.95)]
    return Times(len(runs), *(None if math.isnan(value) else round(1000 * value, 1) for value in found))


def lines() -> tuple[Line, ...]:
    """The queues of all devices for which anything ever waited."""
    folder = workspace.folder("devices")
    names = sorted(path.name.removesuffix(".queue") for path in folder.glob("*.queue") if path.is_dir())
    return tuple(Line(name, queue.busy(name), len(queue.waiting(name))) for name in names)


def folder_sizes() -> dict[str, int]:
    """Bytes of each folder of the workspace; takes seconds where there are many files."""
    home = workspace.home()
    return {name: bytes_below(home / name) for name in workspace.FOLDERS}


def resident() -> int | None:
    """Bytes of memory that this process takes; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def gpus() -> tuple[Gpu, ...]:
    """NVIDIA's GPUs as their own tool tells of them, so that no page has to load torch for it."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    asked = "--query-gpu=name,memory.total,memory.used,utilization.gpu"
    try:
        done = subprocess.run(
            [tool, asked, "--format=csv,noheader,nounits"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    return gpus_in(done.stdout)


def gpus_in(text: str) -> tuple[Gpu, ...]:
    """GPUs of the tool's table: name, MiB in all, MiB in use, per cent; lines of another form are passed over."""
    found = []
    for line in text.splitlines():
        with contextlib.suppress(ValueError):
            name, total, used, busy = (part.strip() for part in line.rsplit(",", 3))
            found.append(Gpu(name, int(total) * 2**20, int(used) * 2**20, int(busy)))
    return tuple(found)


def _kept_sessions() -> int:
    return sum(1 for path in workspace.folder("sessions").iterdir() if path.is_dir())
