"""Published models, where they come from, and the models that lie in the workspace. Imports no torch."""

from yolodash.models.catalogue.bundled import Card, card_of
from yolodash.models.catalogue.entries import entries, find_entry
from yolodash.models.catalogue.location import get, locate
from yolodash.models.catalogue.records import Entry, Figures, Progress
from yolodash.models.catalogue.store import (
    InstalledModel,
    ModelFiles,
    add_upload,
    delete,
    find_installed,
    installed,
    rename,
)
from yolodash.models.catalogue.trained import find_usable, model_of_run, trained, usable

__all__ = [
    "Card",
    "Entry",
    "Figures",
    "InstalledModel",
    "ModelFiles",
    "Progress",
    "add_upload",
    "card_of",
    "delete",
    "entries",
    "find_entry",
    "find_installed",
    "find_usable",
    "get",
    "installed",
    "locate",
    "model_of_run",
    "rename",
    "trained",
    "usable",
]
