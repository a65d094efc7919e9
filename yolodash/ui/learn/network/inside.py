"""A trained network to look into: our classifier on a crop, or the chosen detector on the whole picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from yolodash.structures import ImageSize
from yolodash.ui import caching, messages, state, turns
from yolodash.ui.i18n import _
from yolodash.ui.learn import sending, subject
from yolodash.ui.learn.subject import Subject

if TYPE_CHECKING:
    from torch import Tensor, nn

    from yolodash.inference.activations import Maps
    from yolodash.models.receptive_field import Field

CLASSIFIER, DETECTOR = "classifier", "detector"
_CHOICE = "inside"
_MAPS_BYTES = 192 * 2**20


@dataclass(frozen=True)
class Inside:
    """A network, what it is shown, and what its layers see.

    Attributes:
        identity: another one for another network or input.
        network: loaded, in evaluation mode.
        inputs: what it is called with for this picture.
        picture: the picture for the browser, where it lies in the input, in the input's pixels.
        size: of the input.
        fields: of each convolution block that can be placed on the picture, in the network's order.
    """

    identity: str
    network: nn.Module
    inputs: tuple[Tensor, ...]
    picture: dict[str, object]
    size: ImageSize
    fields: dict[str, Field]


def choose(about: Subject) -> Inside:
    """Which network to look into; the address remembers it."""
    options = {CLASSIFIER: _("our classifier of blocks")}
    if about.model is not None:
        options[DETECTOR] = messages.plain(about.model.name)
    chosen = state.choose(_("Network"), options, _CHOICE)
    with st.spinner(_("Reading the network …")):
        return detector(about) if chosen == DETECTOR else classifier(about)


def detector(about: Subject) -> Inside:
    """The chosen model, with the whole picture in its own input."""
    from yolodash.inference import cache
    from yolodash.inference.preparation import prepare
    from yolodash.models.receptive_field import fields_of

    assert about.model is not None
    files = about.model.files
    network = cache.loaded(files.weights, files.cfg, files.names)
    prepared = prepare(network, caching.pixels(about.photo))
    placed, size = prepared.placement, ImageSize(*prepared.batch.shape[2:])
    where = {"x": placed.left, "y": placed.top, "width": placed.resized.width, "height": placed.resized.height}
    picture = {**subject.picture(subject.square(about, subject.LECTURE_SIDE)), **where}
    identity = f"{about.photo.key}/{caching.identity(about.model)}"
    return Inside(identity, network, (prepared.batch,), picture, size, fields_of(network))


def classifier(about: Subject) -> Inside:
    """Our classifier, with the crop around the object that the chosen model is surest of."""
    from yolodash.inference.attributes import bundled_classifier
    from yolodash.models.receptive_field import fields_of

    box = object_of(about)
    crop, place = cropped(caching.pixels(about.photo), box)
    network, size = bundled_classifier(), ImageSize(*crop.shape[:2])
    picture = {"jpeg": sending.jpeg(crop, 95), "x": 0, "y": 0, "width": size.width, "height": size.height}
    identity = f"{about.photo.key}/{CLASSIFIER}/{box}"
    return Inside(identity, network, as_inputs(crop, place), picture, size, fields_of(network))


def as_inputs(crop: NDArray[np.uint8], place: NDArray[np.float32]) -> tuple[Tensor, Tensor]:
    """A crop and its place, as the classifier is called."""
    import torch

    from yolodash.inference.attributes import to_batch

    return to_batch(crop[None]), torch.from_numpy(place)[None]


def cropped(pixels: NDArray[np.uint8], box: subject.Box) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """What the classifier is shown of a box: the crop ``(64, 64, 3)``, and where it lies ``(4,)``."""
    from yolodash.inference.attributes import crops, places

    boxes = np.array([box], np.float64)
    return crops(pixels, boxes)[0], places(boxes, ImageSize(*pixels.shape[:2]))[0]


def object_of(about: Subject) -> subject.Box:
    """The box that the chosen model is surest of, in pixels of the picture; without a model the middle."""
    height, width = caching.pixels(about.photo).shape[:2]
    box = (0.3 * width, 0.3 * height, 0.7 * width, 0.7 * height)
    if about.model is not None:
        scene = subject.look(about)
        assert scene.candidates is not None
        found = scene.candidates.boxes[subject.best_index(scene.candidates)]
        if np.isfinite(found).all():
            box = tuple(found.astype(float).tolist())
    left, right = sorted(int(np.clip(round(value), 0, width)) for value in (box[0], box[2]))
    top, bottom = sorted(int(np.clip(round(value), 0, height)) for value in (box[1], box[3]))
    return (left, top, right, bottom) if min(right - left, bottom - top) >= 4 else (0, 0, width, height)


def layer_titles(inside: Inside) -> dict[str, str]:
    """The convolution blocks that can be looked at, in order, with what each is."""
    from yolodash.inference.activations import blocks_of

    titles = {}
    for number, (name, block) in enumerate(
        ((n, b) for n, b in blocks_of(inside.network).items() if n in inside.fields), 1
    ):
        weight = block.convolution.weight
        count, depth, rows, columns = weight.shape
        short = name.removeprefix("stages.").removesuffix(".block").replace("layers.", "layer ")
        titles[name] = f"{number} · {short} · {count} × ({rows}×{columns}×{depth})"
    return titles


@st.cache_resource(show_spinner=False)
def _kept() -> caching.Bounded[Maps]:
    return caching.Bounded(_MAPS_BYTES)


def maps(inside: Inside, layer: str) -> Maps:
    """What a layer makes of the picture; the network runs only if that is not known."""
    from yolodash.inference.activations import maps_of

    known = _kept().get((inside.identity, layer))
    if known is not None:
        return known
    with turns.device("cpu"), st.spinner(_("The network looks at the picture …")):
        caching.count_run()
        found = maps_of(inside.network, layer, *inside.inputs)
    return _kept().put((inside.identity, layer), found, found.before.nbytes + found.after.nbytes)


def sent_field(field: Field, size: ImageSize) -> dict[str, Any]:
    """A layer's field and grid for the browser."""
    return {
        "jump": field.jump,
        "low": field.low,
        "high": field.high,
        "rows": max(1, int(size.height // field.jump)),
        "columns": max(1, int(size.width // field.jump)),
    }
