"""What happens to a box that a change cuts: the picture's edge goes through it, or a hole hides a part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yolodash.data.augment.boxes import LEAST_SIDE, LEAST_VISIBLE, Boxes
from yolodash.structures import Integers

Way = Literal["keep", "clip", "drop"]
_WHOLE = 1 - 1e-6


@dataclass(frozen=True)
class CutPolicy:
    """Which boxes stay, and how far they reach.

    Attributes:
        way: ``keep`` leaves a box whole, beyond the edge; ``clip`` cuts it at the edge, however little is left;
            ``drop`` cuts it, and leaves it out where no more than ``least_visible`` can be seen.
        least_visible: share of its area.
    """

    way: Way = "drop"
    least_visible: float = LEAST_VISIBLE


@dataclass(frozen=True)
class Followed:
    """Boxes through the steps, aligned; none is left out on the way.

    Attributes:
        whole: ``(N, 4)`` as they would be without any edge.
        seen: ``(N, 4)`` the part that no edge has cut off.
        uncovered: ``(N,)`` share of ``seen`` that no hole hides.
        source: ``(N,)`` which picture a box comes from: 0 the one itself, from 1 on its partners.
        row: ``(N,)`` its number among the boxes of that picture.
    """

    whole: Boxes
    seen: Boxes
    uncovered: NDArray[np.float64]
    source: Integers
    row: Integers


def visible(followed: Followed) -> NDArray[np.float64]:
    """The share of each box that can still be seen, in [0, 1]: ``(N,)``."""
    whole = (followed.whole[:, 2:] - followed.whole[:, :2]).prod(axis=1)
    seen = (followed.seen[:, 2:] - followed.seen[:, :2]).prod(axis=1)
    return np.asarray(np.where(whole > 0, seen / np.maximum(whole, 1e-12), 0).clip(0, 1) * followed.uncovered)


def stays(followed: Followed, policy: CutPolicy) -> NDArray[np.bool_]:
    """Which boxes stay: ``(N,)``.

    Whatever the way, one goes of which nothing can be seen, or, where it was cut, not even ``LEAST_SIDE`` pixels.
    """
    share = visible(followed)
    sides = (followed.seen[:, 2:] - followed.seen[:, :2]).min(axis=1, initial=np.inf)
    there = (share > 0) & ((share > _WHOLE) | (sides > LEAST_SIDE))
    return np.asarray(there & (share > policy.least_visible) if policy.way == "drop" else there)


def settled(followed: Followed, policy: CutPolicy) -> Boxes:
    """The boxes as they are written, ``(N, 4)``; those that do not stay included."""
    return followed.whole if policy.way == "keep" else followed.seen
