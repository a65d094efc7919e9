"""The parts of the page in their order: a run at work, a player, or a video that waits to be looked at."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from yolodash.inference.crossing import unique_objects
from yolodash.models.catalogue import InstalledModel
from yolodash.runs.state import AT_WORK, read_state
from yolodash.runs.watched import Watched, open_watched
from yolodash.structures import Thresholds
from yolodash.ui import first_look, inputs, messages, state
from yolodash.ui.caching import NetworkInput
from yolodash.ui.camera import live
from yolodash.ui.i18n import _
from yolodash.ui.video import glass, monitor, outputs, player, start
from yolodash.ui.video.encoding import Row
from yolodash.ui.video.player import Line, PlayerState
from yolodash.ui.video.source import Subject

_KNOWN = "video_tracks"
Tracks = tuple[Thresholds, list[Row], dict[int, int]]


def show(subject: Subject, model: InstalledModel | None, network_input: NetworkInput) -> None:
    """Whatever there is of this video."""
    if subject.kind == "camera":
        watch_live(model, network_input)
        return
    folder = subject.folder
    if subject.kind == "run" and folder is not None and read_state(folder).state in AT_WORK:
        monitor.show(folder, start.first_look(subject)[0])
        return
    watched = None if folder is None else open_watched(folder)
    if watched is None:
        if subject.kind == "run" and folder is not None:
            monitor.ended(folder, 0)
        start.show(subject, model, network_input)
        return
    if subject.kind == "run":
        monitor.ended(watched.folder, sum(1 for _frame in watched.frames()))
    for note in watched.notes:
        st.caption(f":material/info: {messages.phrase(note.text, note.values)}")
    if watched.playable() is None:
        st.info(_("No copy for the browser was finished for this video. Look at it again."), icon=":material/movie:")
        start.show(subject, model, network_input)
        return
    play(watched)
    start.again(subject, model, network_input, watched.video)


def watch_live(model: InstalledModel | None, network_input: NetworkInput) -> None:
    """What the camera sees, and what the model finds on it."""
    if model is None:
        st.page_link("pages/models.py", label=_("Get a model on the page Models"), icon=":material/hub:")
        return
    live.show(model, network_input)


def play(watched: Watched) -> None:
    """The player, the glass box of the clicked box, and what can be taken away."""
    wanted = thresholds_for(watched)
    now = player.current(watched, wanted)
    tracks = known_tracks(watched, now.thresholds)
    player.show(watched, now.thresholds, tracks, frame=frame_asked(), line=line_asked())
    now = player.current(watched, wanted)
    remember(now)
    if tracks is None or tracks[0] != now.thresholds:
        if first_look.is_due():
            first_look.come_back()
            return
        with st.spinner(_("Identities for these thresholds …")):
            find_tracks(watched, now.thresholds)
        st.rerun()
    glass.show(watched, now.picked, now.thresholds)
    outputs.show(watched, now.thresholds)


def thresholds_for(watched: Watched) -> Thresholds:
    """The thresholds of the page; classes that this model does not have are passed over."""
    thresholds = inputs.thresholds()
    if thresholds.classes is None:
        return thresholds
    known = tuple(class_id for class_id in thresholds.classes if class_id < len(watched.model.names))
    return replace(thresholds, classes=known or None)


def known_tracks(watched: Watched, thresholds: Thresholds) -> Tracks | None:
    """The identities that are known: those of these thresholds, else the last ones, to be shown as old."""
    kept: tuple[object, Tracks] | None = st.session_state.get(_KNOWN)
    if kept is not None and kept[0] == watched.stamp and kept[1][0] == thresholds:
        return kept[1]
    stored = player.stored_rows(watched, thresholds)
    if stored is not None:
        return remembered(watched, thresholds, stored)
    return kept[1] if kept is not None and kept[0] == watched.stamp else None


def find_tracks(watched: Watched, thresholds: Thresholds) -> None:
    """Follow the objects for these thresholds."""
    remembered(watched, thresholds, player.rows_for(watched, watched.stamp, thresholds))


def remembered(watched: Watched, thresholds: Thresholds, rows: list[Row]) -> Tracks:
    """Keep identities for this session, with the count of objects."""
    objects = unique_objects((track, class_id) for _frame, _candidate, class_id, track in rows)
    tracks = (thresholds, rows, objects)
    st.session_state[_KNOWN] = (watched.stamp, tracks)
    return tracks


def frame_asked() -> int:
    """The frame of the address."""
    return state.from_address("frame", lambda text: max(0, int(text)), 0)


def line_asked() -> Line | None:
    """The line of the address."""
    return state.from_address("line", lambda text: player.read_line(text.split(",")), None)


def remember(now: PlayerState) -> None:
    """Thresholds, frame and line, into the address."""
    inputs.remember_thresholds(now.thresholds)
    line = None if now.line is None else ",".join(f"{value:g}" for value in now.line)
    state.mirror({"frame": str(now.frame) if now.frame else None, "line": line})
