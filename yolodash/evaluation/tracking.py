"""How well identities are kept, against a truth that knows them: MOTA, IDF1 and switches.

MOTA counts, frame by frame, what was missed, what was false, and how often an object's identity changed. IDF1 asks of
the whole: each true object is given at most one found identity, so that the frames in which both agree are most; it is
the F1 of those frames. Sources: Bernardin and Stiefelhagen, 2008 (CLEAR MOT); Ristani et al., 2016 (IDF1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from yolodash.geometry.overlap import intersection_over_union

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Followed:
    """The boxes of one frame with their identities.

    Attributes:
        boxes: ``(N, 4)`` float64 x1, y1, x2, y2.
        tracks: ``(N,)`` int64; each at most once a frame.
        class_ids: ``(N,)`` int64.
    """

    boxes: Numbers
    tracks: NDArray[np.int64]
    class_ids: NDArray[np.int64]


@dataclass(frozen=True)
class Identities:
    """The numbers.

    Attributes:
        mota: 1 − (missed + false + switches) / truths; it can be negative, and is NaN without a truth.
        idf1: 2·IDTP / (truths + found); NaN where there is nothing of either.
        switches: how often a true object went on under another identity than the one it had before.
        missed, false: truths without a box, and boxes without a truth, summed over the frames.
        truths, found: boxes, summed over the frames.
    """

    mota: float
    idf1: float
    switches: int
    missed: int
    false: int
    truths: int
    found: int


def identities(truth: Sequence[Followed], found: Sequence[Followed], match_iou_threshold: float = 0.5) -> Identities:
    """Compare what was followed with the truth, frame by frame.

    A pair of the frame before that still overlaps enough stays; the others are paired so that most match, and of these
    so that the overlap is largest. Only boxes of one class match.

    Args:
        truth, found: as many frames each.
    """
    before: dict[int, int] = {}
    switches = missed = false = 0
    for true, ours in zip(truth, found, strict=True):
        overlap = overlaps(true, ours, match_iou_threshold)
        matches = matched(true, ours, overlap, before)
        switches += sum(1 for one, track in matches.items() if before.get(one, track) != track)
        before |= matches
        missed += len(true.tracks) - len(matches)
        false += len(ours.tracks) - len(matches)
    truths, boxes = (sum(len(frame.tracks) for frame in frames) for frames in (truth, found))
    agreeing = agreeing_frames(truth, found, match_iou_threshold)
    mota = 1 - (missed + false + switches) / truths if truths else float("nan")
    idf1 = 2 * agreeing / (truths + boxes) if truths + boxes else float("nan")
    return Identities(mota, idf1, switches, missed, false, truths, boxes)


def overlaps(true: Followed, ours: Followed, match_iou_threshold: float) -> Numbers:
    """``(T, F)`` IoU where both are of one class and it is enough; else 0."""
    if not len(true.tracks) or not len(ours.tracks):
        return np.zeros((len(true.tracks), len(ours.tracks)))
    alike = true.class_ids[:, None] == ours.class_ids
    iou = intersection_over_union(torch.from_numpy(true.boxes), torch.from_numpy(ours.boxes)).numpy()
    return np.where(alike & (iou >= match_iou_threshold), iou, 0.0)


def matched(true: Followed, ours: Followed, overlap: Numbers, before: dict[int, int]) -> dict[int, int]:
    """The found identity of each true one in a frame."""
    value = np.where(overlap > 0, 1 + overlap, 0.0)
    for row, one in enumerate(true.tracks.tolist()):
        stays = ours.tracks == before.get(one, -1)
        value[row, stays & (overlap[row] > 0)] += 1e3  # more than all others together can win
    rows, columns = linear_sum_assignment(value, maximize=True)
    return {
        int(true.tracks[row]): int(ours.tracks[column])
        for row, column in zip(rows, columns, strict=True)
        if overlap[row, column] > 0
    }


def agreeing_frames(truth: Sequence[Followed], found: Sequence[Followed], match_iou_threshold: float) -> int:
    """IDTP: frames in which true and found identity overlap, when each has at most one partner for the whole video."""
    meet: Counter[tuple[int, int]] = Counter()
    for true, ours in zip(truth, found, strict=True):
        rows, columns = np.nonzero(overlaps(true, ours, match_iou_threshold))
        meet.update(zip(true.tracks[rows].tolist(), ours.tracks[columns].tolist(), strict=True))
    if not meet:
        return 0
    places = [sorted({pair[side] for pair in meet}) for side in (0, 1)]
    table = np.zeros((len(places[0]), len(places[1])))
    for (one, other), count in meet.items():
        table[places[0].index(one), places[1].index(other)] = count
    return int(table[linear_sum_assignment(table, maximize=True)].sum())
