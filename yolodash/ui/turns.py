"""Whose turn it is: the pages of this process run one after another, and share each device with other processes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from yolodash.serving.gate import Gate
from yolodash.ui import session

_gate = Gate()
page = _gate.passed


@contextlib.contextmanager
def device(name: str, *, interactive: bool = True, on_wait: Callable[[int], object] | None = None) -> Iterator[None]:
    """Have a device to this session for the length of the block; other pages run while this one waits for it.

    Args:
        name: ``cpu``, ``cuda:0`` …
        interactive: whether a person waits for it.
        on_wait: told how many jobs come before this one, while the device is busy.

    Raises:
        DeviceError: the turn did not come in time.
        WorkspaceError: the queue's folder cannot be written to.
    """
    from yolodash.inference import queue

    with contextlib.ExitStack() as stack:
        with _gate.outside():
            stack.enter_context(queue.turn(name, session.owner(), interactive=interactive, on_wait=on_wait))
        yield
