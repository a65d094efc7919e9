"""Step: the vector of a cell, 3 × (5 + C) numbers; every entry named, of the cell that is clicked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from yolodash.structures import Candidates, Head, ImageSize
from yolodash.ui import panels
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.subject import Scene, Subject
from yolodash.ui.learn.yolo import SCRIPTS

MOST_CLASSES = 200


def show(about: Subject) -> None:
    """The grid to click, the vector of the clicked cell beside it, and one of its boxes worked out."""
    if subject.needs_model(about):
        return
    scene = subject.look(about)
    assert scene.candidates is not None
    candidates, best = scene.candidates, subject.main_index(scene)
    strides = [head.stride for head in scene.heads]
    own = candidates.heads[int(candidates.scale[best])].stride
    fields = {
        "cell": stage.Field(
            f"{candidates.row[best]},{candidates.column[best]}", cell_within(scene.network, min(strides))
        ),
        "stride": stage.Field(str(own), stage.choice(*map(str, strides))),
        "sort": stage.Field("high", stage.choice("place", "high")),
    }
    data = {"picture": subject.picture(scene), "network": stage.size(scene.network), "strides": strides}
    st.subheader(_("What one cell says: a vector, every entry with its meaning"), anchor=False)
    values = stage.play(
        "vector", scene.identity, fields, data, _texts(), live=lambda now: vector(scene, now), scripts=SCRIPTS
    )
    _worked_out(scene, rows_of(candidates, values))
    _below(candidates.heads[0])


def cell_within(network: ImageSize, stride: int) -> Any:
    """A parser of ``row,column`` within the finest grid."""

    def parse(text: str) -> str:
        row, column = (int(part) for part in text.split(","))
        if not (0 <= row < network.height // stride and 0 <= column < network.width // stride):
            raise ValueError(text)
        return f"{row},{column}"

    return parse


def place_of(candidates: Candidates, values: Mapping[str, str]) -> tuple[int, int, int]:
    """Stride, row and column of the cell of now; one outside a coarser grid becomes the nearest."""
    stride = int(values["stride"])
    row, column = (int(part) for part in values["cell"].split(","))
    size = candidates.network_size
    return stride, min(row, size.height // stride - 1), min(column, size.width // stride - 1)


def rows_of(candidates: Candidates, values: Mapping[str, str]) -> list[int]:
    """The candidates of the cell of now, by anchor."""
    stride, row, column = place_of(candidates, values)
    scale = next(i for i, head in enumerate(candidates.heads) if head.stride == stride)
    here = (candidates.scale == scale) & (candidates.row == row) & (candidates.column == column)
    return sorted(np.flatnonzero(here).tolist(), key=lambda index: int(candidates.anchor[index]))


def vector(scene: Scene, now: Mapping[str, str]) -> dict[str, Any]:
    """The numbers of the cell of now, for the browser."""
    assert scene.candidates is not None
    candidates = scene.candidates
    stride, row, column = place_of(candidates, now)
    indices = rows_of(candidates, now)
    head = candidates.heads[int(candidates.scale[indices[0]])]
    classes = shown_classes(candidates, indices)
    entries = [{"symbol": symbol, "name": name} for symbol, name in _box_entries()]
    entries += [{"symbol": f"p_{{{c + 1}}}", "name": panels.class_name(candidates, c)} for c in classes]
    return {
        "stride": stride,
        "row": row,
        "column": column,
        "formula": formula(head),
        "boxes": [_box(scene, index, head) for index in indices],
        "entries": entries,
        "values": [
            [_value(candidates, index, entry, scene) for index in indices]
            for entry in (*range(5), *(5 + c for c in classes))
        ],
    }


def shown_classes(candidates: Candidates, indices: list[int]) -> list[int]:
    """The classes to list: all, or of thousands the most probable here, in the order of the vector."""
    probability = np.nan_to_num(candidates.class_probabilities[indices].max(axis=0))
    return sorted(np.argsort(-probability, kind="stable")[:MOST_CLASSES].tolist())


def formula(head: Head) -> str:
    """How long a cell's vector is; v1's boxes share the classes of their cell."""
    boxes, classes = len(head.anchors), head.classes
    if head.kind == "detection":
        return f"{boxes} · 5 + {classes} = {boxes * 5 + classes}"
    return f"{boxes} · (5 + {classes}) = {boxes * (5 + classes)}"


def _box_entries() -> list[tuple[str, str]]:
    return [
        ("t_x", _("centre, across")),
        ("t_y", _("centre, down")),
        ("t_w", _("width")),
        ("t_h", _("height")),
        ("p_o", _("objectness")),
    ]


def _box(scene: Scene, index: int, head: Head) -> dict[str, Any]:
    """One candidate's box and anchor in network pixels."""
    assert scene.candidates is not None
    candidates = scene.candidates
    width, height = head.anchors[int(candidates.anchor[index])]
    x = (int(candidates.column[index]) + 0.5) * head.stride
    y = (int(candidates.row[index]) + 0.5) * head.stride
    without = head.kind == "detection"
    return {
        "box": list(subject.network_box(scene, index)),
        "anchor": None if without else [x - width / 2, y - height / 2, x + width / 2, y + height / 2],
        "title": _("box") if without else f"{width:.0f}×{height:.0f}",
        "objectness": float(np.nan_to_num(candidates.objectness[index])),
    }


def _value(candidates: Candidates, index: int, entry: int, scene: Scene) -> dict[str, Any]:
    """One entry: the raw number, what it means, and how high it stands in the strip."""
    raw = float(np.nan_to_num(candidates.raw[index, entry]))
    if entry < 4:
        left, top, right, bottom = subject.network_box(scene, index)
        pixels = ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)[entry]
        return {
            "raw": raw,
            "meaning": f"{pixels:.0f}\N{NO-BREAK SPACE}px",
            "share": 1 / (1 + float(np.exp(-np.clip(raw, -50, 50)))),
        }
    chance = candidates.objectness[index] if entry == 4 else candidates.class_probabilities[index, entry - 5]
    probability = float(np.nan_to_num(chance))
    return {"raw": raw, "meaning": f"{probability:.3f}", "share": probability}


def _worked_out(scene: Scene, indices: list[int]) -> None:
    """The strongest box of the cell, from its raw numbers to its fate, as Detect's glass box has it."""
    assert scene.candidates is not None
    from yolodash.inference.explanation import explain

    candidates = scene.candidates
    best = max(indices, key=lambda index: float(np.nan_to_num(candidates.objectness[index])))
    with st.expander(_("The strongest box of this cell, worked out"), icon=":material/calculate:"):
        explained = explain(candidates, best)
        panels.working(explained)
        st.markdown(panels.fate_sentence(explained))


def _texts() -> dict[str, str]:
    return {
        "picture": _("The picture under the grid, with the boxes of the chosen cell"),
        "cell": _("The grid. Click a cell, or move with the arrow keys."),
        "stride": _("Stride"),
        "where": _("Cell: row {row}, column {column}. Click another one."),
        "sort": _("Classes"),
        "place": _("in their order"),
        "high": _("the highest first"),
        "table": _("All entries of the vector"),
        "entry": _("Entry"),
    }


def _below(head: Head) -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "yolo_vector",
            _("Twenty classes, three anchors: how many numbers does a cell give?"),
            {"60": "60", "75": "75", "25": "25"},
            "75",
            _("3 · (5 + 20) = 75. The same cell of a COCO model with 80 classes gives 255."),
        )
    with said:
        lesson.remark(
            _(
                "t_x … t_h are no coordinates yet, but logits that are decoded (two steps on). p_o is objectness; the "
                "score of a box is objectness · class probability."
            )
        )
        from yolodash.models.heads.decode import decode_map

        lesson.show_code(decode_map, decode_of(head))


def decode_of(head: Head) -> Any:
    """The rule that made the boxes of this head."""
    from yolodash.models.heads import detection, region, yolo, yolov5

    return {"detection": detection, "region": region, "yolo": yolo, "yolov5": yolov5}[head.kind].decode
