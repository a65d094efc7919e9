"""To show who one is: a password, or the provider of identities; and to leave again."""

from __future__ import annotations

import streamlit as st

from yolodash.serving import attempts, grants
from yolodash.serving.doors import Way
from yolodash.serving.roles import highest
from yolodash.ui import messages, session
from yolodash.ui.entrance import who
from yolodash.ui.i18n import _


def form() -> None:
    """What it takes to come in, or to come further in; nothing where it cannot help."""
    way = who.door().way
    if way is Way.PASSWORD:
        _password("page")
    elif way is Way.IDENTITY:
        _provider()


def _password(place: str) -> None:
    with st.form(f"sign_in_{place}", width=420):
        password = st.text_input(
            _("Password"), type="password", key=f"password_{place}", autocomplete="current-password"
        )
        sent = st.form_submit_button(_("Sign in"), type="primary", icon=":material/login:")
    if not sent:
        return
    with messages.shown():
        role = attempts.sign_in(session.owner(), password)
        grants.grant(session.token(), role)
        session.settle()
        st.rerun()


def _provider() -> None:
    if who.vouched_for():
        st.write(_("You are signed in, but nobody gave this account a role here. Ask whoever runs this server."))
        st.button(_("Sign out"), icon=":material/logout:", on_click=st.logout, key="sign_out_unknown")
    else:
        st.button(_("Sign in"), type="primary", icon=":material/login:", on_click=st.login, key="sign_in_provider")


def badge() -> None:
    """In the sidebar of a shared server: who one is, and the way to be another; nothing where one is alone."""
    way, role = who.door().way, who.role()
    if way not in (Way.PASSWORD, Way.IDENTITY) or role is None:
        return
    with st.sidebar.popover(who.name_of(role).capitalize(), icon=":material/person:", width="stretch"):
        if way is Way.PASSWORD and role < highest():
            st.caption(_("A password opens more pages."))
            _password("sidebar")
        signed_in = who.vouched_for() if way is Way.IDENTITY else grants.granted(session.token()) is not None
        if signed_in:
            st.button(_("Sign out"), icon=":material/logout:", on_click=_leave, key="sign_out", width="stretch")


def _leave() -> None:
    if who.door().way is Way.IDENTITY:
        st.logout()
    else:
        grants.withdraw(session.token())
