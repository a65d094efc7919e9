"""Which pages there are for who looks. The others exist, so that a link to one can say why it does not open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from yolodash.serving.doors import Way
from yolodash.serving.roles import needed_for
from yolodash.ui import messages
from yolodash.ui.entrance import sign_in, who
from yolodash.ui.i18n import _


def navigation(sections: Mapping[str, Sequence[StreamlitPage]]) -> StreamlitPage:
    """Announce the pages and give the one that is asked for; nothing is listed for who may not come in.

    Args:
        sections: the pages by the headings over them.
    """
    role = None if who.shut() else who.role()
    if role is None:
        listed = {heading: list(pages) for heading, pages in sections.items()}
        return st.navigation(listed, position="hidden")
    return st.navigation(_listed(sections, role), expanded=True)


def closed() -> str:
    """The one thing that a server says that others reach and for which nothing is set up."""
    return _(
        "This server can be reached from other machines and has no password yet, so it shows nothing. On the server, "
        "set one with `python -m yolodash access set trainer`, then reload this page."
    )


def admit(page: str) -> None:
    """Go on where who looks may open this page; else say what it takes, and end the run.

    Args:
        page: its file's stem.
    """
    with messages.shown():
        role, way = who.role(), who.door().way
        if role is not None and role >= needed_for(page):
            return
        st.title("YoloDash" if role is None else _("Not open to you"), anchor=False)
        if way is Way.CLOSED:
            st.write(closed())
        elif role is not None:
            words = _("This page is for the role {needed}; here you are: {role}.")
            st.write(words.format(needed=who.name_of(needed_for(page)), role=who.name_of(role)))
        sign_in.form()
    st.stop()


def _listed(sections: Mapping[str, Sequence[StreamlitPage]], role: int) -> dict[str, list[StreamlitPage]]:
    """The sections without the pages that a role does not open; those follow, unseen."""
    listed: dict[str, list[StreamlitPage]] = {}
    unseen: list[StreamlitPage] = []
    for heading, pages in sections.items():
        kept = [page for page in pages if role >= needed_for(page.url_path)]
        unseen += [_unseen(page) for page in pages if page not in kept]
        if kept:
            listed[heading] = kept
    last = next(reversed(listed))
    listed[last] = [*listed[last], *unseen]
    return listed


def _unseen(page: StreamlitPage) -> StreamlitPage:
    return st.Page(f"pages/{page.url_path}.py", title=page.title, icon=page.icon, visibility="hidden")
