"""Annotate: boxes drawn on pictures, and kept."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.annotating import page
from yolodash.ui.i18n import _

shell.enter()
st.title(_("Annotate"), anchor=False)
with messages.shown():
    page.show()
