"""All data sets with their sizes: renamed, noted, deleted into a bin, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import streamlit as st

from yolodash.data.duplicates import forget_cache
from yolodash.data.store.folders import (
    delete_dataset,
    list_bin,
    read_about,
    rename_dataset,
    restore,
    write_note,
)
from yolodash.errors import DatasetError
from yolodash.ui import messages
from yolodash.ui.datasets import choosing
from yolodash.ui.datasets.listing import Listing, listing
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain


def show(folders: Mapping[str, Path], current: Listing) -> None:
    """The list; the chosen one's name and note; the bin."""
    st.dataframe(table(folders), hide_index=True, width="stretch", column_config={
        _("MB"): st.column_config.NumberColumn(format="%.1f"),
    })  # fmt: skip
    _about(current)
    _bin()


def table(folders: Mapping[str, Path]) -> pd.DataFrame:
    """A row a data set."""
    rows = []
    for name, folder in folders.items():
        about = read_about(folder)
        try:
            found = listing(folder)
            counts = (len(found.pictures), found.boxes, len(found.living), found.bytes / 2**20)
        except DatasetError:
            counts = (0, 0, 0, 0.0)
        rows.append((name, *counts, str(about.get("created", ""))[:10], str(about.get("note", ""))))
    columns = (_("Name"), _("Pictures"), _("Boxes"), _("Classes"), _("MB"), _("Made"), _("Note"))
    return pd.DataFrame(rows, columns=list(columns))


def _about(current: Listing) -> None:
    """The chosen data set's name, note and end."""
    dataset = current.dataset
    left, middle, right = st.columns([2, 4, 1], vertical_alignment="bottom")
    name = left.text_input(_("Name"), dataset.name, key=f"datasets_rename_{dataset.name}", max_chars=80).strip()
    note = str(read_about(dataset).get("note", ""))
    new = middle.text_input(_("Note"), note, key=f"datasets_note_{dataset.name}", max_chars=500)
    with messages.shown():
        if name and name != dataset.name:
            rename_dataset(dataset, name)
            forget_cache(dataset)
            choosing.open_next(name, "all")
            st.rerun()
        if new != note:
            write_note(dataset, new)
            st.rerun()
    right.button(_("Delete"), icon=":material/delete:", key="datasets_delete", on_click=_deleted, args=(dataset,),
                 help=_("Into the bin, where it stays for 30 days."))  # fmt: skip


def _deleted(dataset: Path) -> None:
    with messages.shown():
        delete_dataset(dataset)
        forget_cache(dataset)


def _bin() -> None:
    entries = list_bin()
    if not entries:
        return
    st.markdown("**" + _("Deleted data sets") + "**")
    for entry in entries[:30]:
        left, right = st.columns([4, 1], vertical_alignment="center")
        days = _("{days} days left").format(days=max(0, round(entry.days_left)))
        left.markdown(f"{plain(entry.name)} · {entry.bytes / 2**20:.1f} MB · {days}")
        if right.button(_("Take back"), key=f"datasets_restore_{entry.path.name}"):
            with messages.shown():
                choosing.open_next(restore(entry).name, "all")
                st.rerun()


def bin_only() -> None:
    """Where every data set was deleted: the bin alone."""
    _bin()
