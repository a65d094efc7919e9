"""Mistakes among the boxes: what a repair would do, one click that does it, one that takes it back."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from yolodash.data.images import encode_jpeg, read_image
from yolodash.data.repairs import Repair, Repaired, RepairKind, find_repairs, last_repair, repair, undo
from yolodash.data.store.truth import picture_path
from yolodash.errors import YoloDashError
from yolodash.ui import messages
from yolodash.ui.annotating import person
from yolodash.ui.datasets.listing import Listing, Stamp
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain
from yolodash.ui.train import health_view

SHOWN = 4
_TOLD = "datasets_repair_told"


@st.cache_resource(show_spinner=False, max_entries=4)
def found(_dataset: Path, folder: str, stamp: Stamp) -> tuple[Repair, ...]:
    """What could be mended; reads all annotations, once for each state of the data set."""
    del folder, stamp  # what the cache goes by
    return find_repairs(_dataset, sorted(path.stem for path in (_dataset / "annotations").glob("*.json")))


def show(listing: Listing) -> None:
    """Each kind of mistake with what its repair would do; below, the last repair and its way back."""
    told = st.session_state.pop(_TOLD, None)
    if told is not None:
        st.success(told, icon=":material/build:")
    names = {one.id: one.name for one in listing.classes}
    for one in found(listing.dataset, str(listing.dataset), listing.stamp):
        _offer(listing.dataset, one, names)
    done = last_repair(listing.dataset)
    if done is not None:
        label = _("Take the last repair back: {what}").format(what=what_of(done.kind))
        st.button(label, icon=":material/undo:", key="datasets_undo_repair", on_click=_undone,
                  args=(listing.dataset, done))  # fmt: skip


def what_of(kind: str) -> str:
    """What a repair is called."""
    names: dict[RepairKind, str] = {
        "double_boxes": _("boxes drawn twice"),
        "specks": _("specks, thinner than 2 pixels"),
        "lost_classes": _("boxes of no class"),
    }
    return next((name for key, name in names.items() if key == kind), kind)


def _offer(dataset: Path, one: Repair, names: dict[int, str]) -> None:
    count = ngettext("{count} box", "{count} boxes", one.boxes).format(count=one.boxes)
    pictures = ngettext("{count} picture", "{count} pictures", len(one.changes)).format(count=len(one.changes))
    title = _("{what}: {boxes} on {pictures}").format(what=what_of(one.kind), boxes=count, pictures=pictures)
    with st.expander(f":material/build: {title[:1].upper()}{title[1:]}"):
        with messages.shown():
            st.image(strip(dataset, one, names), width="stretch")
        st.caption(_("The boxes drawn here would go; all others stay. Pictures are not touched."))
        st.button(_("Remove these boxes"), key=f"datasets_mend_{one.kind}", on_click=_mended, args=(dataset, one))


def strip(dataset: Path, one: Repair, names: dict[int, str]) -> bytes:
    """The first pictures, with the boxes that would go."""
    tiles = []
    for stem, change in list(one.changes.items())[:SHOWN]:
        boxes = [list(box.box) for box in change.removed]
        ids = [box.class_id for box in change.removed]
        try:
            tiles.append(health_view.labelled(read_image(picture_path(dataset, stem)), boxes, ids, names))
        except YoloDashError:
            continue
    return encode_jpeg(health_view.beside_each_other(tiles), 85)


def _mended(dataset: Path, one: Repair) -> None:
    with messages.shown():
        done = repair(dataset, one, by=person.name())
        st.session_state[_TOLD] = _told(done, _("Mended: {pictures}."))


def _undone(dataset: Path, done: Repaired) -> None:
    with messages.shown():
        st.session_state[_TOLD] = _told(undo(dataset, done, by=person.name()), _("Taken back: {pictures}."))


def _told(done: Repaired, sentence: str) -> str:
    count = len(done.saved)
    said = sentence.format(pictures=ngettext("{count} picture", "{count} pictures", count).format(count=count))
    if done.skipped:
        said += " " + _("Somebody changed these meanwhile, and they were left alone: {names}.").format(
            names=plain(", ".join(done.skipped[:5]))
        )
    return said
