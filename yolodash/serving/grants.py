"""Who is signed in: a note in the session's own folder, so that a reload or a second tab stays signed in.

It holds the role, until when, and which password opened it: to change a password signs everyone out who used it.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from yolodash import workspace
from yolodash.data.uploads import session_folder, session_path
from yolodash.errors import OptionError
from yolodash.serving import passwords
from yolodash.serving.roles import Role, role_called

SECONDS = 12 * 3600.0
_FILE = "signed_in.json"


def grant(token: str, role: Role) -> None:
    """Remember that a session's browser showed the password of a role.

    Raises:
        InputError: it is no session.
        WorkspaceError: the disk.
    """
    told = passwords.fingerprint(passwords.kept()[role])
    note = {"role": role.word, "until": time.time() + SECONDS, "by": told}
    workspace.write_json(session_folder(token) / _FILE, note)


def granted(token: str) -> Role | None:
    """The role for which a session is signed in, if it still is.

    Raises:
        WorkspaceError: the passwords cannot be read.
    """
    try:
        note = json.loads(_path(token).read_bytes())
        role, until, by = role_called(str(note["role"])), float(note["until"]), str(note["by"])
    except (OSError, ValueError, KeyError, TypeError, OptionError):
        return None
    told = passwords.kept().get(role)
    fresh = time.time() < until < time.time() + 2 * SECONDS
    return role if told is not None and fresh and by == passwords.fingerprint(told) else None


def withdraw(token: str) -> None:
    """Sign a session out."""
    _path(token).unlink(missing_ok=True)


def _path(token: str) -> Path:
    return session_path(token) / _FILE
