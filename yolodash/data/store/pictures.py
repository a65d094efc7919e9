"""The pictures of a data set: their files as they came, and beside each its truth."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path

from yolodash import bins, workspace
from yolodash.bins import BinEntry
from yolodash.data.images import image_size, read_image
from yolodash.data.signatures import HEAD_BYTES, picture_kind
from yolodash.data.sources import is_picture
from yolodash.data.store.files import Stamp, shelf_of, stamps
from yolodash.data.store.journal import Mark, changing, end_of, events_since, note_event
from yolodash.data.store.parts import by_part, put_into_parts, read_splits, replace_splits
from yolodash.data.store.truth import State, Truth, picture_path, read_truth, truth_path, write_truth
from yolodash.errors import DatasetError, ImageError, WorkspaceError
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
        shelf = shelf_of(dataset)
        shelf.look(end_of(dataset))
        same = shelf.same_as(data)
        if same is not None:
            return Added(Path(same).stem, Path(same).stem)

        def is_taken(stem: str) -> bool:
            places = truth_path(dataset, stem), dataset / "images" / f"{stem}.{kind.value}"
            return shelf.has(stem) or any(os.path.lexists(place) for place in places)

        stem = free_stem(name, is_taken)
        first = truth or Truth(0, size)
        extra = {**first.extra, **({"origin": origin} if origin else {})}
        workspace.write_bytes(dataset / "images" / f"{stem}.{kind.value}", data)
        write_truth(dataset, stem, Truth(0, size), replace(first, size=size, extra=extra), by)
        put_into_parts(dataset, {stem: splits}, by)
        shelf.came(f"{stem}.{kind.value}", end_of(dataset))
    return Added(stem)


def free_stem(name: str, is_taken: Callable[[str], bool]) -> str:
    """A file's own name without its ending, made safe, and numbered where it is taken.

    Of a thousand pictures of one name each asks for some twenty numbers, not for a thousand.
    """
    stem = workspace.safe_name(Path(workspace.safe_name(name)).stem)
    while len(stem.encode()) > LONGEST_STEM:
        stem = stem[:-1]
    stem = stem.strip(". ") or "unnamed"
    if not is_taken(stem):
        return stem
    taken, free = 1, 2
    while is_taken(f"{stem}-{free}"):
        taken, free = free, 2 * free
    while free - taken > 1:
        middle = (taken + free) // 2
        taken, free = (middle, free) if is_taken(f"{stem}-{middle}") else (taken, middle)
    return f"{stem}-{free}"


def list_pictures(dataset: Path) -> tuple[StoredPicture, ...]:
    """All pictures by name, as the disk has them now, whoever wrote there.

    Every file's stamp is asked for; only files that changed since the last time are read, and those that the journal
    has named since: a file system whose clock stands still can give the second of two saves the stamp of the first.
    """
    known = _known.get(dataset, _NOTHING)
    new, mark = events_since(dataset, known.mark) if known.files else ([], end_of(dataset))
    named = {stem for event in new for stem in (event.get("stem"), *(event.get("stems") or ()))}
    truths, splits = stamps(dataset / "annotations"), read_splits(dataset)
    folder = os.fspath(dataset / "annotations")
    files: dict[str, _File] = {}
    for path, stamp in stamps(dataset / "images").items():
        file = known.files.get(path) or _File(Path(path), Path(path).stem)
        now = stamp, truths.get(f"{folder}/{file.stem}.json")
        if file.stamp != now or file.stem in named:
            file = replace(file, stamp=now, picture=_read(dataset, file.path, stamp))
        files[path] = file.within(splits)
    _known[dataset] = _Known(mark, files)
    return _by_name(files.values())


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


@dataclass(frozen=True)
class _File:
    """A file below ``images``, and what it was when its stamp and that of its annotation were so."""

    path: Path
    stem: str
    stamp: tuple[Stamp, Stamp | None] | None = None
    picture: StoredPicture | None = None

    def within(self, splits: Mapping[str, tuple[str, ...]]) -> _File:
        """The same, with the parts that its picture belongs to now."""
        if self.picture is None or self.picture.splits == (parts := splits.get(self.stem, ())):
            return self
        return replace(self, picture=replace(self.picture, splits=parts))


@dataclass(frozen=True)
class _Known:
    """What the last list was made from; never changed, so that it may be read while another is made."""

    mark: Mark
    files: Mapping[str, _File]


_NOTHING = _Known(Mark(), {})
_known: dict[Path, _Known] = {}


def _by_name(files: Iterable[_File]) -> tuple[StoredPicture, ...]:
    """The pictures among files, one for each name: where two have one, the first by its path."""
    found = sorted((one.picture for one in files if one.picture is not None), key=attrgetter("stem"))
    if len({one.stem for one in found}) < len(found):
        found.sort(key=lambda one: (one.stem, one.path.parts), reverse=True)
        found = sorted({one.stem: one for one in found}.values(), key=attrgetter("stem"))
    return tuple(found)


def _read(dataset: Path, path: Path, stamp: Stamp) -> StoredPicture | None:
    """A picture with its annotation; None for a file that is no picture, or gone."""
    if not is_picture(os.fspath(path)):
        return None
    readable, truth = True, Truth(0, ImageSize(0, 0))
    try:
        truth = read_truth(dataset, path.stem)
    except (DatasetError, WorkspaceError):  # damaged, or a name that another program gave and that is none here
        readable = False
        with suppress(ImageError):
            truth = Truth(0, image_size(path))
    except ImageError:
        pass
    classes = tuple(sorted({one.class_id for one in truth.boxes}))
    _inode, size, changed, _noted = stamp
    return StoredPicture(
        path.stem, path, truth.size, truth.state, truth.assignee, len(truth.boxes), classes, (), truth.revision,
        size, changed / 1e9, str(truth.extra.get("origin") or ""), readable,
    )  # fmt: skip
