"""What becomes of a change: saved, refused by the disk, or a conflict with what somebody else saved.

The browser sends a change again until it is told that it is on the disk, so the same change may come twice: it is
known by its writer and sequence, which are kept with the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from yolodash.data.store.history import history
from yolodash.data.store.truth import ConflictError, StoredBox, Truth, read_truth, save_truth
from yolodash.ui.annotating import proposals
from yolodash.ui.canvas import DrawnBox, Message

CANVAS = "canvas"
"""Where in a truth's ``extra`` the writer and the sequence of its change stand."""


@dataclass(frozen=True)
class Conflict:
    """Two versions of one picture.

    Attributes:
        base: what both were made of, where it is still known.
        mine: what the browser wants kept; ``theirs``: what is on the disk.
    """

    message: Message
    base: Truth | None
    mine: Truth
    theirs: Truth


def save(dataset: Path, message: Message, *, by: str) -> Truth | Conflict:
    """Bring a change to the disk, if it was made of what is there.

    Raises:
        WorkspaceError: the disk is full, read-only or not ours; nothing was written.
        DatasetError: a box is none, or there is no such picture.
    """
    on_disk = read_truth(dataset, message.stem)
    if on_disk.revision != message.revision:
        past = [one for one in history(dataset, message.stem) if one.revision >= message.revision]
        known = saved_before(past, message) or _same(on_disk, message)
        if known is not None:
            return known
        base = past[0] if past and past[0].revision == message.revision else None
        harmless = base is not None and (same_boxes(base.boxes, on_disk.boxes) or _ours(past, message))
        if not harmless:
            return Conflict(message, base, changed(base or on_disk, message), on_disk)
    try:
        return save_truth(dataset, message.stem, changed(on_disk, message), by=by)
    except ConflictError as error:  # saved by another process this very moment
        return Conflict(message, on_disk, changed(on_disk, message), error.theirs)


def changed(truth: Truth, message: Message) -> Truth:
    """A truth after the change of a message; what the canvas does not show, such as flags, stays with its box."""
    drawn = [one for one in message.boxes or () if not one.open]
    known = {one.id: one for one in truth.boxes}
    sources = proposals.sources(truth)
    boxes = tuple(_stored(one, known.get(one.id), sources.get(one.id, "hand")) for one in drawn)
    extra = {**truth.extra, CANVAS: {"writer": message.writer, "sequence": message.sequence}}
    if message.boxes is not None:
        extra = proposals.judged(extra, message.boxes)
    state = message.state or ("in_work" if truth.state == "unlabelled" else truth.state)
    return replace(truth, boxes=boxes if message.boxes is not None else truth.boxes, state=state, extra=extra)


def _stored(drawn: DrawnBox, known: StoredBox | None, source: str) -> StoredBox:
    if known is None:
        return StoredBox(drawn.id, drawn.class_id, drawn.box, source=source)
    polygon = known.polygon
    if polygon is not None and drawn.box != known.box:
        polygon = carried(polygon, known.box, drawn.box)
    return replace(known, class_id=drawn.class_id, box=drawn.box, polygon=polygon)


def carried(polygon: Sequence[float], before: Sequence[float], after: Sequence[float]) -> tuple[float, ...]:
    """A polygon moved and stretched as its box was."""
    scales = [
        (after[axis + 2] - after[axis]) / (before[axis + 2] - before[axis]) if before[axis + 2] > before[axis] else 1.0
        for axis in (0, 1)
    ]
    return tuple(
        after[place % 2] + (value - before[place % 2]) * scales[place % 2] for place, value in enumerate(polygon)
    )


def saved_before(past: Sequence[Truth], message: Message) -> Truth | None:
    """The revision by which this change, or a later one of the same writer, was saved, if it was."""
    for one in past:
        writer, sequence = _writer(one.extra)
        if one.revision > message.revision and writer == message.writer and sequence >= message.sequence:
            return one
    return None


def _same(on_disk: Truth, message: Message) -> Truth | None:
    """What is on the disk, if the change would change nothing of it."""
    unchanged = same_boxes(changed(on_disk, message).boxes, on_disk.boxes) and message.state in (None, on_disk.state)
    return on_disk if unchanged else None


def same_boxes(one: Sequence[StoredBox], other: Sequence[StoredBox]) -> bool:
    """Whether both say the same, in whatever order and whoever signed it."""
    mine, theirs = ({box.id: box for box in boxes} for boxes in (one, other))
    return mine.keys() == theirs.keys() and all(box.same_as(theirs[key]) for key, box in mine.items())


def _ours(past: Sequence[Truth], message: Message) -> bool:
    """Whether all that was saved since was drawn in the same tab, which never heard of it.

    What a class's end or a comment saves keeps the name of the change before it, so a name that stays the same is not
    the tab's.
    """
    names = [_writer(one.extra) for one in past]
    drawn = [name != before and name[0] == message.writer for before, name in pairwise(names)]
    return bool(drawn) and all(drawn)


def _writer(extra: Mapping[str, Any]) -> tuple[str, int]:
    kept = extra.get(CANVAS)
    if not isinstance(kept, Mapping):
        return "", -1
    sequence = kept.get("sequence")
    return str(kept.get("writer", "")), sequence if isinstance(sequence, int) else -1
