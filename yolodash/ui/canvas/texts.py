"""The words of the canvas, in the language of the session."""

from __future__ import annotations

from typing import Any

from yolodash.ui.i18n import _


def texts() -> dict[str, Any]:
    """Every text that the component can show; ``{placeholders}`` are filled in the browser."""
    return {**_buttons(), **_words(), **_saving(), "keys": _("Keys"), "key_list": _keys()}


def _buttons() -> dict[str, str]:
    return {
        "previous": _("Previous picture (←)"),
        "next": _("Next picture (→)"),
        "undo": _("Undo (Ctrl+Z)"),
        "redo": _("Redo (Ctrl+Y)"),
        "delete": _("Delete the chosen box (Delete)"),
        "zoom_in": _("Nearer (+)"),
        "zoom_out": _("Farther (−)"),
        "fit": _("Whole picture (F)"),
        "take_all": _("Take all proposals as they are (Shift+A)"),
        "take_all_short": _("Take all"),
        "accept": _("Done with this picture, on to the next (Enter)"),
        "accept_done": _("✓ Done"),
        "accept_review": _("✓ Accept"),
    }


def _words() -> dict[str, str]:
    return {
        "canvas": _("Picture to label. Drag to draw a box; B goes from box to box, D makes one without a mouse."),
        "classes": _("Classes"),
        "box": _("{name} · left {x}, top {y}, {width} × {height} pixels"),
        "count": _("Boxes: {count}"),
        "hint": _("Drag over an object to draw its box."),
        "zoom": _("{percent} %"),
        "first": _("This is the first picture."),
        "last": _("This is the last picture."),
        "no_class": _("There is no class yet: add one below, then draw."),
        "broken_picture": _("The picture could not be loaded; the boxes are kept."),
    }


def _saving() -> dict[str, str]:
    return {
        "saved": _("Saved"),
        "saving": _("Saving …"),
        "failed": _("Not saved"),
        "waiting": _("Not saved yet"),
        "conflict": _("Two versions"),
        "retry": _("Try again"),
        "waiting_more": _("The server does not answer. Your boxes are kept in this browser and sent again."),
        "conflict_veil": _("Somebody else changed this picture. Choose below which boxes to keep."),
    }


def _keys() -> list[tuple[str, str]]:
    return [
        ("1 … 9", _("class of the chosen box, and of the next")),
        ("← →", _("previous, next picture (P, N)")),
        ("Enter", _("done, on to the next")),
        (_("Space"), _("hold and drag: move the picture; in review: accept")),
        ("+ − F", _("nearer, farther, whole picture; the wheel too")),
        (_("Delete"), _("delete the chosen box")),
        ("Ctrl+Z, Ctrl+Y", _("undo, redo")),
        ("B, Shift+B", _("next, previous box")),
        (_("Shift+drag"), _("draw, even inside the chosen box")),
        (_("Shift+arrows"), _("move the box by one pixel")),
        (_("Ctrl+arrows"), _("move its lower right corner")),
        ("D", _("a box in the middle, without a mouse")),
        ("A, Shift+A", _("take the chosen proposal, or all")),
        ("L", _("names on, off")),
        ("Esc", _("choose no box")),
    ]
