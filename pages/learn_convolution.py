"""Convolution: a window steps over numbers, and kernels over pictures."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson
from yolodash.ui.learn.convolution import page

shell.enter()
st.title(_("Convolution"), anchor=False)
steps = page.titles()
step = lesson.choose_step(steps, forget=page.OWN)
with messages.shown():
    page.show(step)
lesson.onward(steps, step)
