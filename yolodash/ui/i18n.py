"""The page's language: gettext, one translation a session, never installed for the whole process.

English is the language of the sources. The language comes from the address (``?lang=it``), else from what this
session chose before, else from the browser. Outside a Streamlit run (a test, a script) every text stays English.
"""

from __future__ import annotations

import functools
import gettext
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from yolodash.errors import N_

__all__ = ["LANGUAGES", "N_", "_", "language", "language_switch", "ngettext", "settle_language"]

LANGUAGES = {"en": "English", "it": "Italiano"}
DOMAIN = "yolodash"
CATALOGUES = Path(__file__).parents[2] / "locale"
_CHOSEN = "language"
_SWITCH = "language_switch"
_SETTLED = "language_settled"
"""What a run of the page was settled on: hundreds of texts ask for it."""


def _(message: str) -> str:
    """A text in the language of the session."""
    return _translations(language()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form of a text that fits a number; the caller formats the number into it."""
    return _translations(language()).ngettext(singular, plural, count)


def language() -> str:
    """The session's language, a key of ``LANGUAGES``."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"
    settled = st.session_state.get(_SETTLED)
    return settled if settled in LANGUAGES else _wanted()


def _wanted() -> str:
    """What was chosen, else what the browser asks for."""
    chosen = st.session_state.get(_CHOSEN)
    return chosen if chosen in LANGUAGES else browser_language()


def browser_language() -> str:
    """The first language of the browser that we speak, else English."""
    accepted = str(st.context.headers.get("Accept-Language", ""))
    wanted = [st.context.locale or "", *(part.split(";")[0] for part in accepted.split(","))]
    for tag in wanted:
        code = tag.strip().lower().split("-")[0]
        if code in LANGUAGES:
            return code
    return "en"


def settle_language() -> None:
    """Bring the address and the session to one language; the address wins. Called once, before any text."""
    asked = st.query_params.get("lang")
    if asked in LANGUAGES:
        st.session_state[_CHOSEN] = asked
    st.session_state[_SETTLED] = _wanted()
    if asked in LANGUAGES:
        return
    if language() != browser_language():
        st.query_params["lang"] = language()
    elif asked is not None:
        del st.query_params["lang"]


def language_switch() -> None:
    """The switch in the sidebar."""
    st.session_state[_SWITCH] = language()
    st.sidebar.segmented_control(
        _("Language"),
        tuple(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        required=True,
        key=_SWITCH,
        on_change=_choose,
        label_visibility="collapsed",
    )


def _choose() -> None:
    chosen = st.session_state[_SWITCH]
    st.session_state[_CHOSEN] = st.session_state[_SETTLED] = chosen
    st.query_params["lang"] = chosen


@functools.cache
def _translations(code: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, CATALOGUES, languages=[code], fallback=True)
