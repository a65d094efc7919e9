"""Where two versions of a picture differ, box by box, and which version a box is taken from unless somebody chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from yolodash.data.store.truth import StoredBox, Truth
from yolodash.ui.annotating.saving import CANVAS, Conflict

Side = Literal["mine", "theirs"]


@dataclass(frozen=True)
class Difference:
    """One box that is not the same in both versions.

    Attributes:
        mine, theirs: the box as each has it; None where a version has none.
        usual: the version to take where only one side changed it; None where both did.
    """

    id: str
    mine: StoredBox | None
    theirs: StoredBox | None
    usual: Side | None


def differences(conflict: Conflict) -> list[Difference]:
    """Every box in which the versions differ, theirs in their order, then what only mine has."""
    mine, theirs = _by_id(conflict.mine.boxes), _by_id(conflict.theirs.boxes)
    base = {} if conflict.base is None else _by_id(conflict.base.boxes)
    known = conflict.base is not None
    return [
        Difference(key, mine.get(key), theirs.get(key), _usual(base.get(key), mine.get(key), theirs.get(key), known))
        for key in dict.fromkeys((*theirs, *mine))
        if not _same(mine.get(key), theirs.get(key))
    ]


def chosen(conflict: Conflict, choices: Mapping[str, Side]) -> Truth:
    """The one version that is made of two: theirs, with the boxes that were chosen.

    Args:
        choices: by box, for each difference.
    """
    mine, theirs = _by_id(conflict.mine.boxes), _by_id(conflict.theirs.boxes)
    boxes = []
    for key in dict.fromkeys((*theirs, *mine)):
        box = mine.get(key) if choices.get(key, "theirs") == "mine" else theirs.get(key)
        if box is not None:
            boxes.append(box)
    extra = {**conflict.mine.extra, **conflict.theirs.extra, CANVAS: conflict.mine.extra[CANVAS]}
    state = conflict.mine.state if conflict.message.state else conflict.theirs.state
    return replace(conflict.theirs, boxes=tuple(boxes), state=state, extra=extra)


def _by_id(boxes: Sequence[StoredBox]) -> dict[str, StoredBox]:
    return {one.id: one for one in boxes}


def _same(one: StoredBox | None, other: StoredBox | None) -> bool:
    return one is None if other is None else one is not None and one.same_as(other)


def _usual(base: StoredBox | None, mine: StoredBox | None, theirs: StoredBox | None, known: bool) -> Side | None:
    """Who changed a box has the word; where both did, nobody."""
    if not known:
        return None
    if _same(base, mine):
        return "theirs"
    return "mine" if _same(base, theirs) else None
