"""The precision–recall picture with its two thresholds: drawn and moved in the browser.

Each match IoU threshold's curve and counts are sent once, so that a drag is answered there. What comes back is the
thresholds at the release of a slider, and what was clicked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from yolodash.ui import components
from yolodash.ui.evaluation import curve, thresholds
from yolodash.ui.evaluation.measured import Measured
from yolodash.ui.evaluation.thresholds import Point
from yolodash.ui.i18n import _, language

_FOLDER = Path(__file__).parent
_KEY = "working_point"
HEIGHT = 410


@dataclass(frozen=True)
class Asked:
    """What a click asks to open: everything at these thresholds, or one kind of it (``TP``, ``FP``, ``FN``)."""

    match_iou_threshold: float
    score_threshold: float
    kind: str


def show(measured: Measured, label: int | None, version: str) -> Asked | None:
    """Draw the picture; tell what was clicked since the last run.

    Args:
        version: changes when anything else than the thresholds does.
    """
    _take(st.session_state.get(_KEY))
    now = thresholds.point()
    live = len(measured.scoring.pairs.order) <= curve.LIVE_DETECTIONS
    sent = _sent(now, keep_old=live)
    clicked = components.registered("yolodash_working_point", _FOLDER, "working_point")(
        key=_KEY,
        data={
            "version": version,
            "entries": entries(measured, label, version, None if live else now.match_iou_threshold),
            "iou": sent.match_iou_threshold,
            "score": sent.score_threshold,
            "revision": sent.revision,
            "scores": {"step": 1 / (len(curve.SCORES) - 1)},
            "ious": {"low": curve.MATCH_IOUS[0], "high": curve.MATCH_IOUS[-1], "step": 0.05},
            "height": HEIGHT,
            "texts": texts(measured, label),
            "language": language(),
        },
        on_thresholds_change=_nothing,
        on_open_change=_nothing,
    )
    return read_asked(getattr(clicked, "open", None))


def entries(measured: Measured, label: int | None, version: str, match_iou: float | None) -> list[dict[str, Any]]:
    """The curves, worked out once a version; the last of them kept for this session."""
    known = st.session_state.get("working_point_entries")
    wanted = (version, label, match_iou)
    if known is None or known[0] != wanted:
        known = (wanted, curve.picture(measured, match_iou or 0.5, label))
        st.session_state["working_point_entries"] = known
    found: list[dict[str, Any]] = known[1]
    return found


def _sent(now: Point, *, keep_old: bool) -> Point:
    """The thresholds as the browser was last told them: what it set itself is not sent back, or all would travel."""
    sent: Point | None = st.session_state.get("working_point_sent")
    alive = st.session_state.get(_KEY) is not None
    if sent is None or not keep_old or not alive or sent.revision != now.revision:
        st.session_state["working_point_sent"] = sent = now
    return sent


def _take(reported: Any) -> None:
    """Take over the thresholds that the browser reports, unless they were set from elsewhere since."""
    told = reported.get("thresholds") if isinstance(reported, Mapping) else None
    if isinstance(told, Mapping) and told.get("revision") == thresholds.point().revision:
        iou, score = told.get("iou"), told.get("score")
        if isinstance(iou, int | float) and isinstance(score, int | float):
            thresholds.set_point(iou, score, told=True)


def read_asked(reported: Any) -> Asked | None:
    """A click from the browser's values; None where there was none or it makes no sense."""
    if not isinstance(reported, Mapping):
        return None
    iou, score, kind = reported.get("iou"), reported.get("score"), reported.get("kind")
    if not isinstance(iou, int | float) or not isinstance(score, int | float) or kind not in ("", "TP", "FP", "FN"):
        return None
    return Asked(float(iou), float(score), kind)


def texts(measured: Measured, label: int | None) -> dict[str, str]:
    """Every text of the component; ``{placeholders}`` are filled in the browser."""
    name = "" if label is None else measured.labels.class_names[label]
    return {
        "match_iou": _("Match IoU threshold"),
        "score": _("Score threshold"),
        "TP": _("found"),
        "FP": _("false"),
        "FN": _("missed"),
        "precision": _("Precision"),
        "recall": _("Recall"),
        "f1": "F1",
        "best": _("To the best F1"),
        "save": _("Save picture"),
        "spoken": _("{TP} true positives, {FP} false positives, {FN} missed; precision {precision}, recall {recall}"),
        "picture": _("Precision against recall. Arrow keys walk along the curve, Enter opens the boxes."),
        "recall_axis": _("Recall"),
        "precision_axis": _("Precision"),
        "ap": "mAP" if label is None else f"AP · {name}",
        "area": _("the shaded area, at IoU ≥ {iou}"),
        "working_point": _("working point"),
        "curve": _("all boxes together") if label is None else _("after each detection"),
        "samples": _samples(measured, label),
        "hover": _(
            "score ≥ {score}\nprecision {precision}, recall {recall}\n{TP} TP · {FP} FP · {FN} FN\n"
            "click: open {count} boxes"
        ),
    }


def _samples(measured: Measured, label: int | None) -> str:
    if label is None:
        return _("mean of the classes, read at {count} recalls")
    if measured.scoring.rules.name == "voc":
        return _("the corners of the falling curve")
    return _("read at {count} recalls")


def _nothing() -> None:
    """A state needs a callback to be announced; there is nothing to do in it."""
