"""Metrics: true and false, precision and recall, AP and mAP, each by hand."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson
from yolodash.ui.learn.metrics import page

shell.enter()
st.title(_("Metrics: how good is a detector?"), anchor=False)
titles = page.titles()
step = lesson.choose_step(titles)
with messages.shown():
    page.show(step)
lesson.onward(titles, step)
