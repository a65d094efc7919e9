"""Which data set, which pictures of it, and which one of them; the address remembers the last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, cast

import streamlit as st

from yolodash.data.store.classes import StoredClass
from yolodash.data.store.folders import list_stored
from yolodash.data.store.journal import last_change
from yolodash.data.store.pictures import StoredPicture
from yolodash.ui import state
from yolodash.ui.i18n import _

Order = Literal["name", "uncertain"]
Mode = Literal["draw", "review"]
_DATA = "annotate_data"
_STEMS = "annotate_stems"
_LISTING = "annotate_listing"
_FILTER = "annotate_filter"
_CLASS = "annotate_class"
_ORDER = "annotate_order"
_MODE = "annotate_mode"


def choose_dataset() -> Path | None:
    """One of the workspace's data sets; None while there is none."""
    folders = {folder.name: folder for folder in list_stored()}
    if not folders:
        return None
    newest = max(folders.values(), key=last_change).name
    if st.session_state.get(_DATA) not in folders:
        st.session_state[_DATA] = state.from_address("data", state.one_of(folders, str), newest)
    chosen = st.selectbox(
        _("Data set"), tuple(folders), key=_DATA, persist_state="session", label_visibility="collapsed"
    )
    state.mirror({"data": chosen})
    return folders[chosen]


def open_dataset(name: str) -> None:
    """Show this data set from the next run on."""
    st.session_state[_DATA] = name


def choose_mode() -> None:
    """Draw boxes, or look through what others drew."""
    labels = {"draw": _("Label"), "review": _("Review")}
    state.choose(_("What to do"), labels, _MODE, name="mode")


def mode() -> Mode:
    """What was chosen."""
    return "review" if st.session_state.get(_MODE) == "review" else "draw"


def choose_filter(classes: Sequence[StoredClass]) -> tuple[str, int | None]:
    """Which pictures to go through: by their state, or by a class."""
    names = {
        "all": _("All"),
        "unlabelled": _("Not done yet"),
        "review": _("To review"),
        "class": _("With a class"),
    }
    chosen = st.selectbox(
        _("Pictures"), tuple(names), format_func=names.__getitem__, key=_FILTER, persist_state="session"
    )
    if chosen != "class" or not classes:
        return chosen, None
    called = {one.id: one.name for one in classes}
    if st.session_state.get(_CLASS) not in called:
        st.session_state[_CLASS] = classes[0].id
    return chosen, st.selectbox(
        _("Class"), tuple(called), format_func=lambda key: called.get(key, ""), key=_CLASS, persist_state="session"
    )


def choose_order() -> Order:
    """By name, or those first of which a model is least sure."""
    names = {"name": _("By name"), "uncertain": _("Where the model is unsure first")}
    chosen = st.selectbox(_("Order"), tuple(names), format_func=names.__getitem__, key=_ORDER, persist_state="session")
    return cast(Order, chosen)


def matches(picture: StoredPicture, wanted: str, class_id: int | None) -> bool:
    """Whether a picture passes the filter."""
    if wanted == "unlabelled":
        return picture.state in ("unlabelled", "in_work")
    if wanted == "review":
        return picture.state == "done"
    return wanted != "class" or class_id in picture.class_ids


def listing(
    dataset: Path,
    pictures: Sequence[StoredPicture],
    chosen: tuple[str, int | None],
    unsure: Mapping[str, float] | None,
) -> list[str]:
    """The pictures to go through, in their order.

    The list stays while one works, so that a picture that is done does not vanish under the hand; another filter or
    order, or pictures that came or went, make it anew.

    Args:
        unsure: how unsure a model is of each; None orders by name.
    """
    key = (dataset.name, chosen, None if unsure is None else tuple(unsure.items()), {one.stem for one in pictures})
    kept = st.session_state.get(_LISTING)
    if kept is not None and kept[0] == key:
        return list(kept[1])
    found = [one.stem for one in pictures if matches(one, *chosen)]
    if unsure is not None:
        found.sort(key=lambda stem: -unsure.get(stem, -1.0))
    st.session_state[_LISTING] = (key, found)
    return found


def forget_listing() -> None:
    """Make the list anew: the filter is to be asked again."""
    st.session_state.pop(_LISTING, None)


def current(dataset: Path, stems: Sequence[str]) -> str | None:
    """The picture that is shown: the last one of this data set, else the address's, else the first."""
    if not stems:
        return None
    shown: dict[str, str] = st.session_state.setdefault(_STEMS, {})
    if shown.get(dataset.name) not in stems:
        asked = state.from_address("picture", state.one_of(stems, str), stems[0])
        shown[dataset.name] = asked
    state.mirror({"picture": shown[dataset.name]})
    return shown[dataset.name]


def shown(dataset: Path) -> str | None:
    """The picture of a data set that was chosen last."""
    stems: dict[str, str] = st.session_state.get(_STEMS, {})
    return stems.get(dataset.name)


def open_picture(dataset: str, stem: str) -> None:
    """Show this picture from now on."""
    st.session_state.setdefault(_STEMS, {})[dataset] = stem


def step(dataset: str) -> Callable[[str, int], None]:
    """Go along the list from a picture."""

    def go(stem: str, by: int) -> None:
        kept = st.session_state.get(_LISTING)
        stems = kept[1] if kept is not None and kept[0][0] == dataset else []
        if stem in stems:
            open_picture(dataset, stems[min(max(stems.index(stem) + by, 0), len(stems) - 1)])

    return go


def choose_number(dataset: Path, stems: Sequence[str], stem: str) -> None:
    """The picture's number in the list, to jump to another."""
    at = stems.index(stem) + 1
    key = f"annotate_number_{dataset.name}_{stem}_{at}_{len(stems)}"
    chosen = st.number_input(_("Picture"), 1, len(stems), at, key=key, label_visibility="collapsed", width=130)
    if chosen != at:
        open_picture(dataset.name, stems[chosen - 1])
        st.rerun()
