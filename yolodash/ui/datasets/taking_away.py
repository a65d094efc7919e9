"""A data set or a version of it as a zip in another form, with a note on what the form cannot say."""

from __future__ import annotations

import hashlib
import shlex
from pathlib import Path
from typing import get_args

import streamlit as st

from yolodash.data.store.versions import list_versions
from yolodash.data.writing import WrittenFormat
from yolodash.runs.jobs import Job
from yolodash.runs.taking_out import (
    Zip,
    begin_taking_out,
    put_away,
    ready,
    stop_taking_out,
    taking_out,
    zips_folder,
)
from yolodash.ui import messages
from yolodash.ui.datasets.listing import Listing
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import phrase, plain
from yolodash.ui.train import health_view

NOW = ""


def show(listing: Listing) -> None:
    """What, in which form; the zip, when it is ready."""
    if not listing.pictures:
        st.info(_("This data set has no pictures yet."), icon=":material/image:")
        return
    versions = {one.name: one.folder for one in list_versions(listing.dataset)}
    left, right = st.columns([2, 3])
    which = left.selectbox(
        _("What"), (NOW, *reversed(versions)), key="datasets_export_what",
        format_func=lambda name: _("version {name}").format(name=name) if name else _("the data set as it is now"),
    )  # fmt: skip
    names = {"yolo": "YOLO", "coco": "COCO", "voc": "Pascal VOC"}
    form = right.segmented_control(
        _("Form"), get_args(WrittenFormat), format_func=names.__getitem__, default="yolo", key="datasets_export_form",
        required=True,
    )  # fmt: skip
    st.caption(about(str(form)))
    folder = versions.get(which, listing.dataset)
    place = _place(listing, folder, str(form), which)
    name = f"{listing.dataset.name}{'-' + which if which else ''}-{form}.zip"
    job = taking_out(listing.dataset)
    found = ready(place)
    if job is not None and job.at_work:
        _watch(listing.dataset)
    else:
        if job is not None:
            _ended(listing.dataset, job)
        if found is None:
            _make_button(listing.dataset, folder, place, str(form), name)
    with st.expander(_("Copy as command"), icon=":material/terminal:"):
        source = shlex.quote(str(folder) if which else listing.dataset.name)
        output = shlex.quote(f"{listing.dataset.name}.zip")
        line = f"python -m yolodash dataset export {source} --to {form} --output {output}"
        st.code(line, language="bash", wrap_lines=True)
    if found is not None:
        _offer(found, name)


def _make_button(dataset: Path, folder: Path, place: Path, form: str, name: str) -> None:
    label = _("Make the zip")
    if st.button(label, type="primary", icon=":material/folder_zip:", key="datasets_export_make"):
        with messages.shown():
            begin_taking_out(dataset, folder, place, form, name=name)
            st.rerun()


def about(form: str) -> str:
    """What one does with a form."""
    return {
        "yolo": _("Pictures, labels and data.yaml: trains as it stands, here and with YOLOv5."),
        "coco": _("Pictures and a JSON a part, for pycocotools, Detectron2, MMDetection and others."),
        "voc": _("Pictures, an XML each and lists of the parts."),
    }[form]


@st.fragment(run_every=0.5)
def _watch(dataset: Path) -> None:
    """How far the zip is, and a stop; its end shows the page anew."""
    job = taking_out(dataset)
    if job is None or not job.at_work:
        st.rerun()
    left, right = st.columns([6, 1], vertical_alignment="center")
    with left:
        _progress(job)
    right.button(_("Stop"), icon=":material/stop:", key="datasets_export_stop", on_click=stop_taking_out,
                 args=(dataset,), width="stretch")  # fmt: skip
    st.caption(_("It goes on when this page is closed, and is found here again."))


def _progress(job: Job) -> None:
    """Each picture counts twice: it is written, then packed."""
    name = plain(str(job.request.get("name", "")))
    if job.progress is None:
        st.progress(0.0, text=_("Opening the data set …"))
        return
    done, total = job.progress.done, job.progress.total // 2
    text = _("{name}: {done} of {total}").format(name=name, done=f"{done:,}", total=f"{total:,}")
    if done >= total:
        text = _("Packing {name} …").format(name=name)
    st.progress(min(done / max(2 * total, 1), 1.0), text=text)


def _ended(dataset: Path, job: Job) -> None:
    """How one ended that did not come to its end."""
    if job.error is not None:
        messages.show(job.error)
    elif job.state == "stopped":
        st.info(_("The export was stopped; nothing of it was left."), icon=":material/stop_circle:")
        put_away(dataset)
    elif job.state != "finished":
        st.warning(_("The export ended before it was done. Start it again."), icon=":material/stop_circle:")


def _place(listing: Listing, folder: Path, form: str, which: str) -> Path:
    """Where the zip of this state lies; another state is another file."""
    state = which or repr(listing.stamp)
    digest = hashlib.sha256(f"{folder.name} {state}".encode()).hexdigest()[:16]
    return zips_folder(listing.dataset) / f"{form}-{digest}.zip"


def _offer(found: Zip, name: str) -> None:
    pictures = ngettext("{count} picture", "{count} pictures", found.images).format(count=f"{found.images:,}")
    boxes = ngettext("{count} box", "{count} boxes", found.boxes).format(count=f"{found.boxes:,}")
    size = f"{found.path.stat().st_size / 2**20:.1f} MB"
    st.download_button(
        _("Download {name}").format(name=name), found.path.read_bytes, name, "application/zip",
        icon=":material/download:", type="primary", key="datasets_download", on_click="ignore",
    )  # fmt: skip
    st.caption(f"{pictures} · {boxes} · {size}")
    for message, fix, values in found.notes:
        st.markdown(f"{health_view.ICONS['note']} {phrase(message, values)}. {phrase(fix, values)}.")
    if not found.notes:
        st.caption(":material/check_circle: " + _("This form can say everything that the data set holds."))
