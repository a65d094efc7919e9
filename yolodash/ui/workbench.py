"""One picture and one model: the picture with its boxes, the glass box beside it, and what one can take away."""

from __future__ import annotations

import time
from dataclasses import replace

import streamlit as st

from yolodash.models.catalogue import InstalledModel
from yolodash.structures import Thresholds
from yolodash.ui import caching, first_look, inputs, messages, overlay
from yolodash.ui.caching import NetworkInput, Prediction
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.pictures import Photo


def show(model: InstalledModel, photo: Photo, network_input: NetworkInput) -> None:
    """The picture first; the network runs while it is looked at, once."""
    prediction = caching.known_prediction(model, photo, network_input)
    if prediction is None:
        look_while_it_runs(model, photo, network_input)
        st.rerun()
    picture, explanation = st.columns([3, 2], gap="medium")
    with picture:
        image = caching.pixels(photo)
        seen = overlay.show(image, prediction.candidates, thresholds_for(prediction), key="detect")
        inputs.remember_thresholds(seen.thresholds)
    if first_look.is_due():
        with explanation:
            first_look.what_to_click()
        first_look.come_back()
        return
    from yolodash.inference.selection import judge
    from yolodash.ui import downloads, nothing_found, panels

    with picture:
        start = time.perf_counter()
        selection = judge(prediction.candidates, seen.thresholds)
        milliseconds = replace(prediction.milliseconds, select=1000 * (time.perf_counter() - start))
        panels.account_line(prediction.candidates, selection)
        prediction = replace(prediction, milliseconds=milliseconds)
        how_it_ran(prediction)
        downloads.show(downloads.Shown(model, photo, network_input, prediction, seen.thresholds, selection.detections))
    with explanation:
        nothing_found.on_detect(model, prediction.candidates, selection, seen.thresholds)
        panels.glass_box(prediction.candidates, selection, seen.thresholds, seen.pick)


def look_while_it_runs(model: InstalledModel, photo: Photo, network_input: NetworkInput) -> None:
    """The bare picture, at once, and a line below it until the boxes are there."""
    picture, _rest = st.columns([3, 2], gap="medium")
    with picture:
        st.image(caching.preview(photo), width="stretch")
        line = st.empty()
        with st.spinner(_("The network looks at the picture …"), show_time=True):
            caching.prediction(model, photo, network_input, on_wait=lambda jobs: line.caption(jobs_first(jobs)))


def jobs_first(jobs: int) -> str:
    """That others have the device, and how many."""
    return ngettext("{count} job comes first …", "{count} jobs come first …", jobs).format(count=jobs)


def thresholds_for(prediction: Prediction) -> Thresholds:
    """The thresholds of the page; classes that this model does not have are passed over."""
    thresholds = inputs.thresholds()
    if thresholds.classes is None:
        return thresholds
    known = tuple(class_id for class_id in thresholds.classes if class_id < len(prediction.candidates.names))
    return replace(thresholds, classes=known or None)


def how_it_ran(prediction: Prediction) -> None:
    """Which engine ran, how long each part took, and that moving a threshold runs nothing."""
    times = prediction.milliseconds
    split = _("prepare {prepare} ms · network {forward} ms · select {select} ms").format(
        prepare=f"{times.prepare:.0f}", forward=f"{times.forward:.0f}", select=f"{times.select:.0f}"
    )
    parameters = _("{count} parameters").format(count=f"{prediction.parameters:,}")
    runs = caching.network_runs()
    counted = ngettext(
        "The network has run {count} time in this tab; moving a threshold does not run it.",
        "The network has run {count} times in this tab; moving a threshold does not run it.",
        runs,
    ).format(count=runs)
    text, values = prediction.note
    st.caption(f"{split} · {parameters}  \n{messages.phrase(text, values)}  \n{counted}")
