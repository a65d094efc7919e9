"""The files of a data set's pictures, looked at anew only where something changed."""

from __future__ import annotations

import os
from pathlib import Path

Stamp = tuple[int, int, int, int]


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
                found[entry.path] = about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns
    return found
