"""Step: three scales. Three grids over one picture, and how many boxes they make at any size."""

from __future__ import annotations

from typing import Any

import streamlit as st

from yolodash.structures import Head, Thresholds
from yolodash.ui import panels
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.subject import Scene, Subject
from yolodash.ui.learn.yolo import SCRIPTS

MOST_FOUND = 12


def show(about: Subject) -> None:
    """The picture once for every scale, with what the model found on it; the count for this size."""
    scene = subject.look(about)
    kinds: dict[str, Any] = {
        "lecture": {"title": "YOLOv3, YOLOv5", "heads": heads_of(scene, subject.LECTURE_HEADS)},
    }
    if {(head.stride, len(head.anchors)) for head in scene.heads} != {(8, 3), (16, 3), (32, 3)} and about.model:
        kinds["model"] = {"title": about.model.name, "heads": heads_of(scene, scene.heads)}
    fields = {
        "side": stage.Field("416", stage.number(32, 1280, whole=True)),
        "heads": stage.Field("lecture", stage.choice(*kinds)),
    }
    square = subject.square(about, subject.LECTURE_SIDE)
    data = {
        "picture": subject.picture(square),
        "network": stage.size(square.network),
        "size": stage.size(square.image_size),
        "heads": kinds,
    }
    st.subheader(_("Three scales: coarse cells for large objects, fine cells for small ones"), anchor=False)
    stage.play("scales", scene.identity, fields, data, _texts(), scripts=SCRIPTS)
    _below()


def heads_of(scene: Scene, heads: tuple[Head, ...]) -> list[dict[str, Any]]:
    """Stride and anchors of each scale, coarse first as YOLOv3 predicts them, and what was found at that stride."""
    found: dict[int, list[dict[str, Any]]] = {}
    for index, class_id, score in subject.detections(scene, Thresholds())[:MOST_FOUND]:
        assert scene.candidates is not None
        stride = scene.candidates.heads[int(scene.candidates.scale[index])].stride
        x1, y1, x2, y2 = (float(value) for value in scene.candidates.boxes[index])
        width, height = scene.image_size.width, scene.image_size.height
        name = f"{panels.class_name(scene.candidates, class_id)} {score:.2f}"
        found.setdefault(stride, []).append({"box": [x1 / width, y1 / height, x2 / width, y2 / height], "name": name})
    ordered = sorted(heads, key=lambda head: -head.stride)
    return [
        {"stride": head.stride, "anchors": len(head.anchors), "found": found.get(head.stride, [])} for head in ordered
    ]


def _texts() -> dict[str, str]:
    return {
        "picture": _("The picture"),
        "picture_scale": _("The picture under the grid of stride {stride}, with what was found there"),
        "side": _("Input"),
        "heads": _("Scales of"),
        "scale": _("Stride {stride}: {cells} × {cells} cells · {anchors} anchors = {count} boxes"),
        "boxes": _("boxes"),
    }


def _below() -> None:
    st.caption(
        _("The boxes that the model found stand on the scale that they came from, with the cell of their centre.")
    )
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "yolo_scales",
            _("How many boxes do three scales with three anchors make at 640 × 640?"),
            {"same": "10,647", "more": "25,200", "double": "21,294"},
            "more",
            _("(80 · 80 + 40 · 40 + 20 · 20) · 3 = 25,200."),
        )
    with said:
        lesson.remark(_("10,647 is the count at 416 × 416. It grows with the area of the input, not with its side."))
        from yolodash.models.heads.grid import candidate_count, grid_shape

        lesson.show_code(candidate_count, grid_shape)
