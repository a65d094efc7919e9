"""Links to pages that not everyone may open."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Literal

import streamlit as st

from yolodash.ui.entrance import who
from yolodash.ui.i18n import _


def page_link(
    file: str,
    *,
    label: str,
    icon: str,
    query_params: Mapping[str, str] | None = None,
    width: Literal["content", "stretch"] = "content",
) -> None:
    """A link to a page; where who looks may not open it, it leads nowhere and says for whom it is.

    Args:
        file: the page's file, as Streamlit is told.
    """
    closed = who.told_if_closed(PurePath(file).stem)
    st.page_link(
        file,
        label=label,
        icon=icon,
        query_params=dict(query_params or {}) or None,
        width=width,
        disabled=closed is not None,
        help=_("This page is {whom}.").format(whom=closed) if closed else None,
    )
