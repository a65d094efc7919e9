"""The files of a data set's pictures, looked at anew only where something changed."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from yolodash.data.sources import is_picture
from yolodash.data.store.journal import Mark

Stamp = tuple[int, int, int, int]
_NEVER = (0, 0, 0, 0)


def stamps(folder: Path) -> dict[str, Stamp]:
    """Every file below a folder by its path, with what tells a change of it: inode, bytes, and its two times.

    A file that is written anew in place, replaced, or given back its old date differs in one of them. Links are not
    followed; what begins with a dot is being written, or was when somebody was killed.
    """
    found: dict[str, Stamp] = {}
    waiting = [os.fspath(folder)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                try:
                    about = entry.stat(follow_symlinks=False)
                except OSError:  # gone meanwhile
                    continue
                found[entry.path] = _stamp(about)
    return found


@dataclass(frozen=True)
class _File:
    """A file of a shelf. Its digest is empty until somebody has to compare it; what is no file has no size."""

    stamp: Stamp
    size: int | None
    digest: bytes = b""


class Shelf:
    """What lies directly in a folder of pictures, by stem and by content; listed again only where the folder changed.

    Another program may put a file there that is not known here yet: whoever writes looks whether the place is free.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.RLock()
        self._seen = _NEVER, Mark()
        self._files: dict[str, _File] = {}
        self._stems: dict[str, set[str]] = {}
        self._alike: dict[tuple[int, bytes], set[str]] = {}

    def look(self, journal: Mark) -> None:
        """See what came and went, if the folder or the journal is not what it was the last time."""
        with self._guard:
            now = _folder_stamp(self._folder), journal
            if now != self._seen:
                self._list()
                self._seen = now

    def came(self, name: str, journal: Mark) -> None:
        """Learn of a file from who put it there and let nobody else change the data set since ``look``."""
        with self._guard:
            self._forget(name)
            self._learn(name, _file((self._folder / name).lstat()))
            self._seen = _folder_stamp(self._folder), journal

    def has(self, stem: str) -> bool:
        """Whether anything has this stem, in whatever case."""
        return stem.casefold() in self._stems

    def same_as(self, data: bytes) -> str | None:
        """The name of a file with these bytes; None where there is none. Files of this size are read once."""
        with self._guard:
            for name in tuple(self._alike.get((len(data), b""), ())):
                known = self._forget(name)
                self._learn(name, replace(known, digest=_digest(self._folder / name)))
            alike = sorted(self._alike.get((len(data), hashlib.sha256(data).digest()), ()))
        return next((name for name in alike if _holds(self._folder / name, data)), None)

    def picture(self, stem: str) -> Path | None:
        """The file of a picture: of several files of its stem, the first that is a picture."""
        with self._guard:
            now = _folder_stamp(self._folder)
            found = self._of(stem) if now == self._seen[0] else []
            if not found:  # also a file that came within one tick of the file system's clock
                self._list()
                self._seen = now, self._seen[1]
                found = self._of(stem)
        if len(found) > 1:
            found = [path for path in found if is_picture(os.fspath(path))] or found
        return found[0] if found else None

    def _of(self, stem: str) -> list[Path]:
        names = sorted(name for name in self._stems.get(stem.casefold(), ()) if self._files[name].size is not None)
        return [path for name in names if (path := self._folder / name).stem == stem and path.is_file()]

    def _list(self) -> None:
        found: dict[str, _File] = {}
        with suppress(OSError):
            for entry in os.scandir(self._folder):
                if not entry.name.startswith("."):
                    with suppress(OSError):  # gone meanwhile
                        found[entry.name] = _file(entry.stat(follow_symlinks=False))
        for name, known in tuple(self._files.items()):
            if name not in found or found[name].stamp != known.stamp:
                self._forget(name)
        for name in found.keys() - self._files.keys():
            self._learn(name, found[name])

    def _learn(self, name: str, file: _File) -> None:
        self._files[name] = file
        self._stems.setdefault(Path(name).stem.casefold(), set()).add(name)
        if file.size is not None:
            self._alike.setdefault((file.size, file.digest), set()).add(name)

    def _forget(self, name: str) -> _File:
        file = self._files.pop(name, _File(_NEVER, None))
        _leave(self._stems, Path(name).stem.casefold(), name)
        _leave(self._alike, (file.size, file.digest), name)
        return file


_shelves: dict[Path, Shelf] = {}


def shelf_of(dataset: Path) -> Shelf:
    """What is known of a data set's pictures in this process."""
    return _shelves.setdefault(dataset, Shelf(dataset / "images"))


def _leave(groups: dict[Any, set[str]], key: Any, name: str) -> None:
    """Take a name out of its group; an empty group goes."""
    group = groups.get(key, set())
    group.discard(name)
    if not group:
        groups.pop(key, None)


def _stamp(about: os.stat_result) -> Stamp:
    return about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns


def _file(about: os.stat_result) -> _File:
    return _File(_stamp(about), about.st_size if stat.S_ISREG(about.st_mode) else None)


def _folder_stamp(folder: Path) -> Stamp:
    try:
        return _stamp(folder.stat())
    except OSError:
        return _NEVER


def _digest(path: Path) -> bytes:
    """SHA-256 of a file; of one that cannot be read, of nothing."""
    with suppress(OSError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
    return hashlib.sha256().digest()


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() == data
    except OSError:
        return False
