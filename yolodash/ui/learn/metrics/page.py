"""The page as a list of steps."""

from __future__ import annotations

from collections.abc import Callable

from yolodash.ui.i18n import _
from yolodash.ui.learn.metrics import cases, mean, ranking


def titles() -> dict[str, str]:
    """The steps in their order, each with its title."""
    return {
        "cases": _("True or false"),
        "ranking": _("Precision and recall"),
        "area": _("AP is an area"),
        "mean": _("mAP is a mean"),
    }


def show(step: str) -> None:
    """One step of the page."""
    steps: dict[str, Callable[[], None]] = {
        "cases": cases.show,
        "ranking": ranking.show,
        "area": ranking.show_area,
        "mean": mean.show,
    }
    steps[step]()
