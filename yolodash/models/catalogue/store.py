"""The models that lie in the workspace: ``models/NAME/`` with the weights, their cfg and names, and ``model.json``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

Origin = Literal["catalogue", "uploaded"]


@dataclass(frozen=True)
class ModelFiles:
    """The files of one model: what ``load_model`` takes."""

    weights: Path
    cfg: Path | None = None
    names: Path | None = None


@dataclass(frozen=True)
class InstalledModel:
    """A model in the workspace.

    Attributes:
        name: what ``locate`` and ``--weights`` take.
        origin: from the catalogue, or put there by the user.
        files: where it lies.
        bytes: of the weights.
        verified: its SHA-256 is one that the catalogue accepts.
    """

    name: str
    origin: Origin
    files: ModelFiles
    bytes: int
    verified: bool


def installed() -> list[InstalledModel]:
    """Every model in the workspace, by name."""
    raise NotImplementedError


def add_upload(
    name: str, data: bytes | IO[bytes], *, cfg: bytes | None = None, names: bytes | None = None
) -> InstalledModel:
    """Put an uploaded model into the workspace under a safe name of its own."""
    raise NotImplementedError


def rename(name: str, new: str) -> InstalledModel:
    """Give an installed model another name."""
    raise NotImplementedError


def delete(name: str) -> None:
    """Move an installed model to the bin."""
    raise NotImplementedError
