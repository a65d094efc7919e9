"""Versions: snapshots that never change, which a training names; made, looked at, trained on, deleted."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from yolodash import workspace
from yolodash.data.store.versions import (
    Version,
    delete_version,
    is_intact,
    list_deleted,
    list_versions,
    make_version,
    restore_version,
)
from yolodash.runs.folders import numbered
from yolodash.runs.state import read_json
from yolodash.runs.store import list_runs
from yolodash.serving.roles import needed_for
from yolodash.ui import entrance, messages
from yolodash.ui.annotating import person
from yolodash.ui.datasets.listing import Listing
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain
from yolodash.ui.train import data as training

_NAME, _NOTE, _ASKED = "datasets_version_name", "datasets_version_note", "datasets_version_asked"


def show(listing: Listing) -> None:
    """A new one; those that are there; those in the bin."""
    versions = list_versions(listing.dataset)
    if not listing.pictures and not versions:
        st.info(_("This data set has no pictures yet."), icon=":material/image:")
        return
    _new(listing, versions)
    used = runs_by_version()
    for one in reversed(versions):
        _row(listing.dataset, one, used.get(one.folder, []))
    _bin(listing.dataset)


def _new(listing: Listing, versions: tuple[Version, ...]) -> None:
    taken = {one.name for one in versions}
    usual = next(name for name in numbered("v1") if name not in taken) if "v1" not in taken else _next_name(taken)
    left, middle, right = st.columns([2, 4, 2], vertical_alignment="bottom")
    name = left.text_input(_("Name"), key=_NAME, placeholder=usual, max_chars=60).strip() or usual
    note = middle.text_input(_("Note"), key=_NOTE, max_chars=300, placeholder=_("what is special about it"))
    if right.button(_("Freeze a version"), type="primary", icon=":material/ac_unit:", key="datasets_freeze",
                    disabled=not listing.pictures, width="stretch"):  # fmt: skip
        with messages.shown(), st.spinner(_("Freezing …")):
            make_version(listing.dataset, name, by=person.name(), note=note.strip(), recipe={"kind": "snapshot"})
            st.session_state.pop(_NAME, None)
            st.session_state.pop(_NOTE, None)
            st.rerun()
    st.caption(
        _("A version keeps pictures, boxes and parts as they are now. It takes hardly any room, and a training that "
          "names it can be repeated whatever happens to the data set.")
    )  # fmt: skip


def _next_name(taken: set[str]) -> str:
    return next(name for number in range(2, 100_000) if (name := f"v{number}") not in taken)


def runs_by_version() -> dict[Path, list[str]]:
    """The runs that name each version's folder."""
    found: dict[Path, list[str]] = {}
    for run in list_runs():
        data = (read_json(workspace.folder("runs") / run.name / "run.json") or {}).get("data")
        path = data.get("path") if isinstance(data, dict) else None
        if isinstance(path, str) and Path(path).parent.name == "versions":
            found.setdefault(Path(path), []).append(run.name)
    return found


def _row(dataset: Path, one: Version, used: list[str]) -> None:
    with st.container(border=True):
        left, right = st.columns([5, 4], vertical_alignment="center")
        pictures = ngettext("{count} picture", "{count} pictures", one.images).format(count=f"{one.images:,}")
        boxes = ngettext("{count} box", "{count} boxes", one.boxes).format(count=f"{one.boxes:,}")
        at = one.created[:16].replace("T", " ")
        note = f"  \n{plain(one.recipe['note'])}" if one.recipe.get("note") else ""
        left.markdown(f"**{plain(one.name)}** · {pictures} · {boxes} · {plain(at)}{note}")
        if used:
            left.caption(_("Named by the runs: {names}").format(names=plain(", ".join(used[:6]))))
        with right, st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(
                _("Train on it"), icon=":material/model_training:", key=f"datasets_train_{one.name}",
                disabled=not entrance.may(needed_for("train")), help=entrance.told_if_closed("train"),
            ):  # fmt: skip
                training.open_next(str(one.folder))
                st.switch_page("pages/train.py")
            if st.button(_("Check"), icon=":material/verified:", key=f"datasets_check_{one.name}",
                         help=_("Reads all of its files and compares them with its fingerprint.")):  # fmt: skip
                _checked(one)
            _delete_button(dataset, one, used)


def _checked(one: Version) -> None:
    with messages.shown():
        if is_intact(one):
            st.toast(
                _("{name} is what it was when it was made.").format(name=plain(one.name)), icon=":material/verified:"
            )
        else:
            st.toast(_("{name} was changed since it was made!").format(name=plain(one.name)), icon=":material/warning:")


def _delete_button(dataset: Path, one: Version, used: list[str]) -> None:
    """One click; a second where runs name it."""
    if used and st.session_state.get(_ASKED) == one.name:
        st.button(_("Delete although runs name it"), icon=":material/warning:", key=f"datasets_sure_{one.name}",
                  on_click=_deleted, args=(dataset, one.name))  # fmt: skip
        return
    st.button(
        _("Delete"), icon=":material/delete:", key=f"datasets_delete_{one.name}",
        on_click=_ask if used else _deleted, args=(dataset, one.name),
    )  # fmt: skip


def _ask(_dataset: Path, name: str) -> None:
    st.session_state[_ASKED] = name


def _deleted(dataset: Path, name: str) -> None:
    st.session_state.pop(_ASKED, None)
    with messages.shown():
        delete_version(dataset, name, by=person.name())


def _bin(dataset: Path) -> None:
    entries = list_deleted(dataset)
    if not entries:
        return
    with st.expander(_("Deleted versions ({count})").format(count=len(entries))):
        for entry in entries[:20]:
            left, right = st.columns([4, 1], vertical_alignment="center")
            days = _("{days} days left").format(days=max(0, round(entry.days_left)))
            left.markdown(f"{plain(entry.name)} · {entry.bytes / 2**20:.1f} MB · {days}")
            if right.button(_("Take back"), key=f"datasets_version_back_{entry.path.name}"):
                with messages.shown():
                    restore_version(dataset, entry, by=person.name())
                    st.rerun()
