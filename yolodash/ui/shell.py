"""What every page stands in: title of the window, language, session, and a little more room for the picture."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from yolodash.runs.launch import let_threads_sleep
from yolodash.ui import i18n, session
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, path

_SURROUNDED = "surrounded"
_PAGES = Path(__file__).parents[2] / "pages"
_BRAND = Path(__file__).parent / "brand"

# Streamlit's configuration has no horizontal padding; on a projector at 1280 pixels its own takes a fifth of the page.
_STYLE = """
<style>
  .stMainBlockContainer { padding-left: 2rem; padding-right: 2rem; }
</style>
"""

# For the last row: everything, in components too, is measured in this.
_LARGE = "<style>html { font-size: 20px; }</style>"


def prepare() -> None:
    """Before the pages are listed: from here on texts are in the right language, and torch will wait in sleep."""
    let_threads_sleep()
    st.set_page_config(page_title="YoloDash", page_icon=str(_BRAND / "icon.svg"), layout="wide")
    i18n.settle_language()
    st.session_state[_SURROUNDED] = True


def enter() -> None:
    """First line of every page: make sure that app.py surrounds it.

    Where a folder called pages lies beside app.py, the first visitor of a fresh server who comes by a deep link is
    given the bare page, as in Streamlit's first way of having pages. To announce any navigation ends that way for good.
    """
    if _SURROUNDED not in st.session_state:
        pages = [st.Page(path, default=path.stem == "home") for path in sorted(_PAGES.glob("*.py"))]
        st.navigation(pages, position="hidden")
        st.rerun()


def surround(page: str) -> None:
    """Before the page is run: what stands around it.

    Args:
        page: its name in the address; empty for Home.
    """
    path.visit(page)
    st.html(_STYLE)
    if lesson.teacher():
        st.html(_LARGE)
    st.logo(str(_BRAND / "logo.svg"), icon_image=str(_BRAND / "icon.svg"), size="large")
    i18n.language_switch()
    if lesson.teacher():
        st.sidebar.caption(":material/school: " + _("Teacher's mode · Page Up, Page Down"))
    session.connect()
