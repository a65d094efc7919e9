"""What a picture's boxes were before: every saved revision, and one button to have one of them again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from yolodash.data.store.history import history, take_back
from yolodash.data.store.truth import Truth
from yolodash.ui import messages
from yolodash.ui.annotating import person, states
from yolodash.ui.i18n import _, ngettext

SHOWN = 10


def show(dataset: Path, stem: str, truth: Truth) -> None:
    """The last revisions, the newest first."""
    past = [one for one in history(dataset, stem) if one.revision < truth.revision]
    if not past:
        st.caption(_("There is no earlier version of this picture."))
        return
    st.caption(_("Nothing is lost by going back: the version of now stays in this list."))
    for one, after in list(zip(past, [*past[1:], truth], strict=True))[: -SHOWN - 1 : -1]:
        line, button = st.columns([5, 2], vertical_alignment="center")
        line.markdown(described(one, after))
        if button.button(
            _("Bring back"), key=f"annotate_back_{stem}_{one.revision}", icon=":material/undo:", width="stretch"
        ):
            take_back(dataset, stem, one.revision, read=truth.revision, by=person.name())
            st.rerun()


def described(one: Truth, after: Truth) -> str:
    """A revision in a line: its boxes, its state, and what was done then."""
    count = len(one.boxes)
    boxes = ngettext("{count} box", "{count} boxes", count).format(count=f"{count:,}")
    said = f"**{_('Revision {number}').format(number=one.revision)}** · {boxes} · {states.name(one.state)}"
    return f"{said}  \n:small[{messages.plain(difference(one, after))}]"


def difference(one: Truth, after: Truth) -> str:
    """What the next revision did to this one."""
    before, now = ({box.id: box for box in truth.boxes} for truth in (one, after))
    added, gone = now.keys() - before.keys(), before.keys() - now.keys()
    moved = [key for key in now.keys() & before.keys() if not now[key].same_as(before[key])]
    if not (added or gone or moved):
        return _("then only the state or the notes changed")
    names = people([*(now[key].by for key in (*added, *moved))])
    said = _("then {added} added, {changed} changed, {gone} removed").format(
        added=len(added), changed=len(moved), gone=len(gone)
    )
    return f"{said} ({names})" if names else said


def people(names: Sequence[str]) -> str:
    """Who did it."""
    return ", ".join(sorted({name for name in names if name}))
