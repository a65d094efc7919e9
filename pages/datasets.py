"""Data sets: bring pictures in, look through them, check, divide, freeze and take away."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.datasets import page
from yolodash.ui.i18n import _

shell.enter()
st.title(_("Data sets"), anchor=False)
with messages.shown():
    page.show()
