"""Wrong passwords slow down: whoever typed them, and, when many do, everyone.

Of one session the first few cost nothing, then each doubles the time until the next, up to a quarter of an hour. New
sessions cost an attacker nothing, so wrong passwords of all sessions together count too; there the time ends at half a
minute, lest somebody shut the others out. What is kept lies in a file, under a lock that is held while a password is
tried: several servers on one workspace, many tabs and a restart share one count, and parallel guesses wait in line.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yolodash import workspace
from yolodash.errors import N_, InputError
from yolodash.serving import passwords
from yolodash.serving.roles import Role

FORGOTTEN = 3600.0
"""Seconds without a wrong password after which all is forgotten."""
MOST_SESSIONS = 1000
EVERYONE = "everyone"
_FILE = "attempts.json"


@dataclass(frozen=True)
class Patience:
    """How many wrong passwords cost nothing, and how long the wait becomes at most, in seconds."""

    free: int
    longest: float

    def seconds(self, wrong: int) -> float:
        """The wait after so many wrong passwords."""
        return 0.0 if wrong < self.free else min(2.0 ** min(wrong - self.free, 60), self.longest)


WITH_ONE = Patience(free=3, longest=900.0)
WITH_ALL = Patience(free=20, longest=30.0)


@dataclass(frozen=True)
class Wrong:
    """Wrong passwords: how many, and when the last one was, in seconds since 1970."""

    count: int = 0
    last: float = 0.0


def wait(book: Mapping[str, Wrong], who: str, now: float) -> float:
    """Seconds until somebody may try again; a clock that was set back makes nobody wait longer."""
    left = [0.0]
    for name, patience in ((who, WITH_ONE), (EVERYONE, WITH_ALL)):
        wrong = _remembered(book.get(name, Wrong()), now)
        seconds = patience.seconds(wrong.count)
        left.append(min(wrong.last + seconds - now, seconds))
    return max(left)


def after_wrong(book: Mapping[str, Wrong], who: str, now: float) -> dict[str, Wrong]:
    """The book with one more wrong password."""
    counted = {name: Wrong(_remembered(book.get(name, Wrong()), now).count + 1, now) for name in (who, EVERYONE)}
    newest = sorted({**book, **counted}.items(), key=lambda entry: entry[1].last)[-MOST_SESSIONS:]
    return {**dict(newest), **counted}


def sign_in(who: str, password: str) -> Role:
    """The role that a password opens.

    Args:
        who: the session, by a name from which its token cannot be had.

    Raises:
        InputError: it opens none, or it is too early to try again.
        WorkspaceError: the disk, or the passwords cannot be read.
    """
    path = passwords.folder() / _FILE
    with workspace.locked(path.with_suffix(".lock")):
        book, now = _read(path), time.time()
        left = wait(book, who, now)
        if left > 0:
            raise InputError(
                N_("Too many wrong passwords were tried"),
                fix=N_("wait {seconds} seconds, then try again"),
                seconds=math.ceil(left),
            )
        role = passwords.role_of(password)
        if role is None:
            workspace.write_json(path, {name: [w.count, w.last] for name, w in after_wrong(book, who, now).items()})
            raise InputError(N_("This password opens nothing here"), fix=N_("ask whoever runs this server"))
        if who in book:
            rest = {name: [w.count, w.last] for name, w in book.items() if name != who}
            workspace.write_json(path, rest)
        return role


def _remembered(wrong: Wrong, now: float) -> Wrong:
    return Wrong() if now - wrong.last > FORGOTTEN else wrong


def _read(path: Path) -> dict[str, Wrong]:
    try:
        found = json.loads(path.read_bytes())
        return {str(name): Wrong(int(count), float(last)) for name, (count, last) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # nobody was wrong yet, or the file is no longer what it was: the count begins anew
