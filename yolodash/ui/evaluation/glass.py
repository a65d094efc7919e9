"""One box that was clicked: what it is and, where a model made it, the glass box of how it came about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from yolodash.data.images import read_image
from yolodash.evaluation.tables import Numbers
from yolodash.models.catalogue import InstalledModel
from yolodash.structures import Candidates, Thresholds
from yolodash.ui.evaluation import opened
from yolodash.ui.evaluation.boxes import Box
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain

if TYPE_CHECKING:
    from yolodash.ui.caching import Prediction
    from yolodash.ui.evaluation.controls import Shown
    from yolodash.ui.evaluation.source import Evaluated

_KEPT = "evaluate_glass"
LOW = Thresholds(score_threshold=0.001, nms_iou_threshold=0.6, labels="all")
"""As evaluations are made."""


def show(shown: Shown, box: Box, match_iou_threshold: float) -> None:
    """The sentence about a box, and the numbers that made it."""
    evaluated = shown.evaluated
    with st.container(border=True):
        st.markdown("**" + plain(opened.sentence(evaluated, box, match_iou_threshold)) + "**")
        if box.found < 0:
            st.caption(_("No detection, so there is no glass box to open."))
        elif evaluated.model is None:
            st.caption(why_none())
        elif (path := evaluated.pictures.get(evaluated.labels.images[box.image])) is None:
            st.caption(_("The picture is no longer where it was, so the network cannot look at it again."))
        elif st.button(_("Open the glass box"), icon=":material/deployed_code:", key=f"glass_{opened.identity(box)}"):
            st.session_state[_KEPT] = opened.identity(box)
        if evaluated.model is not None and st.session_state.get(_KEPT) == opened.identity(box) and path is not None:
            inside(evaluated, path, evaluated.found.xywh[box.found], _class_name(shown, box))


def why_none() -> str:
    """Where there is no model there are no raw numbers."""
    return _("A file says only box, class and score. Evaluate a model itself to see the raw numbers behind its boxes.")


def _class_name(shown: Shown, box: Box) -> str:
    return shown.evaluated.labels.class_names[int(shown.evaluated.found.label[box.found])]


def inside(evaluated: Evaluated, path: Path, xywh: Numbers, name: str) -> None:
    """Run the network on the picture once more, and explain the candidate that became this box."""
    from yolodash.inference.selection import judge
    from yolodash.ui import panels
    from yolodash.ui.overlay import Pick

    assert evaluated.model is not None, "the button is there only where the model is"
    candidates = looked_at(evaluated.model, path, evaluated.input_size).candidates
    index, class_id = nearest(candidates, xywh, name)
    centre = xywh[:2] + xywh[2:] / 2
    pick = Pick(float(centre[0]), float(centre[1]), index, class_id)
    panels.glass_box(candidates, judge(candidates, LOW), LOW, pick)


def looked_at(model: InstalledModel, path: Path, size: int | None) -> Prediction:
    """What the network says about a picture; the last one is kept for this session."""
    from yolodash.ui import caching

    wanted = (model.name, str(path), size)
    kept = st.session_state.get("evaluate_prediction")
    if kept is None or kept[0] != wanted:
        with st.spinner(_("The network looks at the picture …")):
            kept = (wanted, caching.run_network(model, read_image(path), caching.NetworkInput(size)))
        st.session_state["evaluate_prediction"] = kept
    prediction: Prediction = kept[1]
    return prediction


def nearest(candidates: Candidates, xywh: Numbers, name: str) -> tuple[int, int]:
    """The candidate whose box, clipped to the picture, is this one; and the class of that name."""
    size = candidates.image_size
    corners = np.concatenate([xywh[:2], xywh[:2] + xywh[2:]])
    clipped = np.clip(candidates.boxes, 0, [size.width, size.height, size.width, size.height])
    names = [own.casefold() for own in candidates.names]
    class_id = names.index(name.casefold()) if name.casefold() in names else -1
    distance = np.abs(clipped - corners).max(axis=1)
    close = distance <= distance.min() + 0.75
    score = candidates.objectness * (candidates.class_probabilities[:, class_id] if class_id >= 0 else 1)
    return int(np.argmax(np.where(close, score, -1))), class_id
