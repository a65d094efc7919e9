"""Evaluate: precision, recall, AP and mAP, and the boxes behind each number."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.evaluation import page, thresholds
from yolodash.ui.i18n import _

shell.enter()
st.title(_("Evaluate"), anchor=False)
with messages.shown():
    shown = page.choose()
    if shown is not None:
        page.headline(shown)
        view = thresholds.choose_view()
        page.picture(shown, view)
        page.behind(shown, view)
        page.take_away(shown)
