"""Augment: more pictures from those that there are, with boxes that go along."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.augmenting import page
from yolodash.ui.i18n import _

shell.enter()
st.title(_("Augment"), anchor=False)
with messages.shown():
    page.show()
