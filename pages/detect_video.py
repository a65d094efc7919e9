"""Detect – video: run a model over a video, then move its thresholds while it plays."""

import streamlit as st

from yolodash.ui import inputs, messages, shell
from yolodash.ui.i18n import _
from yolodash.ui.video import camera, page, source

shell.enter()
st.title(_("Detect objects in a video"), anchor=False)
with st.sidebar, messages.shown():
    subject = source.choose()
    model = inputs.choose_model()
    network_input = inputs.choose_network_input()
    camera.show()
    source.forget_uploads()

with messages.shown():
    page.show(subject, model, network_input)
