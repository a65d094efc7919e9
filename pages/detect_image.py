"""Detect: run a model on a photo, and ask it why."""

import streamlit as st

from yolodash.ui import inputs, messages, shell, workbench
from yolodash.ui.i18n import _

shell.enter()
st.title(_("Detect objects in an image"), anchor=False)
with st.sidebar, messages.shown():
    photo = inputs.choose_image()
    view = inputs.choose_view()
    model = inputs.choose_model()
    network_input = inputs.choose_network_input()
    inputs.more_pictures()

with messages.shown():
    if model is None:
        inputs.offer_model(photo)
    elif view == "all":
        from yolodash.ui import gallery

        gallery.show(model, network_input)
    else:
        workbench.show(model, photo, network_input)
