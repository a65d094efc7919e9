"""Versions: snapshots of a data set that never change, each a data set of its own from which one trains.

A version lies in ``versions/NAME``: pictures (the same bytes on the disk, by hard link where the file system can),
annotations, classes, splits, ``labels/`` and ``data.yaml`` for trainers, and ``recipe.json``: how it came about, with
the fingerprint by which a change would show.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yolodash import bins, workspace
from yolodash.bins import BinEntry
from yolodash.data.fingerprint import fingerprint
from yolodash.data.formats.own import read_own
from yolodash.data.formats.yolo_writing import write_labels, write_yaml
from yolodash.data.store.journal import changing, note_event, now
from yolodash.data.writing import class_names, placed
from yolodash.errors import N_, DatasetError, WorkspaceError


@dataclass(frozen=True)
class Version:
    """A snapshot.

    Attributes:
        folder: opens as a data set.
        recipe: how it came about: ``by``, ``note``, and what whoever made it wrote there.
        images, boxes: how many.
        created: ISO 8601, UTC.
        fingerprint: SHA-256 over its pictures and annotations.
    """

    name: str
    folder: Path
    recipe: Mapping[str, Any] = field(default_factory=dict)
    images: int = 0
    boxes: int = 0
    created: str = ""
    fingerprint: str = ""


def make_version(
    dataset: Path, name: str, *, by: str, note: str = "", recipe: Mapping[str, Any] | None = None
) -> Version:
    """Freeze a data set as it is.

    Raises:
        WorkspaceError: the name is taken or cannot be one, or the disk cannot be written to.
    """
    with changing(dataset), new_version_folder(dataset, name, by=by, note=note, recipe=recipe or {}) as folder:
        for part in ("images", "annotations"):
            (folder / part).mkdir()
            for path in sorted((dataset / part).iterdir()):
                if path.is_file() and not path.name.startswith("."):
                    _link(path, folder / part / path.name)
        for file in ("classes.json", "splits.json"):
            if (dataset / file).exists():
                shutil.copyfile(dataset / file, folder / file)
    return read_version(dataset / "versions" / name)


@contextmanager
def new_version_folder(
    dataset: Path, name: str, *, by: str, note: str = "", recipe: Mapping[str, Any] | None = None
) -> Iterator[Path]:
    """A folder to be filled with ``images/``, ``annotations/``, ``classes.json`` and ``splits.json``.

    When the block ends, what trainers read and ``recipe.json`` are written, and the version appears whole.

    Raises:
        WorkspaceError: the name is taken or cannot be one, or the disk cannot be written to.
    """
    place = workspace.inside(workspace.make_folder(dataset / "versions"), name)
    if place.exists():
        raise _taken(name)
    with workspace.new_folder(place) as folder:
        yield folder
        images, boxes, digest = write_derived(folder)
        about = {"created": now(), "by": by, "note": note, "images": images, "boxes": boxes, "fingerprint": digest}
        workspace.write_json(folder / "recipe.json", {**(recipe or {}), **about})
        note_event(dataset, "version", by, name=name, images=images, boxes=boxes)


def write_derived(folder: Path) -> tuple[int, int, str]:
    """Write ``labels/`` and ``data.yaml`` beside the annotations; gives pictures, boxes and fingerprint."""
    opened = read_own(folder)
    pictures, names = placed(opened, []), class_names(opened)
    numbers = {class_id: place for place, class_id in enumerate(names)}
    write_labels(pictures, numbers, folder, folders=False)
    write_yaml(folder, pictures, names, folders=False)
    boxes = sum(len(image.annotations.class_ids) for image in opened.images)
    return len(opened.images), boxes, fingerprint(opened, "all")


def list_versions(dataset: Path) -> tuple[Version, ...]:
    """A data set's versions, the oldest first."""
    folder = dataset / "versions"
    places = [path for path in folder.iterdir() if (path / "recipe.json").is_file()] if folder.is_dir() else []
    return tuple(sorted((read_version(path) for path in places), key=lambda one: (one.created, one.name)))


def read_version(folder: Path) -> Version:
    """One version; of a damaged ``recipe.json`` nothing but its name is known."""
    try:
        recipe = dict(json.loads((folder / "recipe.json").read_bytes()))
        counts = int(recipe.get("images", 0)), int(recipe.get("boxes", 0))
    except (OSError, ValueError, TypeError, RecursionError):
        return Version(folder.name, folder)
    created, digest = str(recipe.get("created", "")), str(recipe.get("fingerprint", ""))
    return Version(folder.name, folder, recipe, *counts, created, digest)


def find_version(dataset: Path, name: str) -> Version:
    """A version by its name.

    Raises:
        DatasetError: there is none.
    """
    for one in list_versions(dataset):
        if one.name == name:
            return one
    raise DatasetError(N_("This data set has no such version"), where=name, fix=N_("choose one that the page shows"))


def is_intact(version: Version) -> bool:
    """Whether a version still is what it was when it was made; reads all of its files."""
    return version.fingerprint == fingerprint(read_own(version.folder), "all")


def delete_version(dataset: Path, name: str, *, by: str) -> BinEntry:
    """Put a version into the bin of the data set's versions, for 30 days."""
    version = find_version(dataset, name)
    note_event(dataset, "version deleted", by, name=name)
    return bins.put_in_bin(version.folder)


def list_deleted(dataset: Path) -> tuple[BinEntry, ...]:
    """A data set's deleted versions, the newest first."""
    return bins.list_bin(dataset / "versions")


def restore_version(dataset: Path, entry: BinEntry, *, by: str) -> Version:
    """Take a version out of the bin.

    Raises:
        WorkspaceError: its name was taken meanwhile.
    """
    place = workspace.inside(dataset / "versions", entry.name)
    if place.exists():
        raise _taken(entry.name)
    note_event(dataset, "version restored", by, name=entry.name)
    workspace.rename_folder(entry.path, place, _taken(entry.name))
    return read_version(place)


def _link(source: Path, target: Path) -> None:
    """The same bytes under another name; a copy where the file system has no links.

    Nothing here ever changes a file in place, so that a link is as good as a copy.
    """
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _taken(name: str) -> WorkspaceError:
    return WorkspaceError(N_("There is a version of this name"), where=name, fix=N_("choose another name"))
