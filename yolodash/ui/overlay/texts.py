"""The words of the component, in the language of the session."""

from __future__ import annotations

from yolodash.structures import Fate
from yolodash.ui.i18n import _


def texts() -> dict[str, str]:
    """Every text that the component can show; ``{placeholders}`` are filled in the browser."""
    return {**_controls(), **_picture(), **_account()}


def _controls() -> dict[str, str]:
    return {
        "score_threshold": _("Score threshold"),
        "nms_iou_threshold": _("NMS IoU threshold"),
        "max_detections": _("Maximum detections"),
        "class_agnostic": _("Suppress across classes"),
        "labels": _("Classes per box"),
        "labels_best": _("The most probable"),
        "labels_all": _("All above the threshold"),
        "classes": _("Classes"),
        "all_classes": _("All"),
        "search": _("Search classes"),
        "more_classes": _("{count} more: search"),
    }


def _picture() -> dict[str, str]:
    return {
        "canvas": _("Picture with detections. Arrow keys go from one to the next, Enter picks, Escape clears."),
        "found": _("Objects found: {count}"),
        "nothing_found": _("No object above the thresholds"),
        "detection": _("{name}, score {score}"),
        "tooltip": _("{name} · score {score}"),
        "focused": _("{rank} of {count}: {name}, score {score}"),
        "selected": _("{name} {score} · stride {stride}, row {row}, column {column}, anchor {anchor}"),
        "mark_cell": _("its cell"),
        "mark_anchor": _("its anchor"),
        "mark_centre": _("its centre"),
        "mark_suppressed": _("boxes that it suppressed: {count}"),
        "hint": _("Click a box to ask why it is there, or a place without one to ask why not."),
        "broken_picture": _("The picture could not be shown; the boxes are right."),
    }


def _account() -> dict[str, str]:
    return {
        "account": _("What became of all {count} candidates"),
        Fate.KEPT.value: _("kept"),
        Fate.BELOW_OBJECTNESS.value: _("objectness too low"),
        Fate.BELOW_SCORE.value: _("score too low"),
        Fate.CLASS_NOT_CHOSEN.value: _("class not chosen"),
        Fate.SUPPRESSED.value: _("suppressed"),
        Fate.OVER_MAXIMUM.value: _("over the maximum"),
    }
