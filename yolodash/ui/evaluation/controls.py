"""The left column of the page: whose detections, in which convention, of which class."""

from __future__ import annotations

import streamlit as st

from yolodash.ui import state
from yolodash.ui.evaluation import source, thresholds
from yolodash.ui.evaluation.page import Shown
from yolodash.ui.evaluation.source import Evaluated
from yolodash.ui.i18n import _

_SOURCE = "evaluate_source"


def choose() -> Shown | None:
    """What to show; None while there is nothing yet."""
    evaluated = choose_source()
    if evaluated is None:
        return None
    label = thresholds.choose_class(evaluated.labels)
    convention = thresholds.choose_convention()
    return Shown(evaluated, convention, source.measured(evaluated, evaluated.key, convention), label)


def choose_source() -> Evaluated | None:
    """The detections to look at."""
    names = {"simulated-a": _("Sample: detector A"), "simulated-b": _("Sample: detector B")}
    if _SOURCE not in st.session_state:
        st.session_state[_SOURCE] = state.from_address("detections", state.one_of(names, str), "simulated-a")
    chosen = st.selectbox(
        _("Detections"), tuple(names), format_func=names.__getitem__, key=_SOURCE, persist_state="session"
    )
    state.mirror({"detections": None if chosen == "simulated-a" else chosen})
    return source.sample(chosen)
