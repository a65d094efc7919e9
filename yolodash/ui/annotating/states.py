"""How far the work on a picture is, in words, and changed by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import streamlit as st

from yolodash.data.store.truth import State, Truth, save_truth
from yolodash.ui import messages
from yolodash.ui.annotating import person
from yolodash.ui.i18n import _


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
    states: tuple[State, ...] = get_args(State)
    chosen = st.selectbox(
        _("State"),
        states,
        states.index(truth.state),
        format_func=name,
        key=f"annotate_state_{dataset.name}_{stem}_{truth.state}",
        label_visibility="collapsed",
    )
    if chosen != truth.state:
        with messages.shown():
            save_truth(dataset, stem, replace(truth, state=chosen), by=person.name())
            st.rerun()
