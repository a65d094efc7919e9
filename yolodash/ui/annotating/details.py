"""Who is to do a picture, and what was said about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st

from yolodash.data.store.truth import Truth, save_truth
from yolodash.ui import messages
from yolodash.ui.annotating import person
from yolodash.ui.i18n import _

LONGEST = 2000
COMMENTS = "comments"


def show(dataset: Path, stem: str, truth: Truth) -> None:
    """The person in charge, the comments, and a field for another."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        assign(dataset, stem, truth)
        signed(truth)
    with right:
        comments(truth)
        write(dataset, stem, truth)


def assign(dataset: Path, stem: str, truth: Truth) -> None:
    """To whom the picture is given."""
    key = f"annotate_assignee_{dataset.name}_{stem}_{truth.assignee}"
    typed = st.text_input(_("Given to"), truth.assignee, key=key, max_chars=person.LONGEST, placeholder=_("nobody yet"))
    chosen = " ".join(typed.split())
    if chosen != truth.assignee:
        save_truth(dataset, stem, replace(truth, assignee=chosen), by=person.name())
        st.rerun()


def signed(truth: Truth) -> None:
    """Who drew the boxes."""
    people = sorted({one.by for one in truth.boxes if one.by})
    if people:
        st.caption(_("Boxes by {people}").format(people=messages.plain(", ".join(people))))


def comments(truth: Truth) -> None:
    """What was said, the oldest first."""
    said = [one for one in truth.extra.get(COMMENTS) or () if isinstance(one, Mapping)]
    for one in said:
        by, at, text = (messages.plain(one.get(part, "")) for part in ("by", "at", "text"))
        st.markdown(f"**{by}** :small[{at}]  \n{text}")
    if not said:
        st.caption(_("Nobody has said anything about this picture."))


def write(dataset: Path, stem: str, truth: Truth) -> None:
    """One more comment."""
    with st.form(f"annotate_comment_{dataset.name}_{stem}", clear_on_submit=True, border=False):
        text = st.text_input(_("Comment"), max_chars=LONGEST)
        sent = st.form_submit_button(_("Add comment"), icon=":material/add_comment:")
    if sent and text.strip():
        save_truth(dataset, stem, replace(truth, extra=with_comment(truth.extra, text.strip())), by=person.name())
        st.rerun()


def with_comment(extra: Mapping[str, Any], text: str) -> dict[str, Any]:
    """An ``extra`` with one more comment."""
    before = extra.get(COMMENTS)
    said = list(before) if isinstance(before, list) else []
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {**extra, COMMENTS: [*said, {"by": person.name(), "at": at, "text": text}]}
