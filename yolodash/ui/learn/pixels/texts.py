"""The words of the components on the page Pixels, in the language of the session."""

from __future__ import annotations

from yolodash.ui.i18n import _


def numbers() -> dict[str, str]:
    """Of the photo to walk into; ``{placeholders}`` are filled in the browser."""
    return {
        "picture": _("The photo. Arrow keys move, plus and minus zoom."),
        "zoom": _("Zoom"),
        "nearer": _("Nearer"),
        "farther": _("Farther"),
        "to_numbers": _("To the numbers"),
        "whole": _("Whole photo"),
        "show": _("Show"),
        "colour": _("colour"),
        "grey": _("grey"),
        "at": _("row {row}, column {column}: red {red}, green {green}, blue {blue}"),
        "at_grey": _("row {row}, column {column}: {grey}"),
        "count": _("{rows} rows × {columns} columns × 3 channels = {count} numbers"),
        "count_grey": _("{rows} rows × {columns} columns = {count} numbers"),
    }


def colours() -> dict[str, str]:
    """Of the four matrices."""
    return {
        "picture": _("The photo. Arrow keys move the small frame."),
        "hint": _("Drag the small frame: its 36 pixels stand on the right. The marked one is in the formula."),
        "grey": _("Grey"),
        "red": _("Red"),
        "green": _("Green"),
        "blue": _("Blue"),
    }


def seeing() -> dict[str, str]:
    """Of the checker shadow."""
    return {
        "picture": _("The board with squares A and B. Arrow keys move the probe."),
        "a": _("Square A"),
        "b": _("Square B"),
        "here": _("Probe"),
        "equal": _("A = B = {a}: exactly the same intensity"),
        "different": _("A is {a}, B is {b}"),
        "around": _("Take the surroundings away"),
        "bridge": _("Join A and B"),
        "hint": _("The probe follows the pointer. The picture is ours; the idea is Edward Adelson's (1995)."),
    }


def field() -> dict[str, str]:
    """Of the map of fields."""
    return {
        "picture": _("Artificial intelligence holds machine learning; computer vision reaches over both and beyond."),
        "intelligence": _("Artificial intelligence"),
        "learning": _("Machine learning"),
        "vision": _("Computer vision"),
        "processing": _("Image processing"),
    }
