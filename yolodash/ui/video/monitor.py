"""A run over a video while it is at work: how far, how fast, how long still, the newest frame, and a stop."""

from __future__ import annotations

import base64
import contextlib
from pathlib import Path

import streamlit as st

from yolodash.runs.state import AT_WORK, read_state, request_stop
from yolodash.runs.watching import LAST, VideoProgress, read_progress
from yolodash.ui import messages
from yolodash.ui.i18n import _


@st.fragment(run_every=1.0)
def show(run: Path, first: bytes) -> None:
    """Watch it; when it ends, the page is run once more.

    Args:
        first: a JPEG to show before there is a newest frame.
    """
    found = read_state(run)
    if found.state not in AT_WORK:
        st.rerun()
    picture, words = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with picture:
        newest = read_newest(run)
        # Within the page itself: a file of its own would be replaced before a slow browser has fetched it.
        shown = "data:image/jpeg;base64," + base64.b64encode(newest or first).decode()
        st.image(shown, caption=_("The newest frame, with its boxes") if newest else None, width="stretch")
    with words:
        bar(read_progress(run), stopping=found.state == "stopping")
        st.caption(_("It goes on when this page is closed, and is found here again."))
        if st.button(_("Stop, and keep what is done"), icon=":material/stop:", key="video_stop"):
            request_stop(run)


def read_newest(run: Path) -> bytes:
    """The newest frame as a JPEG; empty before the first."""
    with contextlib.suppress(OSError):
        return (run / LAST).read_bytes()
    return b""


def bar(progress: VideoProgress | None, *, stopping: bool) -> None:
    """How far it is; before the first frame, what goes before it."""
    if progress is None:
        st.progress(0.0, text=_("Loading the model …"))
        return
    share = min(progress.done / progress.total, 1.0) if progress.total else 0.0
    st.progress(share, text=_("Stopping …") if stopping else words_of(progress))


def words_of(progress: VideoProgress) -> str:
    """How far, how fast, and how long still."""
    if progress.total:
        said = _("{done} of {total} frames").format(done=f"{progress.done:,}", total=f"{progress.total:,}")
    else:
        said = _("{done} frames").format(done=f"{progress.done:,}")
    said += " · " + _("{rate} frames a second").format(rate=f"{progress.rate:.1f}")
    if progress.left is not None:
        said += " · " + _("about {seconds} s left").format(seconds=round(progress.left))
    return said


def ended(run: Path, frames: int) -> None:
    """How a run ended that did not come to its end; nothing for one that did."""
    found = read_state(run)
    if found.state == "stopped":
        st.info(
            _("Stopped after {frames} frames; they are here.").format(frames=f"{frames:,}"),
            icon=":material/stop_circle:",
        )
    elif found.state in ("failed", "died"):
        said = messages.told(found) or _("The worker ended before it was done.")
        st.warning(f"{said} " + _("{frames} frames were done.").format(frames=f"{frames:,}"), icon=":material/error:")
