"""Where things lie on disk, and how they get there whole.

``YOLODASH_HOME`` (else ``./workspace``) holds ``models/``, ``datasets/``, ``runs/``, ``sessions/`` and ``devices/``.
Every file is written whole beside its place, flushed to the disk and renamed; the folder is flushed after it. A line
of a journal is appended and flushed. Names from users never become paths unchecked.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import IO, Any

from yolodash.errors import N_, WorkspaceError

FOLDERS = ("models", "datasets", "runs", "sessions", "devices")
LONGEST_NAME = 120
_LOCK, _WORK = ".lock", ".part"
_UNLOCKED_SECONDS = 3600.0
"""How long a folder without a lock may be one that is just being made."""
_DISK_PROBLEMS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}
_RESERVED = {"con", "prn", "aux", "nul", *(f"com{i}" for i in range(1, 10)), *(f"lpt{i}" for i in range(1, 10))}


def home() -> Path:
    """The workspace folder: ``$YOLODASH_HOME``, else ``workspace`` in the current folder. Not created here."""
    return Path(os.environ.get("YOLODASH_HOME") or "workspace").expanduser().resolve()


def folder(kind: str) -> Path:
    """One of the workspace's folders, created if need be."""
    if kind not in FOLDERS:
        raise ValueError(f"no workspace folder is called {kind!r}")
    return make_folder(home() / kind)


def make_folder(path: Path) -> Path:
    """Create a folder and its parents so that they outlast a power cut, or say why that is not possible."""
    try:
        missing = list(takewhile(lambda folder: not folder.exists(), (path, *path.parents)))
        path.mkdir(parents=True, exist_ok=True)
        for created in missing:
            flush_folder(created.parent)
    except OSError as error:
        raise disk_error(error, path) from error
    return path


def safe_name(name: str) -> str:
    """A name from a user, made into one path component that every file system takes.

    Separators, control characters and leading dots go; letters of every language stay.
    """
    last = name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    printable = "".join(c if c.isprintable() else "_" for c in last)
    clean = re.sub(r'[<>:"/\\|?*]', "_", printable).strip(". ")
    stem, dot, suffix = clean.rpartition(".")
    if not dot:
        stem, suffix = clean, ""
    while len(clean.encode()) > LONGEST_NAME and stem:
        stem = stem[:-1]
        clean = stem + dot + suffix
    clean = clean.strip(". ")
    if not clean or clean.split(".")[0].lower() in _RESERVED or len(clean.encode()) > LONGEST_NAME:
        clean = "unnamed"
    return clean


def inside(parent: Path, name: str) -> Path:
    """``parent / name`` for a name that may come from outside; refuses whatever would lie elsewhere."""
    path = parent / name
    if name != safe_name(name) or path.is_symlink() or path.resolve().parent != parent.resolve():
        raise WorkspaceError(
            N_("'{name}' cannot be a name in the workspace"),
            fix=N_("use letters, digits, dots, dashes and spaces, at most {longest} bytes"),
            name=name,
            longest=LONGEST_NAME,
        )
    return path


@contextlib.contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears at ``path`` whole when the block ends, or not at all.

    An error of the block itself, such as a lost connection, goes through unchanged.

    Raises:
        WorkspaceError: the disk is full, read-only or not ours.
    """
    make_folder(path.parent)
    temporary: str | None = None
    inside_block = False
    try:
        temporary = str(path.parent / f".{secrets.token_hex(8)}.part")
        handle = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666
        )  # less the umask: as any program writes
        with os.fdopen(handle, "wb") as file:
            inside_block = True
            yield file
            inside_block = False
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        temporary = None
        flush_folder(path.parent)
    except OSError as error:
        if inside_block and error.errno not in _DISK_PROBLEMS:
            raise
        raise disk_error(error, path) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file, safely (see ``writing``)."""
    with writing(path) as file:
        file.write(data)


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON, safely."""
    write_bytes(path, _utf8(json.dumps(value, ensure_ascii=False, indent=1) + "\n"))


def _utf8(text: str) -> bytes:
    """Text as UTF-8. Half characters, as in file names that are no UTF-8, become escapes that JSON reads back."""
    return text.encode("utf-8", "backslashreplace")


def append_line(path: Path, line: str) -> None:
    """Append one line to a journal, whole or not at all; it is on the disk when this returns.

    A torso that a killed process left at the end is closed first, so that it spoils no other line than its own.

    Raises:
        WorkspaceError: the disk is full, read-only or not ours.
    """
    text = line.rstrip("\n")
    if "\n" in text:
        raise ValueError("a line of a journal cannot hold a line break")
    make_folder(path.parent)
    try:
        is_new = not path.exists()
        with open(path, "a+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _append_whole(file, _utf8(text) + b"\n")
            os.fsync(file.fileno())
        if is_new:
            flush_folder(path.parent)
    except OSError as error:
        raise disk_error(error, path) from error


def _append_whole(file: IO[bytes], data: bytes) -> None:
    """Append to an unbuffered file that is locked; what a full disk cut is taken back."""
    end = file.seek(0, os.SEEK_END)
    if end and os.pread(file.fileno(), 1, end - 1) != b"\n":
        data = b"\n" + data
    try:
        while data:
            data = data[file.write(data) :]
    except OSError:
        file.truncate(end)
        raise


def read_lines(path: Path) -> list[str]:
    """The whole lines of a journal, without one that was cut or is still being written; a missing file has none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise disk_error(error, path) from error
    whole, _, _ = data.rpartition(b"\n")
    return whole.decode("utf-8", "replace").split("\n") if whole else []


def flush_folder(path: Path) -> None:
    """Make the names in a folder last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_place(output: Path) -> Path:
    """The whole path of a folder that is to be made, its parents created, if nothing lies there yet.

    Raises:
        WorkspaceError: something lies there.
    """
    place = output.expanduser().resolve()
    if place.exists() and not (place.is_dir() and not any(place.iterdir())):
        raise WorkspaceError(
            N_("There is something at this place already, and it stays untouched"),
            where=output,
            fix=N_("give a folder that does not exist yet, or remove this one first"),
        )
    make_folder(place.parent)
    return place


@contextlib.contextmanager
def new_folder(output: Path) -> Iterator[Path]:
    """A folder that appears at ``output`` whole when the block ends, or not at all.

    Its files are flushed together: a flush for each of thousands of small files takes longer than writing them.

    Raises:
        WorkspaceError: something lies there, or the disk is full, read-only or not ours.
    """
    try:
        place = free_place(output)
        with work_folder(place) as temporary:
            folder = temporary / "whole"
            folder.mkdir()
            yield folder
            os.sync()
            os.replace(folder, place)
        flush_folder(place.parent)
    except OSError as error:
        raise disk_error(error, output) from error


@contextlib.contextmanager
def work_folder(place: Path) -> Iterator[Path]:
    """A hidden folder beside a place, in which that is made; it goes with the block.

    Its lock is held meanwhile, so that ``sweep_work_folders`` tells it from one that a killed process left.
    """
    prefix = f".{place.name}."
    while True:
        with (
            tempfile.TemporaryDirectory(_WORK, prefix, place.parent, ignore_cleanup_errors=True) as temporary,
            locked(Path(temporary) / _LOCK, wait=False) as ours,
        ):
            if ours and (Path(temporary) / _LOCK).exists():  # else it was swept before it could be locked
                yield Path(temporary)
                return


def sweep_work_folders(parent: Path) -> int:
    """Remove what killed processes left of folders that were to appear in this one; gives how many.

    One whose lock is held is being filled and stays.
    """
    swept = 0
    for folder in parent.glob(f".*{_WORK}"):
        if folder.is_dir() and not folder.is_symlink() and not _in_work(folder):
            shutil.rmtree(folder, ignore_errors=True)
            swept += not folder.exists()
    return swept


def _in_work(folder: Path) -> bool:
    """Whether somebody fills a folder: holds its lock, or made it just now and has none yet."""
    try:
        return is_locked(folder / _LOCK)
    except FileNotFoundError:
        return folder.exists() and time.time() - folder.stat().st_mtime < _UNLOCKED_SECONDS
    except OSError:
        return True


def rename_folder(folder: Path, place: Path, taken: WorkspaceError) -> None:
    """Move a folder to a name that nothing has; it lasts through a power cut.

    Args:
        taken: what to say where something has the name by now.

    Raises:
        WorkspaceError: ``taken``, or the disk cannot be written to.
    """
    try:
        folder.rename(place)
    except OSError as error:
        if place.exists():
            raise taken from error
        raise disk_error(error, place) from error
    flush_folder(place.parent)


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold an advisory lock on a file; the operating system frees it when the process dies.

    Yields:
        True when the lock is ours; False when ``wait`` is false and another holds it.
    """
    make_folder(path.parent)
    try:
        file = open(path, "ab")  # noqa: SIM115 - closed below; opened here to tell its errors from the block's
    except OSError as error:
        raise disk_error(error, path) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock of a file.

    Raises:
        OSError: it is not there, or cannot be opened.
    """
    with open(path, "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def disk_error(error: OSError, path: Path) -> WorkspaceError:
    """What the operating system said, as a sentence."""
    return WorkspaceError(
        N_("Could not write to disk: {reason}"),
        where=path.name,
        fix=N_("make room, or choose a folder that you can write to (the workspace is YOLODASH_HOME), then try again"),
        reason=error.strerror or type(error).__name__,
    )
