"""Step: inside a trained network. A layer's learned kernels, its maps before and after the activation, what excites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import streamlit as st
from numpy.typing import NDArray

from yolodash.ui import state
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, sending, stage, subject
from yolodash.ui.learn.network import SCRIPTS, inside
from yolodash.ui.learn.network.inside import Inside

if TYPE_CHECKING:
    from yolodash.inference.activations import Maps
    from yolodash.models.layers import ConvolutionBlock

MOST = 24
TILE = 96
CHANNELS = 8


def show() -> None:
    """The layer's maps as tiles, the strongest first; the chosen one large, its kernel, and what excites it most."""
    about = subject.choose()
    st.subheader(_("What has a trained network learned to look for?"), anchor=False)
    looked = inside.choose(about)
    layer = _choose_layer(looked)
    made = inside.maps(looked, layer)
    tiles = tiles_of(looked, layer, made)
    fields = {
        "map": stage.Field(str(tiles[0]["map"]), stage.choice(*(str(tile["map"]) for tile in tiles))),
        "when": stage.Field("after", stage.choice("before", "after")),
    }
    data = {
        "picture": looked.picture,
        "network": stage.size(looked.size),
        "tiles": tiles,
        "colour": _is_first(looked, layer),
    }
    stage.play("maps", f"{looked.identity}/{layer}", fields, data, _texts(len(tiles), len(made.after)), scripts=SCRIPTS)
    _below()


def _choose_layer(looked: Inside) -> str:
    """Which layer; the address remembers its name."""
    titles = inside.layer_titles(looked)
    state.seed("layer", str, next(iter(titles)))
    if st.session_state["layer"] not in titles:
        st.session_state["layer"] = next(iter(titles))
    layer = st.selectbox(
        _("Layer: its name, and kernels × (height × width × depth)"),
        tuple(titles), format_func=titles.__getitem__, key="layer", persist_state="session",
    )  # fmt: skip
    state.mirror({"layer": None if layer == next(iter(titles)) else layer})
    return layer


def _is_first(looked: Inside, layer: str) -> bool:
    return block_of(looked, layer).convolution.weight.shape[1] == 3


def block_of(looked: Inside, layer: str) -> ConvolutionBlock:
    """One block of the network."""
    from yolodash.inference.activations import blocks_of

    return blocks_of(looked.network)[layer]


def tiles_of(looked: Inside, layer: str, made: Maps) -> list[dict[str, Any]]:
    """The maps that are excited most, for the browser."""
    from yolodash.inference.activations import strongest
    from yolodash.models.receptive_field import seen_by

    peaks = strongest(made.after)
    order = sorted(range(len(peaks)), key=lambda index: -peaks[index][2])[:MOST]
    weights = block_of(looked, layer).convolution.weight.detach().float().cpu().numpy()
    return [
        {
            "map": index,
            "before": sending.png(shown(made.before[index], signed=True)),
            "after": sending.png(shown(made.after[index], signed=bool((made.after[index] < 0).any()))),
            "range": {"before": _range(made.before[index]), "after": _range(made.after[index])},
            "silent": round(float((np.nan_to_num(made.after[index]) <= 0).mean()), 3),
            "kernel": kernel_pictures(weights[index]),
            "peak": [round(value, 2) for value in seen_by(looked.fields[layer], *peaks[index][:2])],
            "place": list(peaks[index][:2]),
            "value": round(peaks[index][2], 3),
        }
        for index in order
    ]


def _range(values: NDArray[np.float32]) -> list[float]:
    finite = np.nan_to_num(values)
    return [round(float(finite.min()), 3), round(float(finite.max()), 3)]


def shown(values: NDArray[np.float32], *, signed: bool, largest: float | None = None) -> NDArray[np.uint8]:
    """A map as a picture ``(h, w, 3)``: black is 0 and white the largest; signed, blue is above 0 and orange below.

    Args:
        largest: what is shown brightest; None for the map's own largest size.
    """
    finite = np.nan_to_num(values.astype(np.float32))
    part: NDArray[Any] = finite / max(float(np.abs(finite).max()) if largest is None else largest, 1e-9)
    if max(part.shape) > TILE:
        scale = TILE / max(part.shape)
        size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    if not signed:
        return np.repeat((part.clip(0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)
    above, below = part.clip(0, 1)[..., None], (-part).clip(0, 1)[..., None]
    coloured: NDArray[np.float64] = above * np.array([90, 190, 255]) + below * np.array([255, 140, 40])
    return coloured.clip(0, 255).astype(np.uint8)


def kernel_pictures(kernel: NDArray[np.float32]) -> list[dict[str, Any]]:
    """A kernel ``(C, k, k)``: of a first layer in the colours that it likes, else its strongest channels, signed."""
    if len(kernel) == 3:
        scaled = kernel / (2 * max(float(np.abs(kernel).max()), 1e-9)) + 0.5
        return [{"png": sending.png((np.moveaxis(scaled, 0, 2) * 255).astype(np.uint8)), "channel": None}]
    strength = np.abs(kernel).sum(axis=(1, 2))
    largest = max(float(np.abs(kernel).max()), 1e-9)
    order = np.argsort(-strength, kind="stable")[:CHANNELS]
    return [
        {"png": sending.png(shown(kernel[c], signed=True, largest=largest)), "channel": int(c)} for c in order.tolist()
    ]


def _texts(shown_: int, count: int) -> dict[str, str]:
    return {
        "picture": _("The picture, and what excites the chosen map most"),
        "when": _("Maps"),
        "before": _("before the activation"),
        "after": _("after it"),
        "tiles": _("{shown} of {count} maps, the most excited first").format(shown=shown_, count=count),
        "map": _("Map {map}"),
        "kernel": _("Its kernel, in colour"),
        "channels": _("Its kernel, at the channels that count most"),
        "channel": _("channel {channel}"),
        "range": _("from {low} to {high}"),
        "silent": _("{share} % of its neurons are silent: 0 or less after the activation."),
        "excites": _("Excites it most ({value})"),
        "close": _("The same, close up"),
        "hint": _("Blue is above zero, orange below; after a ReLU nothing is below."),
    }


def _below() -> None:
    from yolodash.inference import activations
    from yolodash.models.layers import ConvolutionBlock

    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "network_maps",
            _("Why are the maps of deep layers so coarse?"),
            {
                "stride": _("Strides and pooling have made them smaller; each neuron stands for many pixels"),
                "few": _("Deep layers have too few kernels"),
                "blur": _("The photo was blurred"),
            },
            "stride",
            _("Less place, more meaning: there are fewer neurons in a map, and more maps."),
        )
    with said:
        lesson.remark(
            _(
                "In the lecture's words a feature map goes through an activation and becomes an activation map. Real "
                "blocks normalise in between; “before” is after the normalisation."
            )
        )
        lesson.show_code(ConvolutionBlock.forward, activations.maps_of, activations.strongest)
