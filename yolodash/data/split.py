"""Pictures divided into train, val and test: by seed, with every class in every part, and groups never torn apart.

Frames of one video, or near duplicates, form a group: a picture to validate with whose twin was trained on measures
memory, not skill. Rare classes are dealt out first, each group to the part that lacks most of the class.

Source: Sechidis, Tsoumakas, Vlahavas, On the Stratification of Multi-label Data, 2011 (iterative stratification);
here over groups, and with bounds on how far a part may grow.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from yolodash.data.dataset import SPLITS
from yolodash.errors import N_, OptionError

RATIOS = (0.8, 0.1, 0.1)
BACKGROUND = -1
"""Stands for the class of pictures without a box, which are dealt out evenly too."""


@dataclass(frozen=True)
class _Group:
    """Pictures that stay together, and how many boxes of each class they have."""

    stems: tuple[str, ...]
    boxes: Counter[int]


@dataclass
class _Part:
    """A part on its way: how many pictures, and how many boxes of each class, it still lacks.

    Attributes:
        room: pictures that it lacks; negative once a group went over its edge.
    """

    name: str
    room: int
    lacks: dict[int, float]
    groups: list[_Group]

    def take(self, group: _Group) -> None:
        """Let a group be of this part."""
        self.groups.append(group)
        self.room -= len(group.stems)
        for class_id, count in group.boxes.items():
            self.lacks[class_id] -= count


def check_ratios(ratios: Sequence[float]) -> None:
    """Are these shares of train, val and test?

    Raises:
        OptionError: there are not three, one is no share, train has none, or together they are not the whole.
    """
    sound = len(ratios) == len(SPLITS) and all(math.isfinite(ratio) and ratio >= 0 for ratio in ratios)
    if not sound or not ratios[0] or abs(sum(ratios) - 1) > 1e-6:
        raise OptionError(
            N_("The shares of train, val and test are not three numbers that make up 1, the first above 0"),
            where="--ratios",
            fix=N_("give three such as .8,.1,.1"),
        )


def split_pictures(
    classes: Mapping[str, Iterable[int]],
    *,
    groups: Mapping[str, Hashable] | None = None,
    ratios: Sequence[float] = RATIOS,
    seed: int = 0,
) -> dict[str, tuple[str, ...]]:
    """Divide pictures into train, val and test.

    The same pictures, groups, ratios and seed give the same parts, in whatever order they are given. No part goes over
    its share of pictures by more than one group; none with a share stays empty while there are groups enough; train
    gets a picture of every class while it has room.

    Args:
        classes: of every picture, by its stem, the class of each box; none for a background.
        groups: of a picture, by its stem, what it belongs to; a picture that is not named is a group of its own.
        ratios: the shares of train, val and test; their sum is 1.
        seed: decides among equals.

    Returns:
        The stems of each part, in the order in which they were given.

    Raises:
        OptionError: the ratios make no sense.
    """
    check_ratios(ratios)
    waiting = _groups(classes, groups or {})
    random.Random(seed).shuffle(waiting)
    waiting.sort(key=lambda group: -len(group.stems))  # large ones first, while the parts have room; stable
    parts = _empty_parts(waiting, len(classes), ratios)
    _cover(parts[0], waiting, len(parts))
    while waiting:
        _deal_out(_rarest(waiting), waiting, parts)
    place = {stem: number for number, stem in enumerate(classes)}
    stems = {part.name: [stem for group in part.groups for stem in group.stems] for part in parts}
    return {name: tuple(sorted(stems.get(name, ()), key=place.__getitem__)) for name in SPLITS}


def joined(pairs: Iterable[tuple[str, str]], same: Mapping[str, Hashable] | None = None) -> dict[str, str]:
    """One group for all pictures that are connected: by pairs (near duplicates), or by what they share (a video).

    Args:
        pairs: of stems.
        same: of a stem, what it comes from; whatever is empty connects nothing.

    Returns:
        Of every picture that is connected to another, the name of its group: the first stem of it.
    """
    parent: dict[str, str] = {}

    def root(stem: str) -> str:
        parent.setdefault(stem, stem)
        while parent[stem] != stem:
            parent[stem] = parent[parent[stem]]
            stem = parent[stem]
        return stem

    def connect(one: str, other: str) -> None:
        first, second = sorted((root(one), root(other)))
        parent[second] = first

    for one, other in pairs:
        connect(one, other)
    first_of: dict[Hashable, str] = {}
    for stem, origin in (same or {}).items():
        if origin:
            connect(first_of.setdefault(origin, stem), stem)
    return {stem: root(stem) for stem in parent}


def _groups(classes: Mapping[str, Iterable[int]], named: Mapping[str, Hashable]) -> list[_Group]:
    members: dict[Hashable, list[str]] = {}
    for stem in sorted(classes):
        members.setdefault(("group", named[stem]) if stem in named else ("alone", stem), []).append(stem)
    result = []
    for stems in members.values():
        boxes = Counter[int]()
        for stem in stems:
            own = Counter(int(class_id) for class_id in classes[stem])
            boxes += own or Counter({BACKGROUND: 1})
        result.append(_Group(tuple(stems), boxes))
    return result


def _empty_parts(groups: list[_Group], pictures: int, ratios: Sequence[float]) -> list[_Part]:
    """The parts that shall have pictures, each with what it lacks; fewer where there are fewer groups."""
    total = Counter[int]()
    for group in groups:
        total.update(group.boxes)
    asked = [(name, ratio) for name, ratio in zip(SPLITS, ratios, strict=True) if ratio][: max(len(groups), 1)]
    whole = sum(ratio for _, ratio in asked)
    counts = _rounded([ratio / whole * pictures for _, ratio in asked])
    return [
        _Part(name, count, {i: ratio / whole * boxes for i, boxes in total.items()}, [])
        for (name, ratio), count in zip(asked, counts, strict=True)
    ]


def _rounded(shares: list[float]) -> list[int]:
    """Whole numbers of the same sum: the largest remainders are rounded up, and nobody goes without."""
    counts = [math.floor(share) for share in shares]
    for place in sorted(range(len(shares)), key=lambda i: counts[i] - shares[i])[: round(sum(shares)) - sum(counts)]:
        counts[place] += 1
    for place, count in enumerate(counts):
        if not count and max(counts) > 1:
            counts[counts.index(max(counts))] -= 1
            counts[place] = 1
    return counts


def _cover(train: _Part, waiting: list[_Group], parts: int) -> None:
    """Give train the smallest group of every class, the rarest class first, while it has room and others get theirs."""
    having = Counter(class_id for group in waiting for class_id in group.boxes)
    for class_id, _count in sorted(having.items(), key=lambda one: (one[1], one[0])):
        if any(class_id in group.boxes for group in train.groups):
            continue
        if train.room <= 0 or (len(waiting) < parts and train.groups):
            return
        smallest = min((group for group in waiting if class_id in group.boxes), key=lambda group: len(group.stems))
        waiting.remove(smallest)
        train.take(smallest)


def _rarest(waiting: list[_Group]) -> int:
    having = Counter(class_id for group in waiting for class_id in group.boxes)
    return min(having, key=lambda class_id: (having[class_id], class_id))


def _deal_out(class_id: int, waiting: list[_Group], parts: list[_Part]) -> None:
    """Every waiting group that has a class goes to the part that lacks most of it."""
    left = len(waiting)
    for group in [group for group in waiting if class_id in group.boxes]:
        empty = [part for part in parts if not part.groups]
        open_parts = empty if left <= len(empty) else [part for part in parts if part.room > 0]
        max(open_parts, key=lambda part: (part.lacks[class_id], part.room)).take(group)
        left -= 1
    waiting[:] = [group for group in waiting if class_id not in group.boxes]
