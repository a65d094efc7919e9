"""The first page: a real picture, two sentences, and what to click first."""

from __future__ import annotations

import streamlit as st

from yolodash.data.samples import get_sample, sample_path
from yolodash.ui.i18n import _

SAMPLE = "coffee"


def picture() -> None:
    """A sample photo."""
    sample = get_sample(SAMPLE)
    st.image(str(sample_path(SAMPLE)), width="stretch", caption=f"{_(sample.title)} · {sample.credit}")


def words() -> None:
    """What YoloDash is, and where to go."""
    st.write(
        _(
            "YoloDash runs real YOLO networks, from the first to the fifth generation, on your own pictures. "
            "Every box can be opened like a glass box: the numbers that made it, and what became of the others."
        )
    )
    st.page_link("pages/detect_image.py", label=_("Detect objects in this picture"), icon=":material/image_search:")
    st.caption(_("Then move a threshold, click a box, and click where there is none."))
