"""What a model proposed for a picture, and what the person made of it: kept in the truth's ``extra``, judged per save.

A proposal is no box of the truth until somebody says so. What was proposed stays, with its verdict, so that accepted,
changed and refused ones can be counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yolodash.data.store.truth import Truth, new_box_id
from yolodash.ui.canvas import DrawnBox

PROPOSED = "proposed"
VERDICTS = ("open", "accepted", "changed", "refused")


@dataclass(frozen=True)
class Proposal:
    """A box that a model proposes.

    Attributes:
        box: x1, y1, x2, y2 in pixels of the upright original picture.
    """

    class_id: int
    box: tuple[float, float, float, float]
    score: float


def proposed(extra: Mapping[str, Any], model: str, found: Iterable[Proposal]) -> dict[str, Any]:
    """An ``extra`` with new proposals; open ones of before give way to them, judged ones stay for the count."""
    judged_before = [one for one in entries(extra) if one["verdict"] != "open"]
    new = [
        {
            "id": new_box_id(),
            "class_id": one.class_id,
            "box": list(one.box),
            "score": one.score,
            "model": model,
            "verdict": "open",
        }
        for one in found
    ]
    return {**extra, PROPOSED: [*judged_before, *new]}


def entries(extra: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Everything that was proposed for the picture; what another program left unreadable is passed over."""
    kept = extra.get(PROPOSED)
    return [one for one in kept if _is_whole(one)] if isinstance(kept, list) else []


def _is_whole(one: object) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("id"), str)
        and isinstance(one.get("class_id"), int)
        and isinstance(one.get("box"), list)
        and len(one["box"]) == 4
        and all(isinstance(value, int | float) for value in one["box"])
        and one.get("verdict") in VERDICTS
    )


def open_ones(truth: Truth) -> list[dict[str, Any]]:
    """Those that nobody has judged yet."""
    return [one for one in entries(truth.extra) if one["verdict"] == "open"]


def sources(truth: Truth) -> dict[str, str]:
    """By id: what the ``source`` of a box says that came from a proposal."""
    return {one["id"]: f"model {one.get('model', '')}" for one in entries(truth.extra)}


def judged(extra: Mapping[str, Any], drawn: Sequence[DrawnBox]) -> dict[str, Any]:
    """An ``extra`` after a change on the canvas: what stands there unchanged was accepted, what is gone, refused."""
    kept = entries(extra)
    if not kept:
        return dict(extra)
    here = {one.id: one for one in drawn}
    return {**extra, PROPOSED: [{**one, "verdict": _verdict(one, here.get(one["id"]))} for one in kept]}


def _verdict(proposal: Mapping[str, Any], drawn: DrawnBox | None) -> str:
    if drawn is None:
        return "refused"
    if drawn.open:
        return "open"
    same = drawn.class_id == proposal["class_id"] and list(drawn.box) == list(proposal["box"])
    return "accepted" if same else "changed"


def counts(truths: Iterable[Truth]) -> Counter[str]:
    """How many proposals of these pictures are open, accepted, changed and refused."""
    return Counter(str(one["verdict"]) for truth in truths for one in entries(truth.extra))


def counts_by_model(truth: Truth) -> Counter[tuple[str, str]]:
    """How many proposals of a picture have each verdict, by (model, verdict)."""
    return Counter((str(one.get("model", "")), str(one["verdict"])) for one in entries(truth.extra))
