"""Models: get a published one, bring your own, and look inside."""

import streamlit as st

from yolodash.ui import catalogue_view, inspector, messages, model_uploads, shell
from yolodash.ui.i18n import _

shell.enter()
st.title(_("Models"), anchor=False)
with messages.shown():
    catalogue_view.first_step()

section = catalogue_view.choose_section()
with messages.shown():
    if section == "catalogue":
        catalogue_view.show()
    elif section == "own":
        model_uploads.show()
    else:
        choice, buttons = st.columns((2, 3), vertical_alignment="bottom")
        with choice:
            name = inspector.choose()
        with buttons:
            inspector.actions(name)
        inspector.show(name)
