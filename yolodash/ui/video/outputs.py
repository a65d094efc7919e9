"""What one can take away, with the thresholds of now: the video, the boxes, frames for a data set, the command."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from yolodash import workspace
from yolodash.data.store.folders import create_dataset, find_stored, list_stored
from yolodash.data.uploads import session_folder
from yolodash.runs import exporting
from yolodash.runs.watched import Watched
from yolodash.structures import Thresholds
from yolodash.ui import messages, session
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.video import start

_FOLDER = "exports"
_DATASET = "video_dataset"


def show(watched: Watched, thresholds: Thresholds) -> None:
    """Folded, since the picture comes first."""
    with st.expander(_("Take it with you: video, boxes, frames to annotate, command"), icon=":material/download:"):
        film, tables, frames, command = st.tabs([_("Video"), _("Boxes"), _("Frames to annotate"), _("Copy as command")])
        with film, messages.shown():
            video(watched, thresholds)
        with tables:
            boxes(watched, thresholds)
        with frames, messages.shown():
            to_annotate(watched, thresholds)
        with command:
            st.code(start.command(watched.options, thresholds), language="bash", wrap_lines=True)
    st.caption(_("Everything here is made with the thresholds as they stand now; the network does not run."))


def stem_of(watched: Watched) -> str:
    """What files are called."""
    return workspace.safe_name(Path(watched.options.title).stem or "video")


def video(watched: Watched, thresholds: Thresholds) -> None:
    """The video with its boxes, encoded by a process of its own when asked for."""
    folder = session_folder(session.token()) / _FOLDER
    path = exporting.export_path(watched, thresholds, folder)
    found = exporting.read_export(path)
    if found is None or found.error is not None:
        if found is not None and found.error is not None:
            messages.show(found.error)
        if st.button(_("Make the video with these boxes"), icon=":material/movie:", key="video_export"):
            exporting.begin_export(watched, thresholds, folder)
            st.rerun()
        st.caption(_("MP4 with H.264, which plays everywhere; with its sound, and every frame at its own time."))
    elif found.ready:
        shown, _rest = st.columns([3, 2])
        shown.video(path.read_bytes())
        st.download_button(
            _("Download the video"), path.read_bytes, f"{stem_of(watched)}-boxes.mp4", "video/mp4",
            key="video_download", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    else:
        encoding(path)


@st.fragment(run_every=1.0)
def encoding(path: Path) -> None:
    """How far the encoding is."""
    found = exporting.read_export(path)
    if found is None or found.ready or found.error is not None:
        st.rerun()
    share = min(found.done / found.total, 1.0) if found.total else 0.0
    st.progress(share, text=_("{done} of {total} frames").format(done=f"{found.done:,}", total=f"{found.total:,}"))


def boxes(watched: Watched, thresholds: Thresholds) -> None:
    """Tables of every box; each file is built when it is asked for."""
    stem = stem_of(watched)
    with st.container(horizontal=True):
        st.download_button(
            "JSON Lines", lambda: exporting.json_lines(watched, thresholds), f"{stem}.jsonl", "application/jsonl",
            key="video_jsonl", on_click="ignore", width="content",
        )  # fmt: skip
        st.download_button(
            _("CSV table"), lambda: exporting.table(watched, thresholds), f"{stem}.csv", "text/csv",
            key="video_csv", on_click="ignore", width="content",
        )  # fmt: skip
    st.caption(_("A line a frame that the network saw, or a row a box; each with its time and identity."))


def to_annotate(watched: Watched, thresholds: Thresholds) -> None:
    """Chosen frames and their boxes, as a zip or straight into a data set."""
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    every = int(left.number_input(_("Every so many-th frame"), 1, 10_000, 10, key="video_frames_every"))
    names = [path.name for path in list_stored()]
    wanted = right.selectbox(
        _("Data set: choose one, or write the name of a new one"),
        names,
        index=None,
        accept_new_options=True,
        key=_DATASET,
        persist_state="session",
    )
    with st.container(horizontal=True):
        if st.button(
            _("Send to annotation"),
            type="primary",
            icon=":material/edit_square:",
            disabled=not wanted,
            key="video_send",
        ):
            send(watched, thresholds, every, str(wanted), new=wanted not in names)
        st.download_button(
            _("YOLO labels and pictures, zipped"), lambda: exporting.yolo_archive(watched, thresholds, every),
            f"{stem_of(watched)}-yolo.zip", "application/zip", key="video_yolo", on_click="ignore", width="content",
        )  # fmt: skip
    st.caption(_("Frames without a box are left out. The boxes are proposals: whoever annotates confirms them."))


def send(watched: Watched, thresholds: Thresholds, every: int, name: str, *, new: bool) -> None:
    """Put the frames into the data set, and lead there."""
    dataset = create_dataset(name) if new else find_stored(name)
    with st.spinner(_("Frames go into the data set …")):
        by = f"model {watched.options.weights}"
        count = exporting.send_frames(watched, thresholds, every, dataset, by=by)
    told = ngettext("{count} frame is in the data set {name}.", "{count} frames are in the data set {name}.", count)
    st.success(told.format(count=count, name=messages.plain(dataset.name)), icon=":material/check_circle:")
    st.page_link(
        "pages/annotate.py",
        label=_("Annotate them"),
        icon=":material/edit_square:",
        query_params={"data": dataset.name},
    )
