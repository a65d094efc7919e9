"""The network runs here, once a picture; everything that it said is kept as Candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yolodash.structures import Candidates, Image, ImageSize, Resize

if TYPE_CHECKING:
    from yolodash.models.detector import Detector


def predict(
    model: Detector,
    image: Image,
    *,
    size: ImageSize | int | None = None,
    resize: Resize | None = None,
    device: str = "auto",
    precision: str = "auto",
    engine: str = "auto",
) -> Candidates:
    """Run a detector on one picture and keep every box that it made."""
    raise NotImplementedError
