"""Step: the grid. Drag the object, and the cell that answers for it follows."""

from __future__ import annotations

import streamlit as st

from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.subject import Subject
from yolodash.ui.learn.yolo import SCRIPTS


def show(about: Subject) -> None:
    """The picture under its grid, the object to drag, the two divisions."""
    scene = subject.look(about)
    strides = [head.stride for head in scene.heads]
    fields = {
        "box": stage.Field(stage.written(subject.main_box(scene)), stage.box_within(scene.network)),
        "stride": stage.Field(str(max(strides)), stage.choice(*map(str, strides))),
    }
    data = {"picture": subject.picture(scene), "network": stage.size(scene.network), "strides": strides}
    st.subheader(_("The cell that holds the centre answers for the object"), anchor=False)
    stage.play("grid", scene.identity, fields, data, _texts(), scripts=SCRIPTS)
    _below()


def _texts() -> dict[str, str]:
    return {
        "picture": _("The picture under the network's grid"),
        "box": _("The object. Arrow keys move it, with Shift they change its size."),
        "letter": _("object"),
        "stride": _("Stride"),
        "s": _("stride"),
        "size": _("Input {width}×{height}, stride {stride}: {columns}×{rows} cells. Drag the object, or its corners."),
        "index": _("Row {row}, column {column}"),
        "counted": _("… as indices, from 0. Counted from 1: row {row}, column {column}."),
    }


def _below() -> None:
    """What can be asked and said of it."""
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "yolo_grid",
            _("Stride 32, and the object's centre is at x = 200, y = 330. Which cell answers?"),
            {
                "row10": _("row 10, column 6"),
                "row11": _("row 11, column 7"),
                "row6": _("row 6, column 10"),
            },
            "row10",
            _("330 / 32 = 10.3 and 200 / 32 = 6.25: rounded down, with rows from y and columns from x."),
        )
    with said:
        lesson.remark(
            _("The lecture's dog is in the 7th cell of the 7th row. Counted from 0, as in code, that is index 6 and 6.")
        )
        from yolodash.losses.yolov3 import cells_of

        lesson.show_code(cells_of)
