"""The rendered pictures that the page keeps; ``scripts/learn_pictures.py`` makes them again."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from yolodash.structures import ImageSize

STORED = Path(__file__).parent / "stored"


@dataclass(frozen=True)
class Strip:
    """Pictures side by side in one file."""

    file: str
    count: int
    size: ImageSize


FILM = Strip("film.jpg", 16, ImageSize(120, 160))
VIEWS = Strip("views.jpg", 8, ImageSize(240, 320))
CHECKER = "checker.png"


def encoded(file: str) -> str:
    """Base64 of a kept file."""
    return base64.b64encode((STORED / file).read_bytes()).decode("ascii")
