"""The parts of the page in their order: data, network and numbers at the left; what it takes and the button beside."""

from __future__ import annotations

import streamlit as st

from yolodash.errors import YoloDashError
from yolodash.runs.config import TrainOptions
from yolodash.ui import messages
from yolodash.ui.i18n import _
from yolodash.ui.train import data as datas
from yolodash.ui.train import forecast as forecasts
from yolodash.ui.train import health_view, network, numbers, remembered, start
from yolodash.ui.train.data import Data
from yolodash.ui.train.forecast import Forecast
from yolodash.ui.train.network import Network


def show() -> None:
    """All of it."""
    start.lead_on()
    ended = datas.watch_makings()
    if ended is not None:
        datas.open_next(ended.name)
        start.lead_on(ended.run)
    left, right = st.columns([5, 3], gap="medium")
    with left:
        with st.container(border=True), messages.shown():
            st.subheader(_("1. Data"), anchor=False)
            chosen = datas.choose()
            picture_of_data = st.container()
        numbers.seed(chosen)
        with st.container(border=True), messages.shown():
            st.subheader(_("2. Network"), anchor=False)
            described, frozen, statistics = _network(chosen)
        made = _options(chosen, described, frozen, statistics)
        forecast = forecasts.ask(made, described, chosen)
        with st.container(border=True):
            st.subheader(_("3. How long, how large"), anchor=False)
            numbers.choose_preset(chosen)
            fits = forecasts.fitting(forecast, made, chosen) if made is not None and chosen is not None else None
            sound = numbers.choose(chosen, described, forecast.measured, fits)
            numbers.choose_more()
        with picture_of_data, messages.shown():
            _data(chosen, described)
    with right, messages.shown():
        _start(chosen, described, made, forecast, sound)
    remembered.into_address()


def _network(chosen: Data | None) -> tuple[Network | None, int, bool]:
    """Choose it, see it, and freeze some of it."""
    key = network.choose()
    classes = chosen.classes if chosen is not None else 0
    described = None
    with st.spinner(_("Reading the model …")):
        described = network.described(key, classes, int(remembered.value("size")))
    network.not_here(described)
    if classes and described.classes not in (0, classes) and not described.adapts:
        numbers.said(
            _("It has {own} classes and the data {count}: take a YOLOv5, which gets a new head for them."),
            own=described.classes, count=classes,
        )  # fmt: skip
    picture = st.container()
    frozen, statistics = network.choose_freeze(described)
    with picture:
        network.picture(described, frozen)
    return described, frozen, statistics


def _options(chosen: Data | None, described: Network | None, frozen: int, statistics: bool) -> TrainOptions | None:
    """The options as far as they make sense; what does not is said."""
    if chosen is None or described is None:
        return None
    try:
        return numbers.options(chosen.source, described, frozen, statistics)
    except YoloDashError as error:
        messages.show(error)
        return None


def _data(chosen: Data | None, described: Network | None) -> None:
    """The pictures, and what is to be said of them."""
    if chosen is None:
        return
    if chosen.look is not None:
        health_view.show(chosen.look, described, int(remembered.value("size")))
        return
    assert chosen.scenes is not None
    st.image(health_view.scenes_strip(), width="stretch")
    st.caption(
        _("Rendered scenes, as here, with a box for each block: {train} to train with, {val} to validate with.")
        .format(train=chosen.pictures("train"), val=chosen.pictures("val"))
    )  # fmt: skip
    st.button(
        _("Only make them"), icon=":material/brush:", key="train_only_make", type="tertiary",
        on_click=datas.only_make, args=(chosen.scenes,),
    )  # fmt: skip


def _start(
    chosen: Data | None, described: Network | None, made: TrainOptions | None, forecast: Forecast, sound: bool
) -> None:
    """What it takes, and the button."""
    with st.container(border=True):
        if chosen is None or described is None or made is None:
            st.caption(_("Choose data and a network: then this says what it takes."))
            return
        st.subheader(_("4. Train"), anchor=False)
        if chosen.look is not None and chosen.look.health is None and chosen.look.error is None:
            st.caption(_("Opening the data set …"))
        else:
            st.markdown(_summary(chosen, described, made))
        forecasts.show(forecast, made, chosen, described)
        health = chosen.look.health if chosen.look is not None else None
        trainable = chosen.scenes is not None or (health is not None and health.can_train)
        if health is not None and not trainable:
            numbers.said(_("This data set cannot be trained on yet: see what is said of it."))
        fits_classes = described.adapts or described.classes in (0, chosen.classes)
        start.show(made, chosen, ready=sound and trainable and fits_classes and forecast.error is None)


def _summary(chosen: Data, described: Network, made: TrainOptions) -> str:
    """One sentence that says what is about to happen."""
    name = made.cfg or described.key
    begin = _("from nothing") if made.cfg else _("from its weights")
    values = {"network": messages.plain(name), "begin": begin, "count": f"{chosen.pictures('train'):,}"}
    values |= {"epochs": f"{made.epochs:,}", "size": str(made.size), "batch": str(made.batch)}
    if chosen.scenes is not None:
        values["scenes"] = f"{chosen.scenes.series.images:,}"
        text = _(
            "Make **{scenes}** scenes and train **{network}** {begin} on {count} of them: **{epochs}** epochs at "
            "{size} pixels, batch {batch}."
        )
    else:
        text = _(
            "Train **{network}** {begin} on **{count}** pictures: **{epochs}** epochs at {size} pixels, batch {batch}."
        )
    return text.format(**values)
