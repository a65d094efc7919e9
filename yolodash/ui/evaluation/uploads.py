"""A truth file and a results file from the reader's own machine, and pictures to see them on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from yolodash import workspace
from yolodash.data.formats.coco import read_json, read_results, read_truth
from yolodash.data.uploads import session_folder
from yolodash.ui import session
from yolodash.ui.evaluation import source
from yolodash.ui.evaluation.source import Evaluated
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_KEPT = "evaluate_files"
MOST_FOREIGN = 12
"""Classes for which a partner is asked; of more than these, files simply do not belong together."""


def show() -> Evaluated | None:
    """Take the files in; None while one is missing. A pair that was given before is remembered.

    Raises:
        DatasetError: a file cannot be read, or they do not belong together.
    """
    with st.expander(_("Files"), expanded=_KEPT not in st.session_state, icon=":material/upload_file:"):
        left, middle, right = st.columns(3, gap="medium")
        truth = left.file_uploader(_("Truth, COCO JSON"), type="json", key="evaluate_truth")
        results = middle.file_uploader(_("Detections, COCO results JSON"), type="json", key="evaluate_results")
        pictures = right.file_uploader(
            _("Pictures, if you have them"), accept_multiple_files=True, key="evaluate_pictures"
        )
        if truth is not None and results is not None:
            st.session_state[_KEPT] = (_stored(truth), _stored(results), results.name)
        given: tuple[Path, Path, str] | None = st.session_state.get(_KEPT)
        if given is None:
            st.caption(_("Both files are scored as they are; nothing is sent anywhere, and no network runs."))
            return None
    mapping = ask_for_classes(given[0], given[1])
    return evaluated(given[0], renamed(given[1], mapping), given[2], _pictures(pictures or []))


@st.cache_resource(show_spinner=False, max_entries=4)
def evaluated(truth: Path, detections: Path, name: str, pictures: Mapping[str, Path]) -> Evaluated:
    """The pair as tables, kept by the process; stored files are named by their content."""
    return source.from_files(truth, detections, name, pictures)


def _stored(file: UploadedFile) -> Path:
    """An uploaded file in this browser's folder, in a folder named by its content, so that errors can say its name."""
    data = file.getvalue()
    name = workspace.safe_name(file.name) or "file"
    path = session_folder(session.token()) / "evaluate" / hashlib.sha256(data).hexdigest()[:32] / name
    if not path.exists():
        workspace.write_bytes(path, data)
    return path


def _pictures(files: Sequence[UploadedFile]) -> dict[str, Path]:
    return {file.name: _stored(file) for file in files}


def ask_for_classes(truth: Path, detections: Path) -> dict[int, int]:
    """For each class of the detections that the truth does not have: which of its classes is meant, if any.

    Raises:
        DatasetError: a file cannot be read.
    """
    target, results = read_truth(truth), read_results(detections)
    foreign = sorted(set(np.unique(results.category).tolist()) - set(target.category_ids))
    if not foreign:
        return {}
    st.markdown("**" + _("Some classes of the detections are not in the truth. Which ones are meant?") + "**")
    names = dict(zip(target.category_ids, target.category_names, strict=True))
    chosen: dict[int, int] = {}
    columns = st.columns(4)
    for place, number in enumerate(foreign[:MOST_FOREIGN]):
        count = int((results.category == number).sum())
        meant = columns[place % 4].selectbox(
            _("class {number} ({count} boxes)").format(number=number, count=count),
            target.category_ids,
            index=None,
            format_func=lambda one: plain(names[one]),
            placeholder=_("leave out"),
            key=f"evaluate_meant_{number}",
        )
        if meant is not None:
            chosen[number] = meant
    return chosen


def renamed(detections: Path, mapping: Mapping[int, int]) -> Path:
    """The results with other class ids, as a file beside the first."""
    if not mapping:
        return detections
    content = read_json(detections)
    rows = content if isinstance(content, list) else content["annotations"]
    for row in rows:
        row["category_id"] = mapping.get(row["category_id"], row["category_id"])
    text = json.dumps(rows).encode()
    path = detections.with_name(f"{detections.stem}.{hashlib.sha256(text).hexdigest()[:16]}.json")
    if not path.exists():
        workspace.write_bytes(path, text)
    return path
