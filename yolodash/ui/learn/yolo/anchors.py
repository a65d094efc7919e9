"""Step: the anchors. Drag an object, and see whose shape it is like; by v3's rule and by v5's."""

from __future__ import annotations

import streamlit as st

from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.subject import Subject
from yolodash.ui.learn.yolo import SCRIPTS


def show(about: Subject) -> None:
    """The object over all anchors, the table of their likeness, who answers."""
    scene = subject.look(about)
    heads = subject.anchors_of(scene)
    own_rule = "v5" if any(head.kind == "yolov5" for head in heads) else "v3"
    fields = {
        "box": stage.Field(stage.written(subject.main_box(scene)), stage.box_within(scene.network)),
        "rule": stage.Field(own_rule, stage.choice("v3", "v5")),
    }
    data = {
        "picture": subject.picture(scene),
        "network": stage.size(scene.network),
        "heads": [{"stride": head.stride, "anchors": [list(sides) for sides in head.anchors]} for head in heads],
    }
    st.subheader(_("Anchors are guesses; the one with the most similar shape answers"), anchor=False)
    stage.play("anchors", scene.identity, fields, data, _texts(), scripts=SCRIPTS)
    if heads is not scene.heads:
        st.caption(_("This model has no anchors, as v1 has none: these are YOLOv3's."))
    _below()


def _texts() -> dict[str, str]:
    return {
        "picture": _("The object, and all anchors around its centre"),
        "box": _("The object. Arrow keys move it, with Shift they change its size."),
        "letter": _("object"),
        "rule": _("Rule"),
        "v3": _("YOLOv3: the best one"),
        "v5": _("YOLOv5: all similar ones"),
        "anchor": _("Anchor"),
        "stride": _("Stride"),
        "iou": _("IoU of shapes"),
        "ratio": _("Side ratio"),
        "answers": _("answers"),
        "count": _("Anchors: {anchors} · cells: {cells} → {count} predictions answer"),
        "nobody": _("No anchor is similar enough: nobody learns this object"),
    }


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "yolo_anchors",
            _("YOLOv5's rule, an object of 40 × 40 pixels: does the anchor 10 × 13 answer?"),
            {
                "yes": _("Yes, it is the smallest one"),
                "no": _("No: 40 / 10 = 4 is not below 4"),
                "best": _("Only if no other anchor is better"),
            },
            "no",
            _("The larger of the two side ratios must be below 4. Each anchor is asked alone; there is no contest."),
        )
    with said:
        lesson.remark(
            _(
                "“The anchor with the highest IoU answers” is YOLOv3's rule: one of all nine, in one cell. YOLOv5 lets "
                "every anchor answer whose sides differ by less than a factor of 4, on every scale, in up to 3 cells."
            )
        )
        from yolodash.losses.yolov3 import best_anchors
        from yolodash.losses.yolov5 import assign, nearest_cells, side_ratios

        lesson.show_code(best_anchors, assign, side_ratios, nearest_cells)
