"""Step: the lecture's three cases. A truth and a prediction to drag until the case changes its name."""

from __future__ import annotations

import streamlit as st

from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.metrics import SCRIPTS
from yolodash.ui.learn.subject import Box, Subject

SIDE = 416
TRUTH: Box = (222, 164, 328, 274)
PREDICTIONS: dict[str, Box] = {"a": (236, 172, 340, 286), "b": (70, 290, 170, 372), "c": (236, 172, 340, 286)}
"""Where the prediction lies in the lecture's cases; in the last there is none."""


def show() -> None:
    """The picture with both boxes, the case and what it counts."""
    photo = lesson.choose_picture()
    scene = subject.square(Subject(photo, None), SIDE)
    box = stage.box_within(scene.network)
    fields = {
        "truth": stage.Field(stage.written(TRUTH), box),
        "prediction": stage.Field(stage.written(PREDICTIONS["a"]), box),
        "there": stage.Field("1", stage.choice("0", "1")),
        "match": stage.Field("0.5", stage.number(0.05, 0.95)),
    }
    data = {
        "picture": subject.picture(scene),
        "network": stage.size(scene.network),
        "cases": {
            name: {"truth": stage.written(TRUTH), "prediction": stage.written(place), "there": str(int(name != "c"))}
            for name, place in PREDICTIONS.items()
        },
    }
    st.subheader(_("The truth is yellow, the prediction green: which case is it?"), anchor=False)
    stage.play("cases", scene.identity, fields, data, _texts(), scripts=SCRIPTS)
    _below()


def _texts() -> dict[str, str]:
    return {
        "picture": _("Truth and prediction on the picture"),
        "truth": _("truth"),
        "prediction": _("prediction"),
        "move_truth": _("The truth. Arrow keys move it, with Shift they change its size."),
        "move_prediction": _("The prediction. Arrow keys move it, with Shift they change its size."),
        "cases": _("The lecture's cases"),
        "there_label": _("Prediction"),
        "there": _("there"),
        "missing": _("none"),
        "threshold": _("Match IoU threshold"),
        "a": _("a · True positive: IoU {iou} ≥ {threshold}"),
        "b": _("b · False positive: IoU {iou} < {threshold}"),
        "c": _("c · False negative: the truth is not found"),
        "also": _("… and the truth is not found: a false negative, too."),
        "precision": _("Precision"),
        "recall": _("Recall"),
    }


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "metrics_cases",
            _("One object, and two predictions lie on it with IoU .9 and .8, threshold .5. What do they count?"),
            {
                "two": _("Two true positives"),
                "one": _("One true positive and one false positive"),
                "both": _("One true positive, and the other does not count"),
            },
            "one",
            _("A truth is found once. The better score takes it; the second box is a duplicate, a false positive."),
        )
    with said:
        lesson.remark(
            _(
                "Overlap alone does not make a true positive: the class must be the same, each truth is taken once, "
                "and the higher score chooses first."
            )
        )
        from yolodash.geometry.overlap import intersection_over_union

        lesson.show_code(intersection_over_union)
