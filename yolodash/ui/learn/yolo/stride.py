"""Step: the stride. An input of 416 pixels becomes 13 cells; any whole multiple will do."""

from __future__ import annotations

import streamlit as st

from yolodash.structures import Thresholds
from yolodash.ui import caching, messages, panels
from yolodash.ui.caching import NetworkInput
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.subject import Subject
from yolodash.ui.learn.yolo import SCRIPTS

_TRIED = "yolo_sizes_tried"
SIDES = (64, 1280)


def show(about: Subject) -> None:
    """The picture under a grid that follows input and stride, then the real network at that size."""
    scene = subject.square(about, subject.LECTURE_SIDE)
    fields = {
        "side": stage.Field("416", stage.number(*SIDES, whole=True)),
        "stride": stage.Field("32", stage.choice("8", "16", "32", "64")),
    }
    data = {
        "picture": subject.picture(scene),
        "network": stage.size(scene.network),
        "size": stage.size(scene.image_size),
    }
    st.subheader(_("The network shrinks its input by its stride"), anchor=False)
    values = stage.play("stride", scene.identity, fields, data, _texts(), scripts=SCRIPTS)
    _try_it(about, int(values["side"]))
    _below()


def _texts() -> dict[str, str]:
    return {
        "picture": _("The picture in the network's input, under the grid of this stride"),
        "side": _("Input"),
        "stride": _("Stride"),
        "cells": _("cells"),
        "fits": _("{input} × {input} pixels become {cells} × {cells} cells"),
        "padded": _("{side} is no whole multiple of {stride}: padded to {input}, {cells} × {cells} cells"),
        "halvings": _("Every halving doubles the stride"),
        "averages": _(
            "Halved {count} times: one value for {stride} × {stride} pixels. (Here the mean colour; a network keeps "
            "hundreds of channels for each cell.)"
        ),
    }


def _try_it(about: Subject, side: int) -> None:
    """The chosen model at the chosen size, where someone asks for it; each size runs once."""
    if about.model is None:
        return
    tried: list[int] = st.session_state.setdefault(_TRIED, [])
    button, found = st.columns([1, 2], gap="medium", vertical_alignment="center")
    label = _("Let {model} look at {side} pixels").format(model=messages.plain(about.model.name), side=side)
    if button.button(label, icon=":material/visibility:", key="yolo_try_size", width="stretch") and side not in tried:
        tried.append(side)
    with found, messages.shown():
        lines = []
        for one in tried[-4:]:
            with st.spinner(_("The network looks at the picture …")):
                prediction = caching.prediction(about.model, about.photo, NetworkInput(one))
            lines.append(_found(prediction))
        st.markdown("  \n".join(lines) or _("It takes any size. What it finds is not the same at every size."))


def _found(prediction: caching.Prediction) -> str:
    """What a model found at one size, in a line."""
    from yolodash.inference.selection import judge

    candidates = prediction.candidates
    detections = judge(candidates, Thresholds()).detections
    count, network = len(detections.scores), candidates.network_size
    best = ", ".join(
        f"{messages.plain(panels.class_name(candidates, int(class_id)))} {score:.2f}"
        for class_id, score in zip(detections.class_ids[:4], detections.scores[:4], strict=True)
    )
    size = f"**{network.width}×{network.height}**"
    objects = ngettext("{count} object", "{count} objects", count).format(count=count)
    return f"{size} · {len(candidates.boxes):,} → {objects}" + (f": {best}" if best else "")


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "yolo_stride",
            _("An input of 608 × 608 and a stride of 32: how many cells?"),
            {"13": "13 × 13", "19": "19 × 19", "20": "20 × 20"},
            "19",
            _("608 / 32 = 19. The published yolov3.cfg is set to 608 and may be set to any multiple of 32."),
        )
    with said:
        lesson.remark(
            _(
                "The lecture calls YOLO invariant to the size of the input: it accepts any multiple of the stride. It "
                "is not scale-invariant: an object twice as large goes through other cells and other anchors."
            )
        )
        from yolodash.models.heads.grid import grid_shape

        lesson.show_code(grid_shape)
