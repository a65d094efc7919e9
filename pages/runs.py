"""Runs: watch a training learn, and keep order among what was done."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.i18n import _
from yolodash.ui.run_monitor import choosing, page

shell.enter()
title, part, choice = st.columns([2, 4, 5], vertical_alignment="center")
title.title(_("Runs"), anchor=False)
with messages.shown():
    with part:
        view = choosing.view()
    page.show(view, choosing.everything(), choice)
