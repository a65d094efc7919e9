"""Step: the lecture's loss. A truth and a prediction to drag over seven by seven cells; each term as a heat map."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from yolodash.structures import ImageSize
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.loss import SCRIPTS
from yolodash.ui.learn.subject import Box, Subject

SIDE, CELLS, CLASSES = 448, 7, 3
"""YOLOv1's own input and grid; three classes, so that the formula stays short."""
TRUTH: Box = (240, 176, 354, 296)
PREDICTION: Box = (262, 160, 376, 312)
TERMS = ("centre", "size", "object", "no_object", "class")


def show() -> None:
    """The grid with both boxes, the five terms with their numbers, and where each of them comes from."""
    photo = lesson.choose_picture()
    scene = subject.square(Subject(photo, None), SIDE)
    data = {
        "picture": subject.picture(scene),
        "network": stage.size(scene.network),
        "cells": CELLS,
        "classes": CLASSES,
        "terms": TERMS,
    }
    st.subheader(_("Drag the boxes: which term grows, and in which cell?"), anchor=False)
    stage.play("lecture", scene.identity, fields(scene.network), data, _texts(), scripts=SCRIPTS)
    _below()


def fields(network: ImageSize) -> dict[str, stage.Field]:
    """The values of the step."""
    box, share = stage.box_within(network), stage.number(0, 1)
    return {
        "truth": stage.Field(stage.written(TRUTH), box),
        "prediction": stage.Field(stage.written(PREDICTION), box),
        "confidence": stage.Field("0.6", share),
        "elsewhere": stage.Field("0.1", share),
        "probability": stage.Field("0.7", share),
        "coordinates": stage.Field("5", stage.number(0, 10)),
        "noobject": stage.Field("0.5", stage.number(0, 2)),
        "term": stage.Field("centre", stage.choice(*TERMS)),
    }


def terms_of(values: Mapping[str, str]) -> dict[str, float]:
    """The five terms for the step's values, by the package's own loss; the browser computes the same."""
    import torch

    from yolodash.losses.yolov1 import yolov1_loss
    from yolodash.structures import Head

    truth, prediction = (_in_shares(stage.read_box(values[name])) for name in ("truth", "prediction"))
    row, column = (min(int(truth[axis] * CELLS), CELLS - 1) for axis in (1, 0))
    answers = torch.zeros(1, 1, CELLS, CELLS, 5 + CLASSES, dtype=torch.float64)
    answers[..., 4] = float(values["elsewhere"])
    probability = float(values["probability"])
    place = [prediction[0] * CELLS - column, prediction[1] * CELLS - row, prediction[2] ** 0.5, prediction[3] ** 0.5]
    classes = [probability] + [(1 - probability) / (CLASSES - 1)] * (CLASSES - 1)
    answers[0, 0, row, column] = torch.tensor([*place, float(values["confidence"]), *classes], dtype=torch.float64)
    targets = torch.tensor([[0.0, 0.0, *truth]], dtype=torch.float64)
    head = Head("detection", ((0.0, 0.0),), SIDE // CELLS, CLASSES, square_root=True)
    terms = yolov1_loss(answers, targets, head, float(values["coordinates"]), float(values["noobject"]))
    parts = (terms.centre, terms.size, terms.object_, terms.no_object, terms.class_)
    return dict(zip(TERMS, (float(part) for part in parts), strict=True))


def _in_shares(box: Box) -> tuple[float, float, float, float]:
    """Centre and sides as shares of the input."""
    left, top, right, bottom = (value / SIDE for value in box)
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


def _texts() -> dict[str, str]:
    return {
        "picture": _("The picture under seven by seven cells"),
        "truth": _("truth"),
        "prediction": _("prediction"),
        "move_truth": _("The truth. Arrow keys move it, with Shift they change its size."),
        "move_prediction": _("The prediction. Arrow keys move it, with Shift they change its size."),
        "confidence": _("Confidence C of this box"),
        "elsewhere": _("Confidence of all other boxes"),
        "probability": _("Probability p of the right class"),
        "coordinates": "λ_{coord}",
        "noobject": "λ_{noobj}",
        "term": _("Heat map of"),
        "centre": _("1 centre"),
        "size": _("2 size"),
        "object": _("3 object"),
        "no_object": _("4 no object"),
        "class": _("5 class"),
        "total": _("Loss"),
        "arrows": _("Arrows: where training would move the prediction."),
        "others": _("others"),
    }


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "loss_lecture",
            _("Why does the second term compare square roots of the sides?"),
            {
                "fast": _("It is faster to compute"),
                "small": _("The same error in pixels should count more in a small box"),
                "negative": _("So that sides cannot become negative"),
            },
            "small",
            _("√w is steep where w is small: five pixels too wide cost much in a small box, little in a large one."),
        )
    with said:
        lesson.remark(
            _(
                "This is YOLOv1's loss; v3 and v5 have others (next step). The first term compares the centres of the "
                "boxes, and p(c) is the probability of a class: the loss is its squared error."
            )
        )
        from yolodash.losses import yolov1

        lesson.show_code(
            yolov1.yolov1_loss, yolov1.responsible, yolov1.centre_term, yolov1.size_term, yolov1.object_term,
            yolov1.no_object_term, yolov1.class_errors,
        )  # fmt: skip
