"""The live view: a picture comes in, its boxes go out, and the next one follows."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from yolodash.data.images import image_size, read_image
from yolodash.data.signatures import HEAD_BYTES, PictureKind, picture_kind
from yolodash.errors import N_, ImageError
from yolodash.models.catalogue import InstalledModel
from yolodash.serving.roles import needed_for
from yolodash.structures import Image
from yolodash.ui import caching, entrance, inputs, messages
from yolodash.ui.caching import NetworkInput, Prediction
from yolodash.ui.camera.texts import texts
from yolodash.ui.i18n import _
from yolodash.ui.overlay.component import SHARED_SCRIPTS, SHARED_STYLE, read_thresholds
from yolodash.ui.overlay.encoding import encode_candidates, encode_pairs, encode_thresholds, scoring_rule
from yolodash.ui.workbench import jobs_first

KEY = "live_camera"
LONGEST = 640
"""Pixels of the longer side of a picture that the browser sends."""
MOST_BYTES = 2**20
FLOOR = 0.05
"""The lowest score that is sent back: what lies below matters to no one at some pictures a second."""

_FOLDER = Path(__file__).parent
_SCRIPTS = (*SHARED_SCRIPTS, *(_FOLDER / name for name in ("problems.js", "live.js")))


@dataclass
class _Memory:
    """What this tab's camera remembers.

    Attributes:
        waiting: what the browser sent and nobody has answered yet; a run of the page that ends too early leaves it.
        answered: the picture of the last answer, as base64 of its JPEG.
        answer: what the model said of it.
        keep: whether somebody wants to know why.
    """

    waiting: Mapping[str, Any] | None = None
    answered: str = ""
    answer: dict[str, Any] | None = None
    keep: bool = False


@st.fragment
def show(model: InstalledModel, network_input: NetworkInput) -> None:
    """The camera with its boxes; only this part of the page runs again for a picture."""
    view, line = st.container(), st.empty()
    memory = _memory()
    if memory.waiting is not None:
        with line.container(), messages.shown():
            _answer(memory, model, network_input)
        memory.waiting = None
    if memory.keep:
        memory.keep = False
        with line.container():
            _explain(memory.answered)
    with view:
        _component()(
            key=KEY,
            data={
                "texts": texts(),
                "thresholds": encode_thresholds(inputs.thresholds()),
                "longest": LONGEST,
                "answer": memory.answer,
            },
            on_picture_change=_take_picture,
            on_thresholds_change=_take_thresholds,
            on_keep_change=_keep,
        )


def encode_answer(name: str, prediction: Prediction) -> dict[str, Any]:
    """What the browser needs to select and draw: the boxes above the floor, and how long the network took.

    Args:
        name: of the model; with another one the browser builds its controls anew.
        prediction: what the model said of the picture.
    """
    from yolodash.inference.prediction import compact

    kept = compact(prediction.candidates, FLOOR)
    return {
        "model": name,
        "picture": {"width": kept.image_size.width, "height": kept.image_size.height},
        "candidates": encode_candidates(kept),
        "pairs": encode_pairs(kept, FLOOR),
        "rule": scoring_rule(kept.heads),
        "names": list(kept.names),
        "default_labels": "best" if kept.family == "yolov5" else "all",
        "floor": FLOOR,
        "milliseconds": prediction.milliseconds.prepare + prediction.milliseconds.forward,
    }


def read_picture(text: object) -> Image:
    """A picture of the browser: ``(H, W, 3)`` uint8 RGB.

    Args:
        text: base64 of a JPEG, or whatever else somebody sends.

    Raises:
        ImageError: it is no JPEG, is larger than the page makes them, or is damaged.
    """
    refusal = ImageError(
        N_("This is no picture that the live camera takes: a JPEG of at most {side} pixels and {megabytes} MB"),
        fix=N_("stop the camera and start it again"),
        side=LONGEST,
        megabytes=MOST_BYTES // 2**20,
    )
    if not isinstance(text, str) or len(text) > 4 * MOST_BYTES // 3:
        raise refusal
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise refusal from error
    if picture_kind(data[:HEAD_BYTES]) is not PictureKind.JPEG:
        raise refusal
    size = image_size(data)
    if max(size.width, size.height) > LONGEST:
        raise refusal
    return read_image(data)


def _answer(memory: _Memory, model: InstalledModel, network_input: NetworkInput) -> None:
    """Let the model look at the picture that waits; where it cannot, the browser is told to stop."""
    assert memory.waiting is not None
    number, text = memory.waiting.get("number"), memory.waiting.get("jpeg")
    memory.answer = {"number": number, "refused": True}
    entrance.require(needed_for("detect_video"))  # who was sent away in the meantime gets no answer
    image = read_picture(text)
    line = st.empty()
    prediction = caching.run_network(model, image, network_input, on_wait=lambda jobs: line.caption(jobs_first(jobs)))
    memory.answer, memory.answered = {"number": number, **encode_answer(model.name, prediction)}, str(text)


def _memory() -> _Memory:
    memory: _Memory = st.session_state.setdefault(f"{KEY}_memory", _Memory())
    return memory


def _reported(name: str) -> Mapping[str, Any] | None:
    """What the browser has just said, where it makes sense."""
    told = st.session_state[KEY].get(name)
    return told if isinstance(told, Mapping) else None


def _take_picture() -> None:
    _memory().waiting = _reported("picture")


def _take_thresholds() -> None:
    """The sliders were moved: the whole page goes by them."""
    told = _reported("thresholds")
    if told is not None:
        known = len((_memory().answer or {}).get("names", ()))
        inputs.remember_thresholds(read_thresholds(told, inputs.thresholds(), known))


def _keep() -> None:
    _memory().keep = bool(_memory().answered) and _reported("keep") is not None


def _explain(answered: str) -> None:
    """Keep the picture of the last answer among this browser's uploads, and open it where boxes are explained."""
    refused = inputs.keep([(_("camera") + ".jpg", base64.b64decode(answered))])
    for refusal in refused:
        messages.show(refusal)
    if not refused:
        st.switch_page("pages/detect_image.py")


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    """Register the component once, from the files beside this module and those that the overlay has."""
    css = (SHARED_STYLE, _FOLDER / "live.css")
    return st.components.v2.component(
        "yolodash_live_camera",
        html=(_FOLDER / "live.html").read_text(encoding="utf-8"),
        css="\n".join(path.read_text(encoding="utf-8") for path in css),
        js="\n".join(path.read_text(encoding="utf-8") for path in _SCRIPTS),
    )
