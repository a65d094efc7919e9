"""What every page stands in: title of the window, language, session, and a little more room for the picture."""

from __future__ import annotations

import streamlit as st

from yolodash.ui import i18n, session

# Streamlit's configuration has no horizontal padding; on a projector at 1280 pixels its own takes a fifth of the page.
_STYLE = """
<style>
  .stMainBlockContainer { padding-left: 2rem; padding-right: 2rem; }
</style>
"""


def prepare() -> None:
    """Before the pages are listed: from here on texts are in the right language."""
    st.set_page_config(page_title="YoloDash", page_icon=":material/center_focus_strong:", layout="wide")
    i18n.settle_language()


def surround() -> None:
    """Before the page is run: what stands around it."""
    st.html(_STYLE)
    i18n.language_switch()
    session.connect()
