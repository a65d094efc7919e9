"""What the browser wants and what it is told: every message is dealt with once, and its outcome kept for the answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import streamlit as st

from yolodash.data.store.folders import find_stored
from yolodash.data.store.truth import Truth
from yolodash.errors import YoloDashError
from yolodash.ui import canvas, session
from yolodash.ui.annotating import person
from yolodash.ui.annotating.saving import Conflict, save
from yolodash.ui.canvas import Message, Reply
from yolodash.ui.i18n import _

KEY = "annotate_canvas"
MOST_REPLIES = 50
_LOG = logging.getLogger("yolodash")
Place = tuple[str, str]


@dataclass
class Memory:
    """What one tab's session remembers.

    Attributes:
        heard: the message that was dealt with last.
        replies: by data set and picture, what became of the last one about it.
        conflicts: by data set and picture, the two versions that wait for a choice.
    """

    heard: Message | None = None
    replies: dict[Place, Reply] = field(default_factory=dict)
    conflicts: dict[Place, Conflict] = field(default_factory=dict)


def memory() -> Memory:
    """This tab's."""
    kept: Memory = st.session_state.setdefault("annotate_memory", Memory())
    return kept


def deal(go: Callable[[str, int], None]) -> None:
    """Deal with a message that is new.

    Args:
        go: shows the picture so many places after a given one.
    """
    message, kept = canvas.take(KEY), memory()
    if message is None or message == kept.heard or not session.settled():  # until then it could not be signed
        return
    again = kept.heard is not None and _same(kept.heard, message)
    place = (message.dataset, message.stem)
    known = kept.replies.get(place)
    if not (again and known is not None and _same(known, message) and known.outcome != "failed"):
        keep(message)
    kept.heard = message
    outcome = kept.replies[place].outcome if message.boxes is not None else "saved"
    if message.go and not again and outcome in ("saved", "settled"):
        go(message.stem, message.go)


def _same(one: Message | Reply, other: Message) -> bool:
    return (one.writer, one.sequence) == (other.writer, other.sequence)


def keep(message: Message) -> None:
    """Save what it changed, if anything; what comes of it is remembered for the answer."""
    if message.boxes is None:
        return
    kept, place = memory(), (message.dataset, message.stem)
    reply = Reply(message.stem, message.writer, message.sequence, message.attempt, "saved")
    try:
        result = save(find_stored(message.dataset), message, by=person.name())
    except YoloDashError as error:
        _LOG.warning("a change of %s was not saved: %s", message.stem, error)
        _remember(place, replace(reply, outcome="failed", sentence=said(error)))
        return
    if isinstance(result, Conflict):
        kept.conflicts[place] = result
        _remember(place, replace(reply, outcome="conflict", revision=result.theirs.revision))
    else:
        kept.conflicts.pop(place, None)
        _remember(place, replace(reply, revision=result.revision))


def said(error: YoloDashError) -> str:
    """What is wrong and what to do, as plain text: the canvas shows no Markdown."""
    what, fix = (_(text).format(**error.values) for text in (error.what, error.fix))
    return f"{what}. {fix[:1].upper()}{fix[1:]}."


def settle(dataset: str, conflict: Conflict, saved: Truth) -> None:
    """Two versions were made one: the browser may forget its own."""
    message = conflict.message
    place = (dataset, message.stem)
    memory().conflicts.pop(place, None)
    reply = Reply(message.stem, message.writer, message.sequence, message.attempt, "settled", saved.revision)
    _remember(place, reply)


def _remember(place: Place, reply: Reply) -> None:
    replies = memory().replies
    replies.pop(place, None)
    replies[place] = reply
    while len(replies) > MOST_REPLIES:
        replies.pop(next(iter(replies)))
