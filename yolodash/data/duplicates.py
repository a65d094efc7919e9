"""Which pictures of a data set belong together: near duplicates, copies of one original, frames of one video.

To look at every picture takes minutes for thousands, so what stands for each is kept in the workspace beside the data
sets, for as long as the picture's file is the same.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from yolodash import workspace
from yolodash.data.likeness import CELLS, Signature, signatures, twins
from yolodash.data.split import joined

Progress = Callable[[int, int], None]
_ROBOFLOW = re.compile(r"(.+)\.rf\.[0-9a-f]{16,}$")
_KEPT_AT_ONCE = 500
_FRAME = re.compile(r"(.+)-\d{6}$")


def origin_of(name: str) -> str:
    """What a picture's name says that it was made from; empty where it says nothing.

    Roboflow calls the augmented copies of one picture ``NAME.rf.HASH``; here frames are called ``VIDEO-000123``.
    """
    stem = PurePosixPath(name).stem
    found = _ROBOFLOW.match(stem) or _FRAME.match(stem)
    return f"{PurePosixPath(name).parent if _FRAME.match(stem) else ''}/{found[1]}" if found else ""


def groups_of(
    pictures: Mapping[str, Path], found: Sequence[Signature | None], origins: Mapping[str, str]
) -> dict[str, str]:
    """The group of every picture that must not be parted from another.

    Args:
        pictures: files by the name of each picture.
        found: a signature of each, in this order.
        origins: what a picture comes from, by its name; empty for nothing known.
    """
    names = list(pictures)
    pairs = [(names[pair.first], names[pair.second]) for pair in twins(found)]
    return joined(pairs, origins)


def kept_signatures(
    dataset: Path, paths: Sequence[Path], progress: Progress = lambda _done, _of: None
) -> list[Signature | None]:
    """The signatures of a stored data set's pictures; only those that are new or changed are looked at."""
    place = cache_folder(dataset) / "signatures.npz"
    known, damaged = _read(place)
    keys = {path: _key(path) for path in paths}
    missing = [path for path in paths if keys[path] not in known and keys[path] not in damaged]
    for start in range(0, len(missing), _KEPT_AT_ONCE):
        part = missing[start : start + _KEPT_AT_ONCE]
        before = len(paths) - len(missing) + start
        new, _errors = signatures(part, lambda done, before=before: progress(before + done, len(paths)))  # type: ignore[misc]
        for path, one in zip(part, new, strict=True):
            if one is None:
                damaged.add(keys[path])
            else:
                known[keys[path]] = one
        there = set(keys.values())
        _write(place, {key: one for key, one in known.items() if key in there}, damaged & there)
    return [known.get(keys[path]) for path in paths]


def known_signatures(dataset: Path, paths: Sequence[Path]) -> list[Signature | None] | None:
    """The kept signatures of these pictures; None where one was not looked at yet. Pictures are not opened."""
    place = cache_folder(dataset) / "signatures.npz"
    if not place.exists():
        return None
    known, damaged = _read(place)
    keys = [_key(path) for path in paths]
    return [known.get(key) for key in keys] if all(key in known or key in damaged for key in keys) else None


def when_kept(dataset: Path) -> int:
    """When signatures were kept last, in nanoseconds since 1970; 0 for never."""
    try:
        return (cache_folder(dataset) / "signatures.npz").stat().st_mtime_ns
    except OSError:
        return 0


def cache_folder(dataset: Path) -> Path:
    """Where what can be made again is kept for a data set: beside all of them, so that a data set holds truth alone."""
    return workspace.make_folder(workspace.folder("datasets") / ".cache" / dataset.name)


def _key(path: Path) -> str:
    about = path.stat()
    return f"{path.name}\0{about.st_mtime_ns}\0{about.st_size}"


def _read(place: Path) -> tuple[dict[str, Signature], set[str]]:
    """What was kept, and the keys of pictures that cannot be read."""
    try:
        with place.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            parts = (stored[name] for name in ("keys", "digests", "bits", "cells"))
            known = {
                str(key): Signature(str(digest), int(bits), cells.reshape(CELLS, CELLS, 3))
                for key, digest, bits, cells in zip(*parts, strict=True)
            }
            return known, {str(key) for key in stored["damaged"]}
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return {}, set()


def _write(place: Path, known: Mapping[str, Signature], damaged: Iterable[str]) -> None:
    signs = list(known.values())
    with workspace.writing(place) as file:
        np.savez(
            file,
            keys=np.array(list(known), dtype=str),
            digests=np.array([one.digest for one in signs], dtype=str),
            bits=np.array([one.bits for one in signs], np.uint64),
            cells=np.array([one.cells for one in signs], np.uint8).reshape(-1, CELLS, CELLS, 3),
            damaged=np.array(sorted(damaged), dtype=str),
        )


def forget_cache(dataset: Path) -> None:
    """Remove what was kept for a data set that has another name now, or none."""
    shutil.rmtree(workspace.folder("datasets") / ".cache" / dataset.name, ignore_errors=True)
