"""The same few validation pictures after every epoch, so that one sees the network get better."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import streamlit as st

from yolodash.drawing import DASHES, PALETTE
from yolodash.runs.pictures import FOLDER, SCORE, VALIDATION, read_book
from yolodash.ui import components
from yolodash.ui.i18n import _, language
from yolodash.ui.run_monitor import reading
from yolodash.ui.run_monitor.reading import Stamp

MOST_EPOCHS = 60
"""That are sent to the browser; of more every second, third … one."""
_FOLDER = Path(__file__).parent
_DARK = 110


def show(run: Path) -> bool:
    """The pictures with a slider over the epochs; False where there are none (yet)."""
    data = prepared(str(run), reading.stamp(run / FOLDER / VALIDATION), language())
    if data is None:
        return False
    components.registered("yolodash_run_epochs", _FOLDER, "epochs")(key="run_epochs", data=data)
    return True


@st.cache_resource(show_spinner=False, max_entries=8)
def prepared(run: str, seen: Stamp, language_: str) -> dict[str, Any] | None:
    """What the browser is sent; made once for each state of the file."""
    book = read_book(Path(run))
    if book is None or not book["epochs"]:
        return None
    step = -(-len(book["epochs"]) // MOST_EPOCHS)
    epochs = book["epochs"] if step == 1 else [*book["epochs"][:-1:step], book["epochs"][-1]]
    files = [Path(run) / FOLDER / Path(str(picture["file"])).name for picture in book["pictures"]]
    pictures = [{**picture, "jpeg": jpeg(file)} for picture, file in zip(book["pictures"], files, strict=True)]
    return {
        "version": f"{run} {seen} {language_}",
        "run": run,
        "pictures": pictures,
        "epochs": epochs,
        "names": book.get("names", []),
        "score": SCORE,
        "styles": styles(),
        "texts": texts(),
    }


def jpeg(path: Path) -> str:
    """A file of the run as base64; empty where it is gone."""
    try:
        return base64.b64encode(path.read_bytes()).decode()
    except OSError:
        return ""


def styles() -> list[dict[str, str]]:
    """Of the classes: colour, dashes and the colour of the label's text, as the other pictures have them."""
    made = []
    for stroke, gap in DASHES:
        for red, green, blue in PALETTE:
            light = 0.299 * red + 0.587 * green + 0.114 * blue > _DARK
            dash = f"{stroke * 4} {gap * 3}" if gap else ""
            made.append({"stroke": f"rgb({red},{green},{blue})", "dash": dash, "text": "#000" if light else "#fff"})
    return made


def texts() -> dict[str, str]:
    """What the component says."""
    return {
        "slider": _("After which epoch"),
        "epoch": _("after epoch {epoch}"),
        "none": _("no epoch yet"),
        "count": _("{found} found · {truths} true"),
        "truth": _("truth"),
        "sure": _("found, score over .25"),
        "unsure": _("the best below that"),
        "play": "▶ " + _("Play"),
        "pause": "⏸ " + _("Pause"),
    }
