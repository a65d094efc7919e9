"""The component itself: what goes to the browser, what comes back, and what outlives a rerun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import streamlit as st

from yolodash.structures import Candidates, Image, Thresholds
from yolodash.ui.overlay.encoding import FLOOR, encode, encode_thresholds
from yolodash.ui.overlay.texts import texts

_FOLDER = Path(__file__).parent
SHARED_SCRIPTS = tuple(_FOLDER / name for name in ("selection.js", "drawing.js", "controls.js"))
"""What every view of boxes with thresholds is made of."""
SHARED_STYLE = _FOLDER / "overlay.css"
_SCRIPTS = (*SHARED_SCRIPTS, _FOLDER / "overlay.js")
_DEFAULT = Thresholds()


@dataclass(frozen=True)
class Pick:
    """Where the person clicked.

    Attributes:
        x, y: the point in pixels of the upright original picture.
        index: the candidate of the detection there, or −1 where there is none.
        class_id: the class of that detection, or −1.
    """

    x: float
    y: float
    index: int
    class_id: int


@dataclass(frozen=True)
class OverlayState:
    """The thresholds as the browser has them now, and what was clicked last on this picture."""

    thresholds: Thresholds
    pick: Pick | None


@dataclass
class _Memory:
    """What one overlay remembers in the session.

    The component's own state dies when it is not rendered; and its data must stay the same from run to run, or it
    would be sent again. Hence ``sent``, which follows ``state`` only when something has to be sent anyway.
    ``revision`` counts how often the thresholds were set from here; what the browser reports for an older one is stale.
    """

    image: Image | None = None
    candidates: Candidates | None = None
    encoded: dict[str, Any] = field(default_factory=dict)
    asked: Thresholds | None = None
    state: OverlayState = field(default_factory=lambda: OverlayState(_DEFAULT, None))
    sent: OverlayState = field(default_factory=lambda: OverlayState(_DEFAULT, None))
    revision: int = 0


def show(
    image: Image,
    candidates: Candidates,
    thresholds: Thresholds = _DEFAULT,
    *,
    key: str,
    height: int | None = None,
) -> OverlayState:
    """Draw the picture with its boxes and the controls that decide which boxes; tell what the person did.

    Args:
        image: ``(H, W, 3)`` uint8 RGB, the upright original.
        candidates: of that picture. Keep both objects from run to run, then nothing is encoded or sent twice.
        thresholds: where the controls start. Passed again unchanged it does nothing; a new value moves the controls.
        key: of the component; one picture on the page, one key.
        height: of the picture at most, in CSS pixels; without it, what fits the window.

    Returns:
        the thresholds of the last release of a control, and the last click.
    """
    memory = _memory(key)
    reported = st.session_state.get(key)
    _take(memory, reported)
    _ask(memory, thresholds)
    _open(memory, image, candidates)
    if not reported:
        memory.sent = memory.state
    _component()(
        key=key,
        data=_data(memory, height),
        on_thresholds_change=_nothing,
        on_pick_change=_nothing,
    )
    return memory.state


def _memory(key: str) -> _Memory:
    name = f"{key}_overlay"
    if name not in st.session_state:
        st.session_state[name] = _Memory()
    memory: _Memory = st.session_state[name]
    return memory


def _take(memory: _Memory, reported: Any) -> None:
    """Take over what the browser reported, if it is about the thresholds and the picture of now."""
    if not isinstance(reported, Mapping):
        return
    thresholds, pick = reported.get("thresholds"), reported.get("pick")
    if isinstance(thresholds, Mapping) and thresholds.get("revision") == memory.revision:
        class_count = len(memory.encoded.get("names", ()))
        memory.state = replace(
            memory.state, thresholds=read_thresholds(thresholds, memory.state.thresholds, class_count)
        )
    if isinstance(pick, Mapping) and pick.get("version") == memory.encoded.get("version"):
        memory.state = replace(memory.state, pick=read_pick(pick, memory.encoded["candidates"]["count"]))


def _ask(memory: _Memory, thresholds: Thresholds) -> None:
    """Move the controls when the page asks for other thresholds than before."""
    if thresholds != memory.asked and thresholds != memory.state.thresholds:
        memory.state = replace(memory.state, thresholds=thresholds)
        memory.sent = memory.state
        memory.revision += 1
    memory.asked = thresholds


def _open(memory: _Memory, image: Image, candidates: Candidates) -> None:
    """Encode a new picture or new candidates; a filter by class does not outlive its list of names."""
    if memory.image is image and memory.candidates is candidates:
        return
    if memory.candidates is not None and memory.candidates.names != candidates.names and memory.asked is not None:
        kept = replace(memory.state.thresholds, classes=memory.asked.classes, labels=memory.asked.labels)
        memory.state = replace(memory.state, thresholds=kept)
        memory.revision += 1
    encoded = encode(image, candidates)
    if encoded["version"] != memory.encoded.get("version"):
        memory.state = replace(memory.state, pick=None)
        memory.sent = memory.state
    memory.image, memory.candidates, memory.encoded = image, candidates, encoded


def _data(memory: _Memory, height: int | None) -> dict[str, Any]:
    pick = memory.sent.pick
    return {
        **memory.encoded,
        "thresholds": encode_thresholds(memory.sent.thresholds),
        "revision": memory.revision,
        "pick": None if pick is None else {"x": pick.x, "y": pick.y, "index": pick.index, "class_id": pick.class_id},
        "floor": FLOOR,
        "texts": texts(),
        "height": height,
    }


def read_thresholds(reported: Mapping[str, Any], before: Thresholds, class_count: int) -> Thresholds:
    """Thresholds from the browser's values; what makes no sense keeps the value that it had."""
    classes = reported.get("classes")
    labels = reported.get("labels", before.labels)
    return Thresholds(
        score_threshold=_share(reported.get("score_threshold"), before.score_threshold),
        nms_iou_threshold=_share(reported.get("nms_iou_threshold"), before.nms_iou_threshold),
        max_detections=max(1, int(_number(reported.get("max_detections"), before.max_detections))),
        class_agnostic=bool(reported.get("class_agnostic", before.class_agnostic)),
        classes=tuple(c for c in classes if c in range(class_count)) if isinstance(classes, list) else None,
        labels=labels if labels in ("best", "all") else None,
    )


def read_pick(reported: Mapping[str, Any], count: int) -> Pick | None:
    """A click from the browser's values, or None if it was taken back or names no candidate of these."""
    index = int(_number(reported.get("index"), -1))
    if reported.get("cleared") or not -1 <= index < count:
        return None
    return Pick(
        x=_number(reported.get("x"), 0.0),
        y=_number(reported.get("y"), 0.0),
        index=index,
        class_id=int(_number(reported.get("class_id"), -1)),
    )


def _number(value: object, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) else otherwise


def _share(value: object, otherwise: float) -> float:
    return min(max(_number(value, otherwise), FLOOR), 1.0)


def _nothing() -> None:
    """A state needs a callback to be announced; there is nothing to do in it."""


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    """Register the component once, from the files beside this module."""
    return st.components.v2.component(
        "yolodash_overlay",
        html=(_FOLDER / "overlay.html").read_text(encoding="utf-8"),
        css=SHARED_STYLE.read_text(encoding="utf-8"),
        js="\n".join(path.read_text(encoding="utf-8") for path in _SCRIPTS),
    )
