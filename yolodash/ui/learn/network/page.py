"""The page as a list of steps."""

from __future__ import annotations

from collections.abc import Callable

from yolodash.ui.i18n import _
from yolodash.ui.learn.network import batches, classes, counting, field, learning, linearity, maps, resampling, skips

_SHOW: dict[str, Callable[[], None]] = {
    "kernels": counting.show,
    "field": field.show,
    "relu": linearity.show,
    "maps": maps.show,
    "classes": classes.show,
    "learning": learning.show,
    "skips": skips.show,
    "resampling": resampling.show,
    "batches": batches.show,
}


def titles() -> dict[str, str]:
    """The steps in their order, each with its title."""
    return {
        "kernels": _("N kernels"),
        "field": _("Receptive field"),
        "relu": "ReLU",
        "maps": _("Inside a network"),
        "classes": _("From features to classes"),
        "learning": _("Learning kernels"),
        "skips": _("Skip connections"),
        "resampling": _("Up and down"),
        "batches": _("Batches"),
    }


def show(step: str) -> None:
    """One step of the page."""
    _SHOW[step]()
