"""Which network to train, from which weights, and which of its layers stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import streamlit as st

from yolodash.data.box_sizes import Sizes
from yolodash.data.health import anchors_of
from yolodash.errors import ModelFileError
from yolodash.models import catalogue
from yolodash.models.darknet.plan import Plan as DarknetPlan
from yolodash.models.saved import read_saved
from yolodash.models.summary import graph, summarise_entry
from yolodash.models.yolov5.description import describe
from yolodash.models.yolov5.official import ANCHORS, STRIDES, Size, official_plan
from yolodash.structures import ImageSize, LayerDescription
from yolodash.ui import inspector, network_picture
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain
from yolodash.ui.train import remembered

NEW = "new:"
FIRST = f"{NEW}yolov5p"
TRAINABLE = ("yolov3", "yolov5")
BACKBONES = {25: 10, 107: 75, 24: 13}
"""Layers of the backbone by the number of layers: YOLOv5, YOLOv3 and YOLOv3-tiny."""


@dataclass(frozen=True)
class Network:
    """A network as it can be described before torch is loaded.

    Attributes:
        key: what was chosen.
        weights, cfg: as the training's options have them.
        layers: for the picture.
        anchors: ``(A, 2)`` in pixels of the input.
        family: ``yolov3`` or ``yolov5``.
        stride: the coarsest; sizes are multiples of it.
        classes: that it has, 0 for one that is made for the data.
        here: whether its weights are on this machine, or it needs none.
    """

    key: str
    weights: str
    cfg: str
    layers: tuple[LayerDescription, ...]
    anchors: Sizes
    family: str
    stride: int
    classes: int
    here: bool

    @property
    def adapts(self) -> bool:
        """Whether it can be given other classes and anchors."""
        return self.family == "yolov5"

    @property
    def backbone(self) -> int:
        """How many layers its backbone has; 0 where nobody knows."""
        return BACKBONES.get(len(self.layers), 0)


def names() -> dict[str, str]:
    """Every network that can be trained, by what the page calls it."""
    sizes = {"p": _("pico"), "n": _("nano"), "s": _("small"), "m": _("medium"), "l": _("large"), "x": _("extra large")}
    found = {f"{NEW}yolov5{size}": _("From nothing: YOLOv5{size}, {name}").format(size=size, name=sizes[size])
             for size in get_args(Size)}  # fmt: skip
    here = {model.name: model.name for model in catalogue.usable()}
    if _bundled():
        found["scenes"] = _("Bundled: trained on rendered scenes")
    found |= {name: name for name in here if _may_be_trained(name)}
    for entry in catalogue.entries():
        if entry.family in TRAINABLE and entry.name not in here:
            found[entry.name] = _("{name} (not fetched)").format(name=entry.name)
    return found


def _bundled() -> bool:
    try:
        catalogue.locate("scenes")
    except ModelFileError:
        return False
    return True


def _may_be_trained(name: str) -> bool:
    entry = catalogue.find_entry(name)
    return entry is None or entry.family in TRAINABLE


def choose() -> str:
    """A key of ``names``."""
    known = names()
    remembered.seed("from", str, FIRST)
    if remembered.value("from") not in known:
        remembered.put({"from": FIRST})
    chosen: str = st.selectbox(
        _("Network and the weights it begins with"),
        tuple(known),
        format_func=lambda key: known.get(key, key),
        key=remembered.key("from"),
        persist_state="session",
    )
    return chosen


def described(key: str, classes: int, size: int) -> Network:
    """A network by its key, at an input of side ``size``.

    Raises:
        YoloDashError: its file cannot be read.
    """
    side = ImageSize(size, size)
    if key.startswith(NEW):
        cfg = key.removeprefix(NEW)
        layers = describe(official_plan(cfg[-1], max(classes, 1), "6.0"), side)
        return Network(key, "", cfg, layers, anchors_of(ANCHORS), "yolov5", max(STRIDES), 0, True)
    model, entry = catalogue.find_usable(key), catalogue.find_entry(key)
    if key == "scenes" or (model is not None and model.files.weights.suffix == ".safetensors"):
        saved = read_saved(catalogue.locate(key).weights)
        darknet = isinstance(saved.plan, DarknetPlan)
        layers = saved.plan.describe() if isinstance(saved.plan, DarknetPlan) else describe(saved.plan, side)
        anchors = anchors_of(tuple(head.anchors for head in saved.heads))
        family = "yolov3" if darknet else "yolov5"
        stride = max(head.stride for head in saved.heads)
        return Network(key, key, "", layers, anchors, family, stride, len(saved.names), True)
    here = entry is None or model is not None
    summary = summarise_entry(entry) if entry is not None and not here else inspector.summary_of(key)
    stride, anchors = max(summary.strides), anchors_of(summary.anchors)
    return Network(key, key, "", summary.layers, anchors, summary.family, stride, len(summary.names), here)


def choose_freeze(network: Network) -> tuple[int, bool]:
    """Of how many first layers the weights stay, and whether their batch-norm statistics do too."""
    most = len(network.layers) - 1
    remembered.seed("freeze", int, 0)
    remembered.seed("freeze_statistics", lambda text: text == "1", False)
    frozen = min(max(int(remembered.value("freeze") or 0), 0), most)
    remembered.put({"freeze": frozen})
    presets = {0: _("nothing"), network.backbone: _("the backbone"), most: _("all but the head")}
    buttons = st.columns(len(presets), gap="small")
    for column, (count, label) in zip(buttons, sorted(presets.items()), strict=True):
        column.button(
            f"{label} ({count})" if count else label,
            key=f"train_freeze_{count}",
            type="primary" if count == frozen else "secondary",
            on_click=remembered.put,
            args=({"freeze": count},),
            width="stretch",
        )
    frozen = st.slider(
        _("Frozen layers, from the first on"), 0, most, key=remembered.key("freeze"), persist_state="session"
    )
    statistics = False
    if frozen:
        statistics = st.toggle(
            _("Freeze their batch-norm statistics too"),
            key=remembered.key("freeze_statistics"),
            persist_state="session",
            help=_(
                "YOLOv5 freezes weights only: the means and variances by which frozen layers normalise still follow "
                "the new pictures. With this they stay as they were."
            ),
        )
    return int(frozen), bool(statistics)


def picture(network: Network, frozen: int) -> None:
    """The network; frozen layers are hatched and bear a snowflake."""
    network_picture.show(graph(network.layers), key="train_network", frozen=frozen)
    learning = sum(layer.parameters for layer in network.layers[frozen:])
    total = sum(layer.parameters for layer in network.layers)
    st.caption(
        _("{learning} of {total} parameters learn. ❄ Hatched layers are frozen.").format(
            learning=f"{learning:,}", total=f"{total:,}"
        )
    )


def not_here(network: Network) -> None:
    """A word on weights that are fetched first."""
    if not network.here:
        st.caption(_("{name} is fetched when the training starts.").format(name=plain(network.key)))
