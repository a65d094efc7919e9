"""Uploaded videos, kept on disk for one browser, as pictures are; each under the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from yolodash import workspace
from yolodash.data.room import take as take_room
from yolodash.data.uploads import session_folder
from yolodash.data.videos.containers import HEAD_BYTES, container_in
from yolodash.errors import N_, VideoError

LARGEST_VIDEO = 2 << 30
MOST_BYTES = 8 << 30
"""Bytes that one session's videos may take together."""
SUFFIXES = {"mov": ".mp4", "matroska": ".mkv", "avi": ".avi", "gif": ".gif"}
_BLOCK = 1 << 20
_ID = re.compile(r"[0-9a-f]{64}")


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
    folder = _folder(token)
    head = source.read(HEAD_BYTES)
    container = container_in(head, name)
    digest, size = hashlib.sha256(), 0
    room = min(LARGEST_VIDEO, MOST_BYTES - sum(one.size for one in list_videos(token)))
    part = folder / f".{os.getpid()}-{time.monotonic_ns()}.part"
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
        take_room(name, size)
        upload = VideoUpload(digest.hexdigest(), name, container, size, time.time())
        part.replace(_data_path(folder, upload))
    finally:
        part.unlink(missing_ok=True)
    record = {"name": upload.name, "container": container, "size": size, "added": upload.added}
    workspace.write_json(folder / f"{upload.id}.json", record)
    return upload


def list_videos(token: str) -> list[VideoUpload]:
    """The session's videos, the oldest first."""
    folder = _folder(token)
    os.utime(folder)  # a session in use is not swept
    found = (_read(path) for path in folder.glob("*.json"))
    return sorted((one for one in found if one is not None), key=lambda one: (one.added, one.id))


def video_path(token: str, upload_id: str) -> Path:
    """Where an upload's bytes lie.

    Raises:
        VideoError: the session has no such upload (any more).
    """
    folder = _folder(token)
    upload = _read(folder / f"{upload_id}.json") if _ID.fullmatch(upload_id) else None
    if upload is None:
        raise VideoError(
            N_("This upload is not here: it was deleted, or belongs to another browser"),
            fix=N_("upload the video again"),
        )
    return _data_path(folder, upload)


def delete_video(token: str, upload_id: str) -> None:
    """Forget an upload; one that is not there is no error."""
    if _ID.fullmatch(upload_id):
        for path in _folder(token).glob(f"{upload_id}.*"):
            path.unlink(missing_ok=True)


def _folder(token: str) -> Path:
    return workspace.make_folder(session_folder(token) / "videos")


def _data_path(folder: Path, upload: VideoUpload) -> Path:
    return folder / f"{upload.id}{SUFFIXES[upload.container]}"


def _read(path: Path) -> VideoUpload | None:
    try:
        about = json.loads(path.read_bytes())
        upload = VideoUpload(
            path.stem, str(about["name"]), str(about["container"]), int(about["size"]), float(about["added"])
        )
        return upload if _data_path(path.parent, upload).is_file() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
