"""Runs of pages one after another: Python lets one thread compute at a time, and many that want to only get in each
other's way.

With fifty visitors a page that takes 30 ms by itself took a second when all ran at once: whoever lets go of the
interpreter, at each file that it reads, had to wait for each of the others before it went on.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

LEASE = 0.25


class Gate:
    """Lets one run in at a time, in the order of their coming; safe for threads.

    Who stays longer than the lease no longer counts, and the next is let in: a page that trains, or waits for a slow
    disk, holds up nobody.

    Args:
        lease: seconds.
        clock: seconds of a clock that only goes forward.
    """

    def __init__(self, lease: float = LEASE, clock: Callable[[], float] = time.monotonic) -> None:
        self._lease = lease
        self._clock = clock
        self._lock = threading.Lock()
        self._line: deque[threading.Event] = deque()
        self._holder: threading.Event | None = None
        self._until = -float("inf")
        self._mine = threading.local()

    @contextlib.contextmanager
    def passed(self) -> Iterator[float]:
        """Wait for one's turn, and have it for the length of the block.

        Yields:
            how many seconds it waited.
        """
        came = self._clock()
        self._enter()
        try:
            yield self._clock() - came
        finally:
            self._leave()

    @contextlib.contextmanager
    def outside(self) -> Iterator[None]:
        """Let others in for the length of the block, in which one waits for something else; then be the next.

        Does nothing for a thread that never came in.
        """
        inside = getattr(self._mine, "pass_", None) is not None
        if inside:
            self._leave()
        try:
            yield
        finally:
            if inside:
                self._enter(first=True)

    def _enter(self, *, first: bool = False) -> None:
        mine = threading.Event()
        with self._lock:
            (self._line.appendleft if first else self._line.append)(mine)
            self._admit()
        while not mine.wait(max(self._until - self._clock(), 0.001)):
            with self._lock:
                self._admit()
        self._mine.pass_ = mine

    def _leave(self) -> None:
        mine, self._mine.pass_ = self._mine.pass_, None
        with self._lock:
            if self._holder is mine:
                self._holder = None
                self._admit()

    def _admit(self) -> None:
        """Let the first in line in, if nobody is in, or for too long."""
        now = self._clock()
        if self._line and (self._holder is None or now >= self._until):
            self._holder = self._line.popleft()
            self._until = now + self._lease
            self._holder.set()
