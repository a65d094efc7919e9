"""Step: decoding. Sliders on t_x, t_y, t_w, t_h, and what v2/v3 and v5 make of the same numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from yolodash.structures import Head
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.subject import Scene, Subject
from yolodash.ui.learn.yolo import SCRIPTS

NAMES = ("tx", "ty", "tw", "th")
BOUND = 8.0


def show(about: Subject) -> None:
    """Two pictures side by side with the box that each rule gives, and where it can reach at all."""
    scene = subject.look(about)
    head, cell, own, anchor = start_of(scene)
    fields = {name: stage.Field((own or {}).get(name, "0"), stage.number(-BOUND, BOUND)) for name in NAMES}
    fields["anchor"] = stage.Field(str(anchor), stage.choice(*map(str, range(len(head.anchors)))))
    data: dict[str, Any] = {
        "picture": subject.picture(scene),
        "network": stage.size(scene.network),
        "head": {"stride": head.stride, "anchors": [list(sides) for sides in head.anchors], "cell": list(cell)},
        "own": own,
    }
    st.subheader(_("Four numbers t become a box, by the rule of each generation"), anchor=False)
    stage.play("decoding", scene.identity, fields, data, _texts(), scripts=SCRIPTS)
    if own is not None:
        st.caption(_("It begins with what the model itself said of its largest box, in that box's cell."))
    _below()


def start_of(scene: Scene) -> tuple[Head, tuple[int, int], dict[str, str] | None, int]:
    """Head, cell (column, row), the model's own numbers where they are logits, and the anchor to begin with."""
    heads = subject.anchors_of(scene)
    if scene.candidates is None or heads is not scene.heads:
        head = heads[-1]
        cell = (scene.network.width // head.stride // 2, scene.network.height // head.stride // 2)
        return head, cell, None, 0
    candidates, index = scene.candidates, subject.main_index(scene)
    head = candidates.heads[int(candidates.scale[index])]
    cell = (int(candidates.column[index]), int(candidates.row[index]))
    own = None
    if not head.new_coords:
        raw = np.nan_to_num(candidates.raw[index, :4]).clip(-BOUND, BOUND)
        own = {name: f"{value:.2f}" for name, value in zip(NAMES, raw.tolist(), strict=True)}
        own = {name: stage.number(-BOUND, BOUND)(text) for name, text in own.items()}
    return head, cell, own, int(candidates.anchor[index])


def _texts() -> dict[str, str]:
    return {
        "picture": _("The picture"),
        "picture_v3": _("The box by the rule of v2 and v3"),
        "picture_v5": _("The box by the rule of v5"),
        "v3": "YOLOv2, YOLOv3",
        "v5": "YOLOv5",
        "anchor": _("Anchor"),
        "zero": _("All zero"),
        "own": _("The model's own"),
        "legend": _(
            "White: where the centre can be. Thin dots: the anchor. Orange dashes: the largest box that v5 can give."
        ),
        "bound_v3": _("Centre within its cell · sides {w} and {h} times the anchor, without limit"),
        "bound_v5": _("Centre up to half a cell outside · sides {w} and {h} times the anchor, below 4"),
    }


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "yolo_decoding",
            _("All four numbers are 0. Which box does YOLOv3 give?"),
            {
                "none": _("None: width 0 and height 0"),
                "anchor": _("The anchor, in the middle of the cell"),
                "corner": _("The anchor, at the cell's upper left corner"),
            },
            "anchor",
            _("σ(0) = 0.5 is the middle of the cell, and exp(0) = 1 leaves the anchor as it is. In YOLOv5 too."),
        )
    with said:
        lesson.remark(
            _(
                "t_x … t_h are logits, not coordinates. With σ a centre can come close to its cell's border but never "
                "reach it: v4 stretches σ a little, v5 lets it reach half a cell further."
            )
        )
        from yolodash.models.heads import yolo, yolov5

        lesson.show_code(yolo.decode, yolov5.decode, yolov5.centre_and_size)
