"""The page as a list of steps."""

from __future__ import annotations

from collections.abc import Callable

from yolodash.ui import messages
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, subject
from yolodash.ui.learn.subject import Subject
from yolodash.ui.learn.yolo import (
    anchors,
    architecture,
    decoding,
    grid,
    history,
    offsets,
    overlap,
    scales,
    sliding,
    stride,
    suppression,
    vector,
)

_SHOW: dict[str, Callable[[Subject], None]] = {
    "history": history.show,
    "sliding": sliding.show,
    "stride": stride.show,
    "grid": grid.show,
    "vector": vector.show,
    "anchors": anchors.show,
    "offsets": offsets.show,
    "decoding": decoding.show,
    "iou": overlap.show,
    "scales": scales.show,
    "nms": suppression.show,
    "network": architecture.show,
}


def titles() -> dict[str, str]:
    """The steps in their order, each with its title."""
    return {
        "history": _("History"),
        "sliding": _("One look"),
        "stride": _("Stride"),
        "grid": _("Grid"),
        "vector": _("Vector"),
        "anchors": _("Anchors"),
        "offsets": _("Offsets"),
        "decoding": _("Decoding"),
        "iou": _("IoU"),
        "scales": _("Three scales"),
        "nms": "NMS",
        "network": _("Architecture"),
    }


def show() -> None:
    """The step that is asked for, of the picture and the model that are chosen."""
    names = titles()
    step = lesson.choose_step(names)
    with messages.shown():
        _SHOW[step](subject.choose())
    lesson.onward(names, step)
