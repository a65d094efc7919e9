"""Which video: the sample, the camera, one of this browser's uploads, or one that a run has looked at; the address
remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from yolodash import workspace
from yolodash.data.videos.uploads import delete_video, list_videos, save_video, video_path
from yolodash.errors import YoloDashError
from yolodash.runs.folders import read_run
from yolodash.runs.state import AT_WORK
from yolodash.runs.store import list_runs
from yolodash.runs.watching import options_of, source_of
from yolodash.ui import messages, session, state
from yolodash.ui.i18n import _, ngettext

Kind = Literal["sample", "camera", "upload", "run"]
SAMPLE_FOLDER = Path(__file__).parent / "sample"
SAMPLE = "sample"
CAMERA = "camera"
_KEY = "video_subject"
_NEWEST = "video_newest"
_ROUND = "video_round"
_REFUSED = "video_refused"


@dataclass(frozen=True)
class Subject:
    """A video that can be opened.

    Attributes:
        kind: where it comes from.
        id: the upload's, or the run's name.
        name: what to call it; may be the user's own text.
        title: the video's own name.
    """

    kind: Kind
    id: str
    name: str
    title: str

    @property
    def key(self) -> str:
        """As it stands in the address."""
        if self.kind in (SAMPLE, CAMERA):
            return self.kind
        return f"{self.kind}:{self.id if self.kind == 'run' else self.id[:16]}"

    @property
    def folder(self) -> Path | None:
        """Where what a model said of it lies; None where none has looked."""
        if self.kind == "run":
            return workspace.inside(workspace.folder("runs"), self.id)
        return SAMPLE_FOLDER if self.kind == "sample" else None

    def path(self) -> Path:
        """The video itself.

        Raises:
            VideoError: it has gone.
        """
        if self.kind == "upload":
            return video_path(session.token(), self.id)
        folder = self.folder
        assert folder is not None
        return source_of(folder)


def choose() -> Subject:
    """The list, and below it where new ones come in."""
    subjects = {one.key: one for one in (sample(), camera(), *uploads(), *runs())}
    asked = _asked(subjects)
    newest = st.session_state.pop(_NEWEST, None)
    if newest in subjects:
        st.session_state[_KEY] = newest
    elif st.session_state.get(_KEY) not in subjects:
        st.session_state[_KEY] = state.from_address("video", state.one_of(subjects, str), SAMPLE)
    chosen = st.selectbox(
        _("Video"),
        tuple(subjects),
        format_func=lambda key: subjects[key].name if key in subjects else key,
        key=_KEY,
        persist_state="session",
    )
    if asked is None or chosen != SAMPLE:
        state.mirror({"video": None if chosen == SAMPLE else chosen})
    _take_in()
    return subjects[chosen]


def open_subject(key: str) -> None:
    """Show this one from the next run on."""
    st.session_state[_NEWEST] = key


def sample() -> Subject:
    """The clip that comes with YoloDash."""
    return Subject("sample", "", _("Sample: blocks that move"), "source.mp4")


def camera() -> Subject:
    """What a camera of this computer sees now."""
    return Subject("camera", "", _("Live camera"), "")


def uploads() -> list[Subject]:
    """What this browser has uploaded, the newest first; nothing while it has not said who it is."""
    if not session.settled():
        return []
    return [Subject("upload", one.id, one.name, one.name) for one in reversed(list_videos(session.token()))]


def runs() -> list[Subject]:
    """What runs have looked at, or are looking at, the newest first."""
    found = []
    for run in list_runs("video"):
        sign = "● " if run.state in AT_WORK else ""
        try:
            title = options_of(workspace.folder("runs") / run.name).title
        except YoloDashError:
            continue
        found.append(Subject("run", run.name, f"{sign}{_('Run:')} {run.name}", title))
    return found


def model_of(subject: Subject) -> str:
    """The model that looked at it, by its name; empty where none has."""
    return "" if subject.folder is None else str(read_run(subject.folder)["options"].get("weights", ""))


def _asked(subjects: dict[str, Subject]) -> str | None:
    """What the address asks for and is not here: a private upload, or a run that was deleted."""
    asked = st.query_params.get("video", "")
    if not asked or asked in subjects or st.session_state.get(_KEY) in subjects:
        return None
    if asked.startswith("upload:"):
        if not session.settled():
            st.caption(_("Looking for this upload in your browser …"))
            st.stop()
        st.info(
            _("This link leads to a private upload, which only the browser that uploaded it can show."),
            icon=":material/lock:",
        )
    else:
        st.info(_("The video of this link is no longer here."), icon=":material/link_off:")
    return asked


def _take_in() -> None:
    """Files that are dropped or chosen; what was refused the last time is said here, once."""
    files = st.file_uploader(
        _("Add your own videos"),
        accept_multiple_files=True,
        key=f"video_upload_{st.session_state.setdefault(_ROUND, 0)}",
        help=_("MP4, MOV, MKV, WebM, AVI or GIF. What is inside counts, not the file's name."),
    )
    for refusal in st.session_state.pop(_REFUSED, []):
        messages.show(refusal)
    if files:
        refused: list[YoloDashError] = []
        for file in files:
            try:
                kept = save_video(session.token(), file.name, file)
                session.settle()
                open_subject(f"upload:{kept.id[:16]}")
            except YoloDashError as error:
                refused.append(error)
        st.session_state[_REFUSED] = refused
        st.session_state[_ROUND] += 1
        st.rerun()


def forget_uploads() -> None:
    """One button that deletes every video of this browser, after one question."""
    kept = uploads()
    if not kept:
        return
    told = ngettext("{count} video is kept for this browser.", "{count} videos are kept for this browser.", len(kept))
    st.caption(told.format(count=len(kept)))
    if st.toggle(_("Delete my videos"), key="video_delete") and st.button(
        _("Delete them for good"), type="primary", icon=":material/delete:", key="video_delete_all"
    ):
        for one in kept:
            delete_video(session.token(), one.id)
        del st.session_state["video_delete"]
        st.rerun()
