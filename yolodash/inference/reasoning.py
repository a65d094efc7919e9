"""From a picture to a world that programs can be run on: what a detector finds, and what a classifier says of each.

Where things stand to each other is read off their boxes, which is an approximation: left and right by the middle of
the box, behind and in front by its lower edge, where a thing touches the ground; the higher that is in the picture,
the farther away it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from yolodash.inference.attributes import Attributes
from yolodash.scenes.programs import ATTRIBUTES, RELATIONS, VALUES, Relation, Step, Trace, World, follow
from yolodash.scenes.truth import Seen, description
from yolodash.scenes.writing import DrawnScene
from yolodash.structures import Candidates, Image, Thresholds

LEAST_SCORE = 0.05
"""Detections that score less are not looked at."""
MATCH_IOU = 0.5
CLEARLY = 3.0
"""Pixels by which a box must be farther to one side, or higher, to count as being there."""
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Finding:
    """One detection, and what is said of it.

    Attributes:
        number: from 1 by score; it stays when detections of lower scores come or go.
        box: x1, y1, x2, y2 in pixels.
        score: the detector's.
        words: its four attributes.
        is_block: False where the classifier says that it shows none of the blocks.
    """

    number: int
    box: Box
    score: float
    words: Mapping[str, str]
    is_block: bool = True


@dataclass(frozen=True)
class Change:
    """A mistake made by hand: the detection goes (no attribute), or an attribute is said to be another."""

    number: int
    attribute: str = ""
    value: str = ""


def find(image: Image, candidates: Candidates) -> tuple[Finding, ...]:
    """All detections down to ``LEAST_SCORE``, each with its attributes; one box a thing, whatever its class."""
    from yolodash.inference.attributes import classify
    from yolodash.inference.selection import judge

    found = judge(candidates, Thresholds(LEAST_SCORE, class_agnostic=True, labels="best")).detections
    said = classify(image, found.boxes)
    return tuple(_finding(said, i, found.boxes[i], float(found.scores[i])) for i in range(len(found.scores)))


def _finding(said: Attributes, index: int, box: Sequence[float], score: float) -> Finding:
    words = said.words(index)
    x1, y1, x2, y2 = map(float, box)
    described = {name: words[name] for name in ATTRIBUTES}
    return Finding(index + 1, (x1, y1, x2, y2), score, described, words.get("thing", "block") == "block")


def perfect(drawn: DrawnScene) -> tuple[Finding, ...]:
    """What a detector and a classifier without mistakes would say of a rendered scene."""
    scene = drawn.scene
    return tuple(
        Finding(number, one.box, 1.0, description(scene.blocks[one.block]))
        for number, one in enumerate(drawn.seen, start=1)
    )


def in_play(findings: Sequence[Finding], score_threshold: float, changes: Sequence[Change] = ()) -> list[Finding]:
    """The findings that a program gets: blocks whose score is above the threshold, with the changes made to them."""
    kept = [one for one in findings if one.is_block and one.score > score_threshold]
    return [changed for one in kept if (changed := _changed(one, changes)) is not None]


def _changed(finding: Finding, changes: Sequence[Change]) -> Finding | None:
    for change in changes:
        if change.number == finding.number:
            if not change.attribute:
                return None
            finding = replace(finding, words={**finding.words, change.attribute: change.value})
    return finding


def world_of(findings: Sequence[Finding]) -> World:
    """The world as boxes and words tell it; thing 0 is the first finding."""
    return World([one.words for one in findings], {relation: related(findings, relation) for relation in RELATIONS})


def related(findings: Sequence[Finding], relation: Relation) -> list[list[int]]:
    """For every finding those left or right of it, behind or in front of it, as far as boxes tell."""
    boxes = np.array([one.box for one in findings], np.float64).reshape(-1, 4)
    along = {
        "left": -(boxes[:, 0] + boxes[:, 2]) / 2,
        "right": (boxes[:, 0] + boxes[:, 2]) / 2,
        "behind": -boxes[:, 3],
        "front": boxes[:, 3],
    }[relation]
    return [[int(j) for j in np.flatnonzero(along > place + CLEARLY)] for place in along]


def matched(findings: Sequence[Finding], seen: Sequence[Seen]) -> list[int | None]:
    """The block that each finding shows (IoU of at least .5 with its box, each block once), or None."""
    import torch

    from yolodash.geometry.overlap import intersection_over_union

    boxes = torch.tensor([one.box for one in findings], dtype=torch.float64).reshape(-1, 4)
    truths = torch.tensor([one.box for one in seen], dtype=torch.float64).reshape(-1, 4)
    overlaps = intersection_over_union(boxes, truths).numpy()
    shows: dict[int, int] = {}
    for place in np.argsort(-overlaps, axis=None, kind="stable"):
        i, j = divmod(int(place), len(seen))
        if overlaps[i, j] >= MATCH_IOU and i not in shows and seen[j].block not in shows.values():
            shows[i] = seen[j].block
    return [shows.get(i) for i in range(len(findings))]


def first_difference(program: Sequence[Step], true: Trace, found: Trace, shows: Sequence[int | None]) -> int | None:
    """The first step whose result is another one than on the true scene; None where there is none.

    Args:
        true: of the program on the scene, whose things are its blocks.
        found: of the program on the findings.
        shows: the block that each finding shows.
    """
    for step in range(len(program)):
        if step >= len(true.results) or step >= len(found.results):
            return step if len(true.results) != len(found.results) else None
        if as_blocks(found.results[step], program[step], shows) != as_blocks(true.results[step], program[step], None):
            return step
    return None


def as_blocks(result: object, step: Step, shows: Sequence[int | None] | None) -> object:
    """A result with blocks in the place of findings, so that it can be compared; a false finding is its own."""

    def block(i: int) -> tuple[bool, int]:
        shown = i if shows is None else shows[i]
        return (True, i) if shown is None else (False, shown)

    if isinstance(result, list):
        return {block(i) for i in result}
    return block(int(str(result))) if step.function == "unique" else result


def telling_changes(
    program: Sequence[Step], findings: Sequence[Finding], score_threshold: float
) -> dict[Change, str | None]:
    """Every single mistake that changes the answer, and the answer that it gives (None: no answer at all)."""
    kept = in_play(findings, score_threshold)
    before = follow(program, world_of(kept)).answer
    result: dict[Change, str | None] = {}
    for change in (change for one in kept for change in _single(one)):
        after = follow(program, world_of(in_play(findings, score_threshold, [change]))).answer
        if after != before:
            result[change] = after
    return result


def _single(finding: Finding) -> list[Change]:
    """Every single mistake about one finding: it is missed, or one attribute is another."""
    relabelled = [
        Change(finding.number, name, value)
        for name in ATTRIBUTES
        for value in VALUES[name]
        if value != finding.words[name]
    ]
    return [Change(finding.number), *relabelled]
