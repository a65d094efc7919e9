"""Components that draw in the browser, registered from their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_MARKUP = Path(__file__).parent / "markup.js"


@st.cache_resource(show_spinner=False)
def registered(name: str, folder: Path, file: str) -> Any:
    """Register a component once a process.

    Args:
        name: of the component, unique among all.
        folder: where ``FILE.html``, ``FILE.css`` and ``FILE.js`` lie; the script finds what ``markup.js`` declares.
        file: their common name.
    """
    html, css, js = ((folder / f"{file}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component(name, html=html, css=css, js=_MARKUP.read_text(encoding="utf-8") + js)
