"""The picture of a network: own SVG, drawn in the browser in the colours of the page, light or dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from yolodash.models.summary import Graph
from yolodash.ui.network_picture.drawing import drawing

__all__ = ["show"]

_FOLDER = Path(__file__).parent


def show(graph: Graph, *, key: str, frozen: int = 0) -> None:
    """Draw a network. What a node is stands in its title, which appears under the pointer.

    Args:
        frozen: of how many first layers the weights stay as they are; they are hatched and bear a snowflake.
    """
    _component()(key=key, data=drawing(graph, frozen))


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    """Register the component once, from the files beside this module."""
    return st.components.v2.component(
        "yolodash_network_picture",
        html='<div class="network"></div>',
        css=(_FOLDER / "network_picture.css").read_text(encoding="utf-8"),
        js=(_FOLDER / "network_picture.js").read_text(encoding="utf-8"),
    )
