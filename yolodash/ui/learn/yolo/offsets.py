"""Step: why offsets from anchors and not widths. The gradients of both, and one step with each."""

from __future__ import annotations

import streamlit as st

from yolodash.structures import Head
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.subject import Subject
from yolodash.ui.learn.yolo import SCRIPTS


def show(about: Subject) -> None:
    """Three objects of three sizes, all guessed wrong by one factor; what training does with either kind of number."""
    scene = subject.look(about)
    fields = {
        "factor": stage.Field("1.5", stage.number(0.25, 4)),
        "rate": stage.Field("0.1", stage.number(0.005, 0.3)),
    }
    data = {"objects": objects_of(subject.anchors_of(scene))}
    st.subheader(_("Why offsets from anchors, and not widths in pixels"), anchor=False)
    stage.play("offsets", scene.identity, fields, data, _texts(), scripts=SCRIPTS)
    _below()


def objects_of(heads: tuple[Head, ...]) -> list[dict[str, float]]:
    """A small, a middle and a large object: as wide as anchors of the model, each with a somewhat smaller anchor."""
    widths = sorted({round(width) for head in heads for width, _height in head.anchors if width >= 1})
    chosen = (widths[0], widths[len(widths) // 2], widths[-1])
    return [{"truth": float(width), "anchor": round(width * 0.8, 1)} for width in chosen]


def _texts() -> dict[str, str]:
    return {
        "factor": _("Guess = truth ×"),
        "rate": _("Learning rate η"),
        "title_width": _("The network gives the width w in pixels"),
        "title_offset": _("The network gives t, and the width is p · exp(t)"),
        "formula_width": "L = (w − ŵ)²,  dL/dw = 2 (w − ŵ)",
        "formula_offset": "L = (t − t̂)²,  dL/dt = 2 (t − t̂),  t = ln(w / p)",
        "row": _("truth {truth} px, guess {guess} · gradient {gradient} → after one step {after} px"),
        "gone": _("below zero: no box any more"),
        "result": _(
            "Widths: the largest object's gradient is {ratio} times the smallest's and decides for all. Offsets: the "
            "same relative error, the same gradient."
        ),
        "right": _("All guesses are right: no gradient, nothing moves."),
    }


def _below() -> None:
    st.caption(
        _(
            "All three share one weight, as a kernel is the same in every cell: a step moves it by −η times the sum of "
            "the gradients. Dashed: the truth; upper bar: the guess; lower bar: after the step. Each drawn to its own "
            "scale."
        )
    )
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "yolo_offsets",
            _("Two boxes, 10 and 300 pixels wide, both guessed twice too wide. Which offset has the larger gradient?"),
            {"small": _("The small box's"), "large": _("The large box's"), "same": _("They are equal")},
            "same",
            _("t differs by ln 2 in both, whatever the size. In pixels it would be 2 · 10 against 2 · 300."),
        )
    with said:
        lesson.remark(
            _(
                "Offsets from anchors came with v2. v1 predicts shares of the picture, and takes the square root of "
                "both sides in its loss for the same reason. v5 trains on the box itself (CIoU), with bounded sides."
            )
        )
        from yolodash.losses.yolov3 import box_term
        from yolodash.models.heads.yolo import decode

        lesson.show_code(box_term, decode)
