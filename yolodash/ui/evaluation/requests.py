"""From a click to the boxes behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from yolodash.evaluation.mistakes import KINDS
from yolodash.ui.evaluation import boxes, charts
from yolodash.ui.evaluation.boxes import Opening
from yolodash.ui.evaluation.measured import Measured
from yolodash.ui.i18n import _

_REQUEST = "evaluate_request"


@dataclass(frozen=True)
class Request:
    """What was clicked last.

    Attributes:
        version: of what the page showed then; of anything else it opens nothing.
        number: counted up with every click.
        values: the kind of the number, and what it was counted at (see ``opened``).
    """

    version: str
    number: int
    values: tuple[Any, ...]


def ask(version: str, *values: Any) -> None:
    """Open something from this run on."""
    before: Request | None = st.session_state.get(_REQUEST)
    st.session_state[_REQUEST] = Request(version, (before.number if before else 0) + 1, values)


def asked(version: str) -> Request | None:
    """What is open, if it still belongs to what the page shows."""
    request: Request | None = st.session_state.get(_REQUEST)
    return request if request is not None and request.version == version else None


def close() -> None:
    """Nothing is open."""
    st.session_state.pop(_REQUEST, None)


def clicked(key: str, selected: Any) -> list[Any] | None:
    """The ``customdata`` of a newly clicked point of a Plotly chart; a selection that was handled before is old."""
    points = selected["selection"]["points"] if isinstance(selected, Mapping) else []
    values = [_listed(point.get("customdata")) for point in points if point.get("customdata") is not None]
    now = values[0] if values else None
    handled = f"{key}_handled"
    if now == st.session_state.get(handled):
        return None
    st.session_state[handled] = now
    return now


def _listed(custom: Any) -> list[Any]:
    """``customdata`` comes as a list or as ``{'0': …, '1': …}``."""
    if isinstance(custom, Mapping):
        return [custom[key] for key in sorted(custom, key=int)]
    return list(custom) if isinstance(custom, Sequence) and not isinstance(custom, str) else [custom]


def opened(measured: Measured, request: Request, label: int | None) -> Opening:
    """The boxes behind what was clicked, and what to call them."""
    kind, iou, *rest = request.values
    score = rest[0]
    if kind == "bin":
        low, high = rest[0], rest[1]
        number = round(low * charts.BINS)
        found = boxes.at_places(measured, iou, charts.reliability(measured, iou, label).bins[number].places)
        return Opening(_("Scores {low} to {high}").format(low=f"{low:.1f}", high=f"{high:.1f}"), found, iou)
    if kind == "cell":
        (truth, rows), (detected, columns) = (charts.cells(measured)[int(place)] for place in rest[1:3])
        title = _("Truth {truth}, detected as {detected}").format(truth=truth, detected=detected)
        return Opening(title, boxes.in_cell(measured, iou, score, rows, columns), iou)
    if kind == "mistake":
        number = int(rest[0])
        return Opening(charts.mistake_names()[KINDS[number]], boxes.of_mistake(measured, number), iou)
    if kind == "part":
        part = charts.parts_of(measured, iou)[int(rest[0])]
        title = _("Missed") + " · " + charts.part_names()[part.name].partition("<")[0]
        return Opening(title, boxes.missed(measured, np.flatnonzero(part.missed)), iou)
    if kind in ("class", "line"):
        one = None if int(rest[1]) < 0 else int(rest[1])
        return Opening(_at(iou, score, measured, one), boxes.at_threshold(measured, iou, score, one), iou)
    found = boxes.at_threshold(measured, iou, score, label)
    wanted = rest[1] if kind == "kind" else ""
    titles = {"TP": _("True positives"), "FP": _("False positives"), "FN": _("Missed"), "": ""}
    title = " · ".join(part for part in (titles[wanted], _at(iou, score, measured, label)) if part)
    return Opening(title, tuple(box for box in found if wanted in ("", box.kind)), iou)


def _at(iou: float, score: float, measured: Measured, label: int | None) -> str:
    name = "" if label is None else measured.labels.class_names[label] + ", "
    return name + _("score ≥ {score}, IoU ≥ {iou}").format(score=f"{score:.4g}", iou=f"{iou:.2f}")
