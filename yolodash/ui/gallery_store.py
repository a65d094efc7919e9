"""What a gallery keeps on disk for one browser: of each picture the candidates that matter, and a thumbnail.

Of the candidates those with a pair above the gallery's score are kept, without their raw numbers: enough to select
anew at any threshold, a few kilobytes a picture. So three hundred photos stay out of the memory, and a reload finds
what was done.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from yolodash import workspace
from yolodash.data.images import encode_jpeg, thumbnail
from yolodash.data.uploads import session_folder
from yolodash.models.catalogue import InstalledModel
from yolodash.structures import Candidates, Image, ImageSize, Transform
from yolodash.ui import session
from yolodash.ui.caching import NetworkInput, identity
from yolodash.ui.pictures import Photo

if TYPE_CHECKING:
    from yolodash.models.detector import Detector

THUMBNAIL = 360
_ARRAYS = ("boxes", "objectness", "class_probabilities", "scale", "row", "column", "anchor")


@dataclass(frozen=True)
class Shelf:
    """The results of one model, with one way of resizing, in this browser's folder."""

    folder: Path
    thumbnails: Path

    def has(self, photo: Photo) -> bool:
        """Whether this picture was looked at."""
        return self._path(photo).is_file() and self._thumbnail(photo).is_file()

    def keep(self, photo: Photo, image: Image, candidates: Candidates) -> None:
        """Store what a network found in a picture."""
        from yolodash.inference.prediction import compact

        small = compact(candidates)
        buffer = io.BytesIO()
        arrays = {name: getattr(small, name) for name in _ARRAYS}
        np.savez_compressed(buffer, about=np.array(json.dumps(_about(small))), **arrays)
        workspace.write_bytes(self._thumbnail(photo), encode_jpeg(thumbnail(image, THUMBNAIL), quality=80))
        workspace.write_bytes(self._path(photo), buffer.getvalue())

    def candidates(self, photo: Photo, model: Detector) -> Candidates | None:
        """What was stored; None where it cannot be read. Heads, names and family are the model's."""
        try:
            with open(self._path(photo), "rb") as file, np.load(file, allow_pickle=False) as stored:
                about = json.loads(str(stored["about"]))
                arrays = {name: stored[name] for name in _ARRAYS}
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
            return None
        return Candidates(
            **arrays,
            raw=np.zeros((len(arrays["boxes"]), 0), dtype=np.float32),
            image_size=ImageSize(**about["image_size"]),
            network_size=ImageSize(**about["network_size"]),
            transform=Transform(**about["transform"]),
            family=model.family,
            names=model.names,
            heads=model.heads,
        )

    def thumbnail(self, photo: Photo) -> Path:
        """The small picture's file."""
        return self._thumbnail(photo)

    def _path(self, photo: Photo) -> Path:
        return self.folder / f"{photo.id}.npz"

    def _thumbnail(self, photo: Photo) -> Path:
        return self.thumbnails / f"{photo.id}.jpg"


def shelf(model: InstalledModel, network_input: NetworkInput) -> Shelf:
    """Where the results of this model and input lie."""
    name = hashlib.sha256(repr((identity(model), network_input)).encode()).hexdigest()[:24]
    root = _root()
    return Shelf(workspace.make_folder(root / name), workspace.make_folder(root / "thumbnails"))


def forget() -> None:
    """Delete everything that galleries have kept for this browser."""
    shutil.rmtree(_root(), ignore_errors=True)


def _root() -> Path:
    return session_folder(session.token()) / "gallery"


def _about(candidates: Candidates) -> dict[str, object]:
    return {
        "image_size": asdict(candidates.image_size),
        "network_size": asdict(candidates.network_size),
        "transform": asdict(candidates.transform),
    }
