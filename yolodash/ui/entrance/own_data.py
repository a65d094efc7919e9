"""What this server keeps for this browser, and the button that ends it."""

from __future__ import annotations

import streamlit as st

from yolodash.data.uploads import delete_session, list_uploads, session_bytes
from yolodash.serving.keeper import session_days
from yolodash.ui import caching, messages, session
from yolodash.ui.i18n import _

_SURE = "delete_my_data_sure"
_DONE = "my_data_deleted"


def show() -> None:
    """How much is kept and for how long; delete it, after one question."""
    if not session.settled():
        return
    if st.session_state.pop(_DONE, False):
        st.caption(":material/check: " + _("Everything that was kept for this browser is deleted."))
        return
    kept = session_bytes(session.token())
    if not kept:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        words = _("Kept for this browser: {megabytes} MB, until {days} days after your last visit.")
        st.caption(words.format(megabytes=f"{max(kept / 1e6, 0.1):,.1f}", days=f"{session_days():g}"), width="content")
        with st.popover(_("Delete my data"), icon=":material/delete:"):
            st.write(_("Your uploads and their results go for good. Runs and data sets that others share stay."))
            if st.button(_("Delete it all"), type="primary", key=_SURE):
                with messages.shown():
                    delete()
                    st.rerun()


def delete() -> None:
    """Everything of this browser: on disk and in memory."""
    token = session.token()
    caching.forget_uploads([upload.id for upload in list_uploads(token)])
    delete_session(token)
    st.session_state[_DONE] = True
