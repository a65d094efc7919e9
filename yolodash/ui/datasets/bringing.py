"""How pictures come in: uploads of every kind, a video's frames, the camera, rendered scenes, a path on the server."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from yolodash import workspace
from yolodash.data.store.folders import create_dataset, find_stored
from yolodash.data.store.pictures import add_picture
from yolodash.runs.folders import numbered
from yolodash.runs.making import begin_making
from yolodash.runs.taking_in import Kind, begin_taking, spooled
from yolodash.scenes.writing import MOST_IMAGES, SeriesOptions
from yolodash.serving.roles import Role
from yolodash.structures import ImageSize
from yolodash.ui import entrance, messages
from yolodash.ui.annotating import person
from yolodash.ui.datasets import choosing
from yolodash.ui.i18n import _, ngettext

NEW = ""
_INTO, _NAME, _HOW, _ROUND = "datasets_into", "datasets_name", "datasets_how", "datasets_upload_round"
WAYS = ("upload", "folder", "video", "camera", "scenes", "path")
SIDES = {"160×120": (120, 160), "320×240": (240, 320), "640×480": (480, 640)}


def way_names() -> dict[str, str]:
    """What the ways are called."""
    return {
        "upload": _("Pictures or a zip"),
        "folder": _("A folder"),
        "video": _("Frames of a video"),
        "camera": _("Camera"),
        "scenes": _("Rendered scenes"),
        "path": _("A path on the server"),
    }


def show(current: Path | None) -> None:
    """Where to, from where, and the button."""
    names = way_names()
    ways = WAYS if entrance.may(Role.TRAINER) else tuple(way for way in WAYS if way != "path")
    way = st.segmented_control(
        _("Where from"), ways, format_func=names.__getitem__, default=WAYS[0], key=_HOW, required=True
    )
    into = _choose_target(current, only_new=way == "scenes")
    {"upload": _upload, "folder": _folder, "video": _video, "camera": _camera, "scenes": _scenes, "path": _path}[way](
        into
    )


def _choose_target(current: Path | None, *, only_new: bool) -> str:
    """The name of the data set that the pictures go into; empty where it cannot be one."""
    left, right = st.columns(2)
    folders = choosing.stored()
    options = (
        *((current.name,) if current else ()),
        NEW,
        *(name for name in folders if not current or name != current.name),
    )
    if only_new or not folders:
        options = (NEW,)
    if st.session_state.get(_INTO) not in options:
        st.session_state[_INTO] = options[0]
    into = left.selectbox(
        _("Into"), options, format_func=lambda name: name or _("a new data set"), key=_INTO, disabled=len(options) == 1
    )
    if into != NEW:
        return str(into)
    if not st.session_state.get(_NAME) or st.session_state[_NAME] in folders:
        st.session_state[_NAME] = free_name(_("pictures") if not only_new else _("scenes"))
    name = right.text_input(_("Its name"), key=_NAME, max_chars=80).strip()
    if name != workspace.safe_name(name):
        right.caption(_("A name has letters, digits, dots, dashes and spaces."))
        return ""
    return name


def free_name(wanted: str) -> str:
    """A name that no data set has."""
    taken = {path.name for path in workspace.folder("datasets").iterdir()}
    return next(name for name in numbered(workspace.safe_name(wanted)) if name not in taken)


def _upload(into: str) -> None:
    files = st.file_uploader(
        _("JPEG, PNG, WebP and others, hundreds at once; with their label files, or a zip of all of it"),
        accept_multiple_files=True,
        key=_upload_key("files"),
    )
    _offer(into, files, "files")
    st.caption(
        _("Labels are read in the forms of YOLO, COCO, Pascal VOC, Roboflow, LabelMe, CVAT, Label Studio, Create ML, "
          "KITTI. Each picture is kept byte by byte as it came.")
    )  # fmt: skip


def _folder(into: str) -> None:
    files = st.file_uploader(
        _("A folder with pictures, and with their labels where there are any"),
        accept_multiple_files="directory",
        key=_upload_key("folder"),
    )
    _offer(into, files, "files")


def _video(into: str) -> None:
    file = st.file_uploader(_("A video: MP4, MOV, WebM, MKV or AVI"), key=_upload_key("video"))
    rate = st.number_input(
        _("Frames a second"), 0.01, 60.0, 1.0, 0.5, key="datasets_rate",
        help=_("Frames that follow each other closely teach a network little more; one a second is a good start."),
    )  # fmt: skip
    _offer(into, [file] if file else [], "video", per_second=float(rate))


def _camera(into: str) -> None:
    left, right = st.columns([3, 2])
    with left:
        shot = st.camera_input(_("Take a picture"), key=_upload_key("camera"))
    if shot is None:
        right.caption(_("Each picture that you keep is added at once."))
        return
    if right.button(_("Keep this picture"), type="primary", icon=":material/add_a_photo:", disabled=not into):
        with messages.shown():
            keep_shot(into, shot.getvalue())
            _again(into, stay=True)


def keep_shot(into: str, data: bytes) -> None:
    """Add a picture of the camera."""
    known = (workspace.folder("datasets") / into).exists()
    dataset = find_stored(into) if known else create_dataset(into, by=person.name())
    name = datetime.datetime.now().strftime("camera-%Y%m%d-%H%M%S.jpg")
    add_picture(dataset, name, data, by=person.name(), origin="camera")


def _scenes(into: str) -> None:
    left, middle, right = st.columns(3)
    count = left.number_input(_("Pictures"), 2, MOST_IMAGES, 200, 50, key="datasets_scenes")
    seed = middle.number_input(_("Seed"), 0, step=1, key="datasets_scene_seed")
    side = right.selectbox(_("Size in pixels"), tuple(SIDES), index=1, key="datasets_scene_size")
    if st.button(_("Make the scenes"), type="primary", icon=":material/view_in_ar:", disabled=not into):
        make_scenes(into, int(count), int(seed), side)
    st.caption(_("Cubes, spheres and cylinders with exact boxes: good to try everything on."))


def make_scenes(name: str, count: int, seed: int, side: str) -> None:
    """Begin to draw scenes."""
    with messages.shown():
        height, width = SIDES[side]
        begin_making(name, SeriesOptions(count, ImageSize(height, width), seed))
        choosing.open_next(name)
        st.rerun()


def _path(into: str) -> None:
    source = st.text_input(
        _("data.yaml, folder, COCO JSON or zip on the machine that runs this program"), key="datasets_path"
    ).strip()
    if st.button(
        _("Take it in"), type="primary", icon=":material/drive_folder_upload:", disabled=not (into and source)
    ):
        with messages.shown():
            entrance.require_known(source, ())
            _begin(into, [], "path", source=source)


def _offer(into: str, files: Sequence[UploadedFile], kind: Kind, **more: Any) -> None:
    """The button, as soon as there is something to take."""
    if not files:
        return
    label = ngettext("Take in {count} file", "Take in {count} files", len(files)).format(count=len(files))
    if st.button(label, type="primary", icon=":material/download_done:", disabled=not into, key="datasets_take"):
        with messages.shown():
            _begin(into, files, kind, **more)


def _begin(into: str, files: Sequence[UploadedFile], kind: Kind, **more: Any) -> None:
    """Copy what was uploaded, then let another process work on it."""
    sources: list[tuple[str, IO[bytes]]] = [(file.name, file) for file in files]
    with st.spinner(_("Copying …")), spooled(sources) as job:
        begin_taking(job, into, kind, by=person.name(), **more)
    let_go(files)
    _again(into)


def let_go(files: Iterable[UploadedFile]) -> None:
    """Free the memory of uploads that lie on the disk by now; Streamlit keeps them for as long as the session."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        for file in files:
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def _again(into: str, *, stay: bool = False) -> None:
    """Show what comes, with empty uploaders."""
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.session_state.pop(_NAME, None)
    if stay:
        st.session_state[_INTO] = into
    choosing.open_next(into, "add" if stay else choosing.VIEWS[0])
    st.rerun()


def _upload_key(name: str) -> str:
    """Of an uploader; a new one empties it."""
    return f"datasets_{name}_{st.session_state.get(_ROUND, 0)}"
