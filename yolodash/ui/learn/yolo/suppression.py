"""Step: non-maximum suppression, one choice at a time, on the model's own candidates."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from yolodash.structures import Candidates, ImageSize, Thresholds
from yolodash.ui import panels
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.subject import Subject
from yolodash.ui.learn.yolo import SCRIPTS

LOWEST = 0.05
MOST = 500
LECTURE = (0.5, 0.45)


def show(about: Subject) -> None:
    """The candidates over the threshold, then choice by choice."""
    if subject.needs_model(about):
        return
    scene = subject.look(about)
    assert scene.candidates is not None
    rows, floor = strongest(scene.candidates)
    fields = {
        "score": stage.Field(start_of(rows, floor), stage.number(floor, 0.95)),
        "nms": stage.Field(f"{LECTURE[1]:g}", stage.number(0.05, 0.95)),
        "order": stage.Field("objectness", stage.choice("objectness", "score")),
        "classes": stage.Field("all", stage.choice("all", "each")),
        "at": stage.Field("0", stage.number(0, MOST, whole=True)),
    }
    size: ImageSize = scene.image_size
    data = {
        "picture": {**subject.picture(scene), "x": 0, "y": 0, **stage.size(size)},
        "network": stage.size(size),
        "candidates": rows,
        "total": len(scene.candidates.boxes),
        "floor": floor,
        "gate": not any(head.kind == "detection" for head in scene.heads),
    }
    st.subheader(_("Non-maximum suppression: keep the best, remove what overlaps it, again"), anchor=False)
    values = stage.play("suppression", scene.identity, fields, data, _texts(), scripts=SCRIPTS)
    _outcome(scene.candidates, values)
    _below()


def strongest(candidates: Candidates) -> tuple[list[dict[str, Any]], float]:
    """The candidates over the lowest threshold, each with its best class; and that threshold, higher for crowds."""
    from yolodash.inference.selection import pair_scores

    scores = pair_scores(candidates)
    best = candidates.class_probabilities.argmax(axis=1)
    score = scores[np.arange(len(best)), best]
    strength = np.nan_to_num(np.maximum(candidates.objectness, score), nan=-1.0)
    score, objectness = np.nan_to_num(score), np.nan_to_num(candidates.objectness)
    ranked = np.argsort(-strength, kind="stable")
    floor = LOWEST
    if strength[ranked[MOST : MOST + 1]].max(initial=-1.0) > LOWEST:
        first_left_out = float(strength[ranked[MOST]])
        rounded = float(np.ceil(first_left_out * 100) / 100)
        floor = rounded if rounded < 1 else first_left_out
    kept = [int(i) for i in ranked[:MOST] if strength[i] > floor and np.isfinite(candidates.boxes[i]).all()]
    return [
        {
            "index": i,
            "box": candidates.boxes[i].tolist(),
            "objectness": float(objectness[i]),
            "score": float(score[i]),
            "class_id": int(best[i]),
            "name": panels.class_name(candidates, int(best[i])),
        }
        for i in sorted(kept)
    ], floor


def start_of(rows: list[dict[str, Any]], floor: float) -> str:
    """The lecture's threshold where at least two candidates pass it, else the highest of a few that two pass."""
    for threshold in (LECTURE[0], 0.25, 0.1):
        if threshold >= floor and sum(row["objectness"] > threshold for row in rows) >= 2:
            return f"{threshold:g}"
    return f"{max(floor, LOWEST):g}" if rows else f"{max(floor, LECTURE[0]):g}"


def _outcome(candidates: Candidates, values: dict[str, str]) -> None:
    """What the product's own function makes of the same thresholds, for whoever compares."""
    from yolodash.inference.selection import judge

    agnostic, score, nms = values["classes"] == "all", float(values["score"]), float(values["nms"])
    detections = judge(candidates, Thresholds(score, nms, class_agnostic=agnostic, labels="best")).detections
    st.caption(
        _("Detect, at the same thresholds and in the order of the score, finds {count}.").format(
            count=len(detections.scores)
        )
    )


def _texts() -> dict[str, str]:
    return {
        "picture": _("The picture with the candidates"),
        "back": _("Back"),
        "next": _("Next"),
        "end": _("To the end"),
        "score": _("Score threshold"),
        "nms": _("NMS IoU threshold"),
        "order": _("Order by"),
        "by_objectness": _("pₒ, as the lecture has it"),
        "by_score": _("score pₒ · p(c), as the programs have it"),
        "classes": _("Removes"),
        "each": _("within each class"),
        "all": _("whatever the class"),
        "begin": _("{count} of {total} candidates are above the threshold"),
        "step": _("Choice {at} of {count}: {name} · removes {removed}"),
        "removed": _("removed"),
        "stays": _("stays"),
        "other_class": _("another class"),
    }


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "yolo_nms",
            _("The threshold is .45. A box overlaps the chosen one with an IoU of exactly .45. What happens?"),
            {"stays": _("It stays"), "goes": _("It is removed"), "score": _("It depends on its score")},
            "stays",
            _("Only what is greater than the threshold is removed: IoU > .45. Later boxes always score less."),
        )
    with said:
        lesson.remark(
            _(
                "The lecture removes by pₒ. Darknet and YOLOv5 let a box through when pₒ and then the score pₒ · p(c) "
                "are above the threshold, and suppress in the order of the score, within each class. Try both."
            )
        )
        from yolodash.geometry.nms import suppress
        from yolodash.inference.selection import pair_scores, passes_objectness

        lesson.show_code(suppress, pair_scores, passes_objectness)
