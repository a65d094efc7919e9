"""Detect: run a model on a photo, and ask it why."""

import streamlit as st

from yolodash.ui.i18n import _

st.title(_("Detect objects in an image"))
