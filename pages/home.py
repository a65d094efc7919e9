"""Home: what YoloDash is, and what to click first."""

import streamlit as st

from yolodash.ui import journey, messages, shell, welcome
from yolodash.ui.entrance import own_data
from yolodash.ui.i18n import _

shell.enter()
st.title(_("See what a detector sees"), anchor=False)
picture, words = st.columns([3, 2], gap="large")
with words:
    welcome.words()
journey.show()
own_data.show()
with picture, messages.shown():  # last: a network may have to look at it
    welcome.picture()
