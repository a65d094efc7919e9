"""One fair queue for each device, shared by all processes of this machine.

A job that waits is a file in ``devices/NAME.queue/``; its owner holds a lock on it for as long as it lives, so a file
that nobody holds belongs to a process that died, and is cleared away. Whoever is first in line and gets
``devices/NAME.lock`` has the device. The operating system frees both locks when a process ends, however it ends.

Order: interactive work first; then the owners in turn, each owner's jobs by age. An owner that had a turn while others
waited goes behind them: what counts is how long ago it came or had its last turn.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

from yolodash import workspace
from yolodash.errors import N_, DeviceError, WorkspaceError

TIMEOUT = 600.0
POLL = 0.05
"""After how many seconds a job that waits looks whether another process has let go."""
STALE = 60.0
_SUFFIX = ".ticket"
_TURNS = "turns.json"
_held = threading.local()


@dataclass(frozen=True)
class Waiting:
    """A job in line.

    Attributes:
        owner: who asked.
        interactive: whether a person waits for it.
        since: when it came, in seconds since 1970.
        path: its file.
    """

    owner: str
    interactive: bool
    since: float
    path: Path


class _Ended:
    """Counts the turns that ended in this process, and wakes its threads that wait for one."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.count = 0

    def add(self) -> None:
        """One more."""
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, since: int, timeout: float) -> None:
        """Until there are more than that, or so many seconds are over."""
        with self._condition:
            self._condition.wait_for(lambda: self.count != since, timeout)


_ended = _Ended()


@contextlib.contextmanager
def turn(
    device: str,
    owner: str,
    *,
    interactive: bool = True,
    on_wait: Callable[[int], object] | None = None,
    timeout: float = TIMEOUT,
) -> Iterator[None]:
    """Have a device to oneself for the length of the block.

    A thread that has the device already gets it again at once.

    Args:
        device: ``cpu``, ``cuda:0`` …
        owner: who asks: a session, a run; owners take turns.
        interactive: whether a person waits for it.
        on_wait: called with the number of jobs ahead, whenever that changes.
        timeout: how many seconds to wait at most.

    Raises:
        DeviceError: the turn did not come in time.
        WorkspaceError: the queue's folder cannot be written to.
    """
    mine: set[str] = _held.__dict__.setdefault("devices", set())
    if device in mine:
        yield
        return
    try:
        with _ticket(device, owner, interactive) as ticket, _acquired(device, ticket, on_wait, timeout):
            mine.add(device)
            try:
                yield
            finally:
                mine.discard(device)
    finally:
        _ended.add()


def waiting(device: str) -> list[Waiting]:
    """The jobs that wait for a device, the next one first. Tickets of processes that died are cleared away."""
    folder = _queue_folder(device)
    tickets = sorted(_alive(folder), key=lambda ticket: (not ticket.interactive, ticket.since))
    last_turns = _last_turns(folder)
    jobs: Counter[str] = Counter()
    keys: dict[Path, tuple[bool, int, float]] = {}
    for ticket in tickets:
        since = max(ticket.since, last_turns.get(ticket.owner, 0.0))
        keys[ticket.path] = (not ticket.interactive, jobs[ticket.owner], since)
        jobs[ticket.owner] += 1
    return sorted(tickets, key=lambda ticket: keys[ticket.path])


def place(device: str, owner: str) -> int | None:
    """How many jobs have to end before an owner's next one begins, the running one included; None if it has none."""
    for ahead, ticket in enumerate(waiting(device)):
        if ticket.owner == owner:
            return ahead + busy(device)
    return None


def busy(device: str) -> bool:
    """Whether someone has the device now."""
    with workspace.locked(_lock_file(device), wait=False) as free:
        return not free


@contextlib.contextmanager
def _ticket(device: str, owner: str, interactive: bool) -> Iterator[Path]:
    """A file in the line, locked by us; gone when the block ends.

    It gets its lock under a hidden name and is renamed then: nobody ever sees it without its lock.
    """
    folder = _queue_folder(device)
    hidden = folder / f".{uuid4().hex}{_SUFFIX}"
    path = folder / hidden.name[1:]
    try:
        file = open(hidden, "w", encoding="utf-8")  # noqa: SIM115 - its lock has to outlive this line
    except OSError as error:
        raise workspace.disk_error(error, hidden) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            json.dump({"owner": owner, "interactive": interactive, "since": time.time()}, file)
            file.flush()
            hidden.rename(path)
            yield path
        finally:
            for name in (hidden, path):
                name.unlink(missing_ok=True)


@contextlib.contextmanager
def _acquired(device: str, ticket: Path, on_wait: Callable[[int], object] | None, timeout: float) -> Iterator[None]:
    """Wait until the ticket is first in line and the device's lock is ours; hold that lock for the block."""
    deadline = time.monotonic() + timeout
    said: int | None = None
    with contextlib.ExitStack() as stack:
        while True:
            ended = _ended.count
            ahead = _ahead(device, ticket)
            if ahead == 0 and stack.enter_context(workspace.locked(_lock_file(device), wait=False)):
                break
            jobs = ahead + 1
            if on_wait is not None and jobs != said:
                on_wait(jobs)
            said = jobs
            if time.monotonic() > deadline:
                raise DeviceError(
                    N_("{device} is still busy after {seconds} seconds; {jobs} jobs come before this one"),
                    fix=N_("try again later, or stop one of the others"),
                    device=device,
                    seconds=round(timeout),
                    jobs=jobs,
                )
            _ended.wait(ended, POLL)
        _remember_turn(device, ticket)
        ticket.unlink(missing_ok=True)
        yield


def _remember_turn(device: str, ticket: Path) -> None:
    """Note that this owner has its turn now; only where others wait, who could come first next time."""
    line = waiting(device)
    owners = {entry.owner for entry in line}
    if len(line) > 1:
        folder = _queue_folder(device)
        turns = {owner: when for owner, when in _last_turns(folder).items() if owner in owners}
        turns[next(entry.owner for entry in line if entry.path == ticket)] = time.time()
        workspace.write_json(folder / _TURNS, turns)


def _last_turns(folder: Path) -> dict[str, float]:
    """When each owner in line had its last turn, in seconds since 1970."""
    try:
        with open(folder / _TURNS, encoding="utf-8") as file:
            return {str(owner): float(when) for owner, when in json.load(file).items()}
    except (FileNotFoundError, ValueError, AttributeError, TypeError):
        return {}  # nobody had to wait yet, or the file is no longer what it was: the order by age is left


def _ahead(device: str, ticket: Path) -> int:
    """How many tickets come before this one."""
    order = _order(device)
    if ticket not in order:
        order = [entry.path for entry in waiting(device)]
    if ticket not in order:
        raise WorkspaceError(
            N_("This job's place in the queue of {device} was deleted"),
            where=ticket.name,
            fix=N_("try again"),
            device=device,
        )
    return order.index(ticket)


@dataclass(frozen=True)
class _Look:
    """How a line stood when a thread of this process last read it.

    Attributes:
        when: seconds of a clock that only goes forward.
        ended: how many turns this process had ended then.
        order: the tickets.
    """

    when: float
    ended: int
    order: list[Path]


_looks: dict[Path, _Look] = {}
_reading = threading.Lock()


def _order(device: str) -> list[Path]:
    """The tickets of a line, read by one of this process's threads for all of them."""
    folder = _queue_folder(device)
    with _reading:
        look = _looks.get(folder)
        if look is None or look.ended != _ended.count or time.monotonic() - look.when > POLL / 2:
            when, ended = time.monotonic(), _ended.count
            look = _looks[folder] = _Look(when, ended, [entry.path for entry in waiting(device)])
        return look.order


def _alive(folder: Path) -> Iterator[Waiting]:
    """The tickets in a folder whose owners live; the others are removed."""
    for path in folder.glob(f"*{_SUFFIX}"):
        try:
            with open(path, encoding="utf-8") as file:
                if _abandoned(file, path):
                    path.unlink(missing_ok=True)
                elif not path.name.startswith("."):
                    said = json.load(file)
                    yield Waiting(str(said["owner"]), bool(said["interactive"]), float(said["since"]), path)
        except (FileNotFoundError, json.JSONDecodeError):
            continue  # its job began or ended while we looked


def _abandoned(file: IO[str], path: Path) -> bool:
    """Whether nobody holds this ticket. One under a hidden name may be about to get its lock: it has a minute."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return not path.name.startswith(".") or time.time() - os.fstat(file.fileno()).st_mtime > STALE


def _queue_folder(device: str) -> Path:
    return workspace.make_folder(workspace.folder("devices") / f"{_file_name(device)}.queue")


def _lock_file(device: str) -> Path:
    return workspace.folder("devices") / f"{_file_name(device)}.lock"


def _file_name(device: str) -> str:
    """``cuda:0`` → ``cuda-0``: some file systems take no colon."""
    return workspace.safe_name(device.replace(":", "-"))
