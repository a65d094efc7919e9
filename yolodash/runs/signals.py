"""Signals to a worker: heeded for as long as it works, then as before."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

DEATH_OF_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's prctl."""


@contextlib.contextmanager
def heeded(heed: Callable[[int], None], *numbers: signal.Signals) -> Iterator[None]:
    """Let something be done for each of these signals that comes in the block.

    Only the main thread gets signals; in another one the block runs without.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handler(number: int, frame: FrameType | None) -> None:
        heed(number)

    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, handled in before.items():
            signal.signal(number, handled)
