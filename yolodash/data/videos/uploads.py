"""Uploaded videos, kept on disk for one browser, as pictures are; each under the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from yolodash import workspace
from yolodash.data.kept import Drawer, Record
from yolodash.data.room import take as take_room
from yolodash.data.uploads import session_folder
from yolodash.data.videos.containers import HEAD_BYTES, container_in
from yolodash.errors import N_, VideoError

LARGEST_VIDEO = 2 << 30
MOST_BYTES = 8 << 30
"""Bytes that one session's videos may take together."""
SUFFIXES = {"mov": ".mp4", "matroska": ".mkv", "avi": ".avi", "gif": ".gif"}
_BLOCK = 1 << 20


@dataclass(frozen=True)
class VideoUpload:
    """One video that a session keeps.

    Attributes:
        id: SHA-256 of its bytes.
        name: what it was called on the user's machine; never a path here.
        container: as ``container_of`` names it.
        size: in bytes.
        added: seconds since 1970.
    """

    id: str
    name: str
    container: str
    size: int
    added: float


def save_video(token: str, name: str, source: IO[bytes]) -> VideoUpload:
    """Keep a video, copied block by block. The same bytes again are the same upload.

    Raises:
        VideoError: it is none that is read here, names other files, or there is no room.
        InputError: all sessions together have no room.
        WorkspaceError: it could not be written.
    """
    drawer = _drawer(token)
    head = source.read(HEAD_BYTES)
    container = container_in(head, name)
    digest, size = hashlib.sha256(), 0
    room = min(LARGEST_VIDEO, MOST_BYTES - sum(drawer.sizes().values()))
    part = drawer.folder / f".{os.getpid()}-{time.monotonic_ns()}.part"
    try:
        with workspace.writing(part) as file:
            block = head
            while block:
                size += len(block)
                if size > room:
                    raise VideoError(
                        N_("There is no room for a video of more than {megabytes} MB"),
                        where=name,
                        fix=N_("delete videos that are no longer needed, or use the video command"),
                        megabytes=max(room, 0) // 2**20,
                    )
                digest.update(block)
                file.write(block)
                block = source.read(_BLOCK)
        record = Record(digest.hexdigest(), name, container, size, time.time())
        with drawer.locked():
            if not drawer.place(record).exists():
                take_room(name, size)
            part.replace(drawer.place(record))
            drawer.note(record)
    finally:
        part.unlink(missing_ok=True)
    return _upload(record)


def list_videos(token: str) -> list[VideoUpload]:
    """The session's videos, the oldest first."""
    return [_upload(record) for record in _drawer(token).records()]


def video_path(token: str, upload_id: str) -> Path:
    """Where an upload's bytes lie.

    Raises:
        VideoError: the session has no such upload (any more).
    """
    drawer = _drawer(token)
    record = drawer.find(upload_id)
    if record is None:
        raise VideoError(
            N_("This upload is not here: it was deleted, or belongs to another browser"),
            fix=N_("upload the video again"),
        )
    return drawer.place(record)


def delete_video(token: str, upload_id: str) -> None:
    """Forget an upload; one that is not there is no error."""
    _drawer(token).forget(upload_id)


def _drawer(token: str) -> Drawer:
    return Drawer(workspace.make_folder(session_folder(token) / "videos"), "container", SUFFIXES)


def _upload(record: Record) -> VideoUpload:
    return VideoUpload(record.id, record.name, record.form, record.size, record.added)
