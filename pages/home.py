"""Home: what YoloDash is, and what to click first."""

import streamlit as st

from yolodash.ui.i18n import _

st.title("YoloDash")
st.write(_("See what a detector sees."))
