"""Step: IoU. Two boxes to drag, and the threshold that makes one of them a true or a false positive."""

from __future__ import annotations

import streamlit as st

from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.subject import Box, Scene, Subject
from yolodash.ui.learn.yolo import SCRIPTS


def show(about: Subject) -> None:
    """Truth and prediction on the picture, their areas, the verdict."""
    scene = subject.look(about)
    prediction = subject.main_box(scene)
    box = stage.box_within(scene.network)
    fields = {
        "truth": stage.Field(stage.written(beside(prediction, scene)), box),
        "prediction": stage.Field(stage.written(prediction), box),
        "match": stage.Field("0.5", stage.number(0.05, 0.95)),
        "same": stage.Field("yes", stage.choice("yes", "no")),
    }
    data = {"picture": subject.picture(scene), "network": stage.size(scene.network)}
    st.subheader(_("How much do two boxes agree? Common area over covered area"), anchor=False)
    stage.play("overlap", scene.identity, fields, data, _texts(), scripts=SCRIPTS)
    _below()


def beside(box: Box, scene: Scene) -> Box:
    """A box that overlaps another by about a half, for a start: moved by a fifth of its sides, within the input.

    One that fills the input cannot move: it becomes smaller.
    """
    left, right = _shifted(box[0], box[2], scene.network.width)
    top, bottom = _shifted(box[1], box[3], scene.network.height)
    return left, top, right, bottom


def _shifted(low: int, high: int, limit: int) -> tuple[int, int]:
    step = max(2, (high - low) // 5)
    if high + step <= limit:
        return low + step, high + step
    if low - step >= 0:
        return low - step, high - step
    return low + step, high


def _texts() -> dict[str, str]:
    return {
        "picture": _("Truth and prediction on the picture"),
        "truth": _("A truth"),
        "prediction": _("B prediction"),
        "move_truth": _("The truth. Arrow keys move it, with Shift they change its size."),
        "move_prediction": _("The prediction. Arrow keys move it, with Shift they change its size."),
        "threshold": _("Threshold"),
        "classes": _("Classes"),
        "same": _("the same"),
        "other": _("different"),
        "yes": _("True positive: {iou} ≥ {threshold}"),
        "no": _("False positive: {iou} < {threshold}. And the truth stays missed."),
        "wrong": _("False positive: another class, whatever the IoU."),
    }


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "yolo_iou",
            _("Two boxes of 10 × 10 pixels, one moved 5 pixels to the right. Their IoU?"),
            {"half": "1/2", "third": "1/3", "quarter": "1/4"},
            "third",
            _("Common: 5 · 10 = 50. Covered: 100 + 100 − 50 = 150. 50 / 150 = 1/3: below .5 although half is covered."),
        )
    with said:
        lesson.remark(
            _(
                "IoU compares areas. And a true positive needs more than IoU: the same class, and a truth that no "
                "better detection has taken. A second box on the same truth is a false positive, a duplicate."
            )
        )
        from yolodash.geometry.overlap import intersection_over_union, paired_intersection_over_union

        lesson.show_code(intersection_over_union, paired_intersection_over_union)
