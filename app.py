"""The one entry: streamlit run app.py."""

import streamlit as st

from yolodash.ui import i18n
from yolodash.ui.i18n import _

st.set_page_config(page_title="YoloDash", page_icon=":material/center_focus_strong:", layout="wide")
i18n.settle_language()
page = st.navigation(
    {
        _("Start"): [
            st.Page("pages/home.py", title=_("Home"), icon=":material/home:", default=True),
        ],
        _("Do"): [
            st.Page("pages/detect_image.py", title=_("Detect – image"), icon=":material/image_search:"),
        ],
    }
)
i18n.language_switch()
page.run()
