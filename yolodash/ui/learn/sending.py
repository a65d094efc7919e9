"""Pictures on their way to the browser; a photo goes without a loss, so that the numbers there are its own."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import streamlit as st

from yolodash.data.images import encode_jpeg, encode_png, thumbnail
from yolodash.structures import Image
from yolodash.ui import caching
from yolodash.ui.pictures import Photo


@dataclass(frozen=True)
class Sent:
    """A photo as the browser gets it.

    Attributes:
        png: base64 of a PNG.
        width, height: of it.
        reduced: whether the photo itself is larger.
    """

    png: str
    width: int
    height: int
    reduced: bool

    @property
    def data(self) -> dict[str, str | int]:
        """What the scripts read."""
        return {"png": self.png, "width": self.width, "height": self.height}


def png(image: Image) -> str:
    """Base64 of the picture as PNG."""
    return base64.b64encode(encode_png(image)).decode("ascii")


def jpeg(image: Image, quality: int) -> str:
    """Base64 of the picture as JPEG."""
    return base64.b64encode(encode_jpeg(image, quality)).decode("ascii")


def photo(chosen: Photo, longest: int) -> Sent:
    """A photo, at most so many pixels long; encoded once for the process."""
    return _sent(chosen, chosen.source, chosen.id, longest)


@st.cache_data(show_spinner=False, max_entries=24)
def _sent(_chosen: Photo, source: str, name: str, longest: int) -> Sent:
    """``source`` and ``name`` tell photos apart; the photo itself is only read."""
    pixels = caching.pixels(_chosen)
    small = thumbnail(pixels, longest)
    height, width = small.shape[:2]
    return Sent(png(small), width, height, small.shape != pixels.shape)
