"""Pixels: what a computer sees when it looks at a picture."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson
from yolodash.ui.learn.pixels import page

shell.enter()
st.title(_("Pixels"), anchor=False)
steps = page.titles()
step = lesson.choose_step(steps, forget=page.OWN)
with messages.shown():
    page.show(step)
lesson.onward(steps, step)
