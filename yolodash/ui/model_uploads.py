"""Bring your own model: a .pt of YOLOv5, or .weights with its .cfg and .names of Darknet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import streamlit as st

from yolodash.errors import N_, ModelFileError
from yolodash.models import catalogue
from yolodash.models.catalogue import ModelFiles
from yolodash.serving.roles import Role
from yolodash.ui import catalogue_view, entrance, inspector, messages
from yolodash.ui.i18n import _

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

TYPES = ("pt", "pth", "weights", "cfg", "names")
_ROUND = "model_upload_round"


def show() -> None:
    """The uploader, and the button that checks and keeps what was dropped."""
    st.write(
        _(
            "A YOLOv5 checkpoint of releases 3.0 to 7.0 (.pt), or a Darknet network: its .weights together with its "
            ".cfg, and its .names where you have them. Files are read by a reader that runs nothing of what is in them."
        )
    )
    entrance.require(Role.TRAINER)
    count = st.session_state.setdefault(_ROUND, 0)
    files = st.file_uploader(_("Model files"), type=list(TYPES), accept_multiple_files=True, key=f"model_files_{count}")
    if st.button(_("Check and keep"), type="primary", disabled=not files, key="keep_model"):
        with messages.shown(), st.spinner(_("Reading the model …")):
            keep(files)
            catalogue_view.open_section("inside")
            st.session_state[_ROUND] = count + 1  # an uploader with a new name is empty: its bytes leave the memory
            st.rerun()


def keep(files: Sequence[UploadedFile]) -> None:
    """Add every weights file with what belongs to it; the last one is looked at next.

    Raises:
        ModelFileError: there are no weights among the files, or they are no model.
    """
    weights = [file for file in files if _suffix(file) in (".pt", ".pth", ".weights")]
    if not weights:
        raise ModelFileError(
            N_("There are no weights among these files"), fix=N_("add the .pt or .weights file that belongs to them")
        )
    for file in weights:
        darknet = _suffix(file) == ".weights"
        cfg = _companion(file, files, ".cfg") if darknet else None
        names = _companion(file, files, ".names")
        file.seek(0)
        model = catalogue.add_upload(file.name, file, cfg=cfg, names=names, check=_check)
        inspector.look_at(model.name)


def _check(files: ModelFiles) -> None:
    """The model must load: what does not is refused with the reader's own sentence."""
    from yolodash.models.loading import load_model

    load_model(files.weights, cfg=files.cfg, names=files.names)


def _companion(weights: UploadedFile, files: Sequence[UploadedFile], suffix: str) -> bytes | None:
    """The file of the same name with another ending, else the only one with it."""
    others = [file for file in files if _suffix(file) == suffix]
    stem = PurePosixPath(weights.name).stem
    same = [file for file in others if PurePosixPath(file.name).stem == stem]
    chosen = same[0] if same else others[0] if len(others) == 1 else None
    return None if chosen is None else chosen.getvalue()


def _suffix(file: UploadedFile) -> str:
    return PurePosixPath(file.name).suffix.lower()
