"""A page of pictures with their boxes, drawn in the browser: one is opened by a click, some are ticked.

stems = grid.show(tiles, classes, key="gallery", …)
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from yolodash.data.store.classes import StoredClass
from yolodash.data.store.pictures import StoredPicture
from yolodash.drawing import dashes_of
from yolodash.ui import components
from yolodash.ui.i18n import _

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Tile:
    """One picture.

    Attributes:
        small: a small JPEG; None for a damaged picture.
        boxes: x1, y1, x2, y2 in pixels of the original, and the class.
        about: a line about it.
    """

    picture: StoredPicture
    small: bytes | None
    boxes: tuple[tuple[float, float, float, float, int], ...]
    about: str


def show(
    tiles: Sequence[Tile],
    classes: Sequence[StoredClass],
    *,
    key: str,
    boxes: bool,
    round_: int,
    on_open: Callable[[str], None],
) -> tuple[str, ...]:
    """Put the pictures on the page; gives the stems that are ticked.

    Args:
        key: one grid on the page, one key.
        boxes: whether they are drawn.
        round_: a new number unticks all.
        on_open: told which picture was clicked.
    """
    selected = ticked(st.session_state.get(key), round_)
    shown = [one.picture.stem for one in tiles]
    component = components.registered("yolodash_picture_grid", _FOLDER, "grid")

    def opened() -> None:
        stem = (st.session_state.get(key) or {}).get("open")
        if stem in shown:
            on_open(stem)

    component(
        key=key,
        data={
            "round": round_,
            "boxes": boxes,
            "pictures": [_record(one) for one in tiles],
            "classes": {str(one.id): {"colour": one.colour, "dashes": list(dashes_of(one.id))} for one in classes},
            "texts": {"open": _("Open"), "select": _("Select"), "damaged": _("This picture is damaged")},
        },
        default={"selected": {"round": round_, "stems": []}},
        on_selected_change=_nothing,
        on_open_change=opened,
    )
    return tuple(stem for stem in selected if stem in shown)


def ticked(reported: Any, round_: int) -> tuple[str, ...]:
    """What the browser says is ticked; nothing of an earlier round."""
    told = reported.get("selected") if isinstance(reported, Mapping) else None
    if not isinstance(told, Mapping) or told.get("round") != round_ or not isinstance(told.get("stems"), list):
        return ()
    return tuple(str(stem) for stem in told["stems"])


def _record(one: Tile) -> dict[str, Any]:
    picture = one.picture
    source = "" if one.small is None else "data:image/jpeg;base64," + base64.b64encode(one.small).decode()
    return {
        "key": f"{picture.stem} {picture.revision} {picture.bytes} {one.about}",
        "stem": picture.stem,
        "title": f"{picture.stem} · {picture.size.width}×{picture.size.height}",
        "about": one.about,
        "source": source,
        "width": picture.size.width,
        "height": picture.size.height,
        "boxes": [list(box) for box in one.boxes],
    }


def _nothing() -> None:
    """The value is read from the session."""
