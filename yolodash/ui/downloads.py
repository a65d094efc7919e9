"""What one can take away: the picture and the results as files, the command and the Python that make them again."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from yolodash import workspace
from yolodash.drawing import draw_detections
from yolodash.inference.results import (
    ImageResult,
    ModelFacts,
    coco_record,
    csv_text,
    detect_record,
    thresholds_record,
    yolo_archive,
)
from yolodash.models.catalogue import InstalledModel
from yolodash.structures import Detections, Image, Thresholds
from yolodash.ui import caching, reproduce
from yolodash.ui.caching import NetworkInput, Prediction
from yolodash.ui.i18n import _
from yolodash.ui.pictures import Photo


@dataclass(frozen=True)
class Shown:
    """All that decides what the page shows of one picture."""

    model: InstalledModel
    photo: Photo
    network_input: NetworkInput
    prediction: Prediction
    thresholds: Thresholds
    detections: Detections

    @property
    def facts(self) -> ModelFacts:
        """What a file says about the model."""
        candidates = self.prediction.candidates
        size = candidates.network_size
        return ModelFacts(self.model.name, candidates.family, candidates.names, size, self.prediction.parameters)

    @property
    def result(self) -> ImageResult:
        """What a file says about the picture."""
        candidates = self.prediction.candidates
        return ImageResult(self.photo.file_name, candidates.image_size, self.detections, self.prediction.milliseconds)


def show(shown: Shown) -> None:
    """The files in a row, below them the texts to copy; folded, since the picture comes first."""
    with st.expander(_("Take it with you: files, command, Python"), icon=":material/download:"):
        buttons(shown)
        copies(shown)


def buttons(shown: Shown) -> None:
    """One button a format; each file is built when it is asked for, and holds the thresholds."""
    stem = workspace.safe_name(shown.photo.file_name).rpartition(".")[0] or "picture"
    formats: list[tuple[str, str, str, Callable[[], bytes]]] = [
        (_("Picture, PNG"), "png", "image/png", lambda: png(shown)),
        (_("Picture, JPEG"), "jpg", "image/jpeg", lambda: jpeg(shown)),
        ("JSON", "json", "application/json", lambda: as_json(detect_record(*_record(shown)))),
        (_("CSV table"), "csv", "text/csv", lambda: csv_text(*_record(shown)).encode()),
        (_("YOLO txt, zipped"), "zip", "application/zip", lambda: yolo_archive(*_record(shown))),
        ("COCO JSON", "coco.json", "application/json", lambda: as_json(coco_record(*_record(shown)))),
    ]
    with st.container(horizontal=True):
        for label, suffix, mime, build in formats:
            st.download_button(
                label, build, f"{stem}.{suffix}", mime, key=f"download_{suffix}", on_click="ignore", width="content"
            )
    st.caption(_("Every file says which thresholds it was made with."))


def copies(shown: Shown) -> None:
    """The command and the script."""
    command, script = st.tabs([_("Copy as command"), _("Copy as Python")])
    wanted = (shown.model, shown.photo, shown.network_input, shown.thresholds)
    command.code(reproduce.command(*wanted), language="bash", wrap_lines=True)
    script.code(reproduce.python(*wanted), language="python", wrap_lines=True)
    if shown.photo.source == "upload":
        st.caption(_("The address of this page leads to this upload in this browser only."))


def png(shown: Shown) -> bytes:
    """The drawn picture; the thresholds stand in a text chunk."""
    about = PngInfo()
    about.add_itxt("yolodash", about_picture(shown))
    buffer = io.BytesIO()
    Pillow.fromarray(drawn(shown)).save(buffer, "PNG", pnginfo=about)
    return buffer.getvalue()


def jpeg(shown: Shown) -> bytes:
    """The drawn picture; the thresholds stand in the comment."""
    buffer = io.BytesIO()
    Pillow.fromarray(drawn(shown)).save(buffer, "JPEG", quality=92, comment=about_picture(shown).encode())
    return buffer.getvalue()


def drawn(shown: Shown) -> Image:
    """The picture with its boxes."""
    return draw_detections(caching.pixels(shown.photo), shown.detections, shown.prediction.candidates.names)


def about_picture(shown: Shown) -> str:
    """Model and thresholds as JSON."""
    thresholds = thresholds_record(shown.thresholds, shown.prediction.candidates.family)
    return json.dumps({"model": shown.model.name, "thresholds": thresholds}, ensure_ascii=False)


def as_json(record: dict[str, object]) -> bytes:
    """A record as the bytes of a JSON file."""
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode()


def _record(shown: Shown) -> tuple[ModelFacts, Thresholds, list[ImageResult]]:
    return shown.facts, shown.thresholds, [shown.result]
