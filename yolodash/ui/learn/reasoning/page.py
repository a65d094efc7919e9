"""The page as a list of steps."""

from __future__ import annotations

from collections.abc import Callable

from yolodash.ui.i18n import _
from yolodash.ui.learn.reasoning import answering, building, mistakes, subject
from yolodash.ui.learn.reasoning.subject import Subject

OWN = ("at", "score", "changes", "program")
"""What stands in the address and belongs to one step alone."""


def titles() -> dict[str, str]:
    """The steps in their order, each with its title."""
    return {
        "answer": _("From question to answer"),
        "mistake": _("A wrong detection"),
        "blocks": _("Your own program"),
    }


def show(step: str) -> None:
    """One step of the page."""
    steps: dict[str, Callable[[Subject], None]] = {
        "answer": answering.show,
        "mistake": mistakes.show,
        "blocks": building.show,
    }
    steps[step](subject.choose())
