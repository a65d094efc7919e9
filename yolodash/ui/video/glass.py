"""A box of a video that was clicked: what it is, and its glass box, for which the network sees the frame once more."""

from __future__ import annotations

from itertools import islice

import streamlit as st

from yolodash.data.videos.reading import frame_at
from yolodash.inference.kept_frames import KeptFrame
from yolodash.models import catalogue
from yolodash.models.catalogue import InstalledModel
from yolodash.runs.watched import Watched
from yolodash.structures import Thresholds
from yolodash.ui.caching import NetworkInput, Prediction, run_network
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain
from yolodash.ui.video.player import Picked

_OPENED = "video_glass"
_PREDICTION = "video_prediction"


def show(watched: Watched, picked: Picked | None, thresholds: Thresholds) -> None:
    """What to click, or what was clicked and a button that opens it."""
    if picked is None:
        st.caption(_("Click a box to ask why it is there. A click beside the boxes plays and pauses."))
        return
    name = watched.model.names[picked.class_id]
    with st.container(border=True):
        words, button = st.columns([3, 2], vertical_alignment="center")
        known = f"#{picked.track} " if picked.track else ""
        words.markdown(f"**{plain(known + name)} · {picked.score:.3f}**")
        model = catalogue.find_usable(watched.options.weights)
        if model is None:
            st.caption(_("The model that found it is no longer here, so the network cannot look again."))
            return
        if button.button(
            _("Open the glass box"), icon=":material/deployed_code:", key="video_glass_open", width="stretch"
        ):
            st.session_state[_OPENED] = picked
        if st.session_state.get(_OPENED) == picked:
            inside(watched, model, picked, thresholds)


def inside(watched: Watched, model: InstalledModel, picked: Picked, thresholds: Thresholds) -> None:
    """The network's own numbers of this box, from a new look at its frame."""
    from yolodash.inference.selection import judge
    from yolodash.ui import panels
    from yolodash.ui.overlay import Pick

    frame = seen_frame(watched, picked.frame)
    candidates = looked_at(watched, model, frame).candidates
    if picked.index >= len(candidates.objectness):
        st.caption(_("The model is another one than the one that found this box."))
        return
    pick = Pick(picked.x, picked.y, picked.index, picked.class_id)
    panels.glass_box(candidates, judge(candidates, thresholds), thresholds, pick)


def seen_frame(watched: Watched, place: int) -> KeptFrame:
    """The frame at a place, or the last one before it that the network saw."""
    frames = list(islice(watched.frames(), place + 1))
    return next((frame for frame in reversed(frames) if frame.processed), frames[0])


def looked_at(watched: Watched, model: InstalledModel, frame: KeptFrame) -> Prediction:
    """What the network says about a frame; the last one is kept for this session."""
    wanted = (str(watched.folder), frame.index)
    kept = st.session_state.get(_PREDICTION)
    if kept is None or kept[0] != wanted:
        with st.spinner(_("The network looks at the picture …")):
            image = frame_at(watched.source, frame.seconds)[1]
            options = watched.options
            kept = (wanted, run_network(model, image, NetworkInput(options.size, options.resize)))
        st.session_state[_PREDICTION] = kept
    prediction: Prediction = kept[1]
    return prediction
