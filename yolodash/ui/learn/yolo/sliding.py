"""Step: sliding window against one look. A classifier looks at every window; a detector looks once."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from yolodash.inference.sliding import Slid, held_by_none, slide, windows
from yolodash.structures import ImageSize, Thresholds
from yolodash.ui import caching, panels, state
from yolodash.ui.caching import NetworkInput
from yolodash.ui.i18n import _, ngettext
from yolodash.ui.learn import lesson, stage, subject
from yolodash.ui.learn.subject import Scene, Subject
from yolodash.ui.learn.yolo import SCRIPTS

SHARES = (8, 6, 4, 3)
STEPS = (1, 2, 4)
MOST_BOXES = 20


def show(about: Subject) -> None:
    """The windows with what a classifier says of each; the detector's boxes, those that fall between two marked."""
    if subject.needs_model(about):
        return
    scene = subject.look(about)
    st.subheader(_("A window slid over the picture, against one look"), anchor=False)
    share, part = _choose()
    side = max(16, scene.image_size.width // share)
    step = max(4, side // part)
    slid = _slid(about, side, step)
    size: ImageSize = scene.image_size
    fields = {
        "window": stage.Field("1", stage.number(1, len(slid.windows), whole=True)),
        "sure": stage.Field("0.9", stage.number(0.05, 0.99)),
    }
    found = boxes_of(scene, slid)
    data = {
        "picture": {**subject.picture(scene), "x": 0, "y": 0, **stage.size(size)},
        "network": stage.size(size),
        "windows": slid.windows.astype(int).tolist(),
        "probabilities": [round(value, 4) for value in np.nan_to_num(slid.probabilities).tolist()],
        "words": list(slid.words),
        "boxes": found,
    }
    stage.play("sliding", f"{scene.identity}/{side}/{step}", fields, data, _texts(about, slid), scripts=SCRIPTS)
    _missed(found)
    _below()


def _choose() -> tuple[int, int]:
    """How large the window is, and how far it goes at a time."""
    state.seed("share", state.one_of(SHARES, int), 4)
    state.seed("steps", state.one_of(STEPS, int), 2)
    one, other = st.columns(2)
    share = one.segmented_control(
        _("Window: a part of the picture's width"), SHARES, key="share", required=True, persist_state="session",
        format_func=lambda value: f"1/{value}",
    )  # fmt: skip
    part = other.segmented_control(
        _("Step: a part of the window"), STEPS, key="steps", required=True, persist_state="session",
        format_func=lambda value: "1" if value == 1 else f"1/{value}",
    )  # fmt: skip
    share, part = share or 4, part or 2
    state.mirror({"share": None if share == 4 else str(share), "steps": None if part == 2 else str(part)})
    return share, part


def _slid(about: Subject, side: int, step: int) -> Slid:
    """What the classifier said of all windows; behind a progress bar where it is not known yet."""
    kept: dict[object, Slid] = st.session_state.setdefault("yolo_slid", {})
    key = (about.photo.source, about.photo.id, side, step)
    if key not in kept:
        while len(kept) >= 8:
            kept.pop(next(iter(kept)))
        bar = st.progress(0.0, text=_("The classifier looks at one window after another …"))
        kept[key] = slide(caching.pixels(about.photo), side, step, lambda done, total: _tell(bar, done, total))
        bar.empty()
    return kept[key]


def _tell(bar: Any, done: int, total: int) -> None:
    bar.progress(done / total, text=_("{done} of {total} windows").format(done=done, total=total))


def boxes_of(scene: Scene, slid: Slid) -> list[dict[str, Any]]:
    """The detector's boxes, each with its name, and whether no window holds it whole."""
    assert scene.candidates is not None
    found = subject.detections(scene, Thresholds())[:MOST_BOXES]
    boxes = scene.candidates.boxes[[index for index, _class, _score in found]].reshape(-1, 4)
    limit = np.array([scene.image_size.width, scene.image_size.height] * 2, dtype=np.float32)
    boxes = np.clip(boxes, 0, limit)
    missed = held_by_none(boxes, slid.windows)
    return [
        {
            "box": [round(float(value), 1) for value in box],
            "name": panels.class_name(scene.candidates, class_id),
            "missed": bool(outside),
        }
        for (_index, class_id, _score), box, outside in zip(found, boxes, missed, strict=True)
    ]


def _missed(found: list[dict[str, Any]]) -> None:
    count = sum(one["missed"] for one in found)
    if count:
        st.caption(
            ngettext(
                "Dashed: {count} object that no window holds whole. It is too large for the window, or lies on the "
                "line between two.",
                "Dashed: {count} objects that no window holds whole. They are too large for the window, or lie on the "
                "line between two.",
                count,
            ).format(count=count)
        )


def _texts(about: Subject, slid: Slid) -> dict[str, str]:
    assert about.model is not None
    known = caching.known_prediction(about.model, about.photo, NetworkInput())
    milliseconds = 0.0 if known is None else known.milliseconds.forward
    return {
        "picture": _("The picture"),
        "slow": _("Sliding window: a classifier"),
        "once": _("You only look once: {model}").format(model=about.model.name),
        "slow_numbers": _("{count} windows, {passes} passes of up to 256, {seconds} s").format(
            count=f"{len(slid.windows):,}", passes=slid.passes, seconds=f"{slid.seconds:.2f}"
        ),
        "once_numbers": _("1 pass, {seconds} s").format(seconds=f"{milliseconds / 1000:.2f}"),
        "play": _("Slide the window"),
        "stop": _("Stop"),
        "window": _("Window"),
        "sure": _("Threshold"),
        "nothing": _("nothing"),
        "said": _("Window {at} of {count}: a block with {share} → {found}"),
        "account": _("Windows above the threshold: {count}. Many for one object, and none of them its box."),
    }


def _below() -> None:
    st.caption(
        _(
            "The classifier knows the blocks of our rendered scenes, and says of each window whether there is one and "
            "which. On photos it is out of its depth; the windows and the time are the same."
        )
    )
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "yolo_sliding",
            _("The step is halved, across and down. How many windows are there then?"),
            {"two": _("About twice as many"), "four": _("About four times as many"), "same": _("As many as before")},
            "four",
            _("Twice as many columns and twice as many rows. And every size of object asks for a window of its own."),
        )
    with said:
        lesson.remark(
            _(
                "A sliding window can share its work, too: a convolution is a sliding window. YOLO's cells are windows "
                "that a fully convolutional network looks at in one pass."
            )
        )
        lesson.show_code(windows, slide)
