"""A data set's classes. An id is given once and never again: deleting a class leaves a gap."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from yolodash import drawing, workspace
from yolodash.data.store.journal import changing, note_event
from yolodash.data.store.truth import StoredBox, Truth, read_truth, write_truth
from yolodash.errors import N_, DatasetError, OptionError

MOST_CLASSES = 10_000
LONGEST_NAME = 200
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class StoredClass:
    """A class of a data set.

    Attributes:
        colour: ``#rrggbb``.
        deleted: its id stays taken.
    """

    id: int
    name: str
    colour: str
    deleted: bool = False


def usual_colour(class_id: int) -> str:
    """The colour that a class has in all pictures, unless somebody chooses another."""
    return "#{:02x}{:02x}{:02x}".format(*drawing.colour_of(class_id))


def read_classes(dataset: Path) -> tuple[StoredClass, ...]:
    """All classes by id, deleted ones included.

    Raises:
        DatasetError: ``classes.json`` cannot be read.
    """
    try:
        content = json.loads((dataset / "classes.json").read_bytes())
        found = [
            StoredClass(
                int(one["id"]),
                str(one["name"]),
                str(one.get("colour") or usual_colour(int(one["id"]))),
                bool(one.get("deleted")),
            )
            for one in content
        ]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DatasetError(
            N_("The classes of this data set cannot be read"),
            where=f"{dataset.name}/classes.json",
            fix=N_('let it be a list such as [{{"id": 0, "name": "cube"}}]'),
        ) from error
    return tuple(sorted(found, key=lambda one: one.id))


def living(classes: Sequence[StoredClass]) -> tuple[StoredClass, ...]:
    """Those that are not deleted."""
    return tuple(one for one in classes if not one.deleted)


def add_class(dataset: Path, name: str, *, by: str) -> StoredClass:
    """A new class under the next id.

    Raises:
        OptionError: the name is empty, too long or taken.
    """
    with changing(dataset):
        classes = read_classes(dataset)
        class_id = max((one.id for one in classes), default=-1) + 1
        new = StoredClass(class_id, _free_name(name, classes), usual_colour(class_id))
        if len(classes) >= MOST_CLASSES:
            raise OptionError(N_("A data set has at most {most} classes"), fix=N_("merge some"), most=MOST_CLASSES)
        _write(dataset, (*classes, new), "class added", by, id=class_id, name=new.name)
    return new


def rename_class(dataset: Path, class_id: int, name: str, *, by: str) -> None:
    """Call a class otherwise; its boxes stay.

    Raises:
        OptionError: there is no such class, or the name is empty, too long or taken.
    """
    with changing(dataset):
        classes = read_classes(dataset)
        others = [one for one in classes if one.id != class_id]
        chosen = _free_name(name, others)
        _change(dataset, classes, class_id, lambda one: replace(one, name=chosen), "class renamed", by, name=chosen)


def recolour_class(dataset: Path, class_id: int, colour: str, *, by: str) -> None:
    """Give a class another colour, ``#rrggbb``."""
    if not _COLOUR.fullmatch(colour):
        raise OptionError(N_("'{colour}' is no colour"), fix=N_("give one such as #0072b2"), colour=colour)
    with changing(dataset):
        classes = read_classes(dataset)
        _change(dataset, classes, class_id, lambda one: replace(one, colour=colour), "class recoloured", by)


def boxes_of_class(dataset: Path, class_id: int) -> int:
    """How many boxes a class has."""
    return sum(one.class_id == class_id for _stem, truth in _truths(dataset) for one in truth.boxes)


def merge_classes(dataset: Path, from_id: int, into_id: int, *, by: str) -> int:
    """Give all boxes of one class to another and delete the first; gives how many boxes.

    Raises:
        OptionError: there is no such class, or they are one.
    """
    with changing(dataset):
        _existing(read_classes(dataset), into_id)
        if from_id == into_id:
            raise OptionError(N_("A class cannot be merged with itself"), fix=N_("choose another one"))
        return _emptied(dataset, from_id, by, "class merged", lambda box: replace(box, class_id=into_id), into=into_id)


def delete_class(dataset: Path, class_id: int, *, by: str) -> int:
    """Delete a class with its boxes; gives how many. What they were, ``history`` of their pictures says.

    Raises:
        OptionError: there is no such class.
    """
    with changing(dataset):
        return _emptied(dataset, class_id, by, "class deleted", lambda _box: None)


def _emptied(
    dataset: Path,
    class_id: int,
    by: str,
    event: str,
    becomes: Callable[[StoredBox], StoredBox | None],
    **values: object,
) -> int:
    """Change every box of a class, then delete the class: a kill in between leaves a class with fewer boxes."""
    classes = read_classes(dataset)
    _existing(classes, class_id)
    changed = 0
    for stem, truth in _truths(dataset):
        count = sum(one.class_id == class_id for one in truth.boxes)
        if count:
            boxes = [becomes(one) if one.class_id == class_id else one for one in truth.boxes]
            write_truth(dataset, stem, truth, replace(truth, boxes=tuple(one for one in boxes if one)), by)
            changed += count
    _change(dataset, classes, class_id, lambda one: replace(one, deleted=True), event, by, boxes=changed, **values)
    return changed


def _truths(dataset: Path) -> list[tuple[str, Truth]]:
    stems = sorted(path.stem for path in (dataset / "annotations").glob("*.json"))
    return [(stem, read_truth(dataset, stem)) for stem in stems]


def _existing(classes: Sequence[StoredClass], class_id: int) -> StoredClass:
    for one in classes:
        if one.id == class_id and not one.deleted:
            return one
    raise OptionError(N_("There is no class {number}"), fix=N_("reload the page to see the classes"), number=class_id)


def _change(
    dataset: Path,
    classes: Sequence[StoredClass],
    class_id: int,
    becomes: Callable[[StoredClass], StoredClass],
    event: str,
    by: str,
    **values: object,
) -> None:
    _existing(classes, class_id)
    after = tuple(becomes(one) if one.id == class_id else one for one in classes)
    _write(dataset, after, event, by, id=class_id, **values)


def _free_name(name: str, others: Sequence[StoredClass]) -> str:
    """A name on one line, if no other living class has it."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not clean or len(clean) > LONGEST_NAME:
        raise OptionError(
            N_("A class needs a name of 1 to {longest} characters"), fix=N_("give another name"), longest=LONGEST_NAME
        )
    if any(one.name.casefold() == clean.casefold() for one in living(others)):
        raise OptionError(
            N_("There is a class '{name}' already"), fix=N_("give another name, or merge the two"), name=clean
        )
    return clean


def _write(dataset: Path, classes: Sequence[StoredClass], event: str, by: str, **values: object) -> None:
    note_event(dataset, event, by, **values)
    workspace.write_json(dataset / "classes.json", [asdict(one) for one in classes])
