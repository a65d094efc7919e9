"""Steps: twelve detections by score, true or false at a click; precision and recall, and the area under their curve."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from yolodash.evaluation import curves
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage
from yolodash.ui.learn.metrics import SCRIPTS

COUNT = 12
MARKS = "TTFTTFTTTFTF"
"""T for a true positive, F for a false one, from the highest score down."""
TRUTHS = 10
CONVENTIONS = ("coco", "voc", "voc07", "yolov5")


def show() -> None:
    """The ranking, and precision and recall of its first K."""
    fields = {**_fields(), "first": stage.Field("5", stage.number(1, COUNT, whole=True))}
    st.subheader(_("From the highest score down: how many are right, how many are found?"), anchor=False)
    stage.play("ranking", "ranking", fields, {}, _texts(), scripts=SCRIPTS)
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "metrics_ranking",
            _("The score threshold goes down, so that one more detection counts. What can recall do?"),
            {"fall": _("fall"), "stay": _("stay or rise"), "both": _("rise or fall")},
            "stay",
            _("What was found stays found, and the number of truths is fixed. Precision can rise or fall."),
        )
    with said:
        lesson.show_code(curves.precision_recall)


def show_area() -> None:
    """The curve of the same ranking, and its area as each convention takes it."""
    fields = {**_fields(), "convention": stage.Field("coco", stage.choice(*CONVENTIONS))}
    st.subheader(_("Average precision: the area under the curve"), anchor=False)
    stage.play("area", "area", fields, {}, _texts() | _area_texts(), average_precisions, scripts=SCRIPTS)
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "metrics_area",
            _("Only the first 5 of 10 truths are ever found, and nothing is false. The AP of COCO is about"),
            {"one": "1.0", "half": "0.5", "quarter": "0.25"},
            "half",
            _("Precision is 1 up to recall .5 and 0 beyond: half of the square. What a slider cut off is missing."),
        )
    with said:
        lesson.remark(
            _(
                "AP is computed from all detections, down to a score of .001, never from what a score threshold left "
                "over. YOLOv5 joins the last point to (1, 0), and so a cut ranking gets area that nothing earned."
            )
        )
        lesson.show_code(
            curves.envelope,
            curves.coco_average_precision,
            curves.voc_average_precision,
            curves.voc07_average_precision,
            curves.yolov5_average_precision,
        )


def _fields() -> dict[str, stage.Field]:
    return {
        "marks": stage.Field(MARKS, read_marks),
        "truths": stage.Field(str(TRUTHS), stage.number(1, 20, whole=True)),
    }


def read_marks(text: str) -> str:
    """Twelve letters T or F.

    Raises:
        ValueError: it is something else.
    """
    if not re.fullmatch(f"[TF]{{{COUNT}}}", text):
        raise ValueError(text)
    return text


def average_precisions(values: Mapping[str, str]) -> dict[str, Any]:
    """AP of a ranking in every convention, by the package's own functions."""
    true = np.array([mark == "T" for mark in values["marks"]])
    truths = max(int(values["truths"]), int(true.sum()))
    precision, recall = curves.precision_recall(true, ~true, truths)
    return {
        "coco": curves.coco_average_precision(precision, recall),
        "voc": curves.voc_average_precision(precision, recall),
        "voc07": curves.voc07_average_precision(precision, recall),
        "yolov5": curves.yolov5_average_precision(precision, recall),
    }


def _texts() -> dict[str, str]:
    return {
        "hint": _("Click a detection: true or false."),
        "ranking": _("Detections by score"),
        "true": _("true positive"),
        "false": _("false positive"),
        "mark": _("Detection {rank}: {what}"),
        "truths": _("Truths"),
        "first": _("The first K"),
        "precision": _("Precision"),
        "recall": _("Recall"),
        "found": _("The first {first} find {share} % of the truths."),
        "rank": _("rank"),
    }


def _area_texts() -> dict[str, str]:
    return {
        "plot": _("Precision against recall"),
        "convention": _("Convention"),
        "coco": "COCO",
        "voc": "VOC 2010+",
        "voc07": "VOC 2007",
        "yolov5": "YOLOv5",
        "coco_rule": _("Mean of the falling curve at 101 recalls: 0, .01, … 1."),
        "voc_rule": _("The whole area under the falling curve."),
        "voc07_rule": _("Mean of the falling curve at 11 recalls: 0, .1, … 1."),
        "yolov5_rule": _("The curve begins at (0, 1), its last point is joined to (1, 0), and the area is taken."),
    }
