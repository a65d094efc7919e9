"""How AP is made: down the ranked detections of one class, one step at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from yolodash.evaluation.matching import Match
from yolodash.evaluation.report import Scoring
from yolodash.evaluation.tables import Indices

Outcome = Literal["true", "false", "ignored"]


@dataclass(frozen=True)
class Step:
    """One detection on its turn.

    Attributes:
        rank: from 1.
        found: row in ``scoring.found``.
        image: row in ``labels.images``.
        score: of the detection.
        box: left, top, width, height in pixels.
        truth: row in ``scoring.truths`` of the truth that it answers, else of the one that it overlaps most; −1 where
            it meets none of its class.
        overlap: IoU with that truth.
        taken_by: rank of the detection that had answered that truth before, 0 where it was free.
        outcome: a true or a false positive, or neither.
        true_so_far: k of precision k / n and recall k / m, this detection counted.
        counted_so_far: n, true and false positives.
        truths: m.
    """

    rank: int
    found: int
    image: int
    score: float
    box: tuple[float, float, float, float]
    truth: int
    overlap: float
    taken_by: int
    outcome: Outcome
    true_so_far: int
    counted_so_far: int
    truths: int


def steps(scoring: Scoring, matched: Match, label: int, *, start: int = 0, count: int = 50) -> tuple[Step, ...]:
    """The detections of one class in the order in which they choose, ``count`` of them from rank ``start + 1``.

    Args:
        matched: ``scoring.match(threshold)``; a truth is answered where the IoU is at least that threshold.
        label: row in ``labels.class_ids``.
    """
    part = scoring.of_class(label)
    answers, ignored = matched.truth[part], matched.ignored[part]
    true = np.cumsum((answers >= 0) & ~ignored)
    counted = np.cumsum(~ignored)
    truths = int(scoring.truths_per_class()[label])
    holder = _holders(answers)
    made = []
    for place in range(start, min(start + count, len(answers))):
        truth, overlap = _about(scoring, matched, part.start + place)
        row = int(scoring.pairs.order[part.start + place])
        held = holder.get(truth, 0) if truth >= 0 else 0
        x, y, width, height = scoring.found.xywh[row].tolist()
        made.append(
            Step(
                rank=place + 1,
                found=row,
                image=int(scoring.found.image[row]),
                score=float(scoring.found.score[row]),
                box=(x, y, width, height),
                truth=truth,
                overlap=overlap,
                taken_by=held if held <= place else 0,
                outcome="ignored" if ignored[place] else "true" if answers[place] >= 0 else "false",
                true_so_far=int(true[place]),
                counted_so_far=int(counted[place]),
                truths=truths,
            )
        )
    return tuple(made)


def _holders(answers: Indices) -> dict[int, int]:
    """The rank of the first detection that answers each truth."""
    held, first = np.unique(answers, return_index=True)
    return {int(truth): int(place) + 1 for truth, place in zip(held, first, strict=True) if truth >= 0}


def _about(scoring: Scoring, matched: Match, place: int) -> tuple[int, float]:
    """The truth that a detection answers, else the one that it overlaps most; and the overlap."""
    if matched.truth[place] >= 0:
        return int(matched.truth[place]), float(matched.overlap[place])
    first, last = np.searchsorted(scoring.pairs.detection, [place, place + 1])
    if first == last:
        return -1, 0.0
    return int(scoring.pairs.truth[first]), float(scoring.pairs.overlap[first])
