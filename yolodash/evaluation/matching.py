"""Which detection answers which truth.

A match is the same class and IoU **≥** the match IoU threshold. Detections choose in order of their score; what is
left to choose, and what happens to a second detection of the same truth, is where the conventions differ:

* ``best_free``: the free truth that overlaps most (COCO); truths that do not count are second choice.
* ``best_only``: the truth that overlaps most, free or not; if it is taken, the detection is false (VOC, YOLOv5).

A crowd, and for ``best_only`` a difficult object, can be answered any number of times: the answers are ignored.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yolodash.evaluation.overlap import paired_overlap
from yolodash.evaluation.tables import Flags, Found, Indices, Numbers, Truths

Choice = Literal["best_free", "best_only"]


@dataclass(frozen=True)
class Pairs:
    """Every detection with every truth of its picture and class that it overlaps, in the order in which they choose.

    Of one detection's pairs the highest overlap comes first and, of equal ones, the later truth (as COCO has it).

    Detections are in ``order``: by class, then score descending, then picture, then place in the file.

    Attributes:
        order: ``(D,)`` index into ``Found`` of each detection that counts.
        rank: ``(D,)`` place among the detections of the same picture and class, from 0.
        detection: ``(P,)`` index into ``order``, ascending.
        truth: ``(P,)`` index into ``Truths``.
        overlap: ``(P,)`` IoU.
        round_of: ``(D,)`` how many earlier detections of the same picture and class have pairs; −1 without pairs.
    """

    order: Indices
    rank: Indices
    detection: Indices
    truth: Indices
    overlap: Numbers
    round_of: Indices


@dataclass(frozen=True)
class Match:
    """What became of each detection in ``Pairs.order`` at one IoU threshold.

    Attributes:
        truth: ``(D,)`` the truth that it answers, or −1.
        ignored: ``(D,)`` neither true nor false: its truth, or its own size, does not count.
        overlap: ``(D,)`` IoU with that truth, or 0.
    """

    truth: NDArray[np.int64]
    ignored: Flags
    overlap: Numbers


def pair(
    truths: Truths, found: Found, *, most: int | None = None, inclusive: bool = False, least: float = 0.0
) -> Pairs:
    """All pairs of a detection and a truth of the same picture and class whose IoU is above 0 and at least ``least``.

    Args:
        most: detections a picture and class that count, by score (COCO: 100); None for all.
        inclusive: see ``paired_overlap``.
    """
    classes = int(max(truths.label.max(initial=-1), found.label.max(initial=-1))) + 1
    order, rank = ranked(found, classes)
    if most is not None:
        order, rank = order[rank < most], rank[rank < most]
    truth_group = truths.image * classes + truths.label
    by_group = np.argsort(truth_group, kind="stable")
    group = found.image[order] * classes + found.label[order]
    first = np.searchsorted(truth_group[by_group], group, side="left")
    count = np.searchsorted(truth_group[by_group], group, side="right") - first
    detection = np.repeat(np.arange(len(order)), count)
    truth = by_group[np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)]
    overlap = paired_overlap(found.xywh[order[detection]], truths.xywh[truth], truths.crowd[truth], inclusive=inclusive)
    kept = np.flatnonzero((overlap > 0) & (overlap >= least))
    kept = kept[np.lexsort((-truth[kept], -overlap[kept], detection[kept]))]
    detection, truth, overlap = detection[kept], truth[kept], overlap[kept]
    return Pairs(order, rank, detection, truth, overlap, _rounds(detection, group, rank))


def ranked(found: Found, classes: int) -> tuple[Indices, Indices]:
    """Detections by class, score descending, picture, place in the file; and their rank within picture and class."""
    order = np.lexsort((found.image, -found.score, found.label))
    group = found.image[order] * classes + found.label[order]
    return order, _place_in_group(group, np.arange(len(order)))


def match(
    pairs: Pairs, truths: Truths, iou_threshold: float, *, choice: Choice, ignored_truths: Flags | None = None
) -> Match:
    """Let the detections choose, the best score first.

    Args:
        iou_threshold: a pair counts when its IoU is at least this.
        choice: what a detection may choose (see above).
        ignored_truths: ``(M,)`` truths that do not count; ``best_free`` takes them only where no other is free.
    """
    ignored_truths = np.zeros(len(truths.label), bool) if ignored_truths is None else ignored_truths
    answer = np.full(len(pairs.order), -1, np.int64)
    overlap = np.zeros(len(pairs.order))
    eligible = np.flatnonzero(pairs.overlap >= min(iou_threshold, 1 - 1e-10))
    if choice == "best_only":
        eligible = _only_best(pairs, eligible)
    else:
        eligible = eligible[_preference(pairs, eligible, ignored_truths)]
    taken = np.zeros(len(truths.label), bool)
    endless = truths.crowd | (ignored_truths if choice == "best_only" else False)
    rounds = pairs.round_of[pairs.detection[eligible]]
    by_round = np.argsort(rounds, kind="stable")
    borders = np.searchsorted(rounds[by_round], np.arange(rounds.max(initial=-1) + 2))
    for start, end in pairwise(borders):
        chosen = _choose(pairs, eligible[by_round[start:end]], taken, endless)
        answer[pairs.detection[chosen]] = pairs.truth[chosen]
        overlap[pairs.detection[chosen]] = pairs.overlap[chosen]
        taken[pairs.truth[chosen]] = True
    matched = answer >= 0
    ignored = np.zeros(len(answer), bool)
    ignored[matched] = ignored_truths[answer[matched]]
    return Match(answer, ignored, overlap)


def _choose(pairs: Pairs, places: Indices, taken: Flags, endless: Flags) -> Indices:
    """Of each detection's pairs, in order of preference, the first whose truth is free (an endless one always is)."""
    truth = pairs.truth[places]
    free = places[~taken[truth] | endless[truth]]
    detection = pairs.detection[free]
    first = np.ones(len(free), bool)
    first[1:] = detection[1:] != detection[:-1]
    return free[first]


def _preference(pairs: Pairs, places: Indices, ignored_truths: Flags) -> Indices:
    """Each detection's pairs in order of preference: truths that count first, then as ``Pairs`` has them."""
    ignored = ignored_truths[pairs.truth[places]]
    return np.argsort(pairs.detection[places] * 2 + ignored, kind="stable") if ignored.any() else np.arange(len(places))


def _only_best(pairs: Pairs, places: Indices) -> Indices:
    """Each detection's first pair: that of the highest overlap."""
    detection = pairs.detection[places]
    first = np.ones(len(places), bool)
    first[1:] = detection[1:] != detection[:-1]
    return places[first]


def _rounds(detection: Indices, group: Indices, rank: Indices) -> Indices:
    """Detections that can be decided at once: the n-th of its picture and class that has any pair."""
    having = np.unique(detection)
    result = np.full(len(rank), -1, np.int64)
    result[having] = _place_in_group(group[having], rank[having])
    return result


def _place_in_group(group: Indices, by: Indices) -> Indices:
    """For each element its place among those of the same group, counted in the order of ``by``."""
    order = np.lexsort((by, group))
    ordered = group[order]
    start = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(order) else np.zeros(0, int)
    length = np.diff(np.append(start, len(order)))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - np.repeat(start, length)
    return place
