"""What the browser sends, checked: it comes from outside."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from yolodash.data.store.truth import MOST_BOXES

Accepted = Literal["done", "reviewed"]
Box = tuple[float, float, float, float]
_ID = re.compile(r"[^\x00-\x1f]{1,200}")
_WRITER = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True)
class DrawnBox:
    """A box as it stands on the canvas.

    Attributes:
        box: x1, y1, x2, y2 in pixels of the upright original picture, float64.
        open: a model proposed it and nobody has said yes yet.
    """

    id: str
    class_id: int
    box: Box
    open: bool = False


@dataclass(frozen=True)
class Message:
    """One change, or the wish to see another picture, or both.

    Attributes:
        writer: the tab that made it; ``sequence`` counts its messages, ``attempt`` the times that they were sent.
        revision: on which the change was made.
        boxes: all boxes of the picture after the change; None where nothing changed.
        state: what the picture is from now on, where the person said so.
        go: pictures forward, or back.
    """

    writer: str
    sequence: int
    attempt: int
    dataset: str
    stem: str
    revision: int = 0
    boxes: tuple[DrawnBox, ...] | None = None
    state: Accepted | None = None
    go: int = 0


def read_message(reported: object) -> Message | None:
    """A message from the browser's values; None where they are none."""
    if not isinstance(reported, Mapping):
        return None
    try:
        return _message(reported)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _message(reported: Mapping[str, Any]) -> Message:
    boxes, state, go = reported.get("boxes"), reported.get("state"), reported.get("go", 0)
    if boxes is not None and not (isinstance(boxes, list) and len(boxes) <= MOST_BOXES):
        raise ValueError("boxes")
    return Message(
        _matching(_WRITER, reported["writer"]),
        int(reported["sequence"]),
        int(reported["attempt"]),
        _matching(_ID, reported["dataset"]),
        _matching(_ID, reported["stem"]),
        int(reported.get("revision", 0)),
        None if boxes is None else tuple(_box(one) for one in boxes),
        cast(Accepted, state) if state in ("done", "reviewed") else None,
        go if go in (-1, 1) else 0,
    )


def _box(reported: Mapping[str, Any]) -> DrawnBox:
    x1, y1, x2, y2 = (float(value) for value in reported["box"])
    if not math.isfinite(x1 + y1 + x2 + y2):
        raise ValueError("box")
    class_id = int(reported["class_id"])
    return DrawnBox(_matching(_ID, reported["id"]), class_id, (x1, y1, x2, y2), bool(reported.get("open")))


def _matching(pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(value)
    return value
