"""Network: from one kernel to a trained network, looked at from inside."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson
from yolodash.ui.learn.network import page

shell.enter()
st.title(_("Network: layers that learn to see"), anchor=False)
steps = page.titles()
step = lesson.choose_step(steps)
with messages.shown():
    page.show(step)
lesson.onward(steps, step)
