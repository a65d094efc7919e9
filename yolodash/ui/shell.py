"""What every page stands in: title of the window, language, session, and a little more room for the picture."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

from yolodash.runs.launch import let_threads_sleep
from yolodash.ui import entrance, i18n, session
from yolodash.ui.entrance import sign_in
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, path
from yolodash.ui.status import watching

_SURROUNDED = "surrounded"
_PAGES = Path(__file__).parents[2] / "pages"
_BRAND = Path(__file__).parent / "brand"

# Streamlit's configuration has no horizontal padding; on a projector at 1280 pixels its own takes a fifth of the page.
# A table that is wider than a telephone scrolls by itself.
_STYLE = """
<style>
  .stMainBlockContainer { padding-left: 2rem; padding-right: 2rem; }
  .stMarkdown table { display: block; width: max-content; max-width: 100%; overflow-x: auto; }
</style>
"""

# For the last row: everything, in components too, is measured in this.
_LARGE = "<style>html { font-size: 20px; }</style>"


def prepare() -> None:
    """Before the pages are listed: from here on texts are in the right language, and torch will wait in sleep."""
    let_threads_sleep()
    watching.begin()
    st.set_page_config(page_title="YoloDash", page_icon=str(_BRAND / "icon.svg"), layout="wide")
    i18n.settle_language()
    st.session_state[_SURROUNDED] = True


def enter() -> None:
    """First line of every page: make sure that app.py surrounds it, and that who looks may open it.

    Where a folder called pages lies beside app.py, the first visitor of a fresh server who comes by a deep link is
    given the bare page, as in Streamlit's first way of having pages. To announce any navigation ends that way for good.
    """
    if _SURROUNDED not in st.session_state:
        pages = [st.Page(path, default=path.stem == "home") for path in sorted(_PAGES.glob("*.py"))]
        st.navigation(pages, position="hidden")
        st.rerun()
    entrance.admit(Path(sys._getframe(1).f_code.co_filename).stem)


def surround(page: str) -> None:
    """Before the page is run: what stands around it; nothing where nobody comes in.

    Args:
        page: its name in the address; empty for Home.
    """
    if entrance.shut():
        return
    path.visit(page)
    st.html(_STYLE)
    if lesson.teacher():
        st.html(_LARGE)
    st.logo(str(_BRAND / "logo.svg"), icon_image=str(_BRAND / "icon.svg"), size="large")
    i18n.language_switch()
    if lesson.teacher():
        st.sidebar.caption(":material/school: " + _("Teacher's mode · Page Up, Page Down"))
    sign_in.badge()
    session.connect()
