"""A data set or a version of it as a zip in another form, with a note on what the form cannot say."""

from __future__ import annotations

import hashlib
import json
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import streamlit as st

from yolodash import workspace
from yolodash.data.duplicates import cache_folder
from yolodash.data.opening import open_dataset
from yolodash.data.store.versions import list_versions
from yolodash.data.writing import WrittenFormat, write_zip
from yolodash.ui import messages
from yolodash.ui.datasets.listing import Listing
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.messages import phrase
from yolodash.ui.train import health_view

NOW = ""
KEPT = 4


@dataclass(frozen=True)
class Zip:
    """A zip that lies ready.

    Attributes:
        notes: sentences, as Markdown, about what the form cannot say.
    """

    path: Path
    images: int
    boxes: int
    notes: tuple[str, ...]


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
    if _ready(place) is None and st.button(
        _("Make the zip"), type="primary", icon=":material/folder_zip:", key="datasets_export_make"
    ):
        with messages.shown():
            make(folder, place, str(form))
    with st.expander(_("Copy as command"), icon=":material/terminal:"):
        source = shlex.quote(str(folder) if which else listing.dataset.name)
        output = shlex.quote(f"{listing.dataset.name}.zip")
        line = f"python -m yolodash dataset export {source} --to {form} --output {output}"
        st.code(line, language="bash", wrap_lines=True)
    found = _ready(place)
    if found is not None:
        _offer(found, f"{listing.dataset.name}{'-' + which if which else ''}-{form}.zip", which)


def about(form: str) -> str:
    """What one does with a form."""
    return {
        "yolo": _("Pictures, labels and data.yaml: trains as it stands, here and with YOLOv5."),
        "coco": _("Pictures and a JSON a part, for pycocotools, Detectron2, MMDetection and others."),
        "voc": _("Pictures, an XML each and lists of the parts."),
    }[form]


def make(folder: Path, place: Path, form: str) -> None:
    """Write the zip, with a progress bar.

    Raises:
        YoloDashError: it cannot be written.
    """
    bar = st.progress(0.0, text=_("Writing …"))

    def progress(done: int, of: int) -> None:
        if done % 10 == 0 or done == of:
            bar.progress(done / max(of, 1), text=_("{done} of {total} pictures").format(done=done, total=of))

    for old in sorted(place.parent.glob("*.zip"), key=lambda path: path.stat().st_mtime)[: -KEPT + 1]:
        old.unlink(missing_ok=True)
        old.with_suffix(".json").unlink(missing_ok=True)
    written = write_zip(open_dataset(folder), place, form, progress=progress)
    notes = [{"message": one.message, "fix": one.fix, "values": one.values} for one in written.notes]
    record = {"images": written.images, "boxes": written.boxes, "notes": notes}
    workspace.write_json(place.with_suffix(".json"), record)
    bar.empty()


def _place(listing: Listing, folder: Path, form: str, which: str) -> Path:
    """Where the zip of this state lies; another state is another file."""
    state = which or repr(listing.stamp)
    digest = hashlib.sha256(f"{folder.name} {state}".encode()).hexdigest()[:16]
    return workspace.make_folder(cache_folder(listing.dataset) / "exports") / f"{form}-{digest}.zip"


def _ready(place: Path) -> Zip | None:
    try:
        record = json.loads(place.with_suffix(".json").read_bytes())
        place.stat()
        notes = tuple(f"{phrase(one['message'], one['values'])}. {phrase(one['fix'], one['values'])}."
                      for one in record["notes"])  # fmt: skip
        return Zip(place, int(record["images"]), int(record["boxes"]), notes)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _offer(found: Zip, name: str, which: str) -> None:
    pictures = ngettext("{count} picture", "{count} pictures", found.images).format(count=f"{found.images:,}")
    boxes = ngettext("{count} box", "{count} boxes", found.boxes).format(count=f"{found.boxes:,}")
    size = f"{found.path.stat().st_size / 2**20:.1f} MB"
    st.download_button(
        _("Download {name}").format(name=name), found.path.read_bytes, name, "application/zip",
        icon=":material/download:", type="primary", key="datasets_download", on_click="ignore",
    )  # fmt: skip
    st.caption(f"{pictures} · {boxes} · {size}")
    for note in found.notes:
        st.markdown(f"{health_view.ICONS['note']} {note}")
    if not found.notes:
        st.caption(":material/check_circle: " + _("This form can say everything that the data set holds."))
