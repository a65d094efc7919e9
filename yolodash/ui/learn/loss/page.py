"""The page as a list of steps."""

from __future__ import annotations

from collections.abc import Callable

from yolodash.ui.i18n import _
from yolodash.ui.learn.loss import later, lecture, xray


def titles() -> dict[str, str]:
    """The steps in their order, each with its title."""
    return {
        "lecture": _("Five terms"),
        "later": _("v1, v3, v5"),
        "xray": _("X-ray of a model"),
    }


def show(step: str) -> None:
    """One step of the page."""
    steps: dict[str, Callable[[], None]] = {"lecture": lecture.show, "later": later.show, "xray": xray.show}
    steps[step]()
