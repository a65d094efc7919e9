"""The one entry: streamlit run app.py."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from yolodash.ui import entrance, messages, shell, turns
from yolodash.ui.i18n import _
from yolodash.ui.status import watching


def pages() -> dict[str, list[StreamlitPage]]:
    """All pages, by the headings over them."""
    return {
        _("Start"): [
            st.Page("pages/home.py", title=_("Home"), icon=":material/home:", default=True),
        ],
        _("Learn"): [
            st.Page("pages/learn_pixels.py", title=_("Pixels"), icon=":material/apps:"),
            st.Page("pages/learn_convolution.py", title=_("Convolution"), icon=":material/filter_center_focus:"),
            st.Page("pages/learn_network.py", title=_("Network"), icon=":material/lan:"),
            st.Page("pages/learn_yolo.py", title=_("YOLO"), icon=":material/grid_on:"),
            st.Page("pages/learn_loss.py", title=_("Loss"), icon=":material/trending_down:"),
            st.Page("pages/learn_metrics.py", title=_("Metrics"), icon=":material/rule:"),
            st.Page("pages/reasoning.py", title=_("Reasoning"), icon=":material/psychology:"),
        ],
        _("Do"): [
            st.Page("pages/detect_image.py", title=_("Detect – image"), icon=":material/image_search:"),
            st.Page("pages/detect_video.py", title=_("Detect – video"), icon=":material/smart_display:"),
            st.Page("pages/datasets.py", title=_("Data sets"), icon=":material/photo_library:"),
            st.Page("pages/annotate.py", title=_("Annotate"), icon=":material/select_all:"),
            st.Page("pages/augment.py", title=_("Augment"), icon=":material/auto_awesome_motion:"),
            st.Page("pages/train.py", title=_("Train"), icon=":material/model_training:"),
            st.Page("pages/runs.py", title=_("Runs"), icon=":material/monitoring:"),
            st.Page("pages/compare.py", title=_("Compare"), icon=":material/compare_arrows:"),
            st.Page("pages/evaluate.py", title=_("Evaluate"), icon=":material/query_stats:"),
            st.Page("pages/models.py", title=_("Models"), icon=":material/hub:"),
        ],
        _("This server"): [
            st.Page("pages/status.py", title=_("Status"), icon=":material/monitor_heart:"),
        ],
    }


if __name__ == "__main__":  # a process that draws scenes reads this file again, and is no server
    with turns.page() as waited:
        shell.prepare()
        page = entrance.navigation(pages())
        shell.surround(page.url_path)
        with messages.shown(), watching.measured(page.url_path, waited):
            page.run()
