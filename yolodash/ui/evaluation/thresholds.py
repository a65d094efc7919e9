"""Where the page stands: match IoU, score threshold, convention, class and view; the address repeats them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import streamlit as st

from yolodash.evaluation.conventions import CONVENTIONS, ConventionName
from yolodash.evaluation.tables import Labels
from yolodash.ui import state
from yolodash.ui.evaluation.curve import MATCH_IOUS
from yolodash.ui.i18n import _

View = Literal["curve", "scores", "confusion", "classes", "iou", "calibration", "mistakes", "stepper", "compare"]
VIEWS: tuple[View, ...] = get_args(View)

_POINT = "evaluate_point"
_VIEW = "evaluate_view"
_CONVENTION = "evaluate_convention"
_CLASS = "evaluate_class"
ALL = -1
"""Stands for all classes together where a widget needs a value."""


@dataclass(frozen=True)
class Point:
    """The two thresholds of the page, and how often they were set from here (see ``working_point``)."""

    match_iou_threshold: float = 0.5
    score_threshold: float = 0.25
    revision: int = 0


def point() -> Point:
    """The thresholds that hold now; at first the address's where it has them."""
    if _POINT not in st.session_state:
        usual = Point()
        st.session_state[_POINT] = Point(
            state.from_address("match_iou", state.between(0.05, 0.95), usual.match_iou_threshold),
            state.from_address("score", state.between(0, 1), usual.score_threshold),
        )
    kept: Point = st.session_state[_POINT]
    usual = Point()
    state.mirror(
        {
            "match_iou": _unless(kept.match_iou_threshold, usual.match_iou_threshold),
            "score": _unless(kept.score_threshold, usual.score_threshold),
        }
    )
    return kept


def _unless(value: float, usual: float) -> str | None:
    return None if value == usual else f"{value:.4g}"


def set_point(match_iou_threshold: float, score_threshold: float, *, told: bool = False) -> None:
    """Keep new thresholds; ``told`` when the browser itself set them and need not be told again."""
    before: Point = st.session_state.get(_POINT, Point())
    iou = min(max(float(match_iou_threshold), MATCH_IOUS[0]), MATCH_IOUS[-1])
    score = min(max(float(score_threshold), 0.0), 1.0)
    if (iou, score) != (before.match_iou_threshold, before.score_threshold):
        st.session_state[_POINT] = Point(iou, score, before.revision + (not told))


def sliders(*, score: bool = True) -> Point:
    """The two thresholds as ordinary sliders, for the views whose pictures the server draws; or the first alone."""
    now = point()
    left, right = st.columns(2, gap="medium")
    with left:
        match_iou_slider()
    if not score:
        return now
    st.session_state["slide_score"] = now.score_threshold
    right.slider(_("Score threshold"), 0.0, 1.0, step=0.005, key="slide_score", on_change=_slid, format="%.3f")
    return now


def match_iou_slider() -> None:
    """The match IoU alone."""
    st.session_state["slide_iou"] = point().match_iou_threshold
    st.slider(_("Match IoU threshold"), 0.05, 0.95, step=0.05, key="slide_iou", on_change=_slid)


def _slid() -> None:
    now = point()
    set_point(
        st.session_state.get("slide_iou", now.match_iou_threshold),
        st.session_state.get("slide_score", now.score_threshold),
    )


def choose_view() -> View:
    """Which picture of the numbers to look at."""
    names: dict[View, str] = {
        "curve": _("Precision–recall"),
        "scores": _("Scores"),
        "confusion": _("Confusion"),
        "classes": _("Classes"),
        "iou": _("IoU"),
        "calibration": _("Calibration"),
        "mistakes": _("What went wrong"),
        "stepper": _("How AP is made"),
        "compare": _("Compare"),
    }
    return state.choose(_("Show"), names, _VIEW, name="show")


def current_view() -> View:
    """The view of now, also before its switch is drawn."""
    state.seed(_VIEW, state.one_of(VIEWS, str), "curve", name="show")
    view: View = st.session_state[_VIEW] or "curve"
    return view


def choose_convention() -> ConventionName:
    """Whose definition of AP, each in a sentence."""
    names = tuple(CONVENTIONS)
    if _CONVENTION not in st.session_state:
        st.session_state[_CONVENTION] = state.from_address("convention", state.one_of(names, str), "coco")
    titles: dict[ConventionName, str] = {
        "coco": "COCO",
        "voc": "VOC 2010–2012",
        "voc07": "VOC 2007",
        "yolov5": "YOLOv5",
    }
    chosen: ConventionName = st.selectbox(
        _("Convention"), names, format_func=titles.__getitem__, key=_CONVENTION, persist_state="session"
    )
    state.mirror({"convention": None if chosen == "coco" else chosen})
    st.caption(explained(chosen))
    return chosen


def explained(convention: ConventionName) -> str:
    """What a convention means by AP."""
    return {
        "coco": _("The curve is read at 101 recalls; mAP averages ten match IoU thresholds, .50 to .95."),
        "voc": _("The whole area under the falling curve; only the best-overlapping truth counts; boxes count pixels."),
        "voc07": _("The curve is read at 11 recalls, 0 to 1; otherwise as VOC 2010–2012."),
        "yolov5": _(
            "As COCO, but the end of the curve is joined to recall 1 by a line: that area nobody earned, so compare "
            "these numbers only with each other."
        ),
    }[convention]


def choose_class(labels: Labels) -> int | None:
    """One class by its place among the labels, or None for all of them."""
    options = (ALL, *range(len(labels.class_ids)))
    if st.session_state.get(_CLASS) not in options:
        st.session_state[_CLASS] = state.from_address("class", _class_place(labels), ALL)
    chosen = st.selectbox(
        _("Class"),
        options,
        format_func=lambda place: _("all classes") if place == ALL else labels.class_names[place],
        key=_CLASS,
        persist_state="session",
    )
    state.mirror({"class": None if chosen == ALL else str(labels.class_ids[chosen])})
    return None if chosen == ALL else chosen


def _class_place(labels: Labels) -> Callable[[str], int]:
    return lambda text: labels.class_ids.index(int(text))
