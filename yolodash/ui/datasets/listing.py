"""What a data set holds, kept between reruns for as long as nothing in its folders changed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from yolodash import workspace
from yolodash.data.duplicates import cache_folder
from yolodash.data.images import encode_jpeg, read_image, thumbnail
from yolodash.data.store.classes import StoredClass, read_classes
from yolodash.data.store.journal import JOURNAL
from yolodash.data.store.pictures import StoredPicture, list_pictures
from yolodash.errors import ImageError

THUMBNAIL = 240
_WORKERS = 2
Stamp = tuple[int, ...]


@dataclass(frozen=True)
class Listing:
    """A data set as lists show it.

    Attributes:
        stamp: changes with every change of it.
    """

    dataset: Path
    stamp: Stamp
    pictures: tuple[StoredPicture, ...]
    classes: tuple[StoredClass, ...]

    @property
    def living(self) -> tuple[StoredClass, ...]:
        """Classes that are not deleted."""
        return tuple(one for one in self.classes if not one.deleted)

    @property
    def boxes(self) -> int:
        """Of all pictures."""
        return sum(one.boxes for one in self.pictures)

    @property
    def bytes(self) -> int:
        """Of all pictures."""
        return sum(one.bytes for one in self.pictures)


def stamp(dataset: Path) -> Stamp:
    """Changes when anything is written: a line is added to the journal, and files are replaced in their folders.

    A file system's clock may tick only every few milliseconds; the journal grows with every change.
    """
    names = ("images", "annotations", "classes.json", "splits.json")
    return (*(_changed(dataset / name) for name in names), _length(dataset / JOURNAL))


def _changed(place: Path) -> int:
    try:
        return place.stat().st_mtime_ns
    except OSError:
        return 0


def _length(place: Path) -> int:
    try:
        return place.stat().st_size
    except OSError:
        return 0


@st.cache_resource(show_spinner=False)
def _kept() -> tuple[dict[Path, Listing], threading.Lock]:
    return {}, threading.Lock()


def listing(dataset: Path) -> Listing:
    """All pictures and classes.

    Raises:
        DatasetError: its classes cannot be read.
    """
    kept, lock = _kept()
    now = stamp(dataset)
    known = kept.get(dataset)
    if known is not None and known.stamp == now:
        return known
    with lock:
        found = Listing(dataset, now, list_pictures(dataset), read_classes(dataset))
        kept[dataset] = found
    return found


def thumbnails(dataset: Path, pictures: Sequence[StoredPicture]) -> list[bytes | None]:
    """A small JPEG of each; None for a picture that cannot be read. Made once, then taken from the disk."""
    folder = workspace.make_folder(cache_folder(dataset) / f"thumbnails-{THUMBNAIL}")
    known = [_stored(folder, one) for one in pictures]
    missing = [place for place, data in enumerate(known) if data is None]
    if missing:
        with ThreadPoolExecutor(_WORKERS) as pool:
            made = pool.map(lambda place: _make(folder, pictures[place]), missing)
            for place, data in zip(missing, made, strict=True):
                known[place] = data
    return known


def _place(folder: Path, picture: StoredPicture) -> Path:
    return folder / f"{picture.path.name}.{picture.bytes}.jpg"


def _stored(folder: Path, picture: StoredPicture) -> bytes | None:
    try:
        place = _place(folder, picture)
        return place.read_bytes() if place.stat().st_mtime >= picture.added else None
    except OSError:
        return None


def _make(folder: Path, picture: StoredPicture) -> bytes | None:
    try:
        data = encode_jpeg(thumbnail(read_image(picture.path), THUMBNAIL), 80)
    except ImageError:
        return None
    workspace.write_bytes(_place(folder, picture), data)
    return data
