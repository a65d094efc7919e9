"""The step on the shapes of image data: what each kind sends to the browser, and its shape in numbers."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from yolodash.data import stereo
from yolodash.data.images import encode_jpeg
from yolodash.scenes import phantom
from yolodash.ui import caching
from yolodash.ui.i18n import _
from yolodash.ui.learn.pixels import stored_pictures
from yolodash.ui.learn.pixels.stored_pictures import FILM, VIEWS, Strip
from yolodash.ui.learn.stage import Field, choice, number
from yolodash.ui.pictures import Photo

SIDE = 80
_PICTURE = 640
_HALF = 2  # every second pixel of the stereo pair is sent


def kinds() -> dict[str, str]:
    """The kinds, and what they are called."""
    return {
        "picture": _("A picture"),
        "video": _("A video"),
        "depth": _("Depth"),
        "views": _("Several cameras"),
        "volume": _("A volume"),
    }


def fields_of(kind: str) -> dict[str, Field]:
    """What of a kind stands in the address."""
    if kind == "depth":
        return {"at": Field("185,150", _place)}
    steps = {"video": FILM.count, "views": VIEWS.count, "volume": SIDE}.get(kind)
    if steps is None:
        return {}
    places = {"place": Field(str(steps // 2 if kind == "volume" else 0), number(0, steps - 1, whole=True))}
    return places if kind != "volume" else {"axis": Field("0", choice("0", "1", "2")), **places}


def _place(text: str) -> str:
    x, y = (int(part) for part in text.split(","))
    if not (0 <= x < 370 and 0 <= y < 250):
        raise ValueError(text)
    return f"{x},{y}"


def content(kind: str, photo: Photo | None) -> tuple[dict[str, Any], dict[str, str]]:
    """What the browser draws, and the words that belong to it."""
    if kind == "picture":
        assert photo is not None, "the page asks for a photo first"
        return _picture(photo)
    if kind == "depth":
        return _depth()
    if kind == "volume":
        return _volume()
    return _strip(kind)


def _picture(photo: Photo) -> tuple[dict[str, Any], dict[str, str]]:
    from yolodash.data.images import thumbnail

    pixels = caching.pixels(photo)
    small = thumbnail(pixels, _PICTURE)
    words = _shape(pixels.shape, _("rows, columns, channels"))
    return {"kind": "picture", "picture": _jpeg(encode_jpeg(small)), "size": [small.shape[1], small.shape[0]]}, words


def _strip(kind: str) -> tuple[dict[str, Any], dict[str, str]]:
    strip: Strip = FILM if kind == "video" else VIEWS
    first = _("frames, rows, columns, channels") if kind == "video" else _("cameras, rows, columns, channels")
    data = {
        "kind": kind,
        "picture": f"data:image/jpeg;base64,{stored_pictures.encoded(strip.file)}",
        "size": [strip.size.width, strip.size.height],
        "steps": strip.count,
    }
    words = {
        **_shape((strip.count, strip.size.height, strip.size.width, 3), first),
        "place": _("Frame") if kind == "video" else _("Camera"),
        "now": _("frame {place} of 0 … {last}") if kind == "video" else _("camera {place} of 0 … {last}"),
        "play": _("Play"),
        "pause": _("Pause"),
        "hint": _("A ball rolls through: the same matrix, again and again, a moment later.")
        if kind == "video"
        else _("The blocks stand still; only the camera goes around them. What hides behind what changes."),
    }
    return data, words


@st.cache_data(show_spinner=False)
def _depth_data() -> dict[str, Any]:
    pair = stereo.stereo_pair()
    metres = stereo.distance(pair.disparity)[::_HALF, ::_HALF]
    height, width = metres.shape
    return {
        "kind": "depth",
        "picture": _jpeg(encode_jpeg(np.ascontiguousarray(pair.left[::_HALF, ::_HALF]))),
        "size": [width, height],
        "metres": base64.b64encode(metres.astype("<f4").tobytes()).decode("ascii"),
        "near": float(np.nanmin(metres)),
        "far": float(np.nanmax(metres)),
        "scale": stereo.FOCAL_LENGTH * stereo.BASELINE,
        "offset": stereo.OFFSET,
        "whole": list(pair.disparity.shape),
    }


def _depth() -> tuple[dict[str, Any], dict[str, str]]:
    data = _depth_data()
    return data, {
        **_shape(tuple(data["whole"]), _("rows, columns: one distance a pixel")),
        "map": _("The distance at every pixel: near is bright, black is not known"),
        "distance": _("Z = f · b / (d + d₀) = 994.978 · 0.193 / ({disparity} + 31.1) = {metres} m"),
        "unknown": _("No distance is known here."),
        "hint": _(
            "Two cameras stand 19 cm apart. What is near moves further, by d pixels, from one to the other. Drag."
        ),
    }


@st.cache_data(show_spinner=False)
def _volume_data() -> str:
    return base64.b64encode(phantom.phantom(SIDE).tobytes()).decode("ascii")


def _volume() -> tuple[dict[str, Any], dict[str, str]]:
    words = {
        **_shape((SIDE, SIDE, SIDE), _("slices, rows, columns")),
        "axis": _("Cut"),
        "above": _("from above"),
        "front": _("from the front"),
        "side": _("from the side"),
        "place": _("Slice"),
        "now": _("slice {place} of 0 … {last}"),
        "hint": _("A head as a scanner measures it, made of ten ellipsoids (after Shepp and Logan, 1974). No patient."),
    }
    return {"kind": "volume", "volume": _volume_data(), "steps": SIDE}, words


def _shape(shape: tuple[int, ...], meaning: str) -> dict[str, str]:
    """The shape as NumPy writes it, what each length means, and how many numbers that are."""
    written = ", ".join(map(str, shape))
    return {
        "picture": _("The picture"),
        "shape": f"({written})",
        "meaning": meaning,
        "count": _("{count} numbers").format(count=f"{int(np.prod(shape)):,}"),
        "hint": "",
        "now": "",
    }


def _jpeg(data: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode('ascii')}"


def functions_of(kind: str) -> tuple[Any, ...]:
    """The package's functions behind what is shown."""
    from yolodash.data.images import read_image
    from yolodash.scenes import views

    functions: Mapping[str, tuple[Any, ...]] = {
        "picture": (read_image,),
        "video": (views.rolling,),
        "depth": (stereo.distance, stereo.stereo_pair),
        "views": (views.views, views.camera_at),
        "volume": (phantom.slice_of, phantom.phantom, phantom.inside),
    }
    return functions[kind]
