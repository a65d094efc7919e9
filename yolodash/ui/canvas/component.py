"""The component itself: what goes to the browser, and what comes back.

It is our own because streamlit-drawable-canvas 0.13 cannot be lived with all day, as measured: no keyboard, no zoom,
corners that keep the aspect ratio, boxes that leave the picture, a plain click that makes a box of 2 × 2 pixels, and
the newest box lost whenever the drawing that it starts from is changed.

The picture travels by address, once; a run sends the boxes and what became of the browser's messages. Nothing that
Python sends replaces a change that the browser has not seen confirmed: "saved" is said of the disk, never of hope.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from yolodash.ui import components
from yolodash.ui.canvas.messages import Message, read_message
from yolodash.ui.canvas.texts import texts

FOLDER = Path(__file__).parent
OVERLAY = FOLDER.parent / "overlay" / "drawing.js"
PARTS = ("geometry", "steps", "keeping", "drawing", "pointing", "controls")
SCRIPTS = (OVERLAY, *(FOLDER / f"{name}.js" for name in PARTS))
"""What the component's own script needs before it."""
Outcome = Literal["saved", "failed", "conflict", "settled"]


@dataclass(frozen=True)
class Reply:
    """What became of the last message about a picture.

    Attributes:
        outcome: ``saved``; ``failed`` with a sentence; ``conflict``: somebody else saved before; ``settled``: the two
            versions were made one.
        revision: on the disk now.
    """

    stem: str
    writer: str
    sequence: int
    attempt: int
    outcome: Outcome
    revision: int = 0
    sentence: str = ""


@dataclass(frozen=True)
class ShownPicture:
    """What the canvas shows.

    Attributes:
        url: of the upright picture; empty where it cannot be read, and ``broken`` says why.
        width, height: of the original.
        boxes: ``{"id", "class_id", "box"}`` and, of proposals, ``{"open", "score"}``; as they are on the disk.
        classes: ``{"id", "name", "colour"}`` in the order of their keys.
        mode: in ``review`` space accepts.
        conflict: two versions wait for a choice; nothing is drawn meanwhile.
        place: which picture of how many, from 0.
        select: a box to choose, ``ID@NUMBER``, with a new number whenever it is to be chosen again.
    """

    dataset: str
    stem: str
    url: str
    width: int
    height: int
    revision: int
    state: str
    boxes: Sequence[Mapping[str, Any]]
    classes: Sequence[Mapping[str, Any]]
    mode: Literal["draw", "review"] = "draw"
    conflict: bool = False
    place: tuple[int, int] = (0, 1)
    broken: str = ""
    select: str = ""


def show(shown: ShownPicture, *, key: str, replies: Sequence[Reply] = (), heard: Message | None = None) -> None:
    """Put the canvas on the page.

    Args:
        key: one canvas on the page, one key.
        replies: the last one of every picture.
        heard: the message that was dealt with last.
    """
    components.registered("yolodash_canvas", FOLDER, "canvas", scripts=(*SCRIPTS,), after=(FOLDER / "talking.js",))(
        key=key,
        data={
            "dataset": shown.dataset,
            "stem": shown.stem,
            "picture": {"url": shown.url, "width": shown.width, "height": shown.height, "broken": shown.broken},
            "revision": shown.revision,
            "state": shown.state,
            "boxes": list(shown.boxes),
            "classes": list(shown.classes),
            "mode": shown.mode,
            "conflict": shown.conflict,
            "place": {"at": shown.place[0], "count": shown.place[1]},
            "select": shown.select,
            "replies": [asdict(reply) for reply in replies],
            "heard": _name_of(heard),
            "texts": texts(),
        },
        on_message_change=_nothing,
    )


def take(key: str) -> Message | None:
    """The last message of the browser; the same again in every run until there is another."""
    reported = st.session_state.get(key)
    return read_message(reported.get("message")) if isinstance(reported, Mapping) else None


def _name_of(message: Message | None) -> dict[str, str | int] | None:
    if message is None:
        return None
    return {"writer": message.writer, "sequence": message.sequence, "attempt": message.attempt}


def _nothing() -> None:
    """A state needs a callback to be announced; there is nothing to do in it."""
