"""YOLO: from the grid to the detections, step by step on a picture of one's own."""

import streamlit as st

from yolodash.ui import shell
from yolodash.ui.i18n import _
from yolodash.ui.learn.yolo import page

shell.enter()
st.title(_("YOLO, step by step"), anchor=False)
page.show()
