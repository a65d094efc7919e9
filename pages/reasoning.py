"""Reasoning: questions about a scene, answered by a program over what the networks see."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson
from yolodash.ui.learn.reasoning import page

shell.enter()
st.title(_("Reasoning: questions about a scene"), anchor=False)
titles = page.titles()
step = lesson.choose_step(titles, forget=page.OWN)
with messages.shown():
    page.show(step)
lesson.onward(titles, step)
