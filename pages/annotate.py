"""Annotate: boxes drawn on pictures, and kept."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.annotating import page
from yolodash.ui.i18n import _

shell.enter()
title, choice = st.columns([3, 5], vertical_alignment="center")
title.title(_("Annotate"), anchor=False)
with messages.shown():
    dataset = page.choose_dataset(choice)
    if dataset is None:
        page.begin()
    else:
        page.show(dataset)
