"""What is coming in: how far it is, a stop, and at the end what came of it."""

from __future__ import annotations

import streamlit as st

from yolodash.runs import making, taking_in
from yolodash.runs.taking_in import Taking
from yolodash.ui import messages
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import plain
from yolodash.ui.train.data import watch_makings

MOST_REASONS = 6


def show() -> None:
    """Everything that is at work or has just ended; nothing where there is nothing."""
    taking_in.sweep()
    watch_makings()
    found = taking_in.takings()
    at_work = tuple(one.id for one in found if one.alive)
    if at_work:
        _watch(at_work)
    for one in found:
        if not one.alive:
            _ended(one)


def busy() -> bool:
    """Whether anything is on its way."""
    return bool(making.makings()) or bool(taking_in.takings())


@st.fragment(run_every=0.7)
def _watch(jobs: tuple[str, ...]) -> None:
    """How far each is; its end shows the page anew."""
    for job in jobs:
        found = taking_in.taking(job)
        if found is None or not found.alive:
            st.rerun()
        left, right = st.columns([6, 1], vertical_alignment="center")
        with left:
            _progress(found)
        right.button(_("Stop"), icon=":material/stop:", key=f"datasets_stop_{job}", on_click=taking_in.stop_taking,
                     args=(job,))  # fmt: skip
    st.caption(_("It goes on when this page is closed, and is found here again."))


def _progress(found: Taking) -> None:
    if not found.total:
        st.progress(0.0, text=_("Opening what goes into {name} …").format(name=plain(found.name)))
        return
    text = _("{name}: {done} of {total}").format(name=plain(found.name), done=found.done, total=found.total)
    st.progress(min(found.done / found.total, 1.0), text=text)


def _ended(one: Taking) -> None:
    """What came of it, until somebody has read it."""
    left, right = st.columns([6, 1], vertical_alignment="top")
    with left:
        if one.error is not None:
            messages.show(one.error)
        else:
            _said(one)
    right.button(_("OK"), key=f"datasets_ok_{one.id}", on_click=taking_in.put_away, args=(one.id,))


def _said(one: Taking) -> None:
    said = ngettext("{count} picture came into {name}.", "{count} pictures came into {name}.", one.added)
    parts = [said.format(count=one.added, name=plain(one.name))]
    if one.doubles:
        text = ngettext("{count} was there already.", "{count} were there already.", one.doubles)
        parts.append(text.format(count=one.doubles))
    if not one.finished:
        parts.append(_("It was stopped before its end.") if one.stopped else _("It ended before it was done."))
    box = st.success if one.finished and not one.refused else st.warning
    box(" ".join(parts), icon=":material/check_circle:" if one.finished else ":material/stop_circle:")
    if one.refused:
        text = ngettext("{count} remark on what came", "{count} remarks on what came", one.refused)
        with st.expander(text.format(count=one.refused)):
            for reason in one.reasons[:MOST_REASONS]:
                st.markdown(messages.sentence(reason))
            if one.refused > MOST_REASONS:
                st.caption(_("and {count} more").format(count=one.refused - MOST_REASONS))
