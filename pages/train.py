"""Train: from labelled pictures to a better model."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.i18n import _
from yolodash.ui.train import page

shell.enter()
st.title(_("Train"), anchor=False)
with messages.shown():
    page.show()
