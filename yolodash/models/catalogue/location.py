"""From what a user types after ``--weights`` to the files of a model."""

from __future__ import annotations

from collections.abc import Callable

from yolodash.models.catalogue.store import ModelFiles

Progress = Callable[[int, int | None], None]
"""Told how many bytes have come, and how many there will be (None where that is not known)."""


def locate(text: str, *, progress: Progress | None = None) -> ModelFiles:
    """The ``--weights`` rule: a file → a run → ``scenes`` → the catalogue (fetched if need be) → an uploaded model."""
    raise NotImplementedError


def get(name: str, progress: Progress | None = None) -> ModelFiles:
    """Fetch a model of the catalogue into the workspace, unless it is there."""
    raise NotImplementedError
