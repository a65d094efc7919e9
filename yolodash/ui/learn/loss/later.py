"""Step: what the same wrong box costs in v1, v3 and v5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.loss import SCRIPTS
from yolodash.ui.learn.loss.lecture import CELLS
from yolodash.ui.learn.subject import LECTURE_HEADS, LECTURE_SIDE, Box, Subject

TRUTH: Box = (222, 164, 328, 274)
PREDICTION: Box = (240, 150, 352, 270)
_INSIDE = 1e-3


def show() -> None:
    """The picture with both boxes, and the box terms of three generations."""
    photo = lesson.choose_picture()
    scene = subject.square(Subject(photo, None), LECTURE_SIDE)
    box = stage.box_within(scene.network)
    fields = {
        "truth": stage.Field(stage.written(TRUTH), box),
        "prediction": stage.Field(stage.written(PREDICTION), box),
    }
    data = {"picture": subject.picture(scene), "network": stage.size(scene.network)}
    st.subheader(_("The same wrong box, and what three generations make of it"), anchor=False)
    stage.play("later", scene.identity, fields, data, _texts(), box_terms, scripts=SCRIPTS)
    _below()


def box_terms(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each generation's term about the box, without its weight in the whole, by the package's own losses."""
    import torch

    from yolodash.geometry.overlap import complete_intersection_over_union

    truth, prediction = (stage.read_box(values[name]) for name in ("truth", "prediction"))
    pair = [torch.tensor([box], dtype=torch.float64) for box in (prediction, truth)]
    complete = float(complete_intersection_over_union(pair[0], pair[1])[0])
    v3, reachable = _yolov3(truth, prediction)
    outside = _("The centre lies outside its cell, where v3 cannot put it: the cell's edge is taken.")
    return [
        {"name": "v1", "value": _yolov1(truth, prediction), "note": ""},
        {"name": "v3", "value": v3, "note": "" if reachable else outside},
        {"name": "v5", "value": 1 - complete, "note": f"CIoU = {complete:.3f}"},
    ]


def _shares(box: Box) -> list[float]:
    """cx, cy, w, h as shares of the input."""
    left, top, right, bottom = (value / LECTURE_SIDE for value in box)
    return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]


def _yolov1(truth: Box, prediction: Box) -> float:
    """Terms one and two, λ = 1."""
    import torch

    from yolodash.losses.matches import Matches
    from yolodash.losses.yolov1 import centre_term, size_term
    from yolodash.structures import Head

    wanted, x = _shares(truth), _shares(prediction)
    column, row = (min(int(value * CELLS), CELLS - 1) for value in wanted[:2])
    zero = torch.zeros(1, dtype=torch.int64)
    who = Matches(zero, zero, zero, zero + row, zero + column)
    mine = torch.tensor([[x[0] * CELLS - column, x[1] * CELLS - row, x[2] ** 0.5, x[3] ** 0.5]], dtype=torch.float64)
    targets = torch.tensor([[0.0, 0.0, *wanted]], dtype=torch.float64)
    head = Head("detection", ((0.0, 0.0),), LECTURE_SIDE // CELLS, 1, square_root=True)
    return float(centre_term(mine, targets, who, CELLS) + size_term(mine, targets, head))


def _yolov3(truth: Box, prediction: Box) -> tuple[float, bool]:
    """(2 − w·h) · (BCE of the centre + squared error of t_w, t_h) at the best anchor; and whether v3 can say it."""
    import torch

    from yolodash.losses import yolov3
    from yolodash.structures import ImageSize

    targets = torch.tensor([[0.0, 0.0, *_shares(truth)]], dtype=torch.float64)
    scale, anchor = yolov3.best_anchors(targets, LECTURE_HEADS, ImageSize(LECTURE_SIDE, LECTURE_SIDE))
    head = LECTURE_HEADS[int(scale)]
    side = LECTURE_SIDE // head.stride
    matches = yolov3.cells_of(targets, torch.ones(1, dtype=torch.bool), anchor, (side, side))
    x = _shares(prediction)
    inside = torch.tensor([x[0] * side - int(matches.column), x[1] * side - int(matches.row)], dtype=torch.float64)
    reachable = bool(((inside > 0) & (inside < 1)).all())
    sides = torch.tensor([x[2] * LECTURE_SIDE, x[3] * LECTURE_SIDE], dtype=torch.float64)
    numbers = torch.cat([
        torch.logit(inside.clamp(_INSIDE, 1 - _INSIDE)), (sides / torch.tensor(head.anchors[int(anchor)])).log()
    ])  # fmt: skip
    raw = torch.zeros(1, 1, side, side, 5, dtype=torch.float64)
    return float(yolov3.box_term(numbers[None], targets, matches, head, raw)), reachable


def _texts() -> dict[str, str]:
    return {
        "picture": _("Truth and prediction on the picture"),
        "truth": _("truth"),
        "prediction": _("prediction"),
        "move_truth": _("The truth. Arrow keys move it, with Shift they change its size."),
        "move_prediction": _("The prediction. Arrow keys move it, with Shift they change its size."),
        "table": _("The box terms of three generations"),
        "v1": _("Squared errors of centre and √sides: (x − x̂)² + (y − ŷ)² + (√w − √ŵ)² + (√h − √ĥ)²"),
        "v3": _("(2 − w·h) · (BCE of x and y + squared errors of t_w and t_h)"),
        "v5": _("1 − CIoU: overlap, distance of the centres and shape in one number"),
        "released": _("The numbers follow when a box is let go."),
    }


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "loss_later",
            _("Truth and prediction are far apart and do not touch. Which loss still tells the box where to go?"),
            {
                "iou": _("1 − IoU"),
                "ciou": _("1 − CIoU"),
            },
            "ciou",
            _("IoU is 0 wherever they do not touch, and flat. CIoU also has the distance of the centres."),
        )
    with said:
        lesson.remark(
            _(
                "Objectness and classes changed too: v1 squares their errors, v3 and v5 use binary cross-entropy. v3 "
                "wants objectness 1 where a box answers, v5 its IoU; and in v5 several anchors and cells answer."
            )
        )
        from yolodash.geometry.overlap import complete_intersection_over_union
        from yolodash.losses import yolov3, yolov5

        lesson.show_code(yolov3.box_term, yolov5.box_term, complete_intersection_over_union)
