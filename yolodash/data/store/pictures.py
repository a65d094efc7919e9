"""The pictures of a data set: their files as they came, and beside each its truth."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from yolodash import bins, workspace
from yolodash.bins import BinEntry
from yolodash.data.images import image_size, read_image
from yolodash.data.signatures import HEAD_BYTES, picture_kind
from yolodash.data.sources import find_images
from yolodash.data.store.journal import changing, note_event
from yolodash.data.store.parts import by_part, read_splits, replace_splits
from yolodash.data.store.truth import State, Truth, picture_path, read_truth, truth_path, write_truth
from yolodash.errors import DatasetError, ImageError
from yolodash.structures import ImageSize

LONGEST_STEM = 100


@dataclass(frozen=True)
class StoredPicture:
    """A picture of a data set, as lists show it.

    Attributes:
        size: of the upright picture; 0×0 where the file is damaged.
        boxes: how many.
        class_ids: of its boxes, each once.
        splits: the parts that it belongs to.
        bytes: of the file.
        added: when it came, in seconds since 1970.
        origin: the video or the file that it came from, if that is known.
        readable: whether its annotation can be read.
    """

    stem: str
    path: Path
    size: ImageSize
    state: State
    assignee: str
    boxes: int
    class_ids: tuple[int, ...]
    splits: tuple[str, ...]
    revision: int
    bytes: int
    added: float
    origin: str = ""
    readable: bool = True


@dataclass(frozen=True)
class Added:
    """What came of adding a picture.

    Attributes:
        stem: what it is called here.
        duplicate_of: the picture that has the same bytes; then nothing was added.
    """

    stem: str
    duplicate_of: str | None = None


def add_picture(
    dataset: Path,
    name: str,
    data: bytes,
    *,
    by: str,
    truth: Truth | None = None,
    splits: Sequence[str] = (),
    origin: str = "",
) -> Added:
    """Take a picture in, its bytes as they came.

    Args:
        name: what the file was called; made safe, and numbered where it is taken.
        truth: its boxes, if they are known.
        splits: the parts that it is to belong to.
        origin: the video or the file that it came from.

    Raises:
        ImageError: it cannot be decoded; the sentence says why.
        WorkspaceError: the disk is full, read-only or not ours.
    """
    height, width = read_image(data, name=name).shape[:2]
    size, kind = ImageSize(height, width), picture_kind(data[:HEAD_BYTES])
    assert kind is not None  # it was decoded
    with changing(dataset):
        files = sorted((dataset / "images").iterdir())
        same = next((path for path in files if path.stat().st_size == len(data) and path.read_bytes() == data), None)
        if same is not None:
            return Added(same.stem, same.stem)
        stem = free_stem(name, {path.stem.casefold() for path in files})
        first = truth or Truth(0, size)
        extra = {**first.extra, **({"origin": origin} if origin else {})}
        workspace.write_bytes(dataset / "images" / f"{stem}.{kind.value}", data)
        write_truth(dataset, stem, Truth(0, size), replace(first, size=size, extra=extra), by)
        if splits:
            replace_splits(dataset, by_part({**read_splits(dataset), stem: tuple(splits)}), by)
    return Added(stem)


def free_stem(name: str, taken: Collection[str]) -> str:
    """A file's own name without its ending, made safe, and numbered where it is taken (in whatever case)."""
    stem = workspace.safe_name(Path(workspace.safe_name(name)).stem)
    while len(stem.encode()) > LONGEST_STEM:
        stem = stem[:-1]
    stem = stem.strip(". ") or "unnamed"
    chosen, number = stem, 1
    while chosen.casefold() in taken:
        number += 1
        chosen = f"{stem}-{number}"
    return chosen


def list_pictures(dataset: Path) -> tuple[StoredPicture, ...]:
    """All pictures by name. What did not change since the last time is not read again."""
    splits = read_splits(dataset)
    kept = _kept.setdefault(str(dataset), {})
    found = {}
    for path in find_images([dataset / "images"]).images:
        if path.stem not in found:
            found[path.stem] = _looked_at(dataset, path, kept)
    with _guard:
        for stem in kept.keys() - found.keys():
            kept.pop(stem, None)
    return tuple(replace(one, splits=splits.get(stem, ())) for stem, one in sorted(found.items()))


def delete_pictures(dataset: Path, stems: Sequence[str], *, by: str) -> BinEntry:
    """Put pictures with their annotations into the data set's bin, all as one entry.

    Raises:
        DatasetError: one is not there.
    """
    with changing(dataset):
        paths = [picture_path(dataset, stem) for stem in stems]
        entry = workspace.make_folder(bins.free_entry(dataset, f"{len(paths)}"))
        splits = read_splits(dataset)
        note_event(dataset, "pictures deleted", by, stems=list(stems))
        workspace.write_json(entry / "splits.json", by_part({stem: splits.get(stem, ()) for stem in stems}))
        for path in paths:
            truth = truth_path(dataset, path.stem)
            for file, place in ((path, "images"), (truth, "annotations")):
                if file.exists():
                    file.rename(workspace.make_folder(entry / place) / file.name)
        replace_splits(dataset, by_part({k: v for k, v in splits.items() if k not in set(stems)}), by)
    return next(one for one in bins.list_bin(dataset) if one.path == entry)


def restore_pictures(dataset: Path, entry: BinEntry, *, by: str) -> tuple[str, ...]:
    """Take pictures out of the data set's bin; gives their names.

    Those whose name was taken meanwhile stay in the bin.
    """
    with changing(dataset):
        note_event(dataset, "pictures restored", by, entry=entry.path.name)
        back, splits = [], {**read_splits(dataset)}
        taken = {path.stem.casefold() for path in (dataset / "images").iterdir()}
        parts = read_splits(entry.path)
        for path in sorted((entry.path / "images").glob("*")):
            if path.stem.casefold() in taken:
                continue
            truth = entry.path / "annotations" / f"{path.stem}.json"
            if truth.exists():
                truth.rename(truth_path(dataset, path.stem))
            path.rename(dataset / "images" / path.name)
            splits[path.stem] = parts.get(path.stem, ())
            back.append(path.stem)
        replace_splits(dataset, by_part(splits), by)
    if not list((entry.path / "images").glob("*")):
        bins.remove(entry)
    return tuple(back)


_Stamp = tuple[int, int, int, int]
_kept: dict[str, dict[str, tuple[_Stamp, StoredPicture]]] = {}
_guard = threading.Lock()


def _looked_at(dataset: Path, path: Path, kept: dict[str, tuple[_Stamp, StoredPicture]]) -> StoredPicture:
    """One picture of a list, from memory where neither of its two files changed."""
    truth = dataset / "annotations" / f"{path.stem}.json"
    picture, text = path.stat(), truth.stat() if truth.exists() else None
    stamp = (picture.st_mtime_ns, picture.st_size, text.st_mtime_ns if text else 0, text.st_ino if text else 0)
    known = kept.get(path.stem)
    if known is not None and known[0] == stamp and known[1].path == path:
        return known[1]
    result = _read(dataset, path, picture.st_size, picture.st_mtime)
    with _guard:
        kept[path.stem] = (stamp, result)
    return result


def _read(dataset: Path, path: Path, size: int, added: float) -> StoredPicture:
    readable, truth = True, Truth(0, ImageSize(0, 0))
    try:
        truth = read_truth(dataset, path.stem)
    except DatasetError:
        readable = False
        with suppress(ImageError):
            truth = Truth(0, image_size(path))
    except ImageError:
        pass
    classes = tuple(sorted({one.class_id for one in truth.boxes}))
    return StoredPicture(
        path.stem, path, truth.size, truth.state, truth.assignee, len(truth.boxes), classes, (), truth.revision,
        size, added, str(truth.extra.get("origin") or ""), readable,
    )  # fmt: skip
