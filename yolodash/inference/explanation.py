"""Why a box is there, and why none is where one was expected: every number from the network's own to the fate.

Texts here are symbols and formulas; the prose is the page's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from yolodash.errors import N_, OptionError
from yolodash.geometry.letterbox import to_network, to_picture
from yolodash.geometry.nms import suppress
from yolodash.geometry.overlap import intersection_over_union
from yolodash.inference.selection import (
    FAMILY_LABELS,
    has_tree,
    judge,
    pair_fates,
    pair_scores,
    passes_objectness,
)
from yolodash.inference.working import Step, steps
from yolodash.models.heads.grid import grid_shape
from yolodash.structures import FATES, Candidates, Fate, Floats, Integers, Pairs, Selection, Thresholds

__all__ = [
    "Account",
    "Condition",
    "Explanation",
    "Missed",
    "Overlap",
    "Step",
    "account",
    "explain",
    "why_not",
]

Option = Literal["score_threshold", "classes", "nms_iou_threshold", "max_detections"]
Relation = Literal["below", "at_least", "includes"]


@dataclass(frozen=True)
class Overlap:
    """Another candidate, and the IoU with it."""

    index: int
    iou: float


@dataclass(frozen=True)
class Condition:
    """What a threshold would have to be for a pair to pass the gate that ended it (the gates after it still hold).

    Attributes:
        option: which threshold.
        relation: the threshold must be ``below`` the value (strictly), ``at_least`` the value, or ``includes`` it.
        value: a score, an IoU, a count, or (``classes``) a class id.
    """

    option: Option
    relation: Relation
    value: float


@dataclass(frozen=True)
class Explanation:
    """One candidate's pair, from the raw numbers to its fate.

    Attributes:
        index: row in Candidates.
        class_id: the class that is spoken of: the kept one, else the best.
        scale, row, column, anchor: where the candidate comes from; ``stride`` network pixels a cell.
        cell: x1, y1, x2, y2 of the cell in picture pixels.
        anchor_size: width and height of the anchor in network pixels; (0, 0) for v1, which has none.
        anchor_box: the anchor, centred on the cell, x1, y1, x2, y2 in picture pixels; None for v1.
        raw: the network's own numbers: t_x, t_y, t_w, t_h, t_o, then one a class.
        steps: the box worked out: in network pixels, then in the picture, then objectness, class and score.
        box: x1, y1, x2, y2 in picture pixels, not clipped.
        objectness, class_probability, score: of the pair.
        fate: what became of it.
        rank: place among all survivors by score, from 1, or None for one that reached no survival.
        suppressed: the candidates that it suppressed, by score.
        suppressor: the detection that suppressed it, or None.
        condition: what would let it through the gate that ended it; None for one that was kept, or that no threshold
            lets through.
    """

    index: int
    class_id: int
    scale: int
    stride: int
    row: int
    column: int
    anchor: int
    cell: tuple[float, float, float, float]
    anchor_size: tuple[float, float]
    anchor_box: tuple[float, float, float, float] | None
    raw: tuple[float, ...]
    steps: tuple[Step, ...]
    box: tuple[float, float, float, float]
    objectness: float
    class_probability: float
    score: float
    fate: Fate
    rank: int | None
    suppressed: tuple[Overlap, ...]
    suppressor: Overlap | None
    condition: Condition | None


@dataclass(frozen=True)
class Missed:
    """The best pair of one class at a point, and the gate that ended it.

    Attributes:
        class_id: the class.
        index: the candidate.
        score: of the pair.
        holds_point: whether its box holds the point; else only its cell does.
        fate: of the pair.
        condition: what would let it through that gate, or None (see ``Explanation``).
        suppressor: the detection that suppressed it, or None.
    """

    class_id: int
    index: int
    score: float
    holds_point: bool
    fate: Fate
    condition: Condition | None
    suppressor: Overlap | None


@dataclass(frozen=True)
class Account:
    """How many candidates met each fate; together all of them.

    Attributes:
        counts: one number a fate, zeros included; they sum to ``total``.
        formula: where the total comes from, such as ``(52·52 + 26·26 + 13·13)·3``.
        total: how many candidates there are.
    """

    counts: Mapping[Fate, int]
    formula: str
    total: int


def explain(
    candidates: Candidates,
    index: int,
    thresholds: Thresholds = Thresholds(),  # noqa: B008 - frozen
    *,
    selection: Selection | None = None,
    class_id: int | None = None,
) -> Explanation:
    """One candidate, from its raw numbers to its fate.

    Args:
        candidates: of one picture.
        index: of the candidate, a row of them.
        thresholds: what judges them.
        selection: what ``judge`` gave for these very thresholds, if it is at hand.
        class_id: which of the candidate's pairs; None for the kept one with the highest score, else the best.

    Raises:
        OptionError: no such candidate or class, or thresholds that make no sense.
    """
    _check_range(index, len(candidates.boxes), "index", N_("There is no candidate {value}"))
    classes = candidates.class_probabilities.shape[1]
    if class_id is not None:
        _check_range(class_id, classes, "class_id", N_("The model has no class {value}"))
    selection = judge(candidates, thresholds) if selection is None else selection
    class_id = int(selection.best_class[index]) if class_id is None else class_id
    scale, anchor = int(candidates.scale[index]), int(candidates.anchor[index])
    head = candidates.heads[scale]
    verdict = _verdict(candidates, thresholds, selection, index, class_id)
    return Explanation(
        index=index,
        class_id=class_id,
        scale=scale,
        stride=head.stride,
        row=int(candidates.row[index]),
        column=int(candidates.column[index]),
        anchor=anchor,
        cell=_cell_box(candidates, index),
        anchor_size=head.anchors[anchor],
        anchor_box=None if head.kind == "detection" else _cell_box(candidates, index, head.anchors[anchor]),
        raw=tuple(candidates.raw[index].tolist()),
        steps=steps(candidates, index, class_id),
        box=_four(candidates.boxes[index]),
        objectness=float(candidates.objectness[index]),
        class_probability=float(candidates.class_probabilities[index, class_id]),
        score=verdict.score,
        fate=verdict.fate,
        rank=verdict.rank,
        suppressed=verdict.suppressed,
        suppressor=verdict.suppressor,
        condition=verdict.condition,
    )


def why_not(candidates: Candidates, thresholds: Thresholds, x: float, y: float) -> list[Missed]:
    """For each class the best pair at a point of the picture, and what ended it.

    The best is the one with the highest score whose box holds the point; where no box of the class does, the one
    whose cell does. Pairs with a score of 0 or less, which nothing can let through, are left out.

    Args:
        candidates: of one picture.
        thresholds: what judges them.
        x, y: the point, in pixels of the picture.

    Returns:
        at most one a class, by score descending.
    """
    selection = judge(candidates, thresholds)
    scores = pair_scores(candidates)
    if (thresholds.labels or FAMILY_LABELS[candidates.family]) == "best":
        best = candidates.class_probabilities.argmax(axis=1)
        scores = np.where(np.arange(scores.shape[1]) == best[:, None], scores, np.float32(0))
    found: dict[int, Missed] = {}
    for rows, holds in ((_boxes_at(candidates, x, y), True), (_cells_at(candidates, x, y), False)):
        for class_id, index in _best_of_each_class(scores, rows):
            if class_id not in found:
                verdict = _verdict(candidates, thresholds, selection, index, class_id)
                found[class_id] = Missed(
                    class_id=class_id,
                    index=index,
                    score=verdict.score,
                    holds_point=holds,
                    fate=verdict.fate,
                    condition=verdict.condition,
                    suppressor=verdict.suppressor,
                )
    return sorted(found.values(), key=lambda missed: (-missed.score, missed.class_id))


def account(candidates: Candidates, selection: Selection) -> Account:
    """How many candidates met each fate, and where their number comes from.

    Args:
        candidates: of one picture; the formula is that of all of them, also where only some were kept (``compact``).
        selection: what ``judge`` gave for them.
    """
    counts = np.bincount(selection.fate, minlength=len(FATES))
    return Account(
        counts={fate: int(count) for fate, count in zip(FATES, counts, strict=True)},
        formula=count_formula(candidates),
        total=len(selection.fate),
    )


def count_formula(candidates: Candidates) -> str:
    """Rows · columns of every scale, times the anchors: ``(52·52 + 26·26 + 13·13)·3``."""
    shapes = [grid_shape(head, candidates.network_size) for head in candidates.heads]
    anchors = {shape[0] for shape in shapes}
    if len(anchors) > 1:
        return " + ".join(f"{rows}·{columns}·{count}" for count, rows, columns in shapes)
    grids = " + ".join(f"{rows}·{columns}" for _, rows, columns in shapes)
    return f"({grids})·{anchors.pop()}" if len(shapes) > 1 else f"{grids}·{anchors.pop()}"


@dataclass(frozen=True)
class _Verdict:
    """What became of one pair, and through what."""

    score: float
    fate: Fate
    rank: int | None
    suppressed: tuple[Overlap, ...]
    suppressor: Overlap | None
    condition: Condition | None


def _verdict(
    candidates: Candidates, thresholds: Thresholds, selection: Selection, index: int, class_id: int
) -> _Verdict:
    """What became of the pair (index, class_id): looked up among the pairs, or the gate before them that ended it."""
    pairs = selection.pairs
    rows = np.flatnonzero((pairs.candidate == index) & (pairs.class_ids == class_id))
    if len(rows) == 0:
        return _verdict_before_suppression(candidates, thresholds, index, class_id)
    row = int(rows[0])
    fate = FATES[pair_fates(pairs, thresholds)[row]]
    suppressor = int(pairs.suppressor[row])
    return _Verdict(
        score=float(pairs.scores[row]),
        fate=fate,
        rank=int(pairs.rank[row]) or None,
        suppressed=tuple(_overlap(pairs, other, other) for other in np.flatnonzero(pairs.suppressor == row)),
        suppressor=None if suppressor < 0 else _overlap(pairs, suppressor, row),
        condition=_condition_after(candidates, thresholds, pairs, row, fate),
    )


def _overlap(pairs: Pairs, other: int | np.integer, suppressed: int | np.integer) -> Overlap:
    return Overlap(int(pairs.candidate[other]), float(pairs.suppressor_iou[suppressed]))


def _verdict_before_suppression(candidates: Candidates, thresholds: Thresholds, index: int, class_id: int) -> _Verdict:
    """The gates of objectness, score and class, for a pair that did not come to suppression."""
    probability, objectness = candidates.class_probabilities[index, class_id], candidates.objectness[index]
    score = probability if has_tree(candidates) else objectness * probability
    gated = not any(head.kind == "detection" for head in candidates.heads)
    enough = float(min(score, objectness) if gated else score)
    condition = Condition("score_threshold", "below", enough) if enough > 0 else None
    if not passes_objectness(candidates, thresholds.score_threshold)[index]:
        fate = Fate.BELOW_OBJECTNESS
    elif not score > np.float32(thresholds.score_threshold):
        fate = Fate.BELOW_SCORE
    else:
        fate, condition = Fate.CLASS_NOT_CHOSEN, Condition("classes", "includes", class_id)
    return _Verdict(float(score), fate, None, (), None, condition)


def _condition_after(
    candidates: Candidates, thresholds: Thresholds, pairs: Pairs, row: int, fate: Fate
) -> Condition | None:
    """What would let a pair through suppression or the maximum."""
    if fate is Fate.OVER_MAXIMUM:
        return Condition("max_detections", "at_least", int(pairs.rank[row]))
    if fate is Fate.SUPPRESSED:
        return Condition("nms_iou_threshold", "at_least", _sparing_threshold(candidates, thresholds, pairs, row))
    return None


def _sparing_threshold(candidates: Candidates, thresholds: Thresholds, pairs: Pairs, row: int) -> float:
    """The NMS IoU threshold at which a suppressed pair survives.

    It is not always the overlap with its suppressor: another survivor may overlap it more, and a higher threshold
    lets further boxes survive, which may in turn. So the threshold rises until nothing before it suppresses it.
    """
    rivals = np.arange(row)
    if not thresholds.class_agnostic:
        rivals = rivals[pairs.class_ids[:row] == pairs.class_ids[row]]
    boxes = torch.from_numpy(candidates.boxes[pairs.candidate[rivals]])
    scores = torch.from_numpy(pairs.scores[rivals])
    own = torch.from_numpy(candidates.boxes[pairs.candidate[row]])[None]
    overlap = intersection_over_union(own, boxes)[0]
    threshold = float(np.float32(thresholds.nms_iou_threshold))
    while True:
        survives = suppress(boxes, scores, threshold)[0] < 0
        over = overlap[survives & (overlap > threshold)]
        if len(over) == 0:
            return threshold
        threshold = float(over.max())


def _boxes_at(candidates: Candidates, x: float, y: float) -> Integers:
    """The candidates whose box holds a point."""
    x1, y1, x2, y2 = candidates.boxes.T
    return np.flatnonzero((x1 <= x) & (x <= x2) & (y1 <= y) & (y <= y2))


def _cells_at(candidates: Candidates, x: float, y: float) -> Integers:
    """The candidates whose cell holds a point."""
    point = torch.tensor([[x, y, x, y]], dtype=torch.float64)
    network_x, network_y = to_network(point, candidates.transform)[0, :2].tolist()
    stride = np.array([head.stride for head in candidates.heads])[candidates.scale]
    inside = (candidates.column == network_x // stride) & (candidates.row == network_y // stride)
    return np.flatnonzero(inside)


def _best_of_each_class(scores: Floats, rows: Integers) -> Iterator[tuple[int, int]]:
    """Class and candidate of the pair with the highest score above 0, for every class that has one among these rows."""
    if len(rows) == 0:
        return
    best = scores[rows].argmax(axis=0)  # (C,)
    for class_id in np.flatnonzero(scores[rows[best], np.arange(scores.shape[1])] > 0):
        yield int(class_id), int(rows[best[class_id]])


def _cell_box(
    candidates: Candidates, index: int, size: tuple[float, float] | None = None
) -> tuple[float, float, float, float]:
    """The candidate's cell, or a box of another size centred on it, in pixels of the picture."""
    stride = candidates.heads[int(candidates.scale[index])].stride
    width, height = size or (stride, stride)
    x, y = (int(candidates.column[index]) + 0.5) * stride, (int(candidates.row[index]) + 0.5) * stride
    box = torch.tensor([[x - width / 2, y - height / 2, x + width / 2, y + height / 2]], dtype=torch.float64)
    return _four(to_picture(box, candidates.transform)[0].numpy())


def _four(box: NDArray[np.floating]) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = box.tolist()
    return x1, y1, x2, y2


def _check_range(value: int, count: int, where: str, what: str) -> None:
    if not 0 <= value < count:
        raise OptionError(what, where=where, fix=N_("give a number from 0 to {last}"), value=int(value), last=count - 1)
