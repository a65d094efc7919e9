"""How far a sweep is, with its buttons."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from yolodash.runs.state import AT_WORK, read_state
from yolodash.runs.sweep import Member, ended, members_of, start_sweep, stop_run
from yolodash.ui import messages
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain


def show(sweep: Path) -> None:
    """While it is at work a bar and Stop; where something is left Go on; nothing where all is done."""
    said, members = read_state(sweep), members_of(sweep)
    if said.state not in AT_WORK and all(ended(member) for member in members):
        return
    done = sum(ended(member) for member in members)
    share = (said.epoch or 0) / max(said.epochs or 1, 1)
    words, button = st.columns([5, 1], vertical_alignment="center")
    with words:
        st.progress(min(share, 1.0), text=told(sweep.name, said.state, done, members))
    if said.state in AT_WORK:
        button.button(
            _("Stop"), icon=":material/stop:", key=f"compare_stop_{sweep.name}", on_click=stop, args=(sweep,),
            disabled=said.state == "stopping", width="stretch",
        )  # fmt: skip
    else:
        button.button(
            _("Go on"), icon=":material/play_arrow:", key=f"compare_resume_{sweep.name}", on_click=go_on,
            args=(sweep,), width="stretch",
        )  # fmt: skip
    for member in members:
        if member.state.state == "failed":
            st.warning(f"**{plain(member.name)}**: {messages.told(member.state)}", icon=":material/error:")


def told(name: str, state: str, done: int, members: tuple[Member, ...]) -> str:
    """Runs done, and the one at work."""
    count = ngettext("{done} of {count} run done", "{done} of {count} runs done", len(members)).format(
        done=done, count=len(members)
    )
    now = next((member for member in members if member.state.state in ("running", "stopping")), None)
    if state in AT_WORK and now is not None:
        at = _("now {name}, epoch {epoch} of {epochs}").format(
            name=plain(now.name), epoch=min((now.state.epoch or 0) + 1, now.epochs), epochs=now.epochs
        )
        return f"**{plain(name)}** · {count} · {at}"
    words = {
        "queued": _("about to begin"), "running": _("between two runs"), "stopping": _("stops after this step"),
        "stopped": _("stopped; nothing is lost"), "died": _("its worker is gone; nothing is lost"),
        "failed": _("a run failed"), "finished": _("finished"),
    }  # fmt: skip
    return f"**{plain(name)}** · {count} · {words.get(state, state)}"


def stop(sweep: Path) -> None:
    """Stop after the step that is under way."""
    with messages.shown():
        stop_run(sweep)


def go_on(sweep: Path) -> None:
    """Do what is left."""
    with messages.shown():
        start_sweep(sweep)
