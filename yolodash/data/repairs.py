"""What is wrong with the boxes of a stored data set and can be mended by one click: what it would do, done, undone.

A repair is a save like any other, so every picture's history keeps what was; what one repair saved stands in the
journal, and it is taken back only where nobody has changed the picture since.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from yolodash.data.store.classes import living, read_classes
from yolodash.data.store.history import history
from yolodash.data.store.journal import changing, events, note_event
from yolodash.data.store.truth import ConflictError, StoredBox, Truth, read_truth, save_truth
from yolodash.errors import DatasetError, ImageError

RepairKind = Literal["double_boxes", "specks", "lost_classes"]
KINDS: tuple[RepairKind, ...] = get_args(RepairKind)
SAME = 0.95
"""IoU from which two boxes of one class are one drawn twice."""
SPECK = 2.0
"""Pixels: a box with a shorter side is the trace of a click."""


@dataclass(frozen=True)
class Change:
    """What a repair would do to a picture: the truth before, and the boxes that would go."""

    before: Truth
    removed: tuple[StoredBox, ...]

    @property
    def after(self) -> Truth:
        """The truth as it would be."""
        gone = {box.id for box in self.removed}
        return replace(self.before, boxes=tuple(box for box in self.before.boxes if box.id not in gone))


@dataclass(frozen=True)
class Repair:
    """One kind of mistake, and every picture that has it."""

    kind: RepairKind
    changes: Mapping[str, Change]

    @property
    def boxes(self) -> int:
        """How many boxes would go."""
        return sum(len(change.removed) for change in self.changes.values())


@dataclass(frozen=True)
class Repaired:
    """A repair that was done: its time stands for it; the revision that it saved of each picture.

    Attributes:
        skipped: pictures that somebody had changed meanwhile, and that were left alone.
    """

    kind: str
    at: str
    saved: Mapping[str, int]
    skipped: tuple[str, ...] = ()


def find_repairs(dataset: Path, stems: Collection[str]) -> tuple[Repair, ...]:
    """Every kind of mistake that there is; reads all annotations."""
    known = {one.id for one in living(read_classes(dataset))}
    wrong: dict[RepairKind, Callable[[Truth], tuple[StoredBox, ...]]] = {
        "double_boxes": double_boxes,
        "specks": specks,
        "lost_classes": lambda truth: tuple(box for box in truth.boxes if box.class_id not in known),
    }
    found: dict[RepairKind, dict[str, Change]] = {kind: {} for kind in wrong}
    for stem in stems:
        try:
            truth = read_truth(dataset, stem)
        except (DatasetError, ImageError):
            continue  # the health of the data set tells of it
        for kind, removed_by in wrong.items():
            if removed := removed_by(truth):
                found[kind][stem] = Change(truth, removed)
    return tuple(Repair(kind, changes) for kind, changes in found.items() if changes)


def double_boxes(truth: Truth) -> tuple[StoredBox, ...]:
    """Boxes that another of their class covers: of each such pair the later one."""
    by_class: dict[int, list[StoredBox]] = {}
    doubles = []
    for box in truth.boxes:
        kept = by_class.setdefault(box.class_id, [])
        if any(_overlap(box, other) >= SAME for other in kept):
            doubles.append(box)
        else:
            kept.append(box)
    return tuple(doubles)


def specks(truth: Truth) -> tuple[StoredBox, ...]:
    """Boxes that are too thin to be meant, in a picture that is large enough for more."""
    if min(truth.size.height, truth.size.width) < 16 * SPECK:
        return ()
    return tuple(box for box in truth.boxes if min(box.box[2] - box.box[0], box.box[3] - box.box[1]) < SPECK)


def _overlap(one: StoredBox, other: StoredBox) -> float:
    """|A ∩ B| / |A ∪ B| of two boxes."""
    a, b = one.box, other.box
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / both if both > 0 else 0.0


def repair(dataset: Path, wanted: Repair, *, by: str) -> Repaired:
    """Do what was shown; a picture that was changed since then is left alone.

    Raises:
        WorkspaceError: the disk cannot be written to; what was done until then stays, each picture whole.
    """
    saved: dict[str, int] = {}
    skipped = []
    try:
        for stem, change in wanted.changes.items():
            try:
                saved[stem] = save_truth(dataset, stem, change.after, by=by).revision
            except (ConflictError, DatasetError):
                skipped.append(stem)
    finally:
        with changing(dataset):
            at = note_event(dataset, "repaired", by, kind=wanted.kind, saved=saved) if saved else ""
    return Repaired(wanted.kind, at, saved, tuple(skipped))


def last_repair(dataset: Path) -> Repaired | None:
    """The newest repair that was not taken back; None where there is none."""
    done: list[Repaired] = []
    for one in events(dataset):
        if one.get("event") == "repaired" and isinstance(one.get("saved"), dict):
            saved = {str(stem): int(revision) for stem, revision in one["saved"].items()}
            done.append(Repaired(str(one.get("kind")), str(one.get("at")), saved))
        elif one.get("event") == "repair undone":
            done = [other for other in done if other.at != one.get("repair")]
    return done[-1] if done else None


def undo(dataset: Path, done: Repaired, *, by: str) -> Repaired:
    """Take a repair back, picture by picture, where nobody has saved since; what was before is in their history."""
    saved: dict[str, int] = {}
    skipped = []
    for stem, revision in done.saved.items():
        try:
            now = read_truth(dataset, stem)
            past = {truth.revision: truth for truth in history(dataset, stem)}
            before = past.get(revision - 1)
            if now.revision != revision or before is None:
                skipped.append(stem)
                continue
            saved[stem] = save_truth(dataset, stem, replace(now, boxes=before.boxes), by=by).revision
        except (ConflictError, DatasetError, ImageError):
            skipped.append(stem)
    with changing(dataset):
        at = note_event(dataset, "repair undone", by, repair=done.at, saved=saved)
    return Repaired(done.kind, at, saved, tuple(skipped))
