"""The page as a list of steps."""

from __future__ import annotations

from collections.abc import Callable

from yolodash.ui import messages
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson
from yolodash.ui.learn.yolo import grid, subject
from yolodash.ui.learn.yolo.subject import Subject

_SHOW: dict[str, Callable[[Subject], None]] = {
    "grid": grid.show,
}


def titles() -> dict[str, str]:
    """The steps in their order, each with its title."""
    return {
        "grid": _("Grid"),
    }


def show() -> None:
    """The step that is asked for, of the picture and the model that are chosen."""
    names = titles()
    step = lesson.choose_step(names)
    with messages.shown():
        _SHOW[step](subject.choose())
    lesson.onward(names, step)
