"""Compare: runs side by side, and what is chance."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.comparing import choice, page, starting
from yolodash.ui.i18n import _

shell.enter()
st.title(_("Compare"), anchor=False)
with messages.shown():
    known = choice.available()
    section = choice.choose_section() if known else "results"
    if section == "start":
        starting.form()
    elif not known:
        starting.empty()
        with st.expander(_("Another sweep"), icon=":material/tune:"):
            starting.form()
    else:
        with st.sidebar:
            asked = choice.choose(known)
        page.results(asked)
