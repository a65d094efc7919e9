"""Why a box is there, and why none is where one was expected: every number from the network's own to the fate.

Texts here are symbols and formulas; the prose is the page's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from yolodash.structures import Candidates, Fate, Selection, Thresholds

Option = Literal["score_threshold", "classes", "nms_iou_threshold", "max_detections"]
Relation = Literal["below", "at_least", "includes"]


@dataclass(frozen=True)
class Step:
    """One line of the working: ``symbol = formula = filled = value``.

    Attributes:
        symbol: what is worked out, such as ``b_x``.
        formula: in symbols, such as ``(σ(t_x) + c_x) · stride``.
        filled: the same with its numbers, such as ``(σ(0.2) + 6) · 32``.
        value: the result.
    """

    symbol: str
    formula: str
    filled: str
    value: float


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
        anchor_box: the anchor centred on the box's cell, x1, y1, x2, y2 in picture pixels; None for v1.
        raw: the network's own numbers: t_x, t_y, t_w, t_h, t_o, then one a class.
        steps: the box worked out: in network pixels, then in the picture, then objectness, class and score.
        box: x1, y1, x2, y2 in picture pixels, not clipped.
        objectness, class_probability, score: of the pair.
        fate: what became of it.
        rank: place among all survivors by score, from 1, or None for one that reached no survival.
        suppressed: the candidates that it suppressed, by score.
        suppressor: the detection that suppressed it, or None.
        condition: what would let it through the gate that ended it, or None for one that was kept.
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
        condition: what would let it through that gate, or None for one that was kept.
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
    """One candidate, from its raw numbers to its fate."""
    raise NotImplementedError


def why_not(candidates: Candidates, thresholds: Thresholds, x: float, y: float) -> list[Missed]:
    """For each class the best pair at a point of the picture, and what ended it; by score descending."""
    raise NotImplementedError


def account(candidates: Candidates, selection: Selection) -> Account:
    """How many candidates met each fate."""
    raise NotImplementedError
