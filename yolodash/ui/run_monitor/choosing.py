"""Which run is watched, and which part of the page is shown; the address remembers both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from yolodash import workspace
from yolodash.runs.state import AT_WORK
from yolodash.runs.store import RunEntry, list_runs
from yolodash.ui import state
from yolodash.ui.i18n import _

View = Literal["watch", "all", "bin"]
_RUN, _VIEW, _BESIDE = "run", "runs_view", "beside"
_NEXT_RUN, _NEXT_VIEW = "runs_next", "runs_view_next"


def everything() -> tuple[RunEntry, ...]:
    """The runs, the newest first; a folder whose description cannot be read is among them, so that it can go."""
    known = list_runs()
    names = {entry.name for entry in known}
    folders = [path for path in workspace.folder("runs").iterdir() if path.is_dir() and not path.name.startswith(".")]
    return (*known, *(RunEntry(path.name, "", "", "unknown") for path in sorted(folders) if path.name not in names))


def view() -> View:
    """Which part of the page."""
    labels: dict[View, str] = {"watch": _("Watch"), "all": _("All runs"), "bin": _("Bin")}
    if _NEXT_VIEW in st.session_state:
        st.session_state[_VIEW] = st.session_state.pop(_NEXT_VIEW)
    elif _asked() is not None:
        st.session_state[_VIEW] = "watch"
    return state.choose(_("Show"), labels, _VIEW, name="view")


def _asked() -> str | None:
    """The run of an address that someone has opened just now; None where the page shows it already."""
    asked = st.query_params.get(_RUN)
    before = st.session_state.get("runs_address")
    return asked if asked is not None and asked != before else None


def run(entries: Sequence[RunEntry]) -> str:
    """The run to watch: as the address or a button says, else one at work, else the newest training.

    The names alone are the options: with words that change, such as a state, what was chosen is soon none of them.
    """
    known = {entry.name: entry for entry in entries}
    asked = _asked()
    following = st.session_state.pop(_NEXT_RUN, asked)
    if following in known:
        st.session_state[_RUN] = following
    elif st.session_state.get(_RUN) not in known:
        st.session_state[_RUN] = _first(entries)
    chosen: str = st.selectbox(
        _("Run"),
        tuple(known),
        key=_RUN,
        persist_state="session",
        label_visibility="collapsed",
    )
    state.mirror({_RUN: chosen})
    st.session_state["runs_address"] = chosen
    if asked is not None and asked not in known:
        st.warning(_("There is no run of the name in this address. It may be in the bin."), icon=":material/help:")
    return chosen


def _first(entries: Sequence[RunEntry]) -> str:
    at_work = [entry for entry in entries if entry.state in AT_WORK and entry.kind == "train"]
    trained = [entry for entry in entries if entry.kind == "train"]
    return next(iter((*at_work, *trained, *entries))).name


def beside(entries: Sequence[RunEntry], run: str) -> list[str]:
    """Other trainings whose curves are drawn with this one's."""
    known = [entry.name for entry in entries if entry.kind == "train" and entry.name != run]
    if _BESIDE not in st.session_state:
        wanted = st.query_params.get(_BESIDE, "").split("|")
        st.session_state[_BESIDE] = [name for name in wanted if name in known]
    st.session_state[_BESIDE] = [name for name in st.session_state[_BESIDE] if name in known]
    chosen = st.multiselect(
        _("Curves beside it"),
        known,
        key=_BESIDE,
        persist_state="session",
        placeholder=_("none"),
        help=_("The curves of these runs are drawn in the same charts, thin and broken."),
    )
    state.mirror({_BESIDE: "|".join(chosen) or None})
    return chosen


def open_run(name: str) -> None:
    """Watch this run from the next run of the page on."""
    st.session_state[_NEXT_RUN] = name
    st.session_state[_NEXT_VIEW] = "watch"


def open_view(wanted: View) -> None:
    """Show this part of the page from its next run on."""
    st.session_state[_NEXT_VIEW] = wanted
