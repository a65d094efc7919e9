"""How long pages take on the server, from the first line of a run to its last.

A ring of the newest runs for percentiles, and sums since the start for whoever collects them.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from yolodash.serving import logs

KEPT = 4096
QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class PageRun:
    """One run of a page.

    Attributes:
        page: its name in the address; ``home`` for Home.
        ended: seconds since 1970.
        seconds: how long it ran.
        waited: how many seconds it waited for its turn before (``gate.py``).
    """

    page: str
    ended: float
    seconds: float
    waited: float = 0.0


class Clock:
    """The newest runs of pages, and how many there were; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: deque[PageRun] = deque(maxlen=KEPT)
        self._count = 0
        self._sum = 0.0

    @contextlib.contextmanager
    def measured(self, page: str, waited: float = 0.0) -> Iterator[None]:
        """Time the block, however it ends.

        Args:
            page: its name in the address; empty for Home.
            waited: seconds before it could begin.
        """
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(PageRun(page or "home", time.time(), time.perf_counter() - start, waited))

    def add(self, run: PageRun) -> None:
        """Remember a run."""
        with self._lock:
            self._runs.append(run)
            self._count += 1
            self._sum += run.seconds
        logs.event("page", page=run.page, milliseconds=round(1000 * run.seconds), waited=round(1000 * run.waited))

    def newest(self, seconds: float = 600.0) -> list[PageRun]:
        """The runs that ended in the last so many seconds, the oldest first."""
        since = time.time() - seconds
        with self._lock:
            return [run for run in self._runs if run.ended >= since]

    def totals(self) -> tuple[int, float]:
        """How many runs since the start, and their seconds together."""
        with self._lock:
            return self._count, self._sum


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed; not a number where there are none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
