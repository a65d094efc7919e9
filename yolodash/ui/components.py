"""Components that draw in the browser, registered from their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

_MARKUP = Path(__file__).parent / "markup.js"


@st.cache_resource(show_spinner=False)
def registered(name: str, folder: Path, file: str, *, scripts: Sequence[Path] = (), after: Sequence[Path] = ()) -> Any:
    """Register a component once a process.

    Args:
        name: of the component, unique among all.
        folder: where ``FILE.html``, ``FILE.css`` and ``FILE.js`` lie; the script finds what ``markup.js`` declares.
        file: their common name.
        scripts: what else the script finds declared; ``after``: what continues it.
    """
    html, css = ((folder / f"{file}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css"))
    parts = (_MARKUP, *scripts, folder / f"{file}.js", *after)
    js = "\n".join(path.read_text(encoding="utf-8") for path in parts)
    return st.components.v2.component(name, html=html, css=css, js=js)
