"""The presets, the few numbers that everybody sets, and the many behind them, each with a line on what it does."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_args

import streamlit as st

from yolodash.data.augment.recipe import Recipe
from yolodash.data.augment.transforms import PROBABILITIES, TRANSFORMS
from yolodash.inference.devices import memory, processor_name
from yolodash.runs.config import (
    LARGEST_SIDE,
    MOST_BATCH,
    MOST_EPOCHS,
    MOST_WORKERS,
    Hyperparameters,
    Precision,
    Schedule,
    TrainOptions,
)
from yolodash.runs.config import Optimizer as OptimizerName
from yolodash.runs.estimates import Measured
from yolodash.ui import messages, state
from yolodash.ui.i18n import N_, _
from yolodash.ui.train import remembered
from yolodash.ui.train.data import Data
from yolodash.ui.train.network import Network

WORKERS = 2
_USUAL = TrainOptions(data="", cfg="yolov5n")


@dataclass(frozen=True)
class Number:
    """One number behind the presets: its bounds, its step, and what it does (a message id)."""

    low: float
    high: float
    step: float
    does: str


LEARNING = {
    "learning_rate": Number(0.0, 1.0, 0.001, N_("how far a step goes, after the warm-up")),
    "final_learning_rate": Number(0.0, 1.0, 0.01, N_("what the schedule ends at, as a share of it")),
    "momentum": Number(0.0, 0.999, 0.01, N_("how much of the last steps goes into the next one")),
    "weight_decay": Number(0.0, 1.0, 0.0001, N_("pulls weights towards 0, against learning by heart")),
    "nominal_batch": Number(1, 4096, 1, N_("gradients of about so many pictures make one step")),
    "warmup_epochs": Number(0.0, 100.0, 0.5, N_("epochs in which the learning rate rises to its value")),
    "warmup_batches": Number(0, 100_000, 10, N_("batches that the warm-up lasts at least")),
    "warmup_momentum": Number(0.0, 0.999, 0.01, N_("momentum at the begin of the warm-up")),
    "warmup_bias_rate": Number(0.0, 1.0, 0.01, N_("learning rate of the biases at its begin")),
    "box_gain": Number(0.0, 100.0, 0.01, N_("weight of the box term in the loss")),
    "objectness_gain": Number(0.0, 100.0, 0.1, N_("weight of the objectness term")),
    "class_gain": Number(0.0, 100.0, 0.1, N_("weight of the class term")),
    "largest_ratio": Number(1.01, 100.0, 0.5, N_("an anchor answers for boxes up to so many times its sides")),
    "clip": Number(0.0, 10_000.0, 1.0, N_("longest gradient that goes into a step")),
}
PICTURES = {
    "mosaic": Number(0.0, 1.0, 0.1, N_("how often four pictures are put together into one")),
    "hue": Number(0.0, 1.0, 0.005, N_("colour turned by up to this share")),
    "saturation": Number(0.0, 1.0, 0.1, N_("colours stronger or paler by up to this share")),
    "value": Number(0.0, 1.0, 0.1, N_("brighter or darker by up to this share")),
    "degrees": Number(0.0, 180.0, 1.0, N_("turned by up to so many degrees")),
    "translate": Number(0.0, 1.0, 0.05, N_("moved by up to this share of the side")),
    "scale": Number(0.0, 1.0, 0.1, N_("larger or smaller by up to this share")),
    "shear": Number(0.0, 90.0, 1.0, N_("slanted by up to so many degrees")),
    "perspective": Number(0.0, 0.001, 0.0001, N_("seen from the side, up to this much a pixel")),
    "flip_horizontal": Number(0.0, 1.0, 0.1, N_("how often left and right are exchanged")),
    "flip_vertical": Number(0.0, 1.0, 0.1, N_("how often top and bottom are exchanged")),
    "least_visible": Number(0.0, 1.0, 0.05, N_("a box of which no more than this share is left is left out")),
}
MORE_PICTURES = {
    one.name: Number(0.0, float(one.high), one.step, one.does)
    for one in TRANSFORMS
    if one.name not in PICTURES
} | {name: Number(0.0, 1.0, 0.1, N_("in which share of the pictures it acts")) for name in PROBABILITIES}  # fmt: skip
"""What YOLOv5's recipe does not have."""


@dataclass(frozen=True)
class Preset:
    """Values under one name; what it does not name keeps its usual value."""

    title: str
    values: Mapping[str, Any]


def presets(small: bool) -> dict[str, Preset]:
    """The presets, for data of small pictures or of usual ones."""
    size = 320 if small else 640
    return {
        "lab": Preset(_("The lab"), {"epochs": 3, "size": 640, "batch": 16}),
        "sensible": Preset(_("Sensible"), {"epochs": 50, "size": size, "batch": 16}),
        "thorough": Preset(
            _("Thorough"), {"epochs": 300, "size": size, "batch": 16, "schedule": "cosine", "patience": 50}
        ),
    }


def usual_values() -> dict[str, Any]:
    """Every field that a preset decides, with the value it has where a preset does not name it."""
    numbers = {one.name: one.default for part in (Recipe, Hyperparameters) for one in fields(part)}
    plain = ("optimizer", "schedule", "patience", "precision")
    return {**numbers, **{name: getattr(_USUAL, name) for name in plain}}


def seed(data: Data | None) -> None:
    """Give every field its first value."""
    first = presets(data is not None and data.small)["sensible"].values
    whole = {"epochs": (1, MOST_EPOCHS), "batch": (1, MOST_BATCH), "size": (32, LARGEST_SIDE)}
    for name, bounds in whole.items():
        remembered.seed(name, _whole(*bounds), first[name])
    for name, bounds in {"patience": (0, MOST_EPOCHS), "seed": (0, 2**31), "workers": (0, MOST_WORKERS)}.items():
        remembered.seed(name, _whole(*bounds), WORKERS if name == "workers" else getattr(_USUAL, name))
    for name, choices in {"optimizer": OptimizerName, "schedule": Schedule, "precision": Precision}.items():
        remembered.seed(name, state.one_of(get_args(choices), str), getattr(_USUAL, name))
    remembered.seed("device", str, "auto")
    usual = usual_values()
    for name, number in (LEARNING | PICTURES | MORE_PICTURES).items():
        kind = type(usual[name])
        parse = _whole(int(number.low), int(number.high)) if kind is int else state.between(number.low, number.high)
        remembered.seed(name, parse, usual[name])


def _whole(low: int, high: int) -> Any:
    def parse(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return parse


def choose_preset(data: Data | None) -> None:
    """Three buttons; the one whose values hold is marked."""
    known = presets(data is not None and data.small)
    wanted = {name: {**usual_values(), **preset.values} for name, preset in known.items()}
    holds = next(
        (name for name, values in wanted.items() if all(remembered.value(k) == v for k, v in values.items())), None
    )
    for column, (name, preset) in zip(st.columns(3, gap="small"), known.items(), strict=True):
        column.button(
            preset.title,
            key=f"train_preset_{name}",
            type="primary" if name == holds else "secondary",
            on_click=remembered.put,
            args=(wanted[name],),
            help=_("{epochs} epochs, {size} pixels, batch {batch}").format(**preset.values),
            width="stretch",
        )


def choose(data: Data | None, network: Network | None, found: Measured | None, fitting: int | None) -> bool:
    """Epochs, size, batch and device; gives whether they make sense."""
    epochs, size, batch = st.columns(3, gap="small")
    epochs.number_input(_("Epochs"), 1, MOST_EPOCHS, key=remembered.key("epochs"), persist_state="session")
    size.number_input(
        _("Size in pixels"), 32, LARGEST_SIDE, step=32, key=remembered.key("size"), persist_state="session"
    )
    batch.number_input(_("Batch"), 1, MOST_BATCH, key=remembered.key("batch"), persist_state="session")
    sound = True
    stride = network.stride if network is not None else 32
    if int(remembered.value("size")) % stride:
        nearest = math.ceil(remembered.value("size") / stride) * stride
        sound = said(
            _("Size: the network needs a multiple of {stride}, such as {nearest}."), stride=stride, nearest=nearest
        )
    device, button = st.columns([2, 1], gap="small", vertical_alignment="bottom")
    with device:
        choose_device(found)
    label = _("Find a batch that fits") if not fitting else _("Use batch {batch}").format(batch=fitting)
    button.button(
        label,
        key="train_fit",
        disabled=not fitting or fitting == remembered.value("batch"),
        on_click=remembered.put,
        args=({"batch": fitting},),
        help=_("The largest batch that fits into the memory that is free."),
        width="stretch",
    )
    pictures = data.pictures("train") if data is not None else 0
    if pictures and int(remembered.value("batch")) > pictures:
        said(_("Batch: only {count} pictures are there to train with, so all of them are one batch."), count=pictures)
    return sound


def said(text: str, **values: object) -> bool:
    """A sentence below the field that it is about."""
    st.caption(":material/error: " + text.format(**values))
    return False


def choose_device(found: Measured | None) -> None:
    """What is there, and how much of its memory is free.

    The memory stands below: in the options it would change what a browser has chosen into a text that is no option.
    """
    known = devices(found)
    options = ["auto", *known]
    if remembered.value("device") not in options:
        options.append(str(remembered.value("device")))
    st.selectbox(
        _("Device"), options, format_func=lambda name: _("automatic") if name == "auto" else name,
        key=remembered.key("device"), persist_state="session",
    )  # fmt: skip
    chosen = str(remembered.value("device"))
    st.caption(messages.plain(known.get(chosen) or " · ".join(known.values())))


def devices(found: Measured | None) -> dict[str, str]:
    """The devices of this machine in words; GPUs are known once torch was asked, here or by whoever measured."""
    if "torch" in sys.modules:
        from yolodash.inference.devices import devices as present

        listed = tuple((one.name, one.description, one.memory_total, one.memory_free) for one in present())
    else:
        listed = found.devices if found is not None else ()
    words = {name: told_device(name, what, total, free) for name, what, total, free in listed if name != "cpu"}
    return words | {"cpu": told_device("cpu", processor_name(), *memory())}


def told_device(name: str, what: str, total: int | None, free: int | None) -> str:
    """Such as ``cuda:0: NVIDIA H100, 70.1 of 79.2 GB free``."""
    if total is None or free is None:
        return f"{name}: {what}"
    return f"{name}: {what}, " + _("{free} of {total} GB free").format(
        free=f"{free / 1e9:.1f}", total=f"{total / 1e9:.1f}"
    )


def choose_more() -> None:
    """Every number behind the presets, folded."""
    with st.expander(_("Every hyper-parameter and augmentation"), icon=":material/tune:"):
        left, middle, right = st.columns(3)
        left.selectbox(_("optimizer: what makes a step of a gradient"), get_args(OptimizerName), **_keyed("optimizer"))
        middle.selectbox(_("schedule: how the learning rate falls"), get_args(Schedule), **_keyed("schedule"))
        right.selectbox(_("precision: of the forward pass"), get_args(Precision), **_keyed("precision"))
        left.number_input(
            _("patience: epochs without a better network until it ends; 0 never"), 0, **_keyed("patience")
        )
        middle.number_input(_("seed: decides fresh weights, order and augmentation"), 0, **_keyed("seed"))
        right.number_input(_("workers: threads that prepare pictures"), 0, MOST_WORKERS, **_keyed("workers"))
        st.markdown("**" + _("How it learns") + "**")
        _grid(LEARNING)
        st.markdown("**" + _("How pictures are changed, anew in each epoch") + "**")
        _grid(PICTURES)
        st.markdown("**" + _("More that can be done to them, and in how many") + "**")
        _grid(MORE_PICTURES)


def _keyed(name: str) -> dict[str, Any]:
    return {"key": remembered.key(name), "persist_state": "session"}


def _grid(numbers: Mapping[str, Number]) -> None:
    """Three in a row; the name is the one that the command line takes."""
    usual = usual_values()
    columns = st.columns(3)
    for place, (name, number) in enumerate(numbers.items()):
        kind = type(usual[name])
        columns[place % 3].number_input(
            f"{name}: {_(number.does)}",
            kind(number.low),
            kind(number.high),
            step=kind(number.step),
            format="%d" if kind is int else "%g",
            **_keyed(name),
        )


def options(data: str, network: Network, frozen: int, statistics: bool) -> TrainOptions:
    """All of it, as the run will have it.

    Raises:
        OptionError: something makes no sense.
    """
    plain = ("epochs", "batch", "size", "seed", "workers", "optimizer", "schedule", "precision", "device", "patience")
    return TrainOptions(
        data=data,
        weights=network.weights,
        cfg=network.cfg,
        freeze=frozen,
        freeze_statistics=statistics,
        augment=Recipe(**{name: remembered.value(name) for name in PICTURES | MORE_PICTURES}),
        hyperparameters=Hyperparameters(**{name: remembered.value(name) for name in LEARNING}),
        **{name: remembered.value(name) for name in plain},
    )
