"""Boxes that a model doubts: no proof of an error, but where to look first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yolodash.data.store.truth import StoredBox
from yolodash.evaluation.overlap import paired_overlap
from yolodash.structures import Candidates

Kind = Literal["unseen", "other", "missing", "loose"]
FLOOR = 0.05
"""The lowest score of what a model is said to see."""
NMS_IOU = 0.45
MEETS = 0.5
"""IoU from which a box and a detection are of one object."""
CONFIDENT = 0.3
"""Score below which a detection without a box says nothing."""


@dataclass(frozen=True)
class Sight:
    """What a model sees in one place.

    Attributes:
        name: the model's word for it.
        box: x1, y1, x2, y2 in pixels of the upright original picture.
    """

    name: str
    box: tuple[float, float, float, float]
    score: float


Sights = tuple[Sight, ...]


@dataclass(frozen=True)
class Doubt:
    """One suspicious box.

    Attributes:
        kind: ``unseen``: the model sees nothing of its class there; ``other``: it sees another class; ``missing``: it
            sees something that has no box; ``loose``: its box fits badly.
        id: of the box; empty for what has none.
        name: what the model sees, or, unseen, what the box says.
        weight: in [0, 1], how suspicious.
    """

    stem: str
    kind: Kind
    id: str
    name: str
    weight: float


def sights_of(candidates: Candidates) -> Sights:
    """What a model sees on a picture, down to ``FLOOR``, each in its best class."""
    from yolodash.inference.selection import select  # with torch, which those that only read do not need

    found = select(candidates, score_threshold=FLOOR, nms_iou_threshold=NMS_IOU, labels="best")
    rows = zip(found.boxes.tolist(), found.class_ids.tolist(), found.scores.tolist(), strict=True)
    return tuple(Sight(candidates.names[class_id], (x1, y1, x2, y2), s) for (x1, y1, x2, y2), class_id, s in rows)


def doubts(stem: str, boxes: Sequence[StoredBox], sights: Sequence[Sight], names: Mapping[int, str]) -> list[Doubt]:
    """Every box and every detection of a picture that do not agree, the most suspicious first.

    Args:
        names: of the data set's classes. A box whose class the model never names here is judged like any other: a
            model that does not know a class sees nothing, so choose one that knows them.
    """
    overlap = overlaps([one.box for one in boxes], [one.box for one in sights])  # (boxes, sights)
    found = [_of_box(stem, one, overlap[row], sights, names) for row, one in enumerate(boxes)]
    met = overlap.max(axis=0) >= MEETS if len(boxes) else np.zeros(len(sights), bool)
    missing = [
        Doubt(stem, "missing", "", one.name, one.score)
        for one, seen in zip(sights, met, strict=True)
        if not seen and one.score >= CONFIDENT
    ]
    return sorted([one for one in (*found, *missing) if one is not None], key=lambda one: -one.weight)


def _of_box(
    stem: str, box: StoredBox, overlap: NDArray[np.float64], sights: Sequence[Sight], names: Mapping[int, str]
) -> Doubt | None:
    """What a model doubts about one box: the class that it sees there, or that it sees none, or where it ends."""
    own = names.get(box.class_id, "")
    same = [i for i, one in enumerate(sights) if plain_name(one.name) == plain_name(own)]
    best = max(same, key=lambda i: overlap[i] * sights[i].score, default=None)
    others = [i for i, one in enumerate(sights) if overlap[i] >= MEETS and i not in same]
    if best is not None and overlap[best] >= MEETS:
        loose = (1 - float(overlap[best])) * sights[best].score
        return Doubt(stem, "loose", box.id, own, loose) if overlap[best] < 0.75 else None
    if others:
        strongest = max(others, key=lambda i: sights[i].score)
        return Doubt(stem, "other", box.id, sights[strongest].name, sights[strongest].score)
    near = 0.0 if best is None else float(overlap[best]) * sights[best].score
    return Doubt(stem, "unseen", box.id, own, 0.9 * (1 - near))


def plain_name(name: str) -> str:
    """A class name without what spellings differ in."""
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


def overlaps(boxes: Sequence[Sequence[float]], others: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """``(N, M)`` IoU of boxes as x1, y1, x2, y2."""
    if not boxes or not others:
        return np.zeros((len(boxes), len(others)))
    one, other = (np.asarray(each, np.float64) for each in (boxes, others))
    one[:, 2:] -= one[:, :2]
    other[:, 2:] -= other[:, :2]
    rows, columns = (each.ravel() for each in np.indices((len(one), len(other))))
    paired = paired_overlap(other[columns], one[rows], np.zeros(len(rows), bool))
    return np.asarray(paired, np.float64).reshape(len(one), len(other))
