"""The pictures that a page can open: the samples, and what this browser has uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from yolodash.data.samples import SAMPLES, get_sample, sample_path
from yolodash.data.uploads import Upload, list_uploads, upload_path
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


def uploads() -> list[Photo]:
    """What this browser has uploaded, the newest first; nothing while the browser has not said who it is."""
    if not session.settled():
        return []
    return [_photo(upload) for upload in reversed(list_uploads(session.token()))]


def _photo(upload: Upload) -> Photo:
    return Photo("upload", upload.id, upload.name)
