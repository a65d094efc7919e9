"""The bin: what was deleted, how large it is, how long it stays, and the ways out."""

from __future__ import annotations

import streamlit as st

from yolodash import bins
from yolodash.bins import BIN_DAYS, BinEntry
from yolodash.runs.folders import empty_bin, list_bin
from yolodash.runs.housekeeping import unbin_run
from yolodash.ui import messages
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain
from yolodash.ui.run_monitor import choosing, words

_COLUMNS = (3.5, 1.2, 1.6, 1.2, 1.6)


def show() -> None:
    """The deleted runs, the newest first; those whose time is over go."""
    empty_bin(BIN_DAYS)
    entries = list_bin()
    if not entries:
        st.info(
            _("The bin is empty. What is deleted lies here for {days} days.").format(days=BIN_DAYS),
            icon=":material/delete:",
        )
        return
    left, right = st.columns([4, 1], vertical_alignment="center")
    count = ngettext("{count} run", "{count} runs", len(entries)).format(count=len(entries))
    size = words.megabytes(sum(entry.bytes for entry in entries))
    left.caption(_("{runs}, {size}").format(runs=count, size=size))
    with right.popover(_("Empty the bin"), icon=":material/delete_forever:"):
        st.markdown(_("Delete all of them for good? {size} become free.").format(size=size))
        if st.button(_("Delete them for good"), type="primary", key="bin_empty"):
            empty_bin()
            st.rerun()
    for entry in entries:
        row(entry)


def row(entry: BinEntry) -> None:
    """A deleted run in a line."""
    name, size, days, back, gone = st.columns(_COLUMNS, vertical_alignment="center")
    name.markdown(f"**{plain(entry.name)}**")
    size.markdown(words.megabytes(entry.bytes))
    left = max(0, round(entry.days_left))
    days.markdown(ngettext("{count} day left", "{count} days left", left).format(count=left))
    if back.button(_("Restore"), icon=":material/restore_from_trash:", key=f"restore_{entry.path.name}"):
        with messages.shown():
            choosing.open_run(unbin_run(entry).name)
            st.rerun()
    with gone.popover(_("Delete for good"), icon=":material/delete_forever:"):
        st.markdown(_("Delete {name} for good?").format(name=f"**{plain(entry.name)}**"))
        if st.button(_("Yes, for good"), type="primary", key=f"gone_{entry.path.name}"):
            bins.remove(entry)
            st.rerun()
