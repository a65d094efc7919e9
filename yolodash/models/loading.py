"""One door for every model file: looks at what the file is, not at what it is called."""

from __future__ import annotations

from pathlib import Path

from yolodash.models.detector import Detector


def load_model(weights: str | Path, *, cfg: str | Path | None = None, names: str | Path | None = None) -> Detector:
    """Load a detector."""
    raise NotImplementedError
