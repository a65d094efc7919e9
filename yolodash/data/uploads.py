"""Uploaded pictures, kept on disk for one browser: a reload or a second tab finds them again.

A session is 128 random bits that only the browser keeps. Its pictures lie in ``sessions/SHA256(token)/uploads/``, so
that whoever reads the disk cannot take the session over.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from yolodash import workspace
from yolodash.data import room
from yolodash.data.kept import Drawer, Record
from yolodash.data.limits import LARGEST_FILE, demo
from yolodash.data.signatures import HEAD_BYTES, PictureKind, foreign_kind, picture_kind
from yolodash.errors import N_, ImageError, InputError

MOST_UPLOADS = 1000
"""Pictures that one session may keep."""
MOST_BYTES = 2 * 2**30
"""Bytes that one session's pictures may take together."""
DEMO_SHARE = 10
"""On a server for strangers a session may keep a tenth of that."""

_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Upload:
    """One picture that a session keeps.

    Attributes:
        id: SHA-256 of its bytes, in hexadecimal.
        name: what the file was called on the user's machine; never a path here.
        kind: its format, by content.
        size: in bytes.
        added: when it came, in seconds since 1970.
    """

    id: str
    name: str
    kind: PictureKind
    size: int
    added: float


def new_token() -> str:
    """A new session's secret: 128 random bits in hexadecimal."""
    return secrets.token_hex(16)


def is_token(text: object) -> bool:
    """Whether a value from a browser has the form of a token."""
    return isinstance(text, str) and _TOKEN.fullmatch(text) is not None


def session_path(token: str) -> Path:
    """Where the folder of a session lies; whether it is there is another question.

    Raises:
        InputError: the token does not have the form that ``new_token`` gives.
    """
    if not is_token(token):
        raise InputError(N_("This browser's session is not valid"), fix=N_("reload the page to begin a new one"))
    return workspace.home() / "sessions" / hashlib.sha256(token.encode()).hexdigest()


def session_folder(token: str) -> Path:
    """The folder of a session, created if need be.

    Raises:
        InputError: the token does not have the form that ``new_token`` gives.
    """
    return workspace.make_folder(session_path(token))


def save_upload(token: str, name: str, data: bytes) -> Upload:
    """Keep a picture. The same bytes again are the same upload, under the newer name.

    Raises:
        InputError: it is no picture, or too large, or the session or the server is full. Whether it can be decoded is
            not tried.
        WorkspaceError: it could not be written.
    """
    kind = picture_kind(data[:HEAD_BYTES])
    if kind is None:
        foreign = foreign_kind(data[:HEAD_BYTES])
        raise ImageError(foreign.what, where=name, fix=foreign.fix)
    record = Record(hashlib.sha256(data).hexdigest(), name, kind.value, len(data), time.time())
    drawer = _drawer(token)
    with drawer.locked():
        _check_room(record, [size for kept, size in drawer.sizes().items() if kept != record.id])
        if not drawer.place(record).exists():
            room.take(name, record.size)
        workspace.write_bytes(drawer.place(record), data)
        drawer.note(record)
    return _upload(record)


def list_uploads(token: str) -> list[Upload]:
    """The session's pictures, the oldest first; one whose files are incomplete is left out."""
    return [_upload(record) for record in _drawer(token).records()]


def upload_path(token: str, upload_id: str) -> Path:
    """Where an upload's bytes lie.

    Raises:
        ImageError: the session has no such upload (any more).
    """
    drawer = _drawer(token)
    record = drawer.find(upload_id)
    if record is None:
        raise _gone()
    return drawer.place(record)


def read_upload(token: str, upload_id: str) -> bytes:
    """An upload's bytes, as they came.

    Raises:
        ImageError: the session has no such upload (any more).
    """
    try:
        return upload_path(token, upload_id).read_bytes()
    except OSError as error:
        raise _gone() from error


def delete_upload(token: str, upload_id: str) -> None:
    """Forget an upload; one that is not there is no error."""
    _drawer(token).forget(upload_id)


def session_bytes(token: str) -> int:
    """What a session keeps on disk."""
    return room.bytes_below(session_path(token))


def delete_session(token: str) -> None:
    """Forget a session: its uploads, its results, and who is signed in. One that is not there is no error."""
    path = session_path(token)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)


def sweep_sessions(older_than: timedelta) -> int:
    """Delete the folders of sessions in which nothing has happened for so long; returns how many."""
    limit = time.time() - older_than.total_seconds()
    swept = 0
    for folder in workspace.folder("sessions").iterdir():
        if folder.is_dir() and not folder.is_symlink() and _last_change(folder) < limit:
            shutil.rmtree(folder, ignore_errors=True)
            swept += not folder.exists()
    return swept


def _drawer(token: str) -> Drawer:
    endings = {kind.value: f".{kind.value}" for kind in PictureKind}
    return Drawer(workspace.make_folder(session_folder(token) / "uploads"), "kind", endings)


def _upload(record: Record) -> Upload:
    return Upload(record.id, record.name, PictureKind(record.form), record.size, record.added)


def _check_room(upload: Record, others: list[int]) -> None:
    """Refuse what would make a session larger than it may be; ``others`` are the sizes of what it has."""
    fix = N_("delete pictures that are no longer needed, or use the detect command on a folder")
    if upload.size > LARGEST_FILE:
        raise ImageError(
            N_("The file has {megabytes} MB; at most {limit} MB are read"),
            where=upload.name,
            fix=N_("save it smaller or compressed"),
            megabytes=upload.size // 2**20,
            limit=LARGEST_FILE // 2**20,
        )
    share = DEMO_SHARE if demo() else 1
    if len(others) >= MOST_UPLOADS // share:
        raise ImageError(
            N_("{limit} pictures are kept, as many as may be"), where=upload.name, fix=fix, limit=MOST_UPLOADS // share
        )
    if sum(others) + upload.size > MOST_BYTES // share:
        raise ImageError(
            N_("The pictures that are kept would take more than {limit} MB"),
            where=upload.name,
            fix=fix,
            limit=MOST_BYTES // share // 2**20,
        )


def _gone() -> ImageError:
    return ImageError(
        N_("This upload is not here: it was deleted, or belongs to another browser"), fix=N_("upload the picture again")
    )


def _last_change(folder: Path) -> float:
    """When anything in a folder changed last, in seconds since 1970."""
    times = [0.0]
    for path in (folder, *folder.rglob("*")):
        with contextlib.suppress(FileNotFoundError):
            times.append(path.lstat().st_mtime)
    return max(times)
