"""Which pictures a list of files and folders means."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from yolodash.data.signatures import picture_kind

_MAGIC_BYTES = 256


@dataclass(frozen=True)
class FoundImages:
    """What was found.

    Attributes:
        images: files in the order in which they were given, a folder's sorted by name. Those that were named one by
            one stand here even if they are missing or no pictures, so that reading them gives an error in their place.
        skipped: how many files in the folders are no pictures.
    """

    images: tuple[Path, ...]
    skipped: int = 0


def find_images(paths: Iterable[Path]) -> FoundImages:
    """The pictures that some files and folders stand for; folders are walked to their depths.

    Links inside a folder are not followed: they could lead out of it, or round in circles.
    """
    images: list[Path] = []
    skipped = 0
    for path in paths:
        if _can_be_listed(path):
            found = _walk(path)
            images.extend(found.images)
            skipped += found.skipped
        else:
            images.append(path)
    return FoundImages(tuple(images), skipped)


def _can_be_listed(path: Path) -> bool:
    """Whether a path is a folder that may be read; one that may not stays in the list, to be reported there."""
    try:
        return path.is_dir() and os.access(path, os.R_OK | os.X_OK)
    except (OSError, ValueError):
        return False


def _walk(top: Path) -> FoundImages:
    """All pictures below a folder, sorted by path; everything else is counted."""
    images: list[Path] = []
    skipped = 0
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            skipped += 1
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(folder / entry.name)
            elif entry.is_file(follow_symlinks=False) and is_picture(entry.path):
                images.append(folder / entry.name)
            else:
                skipped += 1
    return FoundImages(tuple(sorted(images, key=lambda path: path.parts)), skipped)


def is_picture(path: str) -> bool:
    """Whether a file begins as a picture does; one that cannot be opened does not."""
    try:
        with open(path, "rb", buffering=0) as file:
            return picture_kind(file.read(_MAGIC_BYTES)) is not None
    except OSError:
        return False
