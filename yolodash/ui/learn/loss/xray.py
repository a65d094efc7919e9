"""Step: the loss of a real model on a picture, cell by cell; the truth is known, or a box to place by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from yolodash.structures import Candidates, ImageSize
from yolodash.ui.evaluation.source import SAMPLE
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.loss import SCRIPTS
from yolodash.ui.learn.subject import Scene, Subject

if TYPE_CHECKING:
    from torch import Tensor

TERMS = ("box", "objectness", "class")
_LABELLED = {"scene": "055.jpg"}
"""Samples whose truth is known: the same scene stands in the sample of the page Evaluate."""


def show() -> None:
    """A map for every scale and term, with the boxes that should have been found."""
    about = subject.choose()
    if subject.needs_model(about):
        return
    scene = subject.look(about)
    if any(head.kind not in ("yolov5", "yolo", "detection") or head.new_coords for head in scene.heads):
        st.info(_("The X-ray knows the losses of v1, v3 and v5. Choose one of their models at the left."))
        return
    known = known_truth(about, scene)
    box = stage.box_within(scene.network)
    fields = {
        "truth": stage.Field(stage.written(subject.main_box(scene)), box),
        "term": stage.Field("objectness", stage.choice(*TERMS)),
    }
    data = {
        "picture": subject.picture(scene),
        "network": stage.size(scene.network),
        "known": [list(row[1:]) for row in known],
        "terms": TERMS,
    }
    st.subheader(_("Where does this model's loss come from?"), anchor=False)
    stage.play("xray", scene.identity, fields, data, _texts(), lambda now: maps(scene, known, now), scripts=SCRIPTS)
    _below(scene)


Truth = tuple[int, float, float, float, float]
"""Class, and x1, y1, x2, y2 in network pixels."""


def known_truth(about: Subject, scene: Scene) -> list[Truth]:
    """The boxes of a labelled sample, where the model knows its classes; else none."""
    file = _LABELLED.get(about.photo.key)
    if file is None or scene.candidates is None:
        return []
    content = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    image = next(image for image in content["images"] if image["file_name"] == file)
    names = {category["id"]: category["name"] for category in content["categories"]}
    if not set(names.values()) <= set(scene.candidates.names):
        return []
    finer, transform = scene.image_size.width / image["width"], scene.transform
    rows = []
    for entry in content["annotations"]:
        if entry["image_id"] == image["id"]:
            left, top, width, height = (value * finer for value in entry["bbox"])
            x1, x2 = (x * transform.scale_x + transform.offset_x for x in (left, left + width))
            y1, y2 = (y * transform.scale_y + transform.offset_y for y in (top, top + height))
            rows.append((scene.candidates.names.index(names[entry["category_id"]]), x1, y1, x2, y2))
    return rows


def maps(scene: Scene, known: list[Truth], now: Mapping[str, str]) -> dict[str, Any]:
    """For every scale its three maps, where something answers, and the sums."""
    import torch

    assert scene.candidates is not None
    left, top, right, bottom = box = stage.read_box(now["truth"])
    truths = known or [(_class_at(scene, box), float(left), float(top), float(right), float(bottom))]
    targets = torch.tensor([_target(truth, scene.network) for truth in truths], dtype=torch.float32)
    with torch.inference_mode():
        scales = shares(scene.candidates, targets)
    return {
        "scales": [_sent(scale) for scale in scales],
        "sums": {name: sum(float(np.sum(scale[name])) for scale in scales) for name in TERMS},
    }


def _sent(scale: dict[str, Any]) -> dict[str, Any]:
    """A scale as JSON."""
    return {name: value.round(7).tolist() if isinstance(value, np.ndarray) else value for name, value in scale.items()}


def _class_at(scene: Scene, box: subject.Box) -> int:
    """The class that the model gives to what lies in a box: a truth placed by hand has no other."""
    assert scene.candidates is not None
    likely = _likely(scene.candidates)
    boxes = np.stack([np.array(subject.network_box(scene, index)) for index in likely])
    distance = np.abs(boxes - np.array(box)).sum(axis=1)
    best = likely[int(distance.argmin())]
    return int(np.nan_to_num(scene.candidates.class_probabilities[best]).argmax())


def _likely(candidates: Candidates) -> list[int]:
    """The hundred candidates of highest objectness."""
    order = np.argsort(-np.nan_to_num(candidates.objectness), kind="stable")[:100]
    return [int(index) for index in order]


def _target(truth: Truth, network: ImageSize) -> list[float]:
    """Picture, class, and centre and sides as shares of the input."""
    class_id, x1, y1, x2, y2 = truth
    width, height = float(network.width), float(network.height)
    return [0.0, float(class_id), (x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height]


def shares(candidates: Candidates, targets: Tensor) -> list[dict[str, Any]]:
    """The loss of a model's own output, cell by cell: for every scale ``box``, ``objectness`` and ``class``, small
    strides first.

    Args:
        targets: ``(M, 6)`` as the losses take them.
    """
    from yolodash.losses import shares as taken_apart

    heads = candidates.heads
    raw = raw_maps(candidates)
    if heads[0].kind == "detection":
        cells = taken_apart.yolov1_shares(raw[0], targets, heads[0])
        whole = {"box": cells.centre + cells.size, "objectness": cells.object_ + cells.no_object, "class": cells.class_}
        from yolodash.losses.yolov1 import responsible

        who = responsible(raw[0], targets, heads[0])[0]
        answers = sorted({(int(row), int(column)) for row, column in zip(who.row, who.column, strict=True)})
        return [{"stride": heads[0].stride, "answers": answers, **{k: v.numpy() for k, v in whole.items()}}]
    order = sorted(range(len(heads)), key=lambda i: heads[i].stride)
    loss = taken_apart.yolov5_shares if heads[0].kind == "yolov5" else taken_apart.yolov3_shares
    parts = loss([raw[i] for i in order], targets, [heads[i] for i in order], candidates.network_size)
    return [
        {
            "stride": heads[i].stride,
            "answers": sorted({(int(r), int(c)) for r, c in zip(part.matches.row, part.matches.column, strict=True)}),
            "box": part.box.numpy(),
            "objectness": part.objectness.numpy(),
            "class": part.class_.numpy(),
        }
        for i, part in zip(order, parts, strict=True)
    ]


def raw_maps(candidates: Candidates) -> list[Tensor]:
    """The heads' maps ``(1, A, h, w, 5 + C)``, put together again from the candidates: the network need not run."""
    import torch

    size, result, start = candidates.network_size, [], 0
    for head in candidates.heads:
        shape = (1, len(head.anchors), size.height // head.stride, size.width // head.stride, 5 + head.classes)
        count = shape[1] * shape[2] * shape[3]
        rows = candidates.raw[start : start + count]
        result.append(torch.from_numpy(np.ascontiguousarray(rows)).view(shape))
        start += count
    return result


def _texts() -> dict[str, str]:
    return {
        "picture": _("Loss at stride {stride}"),
        "truth": _("truth"),
        "move_truth": _("The truth. Arrow keys move it, with Shift they change its size."),
        "term": _("Term"),
        "box": _("box"),
        "objectness": _("objectness"),
        "class": _("class"),
        "scale": _("Stride {stride}: {sum} in all, largest cell {largest}"),
        "sums": _("The whole loss: box {box}, objectness {objectness}, class {class}"),
        "known": _("The truth of this scene is known."),
        "place": _("Whose truth is it? Put the yellow box where the object really is."),
        "answers": _("Framed cells answer for an object. Red: what costs."),
    }


def _below(scene: Scene) -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "loss_xray",
            _("The box term of a cell far from every object is"),
            {"large": _("large: its box is wrong"), "zero": _("zero")},
            "zero",
            _("Only boxes that answer for an object have a box and a class term. The others only learn objectness."),
        )
    with said:
        from yolodash.losses import shares as taken_apart

        kinds: dict[str, Any] = {"yolov5": taken_apart.yolov5_shares, "yolo": taken_apart.yolov3_shares}
        lesson.show_code(kinds.get(scene.heads[0].kind, taken_apart.yolov1_shares))
