"""The parts of the page Runs: one run to watch, the list of all, the bin."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from yolodash.runs import watching
from yolodash.runs.housekeeping import read_note
from yolodash.runs.reporting import read_progress
from yolodash.runs.store import RunEntry
from yolodash.ui.evaluation.model_run import show_progress
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain
from yolodash.ui.run_monitor import binning, buttons, choosing, listing, live, reading, words
from yolodash.ui.run_monitor.choosing import View
from yolodash.ui.run_monitor.reading import Watched
from yolodash.ui.video import monitor

_TRAIN = Path(__file__).parents[3] / "pages" / "train.py"


def show(view: View, entries: Sequence[RunEntry], choice: DeltaGenerator) -> None:
    """The part that was chosen; ``choice`` is the place for which run."""
    if view == "bin":
        binning.show()
    elif not entries:
        nothing_yet()
    elif view == "all":
        listing.show(entries)
    else:
        with choice:
            run = reading.watched(choosing.run(entries))
        with st.sidebar:
            beside = choosing.beside(entries, run.name) if run.kind == "train" else []
        watch(run, beside)


def nothing_yet() -> None:
    """Without a run: where one comes from."""
    st.info(_("Nothing has been trained or evaluated yet."), icon=":material/model_training:")
    if _TRAIN.is_file():
        st.page_link("pages/train.py", label=_("Train a model"), icon=":material/model_training:")
    with st.expander(_("Bring in a run of the YOLOv5 repository"), icon=":material/input:"):
        listing.import_field()


def watch(run: Watched, beside: list[str]) -> None:
    """One run, of whatever kind."""
    heading(run)
    if not run.about:
        st.warning(
            _(
                "Its description (run.json) is missing or damaged, so nothing can go on with it. Its files are still "
                "there, and what they hold is shown."
            )
        )
    if run.kind in ("train", ""):
        live.show(run, beside)
    elif run.kind == "sweep":
        sweep(run)
    else:
        other(run)
    behind(run)


def heading(run: Watched) -> None:
    """Name, state and what there is to do."""
    st.markdown(f"### {plain(run.name)}  {words.badge(run.state.state)}")
    said = words.why(run.state, resumable=buttons.resumable(run))
    if run.state.state in ("failed", "died"):
        st.warning(said, icon=":material/error:")
    elif said and not run.at_work:
        st.caption(said)
    note = read_note(run.path)
    if note:
        st.caption(":material/sticky_note_2: " + plain(note))
    buttons.show(run)


def behind(run: Watched) -> None:
    """What it was told, and the command that does the same."""
    with st.expander(_("What it was told, and the command"), icon=":material/terminal:"):
        command = run.about.get("command")
        if isinstance(command, list) and command:
            st.code(shlex.join(["python", "-m", "yolodash", *map(str, command)]), language="bash", wrap_lines=True)
        st.json({"options": run.options, "data": run.about.get("data", {})}, expanded=1)


def sweep(run: Watched) -> None:
    """A sweep: its runs in a list."""
    _tick(run)
    members = run.options.get("members")
    names = [name for name in members if isinstance(name, str)] if isinstance(members, list) else []
    st.fragment(listing.rows, run_every=listing.SECONDS if run.at_work else None)(names)


def other(run: Watched) -> None:
    """An evaluation or another long work: how far it is, and what came of it."""
    _tick(run)
    map50, map_ = reading.best_numbers(run.path, run.kind)
    if map_ is not None:
        left, right, _rest = st.columns([1, 1, 3])
        left.metric("mAP50–95", words.number(map_))
        right.metric("mAP50", words.number(map50))
    live.logs(run.path)


def _tick(run: Watched) -> None:
    """While it works: the bar, and the page anew when its state changes."""
    if run.at_work:
        st.fragment(_follow, run_every=live.SECONDS)(run)


def _follow(run: Watched) -> None:
    now = reading.watched(run.name)
    if now.state.state != run.state.state:
        st.rerun()
    if run.kind in ("evaluate", "augment"):
        show_progress(read_progress(run.path))
        return
    if run.kind == "video":
        monitor.bar(watching.read_progress(run.path), stopping=now.state.state == "stopping")
        return
    done, total = now.state.epoch or 0, now.state.epochs or 0
    text = words.done_of(now.state) or words.state_name(now.state.state)
    st.progress(min(done / total, 1.0) if total else 0.0, text=text)
