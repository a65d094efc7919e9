"""Nothing to label yet: a small data set of the sample photos, by one click."""

from __future__ import annotations

import streamlit as st

from yolodash.data.samples import get_sample, sample_path
from yolodash.data.store.folders import create_dataset, list_stored
from yolodash.data.store.pictures import add_picture
from yolodash.runs.folders import numbered
from yolodash.ui import caching, messages, pictures
from yolodash.ui.annotating import choosing, person
from yolodash.ui.i18n import _

SAMPLES = ("scene", "coffee", "cat", "motorcycle", "astronaut", "coins")
CLASSES = ("cube", "sphere", "cylinder", "cup", "cat", "motorcycle", "person", "coin")
NAME = "first-boxes"
SHOWN = 3


def show() -> None:
    """What it would be, and the button."""
    st.write(_("Label pictures: draw a box around each object and say what it is. A detector learns from these boxes."))
    photos = {photo.key: photo for photo in pictures.samples()}
    for column, key in zip(st.columns(SHOWN), SAMPLES, strict=False):
        with column, messages.shown():
            st.image(caching.preview(photos[key]), caption=messages.plain(photos[key].name), width="stretch")
    label = _("Make a small data set of {count} sample photos").format(count=len(SAMPLES))
    if st.button(label, type="primary", icon=":material/add_photo_alternate:", key="annotate_start"):
        with messages.shown():
            choosing.open_dataset(make())
            st.rerun()
    st.page_link("pages/datasets.py", label=_("Or bring your own pictures"), icon=":material/upload_file:")


def make() -> str:
    """The data set; gives its name.

    Raises:
        YoloDashError: the disk cannot be written to, or the photos are not installed.
    """
    taken = {folder.name for folder in list_stored()}
    name = next(name for name in numbered(NAME) if name not in taken)
    folder = create_dataset(name, classes=CLASSES, note=_("Sample photos to try labelling on"), by=person.name())
    for key in SAMPLES:
        path = sample_path(key)
        add_picture(folder, f"{key}{path.suffix}", path.read_bytes(), by=person.name(), origin=get_sample(key).credit)
    return name
