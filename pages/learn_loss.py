"""Loss: what a wrong box costs, cell by cell, and which way training would move it."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson
from yolodash.ui.learn.loss import page

shell.enter()
st.title(_("Loss: what does a mistake cost?"), anchor=False)
titles = page.titles()
step = lesson.choose_step(titles)
with messages.shown():
    page.show(step)
lesson.onward(titles, step)
