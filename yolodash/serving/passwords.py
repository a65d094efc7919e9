"""A password for each role, kept as scrypt hashes.

They lie in the workspace (``access/passwords.json``, in a folder that only its owner opens), or in the table
``[passwords]`` of ``.streamlit/secrets.toml``, which wins. A hash is ``scrypt$N$r$p$SALT$HASH``, in hexadecimal.

Source of the parameters: RFC 7914, section 2; 16 MiB and some 50 ms a guess.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import secrets
from pathlib import Path

from yolodash import workspace
from yolodash.errors import N_, OptionError, WorkspaceError
from yolodash.serving import settings
from yolodash.serving.roles import Role

SHORTEST = 10
LONGEST = 1024
COST, BLOCK, PARALLEL = 2**14, 8, 1
MOST_MEMORY = 64 * 2**20
_FILE = "passwords.json"


def hashed(password: str) -> str:
    """A password as it is kept, with a salt of its own.

    Raises:
        OptionError: it is too short or too long.
    """
    if not SHORTEST <= len(password.encode()) <= LONGEST:
        raise OptionError(
            N_("A password has {shortest} to {longest} letters"),
            fix=N_("take a longer one: four words are easy to remember"),
            shortest=SHORTEST,
            longest=LONGEST,
        )
    salt = secrets.token_bytes(16)
    return f"scrypt${COST}${BLOCK}${PARALLEL}${salt.hex()}${_scrypt(password, salt, COST, BLOCK, PARALLEL).hex()}"


def matches(password: str, kept: str) -> bool:
    """Whether a password is the one that was hashed; a hash that is none matches nothing."""
    try:
        name, cost, block, parallel, salt, told = kept.split("$")
        if name != "scrypt" or not password or len(password.encode()) > LONGEST:
            return False
        found = _scrypt(password, bytes.fromhex(salt), int(cost), int(block), int(parallel))
        return hmac.compare_digest(found, bytes.fromhex(told))
    except ValueError:
        return False


def kept() -> dict[Role, str]:
    """The hash of every role that has a password.

    Raises:
        WorkspaceError: a file of passwords is there and cannot be read; then nobody is let in.
    """
    found = {**_in_workspace(), **settings.table("passwords")}
    return {role: str(found[role.word]) for role in Role if found.get(role.word)}


def role_of(password: str) -> Role | None:
    """The highest role that a password opens."""
    found = kept()
    return next((role for role in sorted(found, reverse=True) if matches(password, found[role])), None)


def set_password(role: Role, password: str) -> None:
    """Give a role its password; who is signed in with the one before is signed out.

    Raises:
        OptionError: it is too short or too long, or opens another role.
        WorkspaceError: the disk.
    """
    new = hashed(password)
    with workspace.locked(folder() / ".lock"):
        for other, told in kept().items():
            if other is not role and matches(password, told):
                raise OptionError(
                    N_("This password is the one of the role '{other}'"),
                    fix=N_("give each role a password of its own"),
                    other=other.word,
                )
        _write({**_in_workspace(), role.word: new})


def remove_password(role: Role) -> bool:
    """Take a role's password away; False if the workspace has none for it.

    Raises:
        WorkspaceError: the disk.
    """
    with workspace.locked(folder() / ".lock"):
        found = _in_workspace()
        if role.word not in found:
            return False
        del found[role.word]
        _write(found)
    return True


def folder() -> Path:
    """The workspace's folder for all this, which nobody but its owner opens."""
    place = workspace.make_folder(workspace.home() / "access")
    with contextlib.suppress(OSError):  # a disk without rights: then the folder above has to do
        place.chmod(0o700)
    return place


def fingerprint(told: str) -> str:
    """A name for a hash, from which it cannot be had: who signed in by it is signed in as long as it is the same."""
    return hashlib.sha256(told.encode()).hexdigest()


def _scrypt(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost, r=block, p=parallel, maxmem=MOST_MEMORY, dklen=32
    )  # ValueError where the numbers make no sense


def _in_workspace() -> dict[str, str]:
    path = workspace.home() / "access" / _FILE
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(path) from error
    if not isinstance(found, dict):
        raise _unreadable(path)
    return {str(role): str(told) for role, told in found.items()}


def _unreadable(path: Path) -> WorkspaceError:
    return WorkspaceError(
        N_("The server's passwords cannot be read, so nobody is let in"),
        where=path.name,
        fix=N_("delete the file on the server and set the passwords again"),
    )


def _write(found: dict[str, str]) -> None:
    workspace.write_json(folder() / _FILE, found)
