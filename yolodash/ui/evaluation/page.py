"""The parts of the page in their order: what is evaluated, the numbers, a picture of them, the boxes behind it."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.report import Report, report
from yolodash.ui.evaluation import charts, opened, requests, thresholds, working_point
from yolodash.ui.evaluation.measured import Measured
from yolodash.ui.evaluation.source import Evaluated
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain


@dataclass(frozen=True)
class Shown:
    """All that decides what the page shows."""

    evaluated: Evaluated
    convention: ConventionName
    measured: Measured
    label: int | None

    @property
    def version(self) -> str:
        """Changes with everything but the thresholds."""
        return f"{self.evaluated.key}:{self.convention}:{self.label}"


@st.cache_resource(show_spinner=False, max_entries=16)
def numbers(_evaluated: Evaluated, key: str, convention: ConventionName, match_iou_threshold: float) -> Report:
    """The report of a set, kept by the process."""
    return report(_evaluated.truths, _evaluated.found, _evaluated.labels, convention, match_iou_threshold)


def headline(shown: Shown) -> None:
    """The few numbers that one quotes, in a line."""
    point = thresholds.point()
    iou = point.match_iou_threshold if shown.convention in ("voc", "voc07") else 0.5
    found = numbers(shown.evaluated, shown.evaluated.key, shown.convention, iou)
    ten = shown.convention in ("coco", "yolov5")
    parts = [
        (_("mAP .50–.95") if ten else _("mAP at IoU {iou}").format(iou=f"{iou:.2f}"), found.map),
        (_("mAP at IoU .50"), found.map50),
        (_("mAP at IoU .75"), found.map75),
    ]
    said = " · ".join(f"{name} **{defined(value)}**" for name, value in parts[: 3 if ten else 2])
    st.markdown(said)


def defined(value: float) -> str:
    """A number, or a dash where the convention leaves it undefined."""
    return "–" if value < 0 else f"{value:.3f}"


def picture(shown: Shown, view: thresholds.View) -> None:
    """The chosen picture of the numbers; a click on it asks for the boxes behind it."""
    if view == "curve":
        clicked = working_point.show(shown.measured, shown.label, shown.version)
        if clicked is not None:
            kind = ("kind", clicked.match_iou_threshold, clicked.score_threshold, clicked.kind)
            requests.ask(shown.version, *kind)
        return
    point = thresholds.sliders()
    iou, score = point.match_iou_threshold, point.score_threshold
    figures = {
        "scores": lambda: charts.against_score(shown.measured, iou, score, shown.label),
        "confusion": lambda: charts.confusion_matrix(shown.measured, iou, score),
        "classes": lambda: charts.class_bars(shown.measured, iou, score),
        "iou": lambda: charts.against_iou(shown.measured, iou, score, shown.label),
        "calibration": lambda: charts.calibration(shown.measured, iou, shown.label),
    }
    chart(shown, view, figures[view]())


def chart(shown: Shown, view: str, figure: go.Figure) -> None:
    """A Plotly picture whose points open."""
    key = f"evaluate_chart_{view}"
    selected = st.plotly_chart(
        figure, key=key, on_select="rerun", selection_mode="points", config=charts.CONFIG, width="stretch"
    )
    values = requests.clicked(key, selected)
    if values is not None:
        requests.ask(shown.version, *values)


def false_positives(shown: Shown) -> None:
    """One button, in every view."""
    if st.button(_("Show me the false positives"), icon=":material/rule:", key="show_false_positives"):
        now = thresholds.point()
        requests.ask(shown.version, "kind", now.match_iou_threshold, now.score_threshold, "FP")


def behind(shown: Shown) -> None:
    """The boxes behind what was clicked last, and the one of them that was clicked."""
    request = requests.asked(shown.version)
    if request is None:
        st.caption(_("Click a point, a number, a cell or a bar: the boxes that it was counted from open here."))
        return
    opening = requests.opened(shown.measured, request, shown.label)
    box = opened.show(shown.evaluated, shown.measured, opening, request.number)
    if box is not None:
        st.markdown(plain(opened.sentence(shown.evaluated, box)))
