"""Who labels: a name that this browser's session keeps, since every box and every save is signed."""

from __future__ import annotations

import json

import streamlit as st

from yolodash import workspace
from yolodash.data.uploads import session_folder
from yolodash.errors import YoloDashError
from yolodash.ui import messages, session
from yolodash.ui.i18n import _

LONGEST = 60
_NAME = "annotator_name"
_FIELD = "annotator_field"
_KNOWN = "annotator_known_for"


def name() -> str:
    """What this session's saves are signed with."""
    return str(st.session_state.get(_NAME) or usual())


def usual() -> str:
    """A name for who gave none: the same for a browser, another for each."""
    return f"guest-{session.owner()[:4]}"


def ask() -> None:
    """The field; what stood in it the last time is there again."""
    if session.settled() and st.session_state.get(_KNOWN) != session.owner():
        st.session_state[_KNOWN] = session.owner()
        st.session_state[_NAME] = st.session_state[_FIELD] = _kept()
    st.text_input(
        _("Your name"),
        key=_FIELD,
        max_chars=LONGEST,
        placeholder=usual(),
        on_change=_keep,
        persist_state="session",
        help=_("Boxes, comments and saves are signed with it."),
    )


def _keep() -> None:
    chosen = " ".join(str(st.session_state[_FIELD]).split())[:LONGEST]
    st.session_state[_NAME] = chosen
    with messages.shown():
        if session.settled():
            workspace.write_json(session_folder(session.token()) / "annotator.json", {"name": chosen})


def _kept() -> str:
    try:
        content = json.loads((session_folder(session.token()) / "annotator.json").read_bytes())
        return " ".join(str(content["name"]).split())[:LONGEST]
    except (YoloDashError, OSError, ValueError, KeyError, TypeError):
        return ""
