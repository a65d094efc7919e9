"""The truth of one picture: its boxes, who made them, and how far the work on it is.

A save carries the revision that it read. Under a lock the revision on disk is compared, the change goes into the
journal, and the file is replaced whole; only then is the save confirmed. Where another revision is on disk, nothing is
written, and the error brings the other's version along.
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from yolodash import workspace
from yolodash.data.images import image_size
from yolodash.data.store.files import shelf_of
from yolodash.data.store.journal import changing, note_event, tells_of
from yolodash.errors import N_, DatasetError, WorkspaceError
from yolodash.structures import ImageSize

State = Literal["unlabelled", "in_work", "done", "reviewed"]
STATES: tuple[State, ...] = get_args(State)
LARGEST_JSON = 64 << 20
MOST_BOXES = 20_000
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class StoredBox:
    """One box of the truth.

    Attributes:
        id: stays with the box when it is moved; unique in its picture.
        class_id: of the data set's classes.
        box: x1, y1, x2, y2 in pixels of the upright original picture, float64.
        flags: such as ``crowd`` and ``difficult``, kept as they came.
        polygon: x1, y1, x2, y2, … where there is one, kept as it came.
        by, at: who made it or changed it last, and when (ISO 8601, UTC).
        source: ``hand``, ``import coco``, ``model NAME``, ``augment`` …
    """

    id: str
    class_id: int
    box: Box
    flags: tuple[str, ...] = ()
    polygon: tuple[float, ...] | None = None
    by: str = ""
    at: str = ""
    source: str = "hand"

    def same_as(self, other: StoredBox) -> bool:
        """Whether it says the same, whoever wrote it."""
        return replace(self, by="", at="") == replace(other, by="", at="")


@dataclass(frozen=True)
class Truth:
    """What is known of one picture.

    Attributes:
        revision: counts the saves; 0 where nothing was saved yet.
        size: of the upright picture.
        extra: whatever else is kept, such as comments; unknown keys stay.
    """

    revision: int
    size: ImageSize
    state: State = "unlabelled"
    assignee: str = ""
    boxes: tuple[StoredBox, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


class ConflictError(WorkspaceError):
    """Somebody saved another version since this one was read.

    Attributes:
        theirs: what is on disk.
    """

    def __init__(self, stem: str, theirs: Truth) -> None:
        self.theirs = theirs
        super().__init__(
            N_("Somebody saved this picture meanwhile (revision {revision})"),
            where=stem,
            fix=N_("choose between the two versions, box by box"),
            revision=theirs.revision,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """How to send it to another process."""
        return ConflictError, (self.where, self.theirs)


def new_box_id() -> str:
    """An id for a new box: 48 random bits in hexadecimal."""
    return secrets.token_hex(6)


def truth_path(dataset: Path, stem: str) -> Path:
    """Where a picture's truth lies.

    Raises:
        WorkspaceError: the stem is no plain name.
    """
    return workspace.inside(dataset / "annotations", f"{stem}.json")


def picture_path(dataset: Path, stem: str) -> Path:
    """The file of a picture.

    Raises:
        DatasetError: there is none.
    """
    workspace.inside(dataset / "images", stem)
    found = shelf_of(dataset).picture(stem)
    if found is None:
        raise DatasetError(
            N_("This data set has no such picture (any more)"), where=stem, fix=N_("choose another picture")
        )
    return found


def read_truth(dataset: Path, stem: str) -> Truth:
    """The truth of a picture; of one that nobody saved yet, an empty one of revision 0.

    Raises:
        DatasetError: the file cannot be read, or there is no such picture.
    """
    path = truth_path(dataset, stem)
    if not path.exists():
        return Truth(0, image_size(picture_path(dataset, stem)))
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise ValueError("too large")
        return truth_from(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise DatasetError(
            N_("This is no annotation that can be read"),
            where=f"{dataset.name}/annotations/{path.name}",
            fix=N_("take an earlier revision back, or restore the file from a copy"),
        ) from error


def save_truth(dataset: Path, stem: str, truth: Truth, *, by: str) -> Truth:
    """Save what was made of revision ``truth.revision``; it is on the disk when this returns.

    Boxes are cut at the picture's edge. New and changed ones are signed and dated, the others keep their signature.

    Returns:
        what is on the disk now, its revision one higher.

    Raises:
        ConflictError: another revision is on the disk; nothing was written.
        DatasetError: a box is none.
        WorkspaceError: the disk is full, read-only or not ours; the file is as it was.
    """
    with changing(dataset):
        before = read_truth(dataset, stem)
        if before.revision != truth.revision:
            raise ConflictError(stem, before)
        return write_truth(dataset, stem, before, truth, by)


def write_truth(dataset: Path, stem: str, before: Truth, truth: Truth, by: str) -> Truth:
    """Write the next revision. Whoever calls holds ``changing``."""
    boxes = checked(truth.boxes, before.size, stem)
    old = {one.id: one for one in before.boxes}
    changed = [one for one in boxes if one.id not in old or not one.same_as(old[one.id])]
    removed = sorted(old.keys() - {one.id for one in boxes})
    revision = before.revision + 1
    change: dict[str, Any] = {"stem": stem, "revision": revision, "state": truth.state, "assignee": truth.assignee}
    if before.revision and not tells_of(dataset, stem):
        note_event(dataset, "found", "", stem=stem, truth=truth_record(before))
    at = note_event(
        dataset, "saved", by, **change, size=[before.size.height, before.size.width], removed=removed,
        changed=[box_record(one) for one in changed], extra=dict(truth.extra),
    )  # fmt: skip
    after = applied(before, changed, removed, by, at)
    after = replace(after, revision=revision, state=truth.state, assignee=truth.assignee, extra=dict(truth.extra))
    workspace.write_json(truth_path(dataset, stem), truth_record(after))
    return after


def applied(before: Truth, changed: Sequence[StoredBox], removed: Sequence[str], by: str, at: str) -> Truth:
    """A truth after a change: changed boxes in their places, new ones at the end, signed and dated."""
    signed = {one.id: replace(one, by=by, at=at) for one in changed}
    kept = [signed.pop(one.id, one) for one in before.boxes if one.id not in removed]
    return replace(before, boxes=(*kept, *signed.values()))


def checked(boxes: Sequence[StoredBox], size: ImageSize, stem: str) -> tuple[StoredBox, ...]:
    """The boxes, cut at the picture's edge.

    Raises:
        DatasetError: one is no box, lies outside, or there are too many, or two of one id.
    """
    if len(boxes) > MOST_BOXES or len({one.id for one in boxes}) != len(boxes):
        raise DatasetError(
            N_("{count} boxes cannot be kept on one picture, or two of them have one id"),
            where=stem,
            fix=N_("remove some; at most {most} are kept"),
            count=len(boxes),
            most=MOST_BOXES,
        )
    return tuple(replace(one, box=_cut(one, size, stem)) for one in boxes)


def _cut(one: StoredBox, size: ImageSize, stem: str) -> Box:
    x1, y1, x2, y2 = (float(value) for value in one.box)
    if math.isfinite(x1 + y1 + x2 + y2):
        cut = max(x1, 0.0), max(y1, 0.0), min(x2, float(size.width)), min(y2, float(size.height))
        if cut[2] > cut[0] and cut[3] > cut[1]:
            return cut
    raise DatasetError(N_("A box has no area within the picture"), where=stem, fix=N_("draw it again or remove it"))


def truth_record(truth: Truth) -> dict[str, Any]:
    """A truth as JSON, as its file has it."""
    return {
        "revision": truth.revision,
        "width": truth.size.width,
        "height": truth.size.height,
        "state": truth.state,
        "assignee": truth.assignee,
        "boxes": [box_record(one) for one in truth.boxes],
        "extra": dict(truth.extra),
    }


def truth_from(content: Any) -> Truth:
    """A truth from its JSON; raises what Python does where it is none."""
    state = content.get("state")
    return Truth(
        int(content.get("revision", 1)),
        ImageSize(int(content["height"]), int(content["width"])),
        state if state in STATES else "unlabelled",
        str(content.get("assignee") or ""),
        tuple(box_from(one, place) for place, one in enumerate(content["boxes"])),
        dict(content.get("extra") or {}),
    )


def box_record(one: StoredBox) -> dict[str, Any]:
    """A box as JSON."""
    record: dict[str, Any] = {"id": one.id, "class_id": one.class_id, "box": list(one.box), "flags": list(one.flags)}
    if one.polygon is not None:
        record["polygon"] = list(one.polygon)
    return {**record, "by": one.by, "at": one.at, "source": one.source}


def box_from(content: Any, place: int = 0) -> StoredBox:
    """A box from its JSON, the ``place``-th of its picture; raises what Python does where it is none."""
    x1, y1, x2, y2 = (float(value) for value in content["box"])
    polygon = content.get("polygon")
    return StoredBox(
        str(content.get("id") or f"box {place}"),
        int(content["class_id"]),
        (x1, y1, x2, y2),
        tuple(str(flag) for flag in content.get("flags") or ()),
        None if polygon is None else tuple(float(value) for value in polygon),
        str(content.get("by") or ""),
        str(content.get("at") or ""),
        str(content.get("source") or ""),
    )
