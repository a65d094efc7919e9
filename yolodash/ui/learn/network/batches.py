"""Step: batches. Why all pictures of a batch have one size, and how many a second that makes here."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from yolodash.structures import Image, ImageSize
from yolodash.ui import caching, pictures, state, turns
from yolodash.ui.evaluation import charts
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, subject
from yolodash.ui.learn.network import inside
from yolodash.ui.learn.subject import Subject
from yolodash.ui.pictures import Photo

SIDE = 192
OTHERS = ("rocket", "cat", "horse")
_MEASURED = "network_batches"
Rates = dict[int, float]


def show() -> None:
    """Four pictures in one array; then what a batch brings, measured by a button."""
    about = subject.choose()
    st.subheader(_("A batch is one array: all its pictures have one size"), anchor=False)
    _one_array(about)
    _speed(about)
    _below()


def _one_array(about: Subject) -> None:
    """The chosen picture and three others, brought to one size."""
    labels = {"letterbox": _("keep the shape, pad"), "stretch": _("fill, and bend the shape")}
    way = state.choose(_("To one size"), labels, "way", labelled=True)
    photos = batch_of(about.photo)
    for column, photo in zip(st.columns(len(photos)), photos, strict=True):
        pixels = caching.pixels(photo)
        placed, share = as_placed(pixels, "stretch" if way == "stretch" else "letterbox")
        height, width = pixels.shape[:2]
        caption = _("{width}×{height} → {side}×{side}, {share} % padding").format(
            width=width, height=height, side=SIDE, share=round(100 * share)
        )
        column.image(placed, caption=caption, width="stretch")
    lesson.formula(rf"{len(photos)} \,\cdot\, (3 \times {SIDE} \times {SIDE}) \;\to\; "
                   rf"({len(photos)},\ 3,\ {SIDE},\ {SIDE})", key="array")  # fmt: skip


def batch_of(photo: Photo) -> list[Photo]:
    """The picture, and others of other shapes."""
    others = [one for one in pictures.samples() if one.id in OTHERS and one.key != photo.key]
    return [photo, *others][:4]


def as_placed(image: Image, way: str) -> tuple[Image, float]:
    """A picture in a square of ``SIDE``, as YOLOv5 places it, and the share of the square that is padding."""
    from yolodash.geometry.letterbox import place_yolov5
    from yolodash.inference.preparation import place_bytes

    size = ImageSize(*image.shape[:2])
    placement = place_yolov5(size, ImageSize(SIDE, SIDE), "stretch" if way == "stretch" else "letterbox")
    used = placement.resized.width * placement.resized.height
    return place_bytes(image, placement), 1 - used / SIDE**2


def _speed(about: Subject) -> None:
    """Images a second against the batch, of our classifier or the chosen model."""
    looked = inside.choose(about)
    measured: dict[str, Rates] = st.session_state.setdefault(_MEASURED, {})
    name = looked.identity.partition("/")[2]
    chart, words = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with words:
        st.markdown(_("Many pictures at once keep a processor busy. How much that brings depends on the machine."))
        if st.button(_("Measure on this machine"), icon=":material/speed:", key="measure_batches", width="stretch"):
            measured[name] = _measured(looked)
        if name in measured:
            st.markdown(verdict(measured[name]))
    with chart:
        if name in measured:
            st.plotly_chart(figure(measured[name]), key="network_batches_chart", config=charts.CONFIG, width="stretch")
        else:
            st.caption(_("Nothing is measured yet: it takes some seconds."))


def _measured(looked: inside.Inside) -> Rates:
    """Measure every batch, and show how far it is."""
    from yolodash.inference.throughput import BATCHES, by_batch

    batches = BATCHES if max(looked.size.width, looked.size.height) <= 416 else BATCHES[:4]
    bar, rates = st.progress(0.0, text=_("Waiting for the processor …")), {}
    with turns.device("cpu"):
        for batch, rate in by_batch(looked.network, looked.inputs, batches):
            rates[batch] = rate
            text = _("{batch} at once: {rate} pictures a second").format(batch=batch, rate=f"{rate:.1f}")
            bar.progress(len(rates) / len(batches), text=text)
    bar.empty()
    return rates


def verdict(rates: Rates) -> str:
    """The best batch against one picture at a time, in a sentence."""
    best = max(rates, key=rates.__getitem__)
    return _("**{factor} times** as many a second at {batch} as one by one.").format(
        factor=f"{rates[best] / rates[1]:.1f}", batch=best
    )


def figure(rates: Rates) -> go.Figure:
    """A bar a batch."""
    made = go.Figure()
    values: list[Any] = [f"{value:.1f}" for value in rates.values()]
    made.add_bar(x=[str(batch) for batch in rates], y=list(rates.values()), text=values, hoverinfo="skip")
    made = charts.finished(made, _("Pictures at once"), _("Pictures a second"), legend=False)
    made.update_layout(height=300)
    made.update_xaxes(type="category")
    made.update_yaxes(range=[0, 1.15 * float(np.max(list(rates.values())))])
    return made


def _below() -> None:
    from yolodash.geometry.letterbox import place_yolov5
    from yolodash.inference import throughput
    from yolodash.inference.preparation import place_bytes

    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "network_batches",
            _("Why can pictures of 640×480 and 480×640 not stand in one batch as they are?"),
            {
                "array": _("A batch is one array: every picture in it has the same height and width"),
                "network": _("A convolutional network takes squares only"),
                "memory": _("They would need too much memory"),
            },
            "array",
            _("The network would take either alone. To lay them on top of each other they need one size, so one pads."),
        )
    with said:
        lesson.remark(
            _(
                "The lecture says that YOLO does not depend on the input's size: it takes any multiple of the stride, "
                "but an object twice as large is another object to it. And a batch is faster on a GPU above all; on a "
                "CPU it may bring little."
            )
        )
        lesson.show_code(place_yolov5, place_bytes, throughput.pictures_per_second)
