"""Status: how this server does, who may reach it, and what it keeps."""

import streamlit as st

from yolodash.ui import messages, shell
from yolodash.ui.entrance import own_data
from yolodash.ui.i18n import _
from yolodash.ui.status import page, share

shell.enter()
st.title(_("Status"), anchor=False)
page.live()
with messages.shown():
    share.show()
    own_data.show()
