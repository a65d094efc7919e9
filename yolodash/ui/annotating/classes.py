"""The classes of a data set: added, renamed, coloured, merged and deleted; what becomes of boxes is said before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from yolodash.data.store.classes import (
    StoredClass,
    add_class,
    boxes_of_class,
    delete_class,
    merge_classes,
    recolour_class,
    rename_class,
)
from yolodash.data.store.pictures import StoredPicture
from yolodash.ui import messages
from yolodash.ui.annotating import person
from yolodash.ui.i18n import _, ngettext

_CHOSEN = "annotate_class_chosen"


def show(dataset: Path, classes: Sequence[StoredClass], pictures: Sequence[StoredPicture]) -> None:
    """A field for a new class, and what can be done with those that are there."""
    add(dataset)
    if not classes:
        return
    names = {one.id: one.name for one in classes}
    having = Counter(class_id for one in pictures for class_id in one.class_ids)
    if st.session_state.get(_CHOSEN) not in names:
        st.session_state[_CHOSEN] = classes[0].id
    chosen = st.selectbox(
        _("Change a class"),
        tuple(names),
        format_func=lambda key: f"{names.get(key, '')} · {pictures_said(having[key])}",
        key=_CHOSEN,
        persist_state="session",
    )
    one = next(each for each in classes if each.id == chosen)
    look, end = st.columns(2, gap="large")
    with look:
        rename(dataset, one)
        colour(dataset, one)
    with end:
        merge(dataset, one, classes)
        remove(dataset, one)


def pictures_said(count: int) -> str:
    """How many pictures."""
    return ngettext("in {count} picture", "in {count} pictures", count).format(count=f"{count:,}")


def boxes_said(count: int) -> str:
    """How many boxes."""
    return ngettext("{count} box", "{count} boxes", count).format(count=f"{count:,}")


def add(dataset: Path) -> None:
    """A new class."""
    with st.form("annotate_add_class", clear_on_submit=True, border=False):
        field, button = st.columns([4, 1], vertical_alignment="bottom")
        name = field.text_input(_("New class"), placeholder=_("such as: traffic light"), max_chars=400)
        sent = button.form_submit_button(_("Add"), icon=":material/add:", width="stretch")
    if sent:
        change(lambda: add_class(dataset, name, by=person.name()))


def rename(dataset: Path, one: StoredClass) -> None:
    """Another name; the boxes stay."""
    key = f"annotate_name_{dataset.name}_{one.id}_{one.name}"
    name = st.text_input(_("Name"), one.name, key=key, max_chars=400)
    if name.strip() != one.name:
        change(lambda: rename_class(dataset, one.id, name, by=person.name()))


def colour(dataset: Path, one: StoredClass) -> None:
    """Another colour."""
    key = f"annotate_colour_{dataset.name}_{one.id}_{one.colour}"
    chosen = st.color_picker(_("Colour"), one.colour, key=key)
    if chosen.lower() != one.colour.lower():
        change(lambda: recolour_class(dataset, one.id, chosen, by=person.name()))


def merge(dataset: Path, one: StoredClass, classes: Sequence[StoredClass]) -> None:
    """Give the boxes to another class."""
    others = {other.id: other.name for other in classes if other.id != one.id}
    if not others:
        return
    into = st.selectbox(
        _("Merge into"),
        tuple(others),
        index=None,
        format_func=lambda key: others.get(key, ""),
        placeholder=_("another class"),
        key=f"annotate_merge_{one.id}",
    )
    if into is None:
        return
    count = boxes_of_class(dataset, one.id)
    st.caption(
        _("{boxes} of {name} become {other}; then {name} is deleted.").format(
            boxes=boxes_said(count), name=messages.plain(one.name), other=messages.plain(others[into])
        )
    )
    if st.button(_("Merge"), icon=":material/merge:", key="annotate_merge_class"):
        change(lambda: merge_classes(dataset, one.id, into, by=person.name()))


def remove(dataset: Path, one: StoredClass) -> None:
    """Delete a class with its boxes."""
    if not st.toggle(_("Delete this class"), key=f"annotate_delete_{one.id}"):
        return
    count = boxes_of_class(dataset, one.id)
    if count:
        said = _("{boxes} of {name} are deleted with it; each picture's earlier versions keep them.")
        st.caption(said.format(boxes=boxes_said(count), name=messages.plain(one.name)))
    else:
        st.caption(_("No box has this class."))
    if st.button(_("Delete the class"), icon=":material/delete:", type="primary", key="annotate_delete_class"):
        change(lambda: delete_class(dataset, one.id, by=person.name()))


def change(act: Callable[[], object]) -> None:
    """Do it and show the page anew, or say why not."""
    with messages.shown():
        act()
        st.rerun()
