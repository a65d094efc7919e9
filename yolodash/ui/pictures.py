"""The pictures that a page can open: the samples, and what this browser has uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

from yolodash.data.samples import SAMPLES, default_sample, get_sample, sample_path
from yolodash.data.uploads import Upload, list_uploads, upload_path
from yolodash.errors import YoloDashError
from yolodash.models.catalogue import InstalledModel, find_entry
from yolodash.models.catalogue.class_names import CLASS_NAMES
from yolodash.ui import session
from yolodash.ui.i18n import _

Source = Literal["sample", "upload"]


@dataclass(frozen=True)
class Photo:
    """A picture that can be opened.

    Attributes:
        source: where it comes from.
        id: the sample's key, or the SHA-256 of the upload's bytes; so it names the content too.
        name: what to call it; an upload's is the user's own text.
    """

    source: Source
    id: str
    name: str

    @property
    def key(self) -> str:
        """One text for both, as it stands in the address: ``coffee`` or ``upload:…``."""
        return self.id if self.source == "sample" else f"upload:{self.id[:16]}"

    @property
    def file_name(self) -> str:
        """A file name to write in a command."""
        return get_sample(self.id).file if self.source == "sample" else self.name

    def path(self) -> Path:
        """Where the file lies.

        Raises:
            ImageError: it has gone.
        """
        return sample_path(self.id) if self.source == "sample" else upload_path(session.token(), self.id)


def samples() -> list[Photo]:
    """The sample photos."""
    return [Photo("sample", sample.key, _(sample.title)) for sample in SAMPLES]


def default_for(model: InstalledModel | None) -> str:
    """The key of the sample that a model begins with: one that shows something it knows."""
    if model is None:
        return default_sample(())
    entry = find_entry(model.name)
    if entry is not None:
        return default_sample(CLASS_NAMES[entry.classes])
    if model.files.weights.suffix != ".safetensors":
        return default_sample(())
    try:
        return default_sample(_names_in(model.files.weights, model.files.weights.stat().st_mtime_ns))
    except (YoloDashError, OSError):
        return default_sample(())  # running it will say what is wrong with the file


@st.cache_data(show_spinner=False, max_entries=64)
def _names_in(weights: Path, modified: int) -> tuple[str, ...]:
    """The classes of a model file of ours, from its header: no tensor is read, torch is not loaded."""
    from yolodash.models.saved import read_saved

    return read_saved(weights).names


def uploads() -> list[Photo]:
    """What this browser has uploaded, the newest first; nothing while the browser has not said who it is."""
    if not session.settled():
        return []
    return [_photo(upload) for upload in reversed(list_uploads(session.token()))]


def _photo(upload: Upload) -> Photo:
    return Photo("upload", upload.id, upload.name)
