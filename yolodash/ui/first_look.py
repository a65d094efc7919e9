"""The first look at a stored result: boxes at once, and what needs torch, two seconds to load, in the run after."""

from __future__ import annotations

import streamlit as st

from yolodash.ui import caching
from yolodash.ui.i18n import _

_TAKEN = "first_look"
SECONDS = 0.3


def is_due() -> bool:
    """Whether this run should end with the picture: torch is not loaded, and this tab has shown nothing yet."""
    if caching.torch_is_loaded() or st.session_state.get(_TAKEN):
        return False
    st.session_state[_TAKEN] = True
    return True


def what_to_click() -> None:
    """What stands beside the picture before something was clicked."""
    st.subheader(_("Glass box"), anchor=False)
    st.write(_("Click a box to see why it is there. Click beside the boxes to see why there is none."))


@st.fragment(run_every=SECONDS)
def come_back() -> None:
    """Run the page once more as soon as the browser has painted it."""
    if st.session_state.get(_TAKEN) == "painted":
        st.rerun()
    st.session_state[_TAKEN] = "painted"
