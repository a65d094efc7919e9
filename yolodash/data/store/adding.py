"""A data set in another form, added to one of the workspace: classes by their names, pictures that are new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from yolodash.data.dataset import Dataset, Problem
from yolodash.data.store.classes import LONGEST_NAME, add_class, living, read_classes
from yolodash.data.store.files import shelf_of
from yolodash.data.store.importing import truth_of
from yolodash.data.store.journal import changing
from yolodash.data.store.parts import put_into_parts, read_splits
from yolodash.data.store.pictures import Added, add_picture
from yolodash.data.store.truth import ConflictError, StoredBox, Truth, read_truth, save_truth
from yolodash.data.writing import Placed, class_names, placed
from yolodash.errors import ImageError

PARTS_AT_ONCE = 100


@dataclass(frozen=True)
class Came:
    """What was added.

    Attributes:
        doubles: pictures that were there already, byte by byte; those that nobody had labelled got these boxes, those
            in no part these parts, the others kept what they had.
        notes: what could not be taken.
    """

    images: int
    boxes: int
    doubles: int
    notes: tuple[Problem, ...]


def add_dataset(dataset: Path, source: Dataset, *, by: str, progress: Callable[[int, int], None] | None = None) -> Came:
    """Add what was opened, picture by picture; what came in before an end stays.

    Args:
        source: of ``open_dataset``.
        progress: told after every picture.

    Raises:
        OptionError: a class's name cannot be one here.
        WorkspaceError: the disk cannot be written to.
    """
    notes: list[Problem] = []
    pictures = placed(source, notes)
    ids = _ids(dataset, source, by)
    images = boxes = doubles = 0
    waiting: dict[str, tuple[str, ...]] = {}
    try:
        for done, one in enumerate(pictures, start=1):
            truth = _in_classes(truth_of(one, f"import {source.format}", by), ids)
            try:
                added = _add(dataset, one, truth, by)
                waiting[added.stem] = one.image.splits
            except ImageError as error:
                notes.append(_broken(one, error))
                continue
            finally:
                if progress is not None:
                    progress(done, len(pictures))
            is_new = added.duplicate_of is None
            doubles += not is_new
            images += is_new
            if is_new or _labelled(dataset, added.stem, truth.boxes, by):
                boxes += len(truth.boxes)
            if len(waiting) >= PARTS_AT_ONCE:
                _put_into_parts(dataset, waiting, by)
    finally:
        _put_into_parts(dataset, waiting, by)
    return Came(images, boxes, doubles, tuple(notes))


def _in_classes(truth: Truth, ids: Mapping[int, int]) -> Truth:
    """With the data set's own ids of its classes."""
    return replace(truth, boxes=tuple(replace(box, class_id=ids[box.class_id]) for box in truth.boxes))


def _add(dataset: Path, one: Placed, truth: Truth, by: str) -> Added:
    assert one.image.path is not None
    return add_picture(dataset, one.file, one.image.path.read_bytes(), by=by, truth=truth)


def _broken(one: Placed, error: ImageError) -> Problem:
    return Problem("broken_image", one.image.name, 0, error.what, error.fix, "error", dict(error.values))


def _put_into_parts(dataset: Path, waiting: dict[str, tuple[str, ...]], by: str) -> None:
    """Put pictures that are in no part yet into those of the source, many at once: all parts stand in one file.

    After a kill in between, who adds the same pictures again puts them there.
    """
    with changing(dataset):
        known, shelf = read_splits(dataset), shelf_of(dataset)
        free = {stem: parts for stem, parts in waiting.items() if parts and stem not in known and shelf.picture(stem)}
        put_into_parts(dataset, free, by)
    waiting.clear()


def _labelled(dataset: Path, stem: str, boxes: tuple[StoredBox, ...], by: str) -> bool:
    """Give a picture boxes that nobody has labelled yet; whether it was so."""
    now = read_truth(dataset, stem)
    if not boxes or now.boxes or now.state != "unlabelled":
        return False
    with suppress(ConflictError):  # somebody began to label it this moment, and goes on
        save_truth(dataset, stem, replace(now, boxes=boxes, state="done"), by=by)
        return True
    return False


def _ids(dataset: Path, source: Dataset, by: str) -> dict[int, int]:
    """The data set's own id of each class of the source, by name in whatever case; new ones are added."""
    known = {one.name.casefold(): one.id for one in living(read_classes(dataset))}
    ids = {}
    for class_id, name in class_names(source).items():
        short = " ".join(name.split())[:LONGEST_NAME]
        if short.casefold() not in known:
            known[short.casefold()] = add_class(dataset, short, by=by).id
        ids[class_id] = known[short.casefold()]
    return ids
