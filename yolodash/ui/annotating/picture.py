"""The picture on its way to the browser: upright, by an address of its own, encoded once."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit import runtime

from yolodash.data.images import encode_jpeg, read_image, thumbnail
from yolodash.ui.caching import Bounded

LONGEST = 8192
"""Pixels of the longer side that a browser's canvas takes for certain."""
BYTES = 192 * 2**20
QUALITY = 92


@st.cache_resource(show_spinner=False)
def _encoded() -> Bounded[bytes]:
    return Bounded(BYTES)


def jpeg(path: Path) -> bytes:
    """A picture as an upright JPEG in its own size, at most ``LONGEST``.

    Raises:
        ImageError: it cannot be read.
    """
    try:
        found = path.stat()
        key = (str(path), found.st_size, found.st_mtime_ns)
    except OSError:
        key = (str(path), 0, 0)  # reading it will say what is wrong
    known = _encoded().get(key)
    if known is not None:
        return known
    made = encode_jpeg(thumbnail(read_image(path), LONGEST), QUALITY)
    return _encoded().put(key, made, len(made))


def address(data: bytes, place: str) -> str:
    """Where the browser finds a JPEG while the page is shown.

    Args:
        place: on the page; another picture there takes the place of the one before.
    """
    if not runtime.exists():
        return ""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    path = runtime.get_instance().media_file_mgr.add(data, "image/jpeg", place)
    return f"/{base}{path}" if base else path
