"""All runs with their state, progress, figures and size; and the field that brings in those of another program."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from yolodash import workspace
from yolodash.errors import InputError
from yolodash.runs.housekeeping import read_note, room
from yolodash.runs.importing import import_run
from yolodash.runs.state import AT_WORK
from yolodash.runs.store import RunEntry
from yolodash.ui import messages
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain
from yolodash.ui.run_monitor import choosing, reading, words
from yolodash.ui.run_monitor.reading import Watched

A_PAGE = 12
SECONDS = 5.0
_COLUMNS = (3.2, 1.5, 2.1, 1.0, 1.0, 1.1, 1.7)
_PAGE = "runs_page"


def show(entries: Sequence[RunEntry]) -> None:
    """The list, a page at a time; looked at again while one of them is at work."""
    at_work = any(entry.state in AT_WORK for entry in entries)
    used(len(entries))
    pages = -(-len(entries) // A_PAGE)
    page = st.pagination(pages, key=_PAGE) if pages > 1 else 1
    shown = [entry.name for entry in entries[(page - 1) * A_PAGE : page * A_PAGE]]
    st.fragment(rows, run_every=SECONDS if at_work else None)(shown)
    with st.expander(_("Bring in a run of the YOLOv5 repository"), icon=":material/input:"):
        import_field()


def used(count: int) -> None:
    """What they take together."""
    taken = room()
    runs = ngettext("{count} run", "{count} runs", count).format(count=count)
    st.caption(
        _("{runs}, {size} on the disk; {bin} in the bin; {free} free.").format(
            runs=runs,
            size=words.megabytes(taken.runs),
            bin=words.megabytes(taken.bin),
            free=words.megabytes(taken.free),
        )
    )


def rows(names: Sequence[str]) -> None:
    """One line a run; its name opens it."""
    heading = (_("Run"), _("State"), _("Progress"), "mAP50", "mAP50–95", _("Size"), _("Begun"))
    for column, text in zip(st.columns(_COLUMNS), heading, strict=True):
        column.markdown(f":small[**{text}**]")
    for name in names:
        try:
            run = reading.watched(name)
        except InputError:
            continue  # it went while this page was open
        row(run)


def row(run: Watched) -> None:
    """A run in a line."""
    name, state, progress, map50, map_, size, begun = st.columns(_COLUMNS, vertical_alignment="center")
    note = read_note(run.path)
    name.button(
        plain(run.name), key=f"open_{run.name}", type="tertiary", on_click=_open, args=(run.name,),
        help=plain(note) if note else None,
    )  # fmt: skip
    state.markdown(words.badge(run.state.state))
    done = words.done_of(run.state)
    progress.markdown(f"{words.kind_name(run.kind)}" + (f"  \n:small[{done}]" if done else ""))
    for column, number in zip((map50, map_), reading.best_numbers(run.path, run.kind), strict=True):
        column.markdown(words.number(number))
    size.markdown(words.megabytes(reading.bytes_of(run.path)))
    begun.markdown(f":small[{words.day(str(run.about.get('created', '')))}]")


def _open(name: str) -> None:
    choosing.open_run(name)
    st.rerun()


def import_field() -> None:
    """A folder of this machine, under a name."""
    st.caption(_("Its curves are drawn beside ours, and its best weights can be used like any other."))
    folder = st.text_input(
        _("Folder on the server, with results.csv"), key="import_folder", placeholder="runs/train/exp"
    )
    wanted = workspace.safe_name(Path(folder.strip()).name) if folder.strip() else ""
    name = st.text_input(_("Its name here"), value=wanted, key=f"import_name_{wanted}")
    if st.button(_("Bring it in"), icon=":material/input:", key="import", disabled=not (folder.strip() and name)):
        with messages.shown(), st.spinner(_("Reading …")):
            choosing.open_run(import_run(Path(folder.strip()).expanduser(), name).name)
            st.rerun()
