"""How far the work on a picture is, in words, and changed by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import streamlit as st

from yolodash.data.store.truth import State, Truth, read_truth, save_truth
from yolodash.ui import messages
from yolodash.ui.annotating import person
from yolodash.ui.i18n import _

_FIELD = "annotate_state"
_FAILED = "annotate_state_failed"


def name(state: State) -> str:
    """What a state is called."""
    names: dict[State, str] = {
        "unlabelled": _("unlabelled"),
        "in_work": _("in work"),
        "done": _("done"),
        "reviewed": _("reviewed"),
    }
    return names[state]


def choose(dataset: Path, stem: str, truth: Truth) -> None:
    """The state of a picture; another choice is saved at once."""
    st.session_state[_FIELD] = truth.state
    states: tuple[State, ...] = get_args(State)

    def keep() -> None:
        with messages.shown():
            now = read_truth(dataset, stem)
            save_truth(dataset, stem, replace(now, state=st.session_state[_FIELD]), by=person.name())

    st.selectbox(_("State"), states, format_func=name, key=_FIELD, on_change=keep, label_visibility="collapsed")
