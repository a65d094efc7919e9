"""Data sets: what the page says, in its order."""

from __future__ import annotations

import streamlit as st

from yolodash.ui import messages
from yolodash.ui.datasets import (
    arriving,
    bringing,
    choosing,
    gallery,
    health,
    housekeeping,
    parts,
    taking_away,
    versions,
)
from yolodash.ui.datasets.listing import Listing, listing
from yolodash.ui.i18n import _
from yolodash.ui.train import health_view

FIRST_SCENES = 60


def show() -> None:
    """The whole page."""
    arriving.show()
    folders = choosing.stored()
    if not folders:
        welcome()
        return
    left, right = st.columns([1, 3], vertical_alignment="center")
    with left:
        dataset = choosing.choose_dataset(folders)
    with right:
        view = choosing.choose_view()
    with messages.shown():
        if view == "add":
            bringing.show(dataset)
        else:
            _of(view, listing(dataset))


def _of(view: str, found: Listing) -> None:
    if view == "pictures":
        gallery.show(found, health.known_twins(found))
    elif view == "health":
        health.show(found)
    elif view == "split":
        parts.show(found)
    elif view == "versions":
        versions.show(found)
    elif view == "export":
        taking_away.show(found)
    else:
        housekeeping.show(choosing.stored(), found)


def welcome() -> None:
    """There is none yet: what it is, what one looks like, one click to have one, and the ways to make one's own."""
    st.markdown(_("A data set is pictures with a box around each object: what a detector learns from."))
    st.image(health_view.scenes_strip(), width="stretch")
    label = _("Make one now: {count} rendered scenes").format(count=FIRST_SCENES)
    if st.button(label, type="primary", icon=":material/view_in_ar:", key="datasets_start", disabled=arriving.busy()):
        bringing.make_scenes(bringing.free_name(_("scenes")), FIRST_SCENES, 0, "320×240")
    st.markdown("**" + _("Or bring your own") + "**")
    with messages.shown():
        bringing.show(None)
    housekeeping.bin_only()
