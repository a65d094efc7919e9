"""Which data set, and what to see of it; the address repeats both."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from yolodash.data.store.folders import list_stored
from yolodash.data.store.journal import last_change
from yolodash.ui import state
from yolodash.ui.datasets import filters
from yolodash.ui.i18n import _

_DATA, _VIEW, _NEXT, _SEEN = "datasets_data", "datasets_view", "datasets_next", "datasets_seen"
VIEWS = ("pictures", "add", "health", "split", "versions", "export", "all")


def view_names() -> dict[str, str]:
    """What the views are called."""
    return {
        "pictures": _("Pictures"),
        "add": _("Add"),
        "health": _("Health"),
        "split": _("Split"),
        "versions": _("Versions"),
        "export": _("Export"),
        "all": _("All data sets"),
    }


def stored() -> dict[str, Path]:
    """The data sets by name."""
    return {folder.name: folder for folder in list_stored()}


def choose_dataset(folders: Mapping[str, Path]) -> Path:
    """One of them; the last one that was changed at first."""
    _take_over(folders)
    if st.session_state.get(_DATA) not in folders:
        newest = max(folders, key=lambda name: last_change(folders[name]))
        st.session_state[_DATA] = state.from_address("data", state.one_of(folders, str), newest)
    chosen = st.selectbox(
        _("Data set"),
        tuple(folders),
        key=_DATA,
        persist_state="session",
        on_change=_chosen_by_hand,
        label_visibility="collapsed",
    )
    state.mirror({"data": chosen})
    return folders[chosen]


def _chosen_by_hand() -> None:
    st.session_state.pop(_NEXT, None)
    filters.forget()


def choose_view() -> str:
    """What to see."""
    names = view_names()
    return state.choose(_("Show"), names, _VIEW, name="view")


def open_next(name: str, view: str = VIEWS[0]) -> None:
    """Show this data set as soon as it is there."""
    st.session_state[_NEXT] = (name, view)


def open_view(view: str) -> None:
    """As a button's callback: show this view."""
    st.session_state[_VIEW] = view


def _take_over(folders: Mapping[str, Path]) -> None:
    """What another part of the page asked for; and a new address, such as that of a link from another page."""
    asked = st.session_state.get(_NEXT)
    if asked is not None and asked[0] in folders:
        st.session_state[_DATA], st.session_state[_VIEW] = st.session_state.pop(_NEXT)
        filters.forget()
    address = st.query_params.get("data")
    if address in folders and _DATA not in st.session_state:
        st.session_state[_DATA] = address
