"""The models that come with YoloDash: weights of its own making, and a card each that says how they were made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from yolodash.errors import N_, ModelFileError
from yolodash.models.catalogue.store import InstalledModel, ModelFiles

FOLDER = Path(__file__).parents[1] / "bundled"
DETECTOR: Final = "scenes"
CLASSIFIER: Final = "attributes"
SAMPLE: Final = "scene"
"""What the detector says of this sample picture is stored beside it, see ``inference.stored_results``."""


@dataclass(frozen=True)
class Card:
    """How a bundled model was made, and what was measured.

    Attributes:
        name: of the model.
        parameters: learnable values.
        bytes, sha256: of the file.
        data: what it was trained on: ``images``, ``seed``, ``size``, ``command``.
        training: ``command``, ``seed``, ``epochs``, ``seconds``, ``processor`` and ``threads``.
        evaluation: what it was measured on, with which command: ``images``, ``seed``, ``command``.
        figures: name and value of what was measured.
        code: version of the program, and the commit.
        licence: of the weights.
        created: the day.
    """

    name: str
    parameters: int
    bytes: int
    sha256: str
    data: dict[str, Any]
    training: dict[str, Any]
    evaluation: dict[str, Any]
    figures: dict[str, float]
    code: dict[str, str]
    licence: str
    created: str


def weights_of(name: str) -> Path:
    """Where a bundled model's weights lie, or would."""
    return FOLDER / f"{name}.safetensors"


def bundled() -> list[InstalledModel]:
    """The detectors that come with the program."""
    weights = weights_of(DETECTOR)
    if not weights.is_file():
        return []
    return [InstalledModel(DETECTOR, "bundled", ModelFiles(weights), weights.stat().st_size, True)]


def card_of(name: str) -> Card:
    """The card of a bundled model.

    Raises:
        ModelFileError: it is missing or spoilt.
    """
    path = FOLDER / f"{name}.json"
    try:
        return Card(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError) as error:
        raise ModelFileError(
            N_("The card of this bundled model cannot be read"),
            where=path.name,
            fix=N_("install YoloDash again"),
        ) from error
