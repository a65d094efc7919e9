"""The parts of the page in their order: what is evaluated, the numbers, a picture of them, the boxes behind it."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.report import Report, scored
from yolodash.ui import model_card
from yolodash.ui.evaluation import (
    charts,
    comparison,
    controls,
    downloads,
    glass,
    model_run,
    opened,
    requests,
    source,
    stepper,
    thresholds,
    uploads,
    working_point,
)
from yolodash.ui.evaluation.controls import Shown
from yolodash.ui.evaluation.measured import Measured
from yolodash.ui.evaluation.source import Evaluated
from yolodash.ui.evaluation.thresholds import View
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain


def choose() -> Shown | None:
    """What to show: chosen in the sidebar; where it has to be brought in first, that is done in the middle."""
    with st.sidebar:
        key = controls.choose_source()
    evaluated: Evaluated | None
    if key == controls.MODEL:
        model_run.show()
        return None
    evaluated = uploads.show() if key == controls.FILES else controls.opened(key)
    if evaluated is None:
        return None
    with st.sidebar:
        return controls.choose_reading(key, evaluated)


@st.cache_resource(show_spinner=False, max_entries=16)
def numbers(_measured: Measured, key: str, convention: ConventionName, match_iou_threshold: float) -> Report:
    """The report of a set, kept by the process."""
    return scored(_measured.scoring, match_iou_threshold)


def report_of(shown: Shown) -> Report:
    """The numbers that one quotes."""
    iou = thresholds.point().match_iou_threshold if shown.convention in ("voc", "voc07") else 0.5
    return numbers(shown.measured, shown.evaluated.key, shown.convention, iou)


def place(shown: Shown, view: View) -> str:
    """What an opening belongs to: the set, how it is read, and the view."""
    return f"{shown.version}:{view}"


def headline(shown: Shown) -> None:
    """The numbers that one quotes, and the button that leads to the false positives from every view."""
    words, button = st.columns([5, 2], vertical_alignment="center")
    with words:
        quoted(shown)
    with button:
        false_positives(shown)
    if shown.evaluated.sample:
        with st.sidebar:
            st.caption(_("A sample: 60 rendered scenes that the bundled model never saw in its training."))
            if shown.evaluated.model is not None:
                model_card.beside(shown.evaluated.model)
    said = source.notes(shown.evaluated)
    if said:
        st.warning("  \n".join(plain(note) for note in said))


def quoted(shown: Shown) -> None:
    """mAP as the convention has it, and what it was taken of."""
    found = report_of(shown)
    if shown.convention in ("coco", "yolov5"):
        parts = [(_("mAP, IoU .50 to .95"), found.map), (_("at .50"), found.map50), (_("at .75"), found.map75)]
    else:
        iou = f"{thresholds.point().match_iou_threshold:.2f}"
        parts = [(_("mAP at IoU {iou}").format(iou=iou), found.map)]
    said = " · ".join(f"{name} **{defined(value)}**" for name, value in parts)
    pictures, truths = len(shown.evaluated.labels.images), len(shown.evaluated.truths.label)
    size = _("{pictures} pictures, {truths} truths, {found} detections").format(
        pictures=f"{pictures:,}", truths=f"{truths:,}", found=f"{len(shown.evaluated.found.label):,}"
    )
    st.markdown(f"{said}  \n:small[{size}]")


def defined(value: float) -> str:
    """A number, or a dash where the convention leaves it undefined."""
    return "–" if value < 0 else f"{value:.3f}"


def picture(shown: Shown, view: View) -> None:
    """The chosen picture of the numbers; a click on it asks for the boxes behind it."""
    if view == "curve":
        clicked = working_point.show(shown.measured, shown.label, shown.version)
        if clicked is not None:
            kind = ("kind", clicked.match_iou_threshold, clicked.score_threshold, clicked.kind)
            requests.ask(place(shown, view), *kind)
    elif view == "mistakes":
        st.caption(
            _(
                "Every mistake is one of six, over all scores, at match IoU .50 (below .10 a box lies on nothing). A "
                "bar is the mAP that is gained when just these are mended, worked out anew."
            )
        )
        chart(shown, view, charts.what_went_wrong(shown.measured))
    elif view == "stepper":
        iou = thresholds.point().match_iou_threshold
        stepper.show(shown.evaluated, shown.measured, shown.label or 0, iou)
    elif view == "compare":
        compare(shown)
    else:
        point = thresholds.sliders(score=view != "calibration")
        drawn = figure(shown, view, point.match_iou_threshold, point.score_threshold)
        chart(shown, view, drawn)
        if view == "classes":
            st.subheader(_("By size and shape"), anchor=False)
            sizes = charts.size_bars(shown.measured, point.match_iou_threshold)
            chart(shown, view, sizes, name="sizes")


def figure(shown: Shown, view: View, iou: float, score: float) -> go.Figure:
    """One of the charts that hang on both thresholds."""
    measured, label = shown.measured, shown.label
    figures: dict[str, Callable[[], go.Figure]] = {
        "scores": lambda: charts.against_score(measured, iou, score, label),
        "confusion": lambda: charts.confusion_matrix(measured, iou, score),
        "classes": lambda: charts.class_bars(measured, iou, score),
        "iou": lambda: charts.against_iou(measured, iou, score, label),
        "calibration": lambda: charts.calibration(measured, iou, label),
    }
    return figures[view]()


def chart(shown: Shown, view: View, drawn: go.Figure, *, name: str = "") -> None:
    """A Plotly picture whose points open."""
    key = f"evaluate_chart_{name or view}"
    selected = st.plotly_chart(
        drawn, key=key, on_select="rerun", selection_mode="points", config=charts.CONFIG, width="stretch"
    )
    values = requests.clicked(key, selected)
    if values is not None:
        requests.ask(place(shown, view), *values)


def compare(shown: Shown) -> None:
    """Choose up to three others."""
    others = {key: name for key, name in controls.ready().items() if key != shown.source}
    usual = controls.SECOND if shown.source == controls.FIRST else controls.FIRST
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    chosen = left.multiselect(
        _("Compare with"),
        tuple(others),
        default=[usual] if shown.evaluated.sample else [],
        format_func=lambda key: others.get(key, key),
        max_selections=comparison.MOST,
        key=f"evaluate_others_{shown.source}",
    )
    with right:
        thresholds.match_iou_slider()
    iou = thresholds.point().match_iou_threshold
    comparison.show(
        controls.names().get(shown.source, shown.evaluated.name),
        shown.evaluated,
        shown.convention,
        shown.label,
        iou,
        {others[key]: controls.opened(key) for key in chosen},
    )


def false_positives(shown: Shown) -> None:
    """One button, in every view."""
    if st.button(_("Show me the false positives"), icon=":material/rule:", key="show_false_positives", width="stretch"):
        now = thresholds.point()
        requests.ask(
            place(shown, thresholds.current_view()), "kind", now.match_iou_threshold, now.score_threshold, "FP"
        )


def take_away(shown: Shown) -> None:
    """Files, report and command of what is shown."""
    downloads.show(shown, report_of(shown), thresholds.point())


def behind(shown: Shown, view: View) -> None:
    """The boxes behind what was clicked last, and the one of them that was clicked."""
    request = requests.asked(place(shown, view))
    if request is None:
        st.caption(_("Click a point, a number, a cell or a bar: the boxes that it was counted from open here."))
        return
    opening = requests.opened(shown.measured, request, shown.label)
    with st.container(key="opened_heading"):
        st.subheader(opened.heading(opening), anchor=False)
    detail = st.container()
    box = opened.show(shown.evaluated, opening, request.number)
    if box is not None:
        with detail:
            glass.show(shown, box, opening.match_iou_threshold)
