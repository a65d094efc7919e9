"""What went wrong: six kinds of mistake, and the AP after mending each. Source: Bolya et al., 2020 (TIDE).

At a foreground IoU of .5 and a background IoU of .1, each false positive is one of

* classification: it lies on a truth of another class (IoU ≥ .5),
* localisation: of the right class, but its box is off (IoU from .1 to .5),
* both: another class, and off,
* duplicate: it lies on a truth of its class that a better detection has answered,
* background: it lies on nothing (IoU < .1),

and a truth that nothing answered is **missed**, unless a classification or localisation mistake was meant for it. Of
several that hold, the kind that would need the least mending counts: duplicate, classification, localisation, both.

Mending turns a classification or localisation mistake into the true positive that it was meant to be (the best one a
truth; what is meant for a truth that is answered already goes away), takes away the others, and no longer asks for
missed truths. AP is then made anew from all detections.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yolodash.evaluation import curves
from yolodash.evaluation.curves import UNDEFINED
from yolodash.evaluation.matching import Match, Pairs
from yolodash.evaluation.report import Scoring, mean_of_defined
from yolodash.evaluation.tables import Flags, Indices, Numbers

FOREGROUND = 0.5
BACKGROUND = 0.1

Kind = Literal["classification", "localisation", "both", "duplicate", "background", "missed"]
KINDS: tuple[Kind, ...] = ("classification", "localisation", "both", "duplicate", "background", "missed")


@dataclass(frozen=True)
class Mended:
    """One kind of mistake: how many there are, and mAP at the foreground IoU without them."""

    kind: Kind
    count: int
    map: float
    gain: float


@dataclass(frozen=True)
class Mistakes:
    """All mistakes of one set of detections.

    Attributes:
        map: at the foreground IoU, as it is.
        mended: one entry a kind, in the order of ``KINDS``.
        kind: ``(D,)`` index into ``KINDS`` of each detection in ``pairs.order``, −1 where it is no mistake.
        truth: ``(D,)`` the truth that it lies on most, of the kind's class, or −1.
        missed: ``(M,)`` truths.
    """

    map: float
    mended: tuple[Mended, ...]
    kind: NDArray[np.int8]
    truth: Indices
    missed: Flags


def mistakes(scoring: Scoring, meetings: Pairs) -> Mistakes:
    """Sort every mistake into one of six kinds, and mend each kind.

    Args:
        scoring: with pairs down to an IoU of ``BACKGROUND`` or less.
        meetings: from ``confusion.across_classes``.
    """
    matched = scoring.match(FOREGROUND)
    kind, truth = _kinds(scoring, matched, meetings)
    open_truths = ~scoring.ignored()
    open_truths[matched.truth[matched.truth >= 0]] = False
    missed = open_truths.copy()
    missed[truth[(kind == 0) | (kind == 1)]] = False
    outcome = _Outcome.of(scoring, matched)
    before = outcome.mean_average_precision(scoring)
    mended = []
    for number, name in enumerate(KINDS):
        if name == "missed":
            after, count = outcome.without_truths(scoring, missed), int(missed.sum())
        else:
            after, count = (
                outcome.mended(scoring, kind == number, truth, open_truths, number < 2),
                (kind == number).sum(),
            )
        value = after.mean_average_precision(scoring)
        mended.append(Mended(name, int(count), value, value - before if before >= 0 else 0.0))
    return Mistakes(before, tuple(mended), kind, truth, missed)


def _kinds(scoring: Scoring, matched: Match, meetings: Pairs) -> tuple[NDArray[np.int8], Indices]:
    """``(D,)`` each detection's kind of mistake, and the truth that it was about."""
    false = (matched.truth < 0) & ~matched.ignored
    same, same_truth = _nearest(scoring, meetings, same_class=True)
    other, other_truth = _nearest(scoring, meetings, same_class=False)
    holds = [
        same >= FOREGROUND,
        other >= FOREGROUND,
        same >= BACKGROUND,
        other >= BACKGROUND,
    ]
    numbers = [KINDS.index(name) for name in ("duplicate", "classification", "localisation", "both")]
    kind = np.select(holds, numbers, default=KINDS.index("background")).astype(np.int8)
    truth = np.select(holds, [same_truth, other_truth, same_truth, other_truth], default=-1)
    kind[~false], truth[~false] = -1, -1
    return kind, truth


def _nearest(scoring: Scoring, meetings: Pairs, *, same_class: bool) -> tuple[Numbers, Indices]:
    """``(D,)`` the highest overlap with a truth that counts, of the same class or of another; and which truth."""
    place = meetings.order[meetings.detection]
    same = scoring.found.label[scoring.pairs.order[place]] == scoring.truths.label[meetings.truth]
    kept = (same == same_class) & ~scoring.ignored()[meetings.truth]
    place, truth, overlap = place[kept], meetings.truth[kept], meetings.overlap[kept]
    first = np.ones(len(place), bool)
    first[1:] = place[1:] != place[:-1]  # of one detection's pairs the highest overlap comes first
    best, which = np.zeros(len(scoring.pairs.order)), np.full(len(scoring.pairs.order), -1, np.int64)
    best[place[first]], which[place[first]] = overlap[first], truth[first]
    return best, which


@dataclass(frozen=True)
class _Outcome:
    """Each counting detection's class, score and whether it is true; and the truths of each class."""

    label: Indices
    score: Numbers
    true: Flags
    place: Indices
    truths: Indices

    @classmethod
    def of(cls, scoring: Scoring, matched: Match) -> _Outcome:
        counts = np.flatnonzero(~matched.ignored)
        label = scoring.found.label[scoring.pairs.order]
        return cls(
            label[counts], scoring.scores[counts], matched.truth[counts] >= 0, counts, scoring.truths_per_class()
        )

    def mended(self, scoring: Scoring, wrong: Flags, truth: Indices, open_truths: Flags, repaired: bool) -> _Outcome:
        """Without the mistakes ``wrong``; with ``repaired`` the best one of each open truth becomes true instead."""
        wrong = wrong[self.place]
        hit = np.zeros(len(wrong), bool)
        if repaired:
            meant = np.flatnonzero(wrong & np.append(open_truths, False)[truth[self.place]])
            meant = meant[np.argsort(-self.score[meant], kind="stable")]
            hit[meant[np.unique(truth[self.place[meant]], return_index=True)[1]]] = True
        label = np.where(hit, np.append(scoring.truths.label, -1)[truth[self.place]], self.label)
        kept = ~wrong | hit
        return _Outcome(label[kept], self.score[kept], (self.true | hit)[kept], self.place[kept], self.truths)

    def without_truths(self, scoring: Scoring, missed: Flags) -> _Outcome:
        """No longer asking for some truths."""
        fewer = np.bincount(scoring.truths.label[missed], minlength=len(self.truths))
        return _Outcome(self.label, self.score, self.true, self.place, self.truths - fewer)

    def mean_average_precision(self, scoring: Scoring) -> float:
        """Mean over the classes with truths; −1 where there is none."""
        order = np.lexsort((self.place, -self.score, self.label))
        borders = np.searchsorted(self.label[order], np.arange(len(self.truths) + 1))
        result = np.full(len(self.truths), UNDEFINED)
        for number in np.flatnonzero(self.truths):
            true = self.true[order[borders[number] : borders[number + 1]]]
            points = curves.precision_recall(true, ~true, int(self.truths[number]))
            result[number] = scoring.rules.average_precision(*points)
        return mean_of_defined(result)
