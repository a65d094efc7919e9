"""What the training will take, before it starts: measured by another process while the page is already there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from yolodash.errors import YoloDashError
from yolodash.models import catalogue
from yolodash.runs import estimates
from yolodash.runs.config import TrainOptions
from yolodash.runs.estimates import Estimate, Measured
from yolodash.ui import messages
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.train.data import Data
from yolodash.ui.train.network import Network


@dataclass(frozen=True)
class Forecast:
    """What is known beforehand.

    Attributes:
        key: of the measurement; empty where nothing can be measured.
        measured: None while it is being measured.
        error: why it cannot be, which is why it cannot be trained either.
    """

    key: str = ""
    measured: Measured | None = None
    error: YoloDashError | None = None


def ask(options: TrainOptions | None, network: Network | None, data: Data | None) -> Forecast:
    """What was measured for these options; begins to measure where that was never done."""
    if options is None or network is None or data is None or not data.classes or options.size % network.stride:
        return Forecast()
    if not network.here:
        entry = catalogue.find_entry(network.key)
        if entry is None or entry.is_darknet:
            return Forecast()
        options = replace(options, weights="", cfg=network.key)  # the same network, with other numbers in it
    try:
        key = estimates.begin(options, data.classes)
        return Forecast(key, estimates.measured(key))
    except YoloDashError as error:
        return Forecast(error=error)


def estimate(forecast: Forecast, options: TrainOptions, data: Data) -> Estimate | None:
    """Of this training; None while nothing was measured."""
    if forecast.measured is None:
        return None
    return estimates.estimate(forecast.measured, options, train=data.pictures("train"), val=data.pictures("val"))


def fitting(forecast: Forecast, options: TrainOptions, data: Data) -> int | None:
    """The largest batch that fits; None while nothing was measured."""
    if forecast.measured is None:
        return None
    return estimates.fitting_batch(forecast.measured, options, train=data.pictures("train"), val=data.pictures("val"))


def show(forecast: Forecast, options: TrainOptions, data: Data, network: Network) -> None:
    """Time and memory, and whether the warm-up ends before the training does."""
    found = estimate(forecast, options, data)
    if found is not None and forecast.measured is not None:
        drawing = scenes_seconds(data, forecast.measured)
        time, memory = st.columns(2)
        time.metric(_("Time, about"), duration(found.seconds + drawing), help=_told_time(found, drawing))
        free = "" if found.free is None else _("{free} GB are free").format(free=f"{found.free / 1e9:.1f}")
        memory.metric(_("Memory, about"), f"{found.bytes / 1e9:.1f} GB", help=free)
        st.caption(
            _("Measured by a few steps of this network on {device} in {precision}.").format(
                device=forecast.measured.device, precision=forecast.measured.precision
            )
        )
        if not found.fits:
            st.caption(":material/error: " + _("More memory than is free: take a smaller batch, size or network."))
    elif forecast.error is not None:
        messages.show(forecast.error)
    elif forecast.key:
        _wait(forecast.key)
    elif not network.here:
        st.caption(_("Time and memory are known once the weights are here."))
    warmup(options, data)


def scenes_seconds(data: Data, measured: Measured) -> float:
    """What drawing the scenes takes, where they have to be drawn."""
    return measured.scene_seconds * data.scenes.series.images if data.scenes is not None else 0.0


def _told_time(found: Estimate, drawing: float) -> str:
    told = _("{epoch} an epoch, with validation").format(epoch=duration(found.epoch_seconds))
    return told + (", " + _("and {drawing} to draw the scenes").format(drawing=duration(drawing)) if drawing else "")


@st.fragment(run_every=1.0)
def _wait(key: str) -> None:
    """Until it is measured."""
    working = estimates.at_work(key)  # asked first: who ends in between has written what was measured
    try:
        done = estimates.measured(key) is not None
    except YoloDashError:
        done = True
    if done:
        st.rerun()
    if not working:
        st.caption(_("The measuring ended before it was done."))
        if st.button(_("Measure again"), key="train_measure", type="tertiary"):
            estimates.forget(key)
            st.rerun()
        return
    st.caption(":material/timer: " + _("Measuring how long a step takes on this machine …"))


def warmup(options: TrainOptions, data: Data) -> None:
    """Say so when a training is over before its warm-up is."""
    train = data.pictures("train")
    if not train:
        return
    covered = estimates.warmup_epochs(options, train)
    if covered >= options.epochs:
        st.caption(
            ":material/local_fire_department: "
            + ngettext(
                "The {count} epoch lies wholly in the warm-up: the learning rate never reaches its value.",
                "All {count} epochs lie wholly in the warm-up: the learning rate never reaches its value.",
                options.epochs,
            ).format(count=options.epochs)
        )


def duration(seconds: float) -> str:
    """In the largest unit that says enough."""
    if seconds < 90:
        return _("{count} s").format(count=max(1, round(seconds)))
    if seconds < 5400:
        return _("{count} min").format(count=round(seconds / 60))
    if seconds < 48 * 3600:
        return _("{count} h").format(count=f"{seconds / 3600:.1f}")
    return _("{count} days").format(count=round(seconds / 86400))
