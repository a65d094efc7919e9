"""The player: its component, what goes to the browser, what comes back, and what outlives a rerun."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime import get_instance

from yolodash.runs.watched import Watched, follow
from yolodash.structures import Thresholds
from yolodash.ui.overlay.component import SHARED_SCRIPTS, SHARED_STYLE, read_thresholds
from yolodash.ui.overlay.encoding import encode_thresholds, has_tree, scoring_rule
from yolodash.ui.video.encoding import Packed, Row, encode_tracks, pack, track_rows
from yolodash.ui.video.texts import texts

_FOLDER = Path(__file__).parent
_SCRIPTS = (*SHARED_SCRIPTS, *(_FOLDER / name for name in ("frames.js", "player.js")))
KEY = "video_player"
Line = tuple[float, float, float, float]


@dataclass(frozen=True)
class Picked:
    """A box that was clicked.

    Attributes:
        frame: its place among the frames of the part.
        index: the network's own number of its candidate.
        class_id: its class.
        x, y: its centre in pixels.
        track: its identity; 0 where it has none.
        score: of the pair.
    """

    frame: int
    index: int
    class_id: int
    x: float
    y: float
    track: int
    score: float


@dataclass(frozen=True)
class PlayerState:
    """What the browser reported last: thresholds, the frame that is looked at, the line, and the clicked box."""

    thresholds: Thresholds
    frame: int = 0
    line: Line | None = None
    picked: Picked | None = None


@dataclass
class _Memory:
    """What the player remembers in the session; ``sent`` follows ``state`` only when all has to be sent anyway."""

    version: str = ""
    asked: Thresholds | None = None
    state: PlayerState = field(default_factory=lambda: PlayerState(Thresholds()))
    sent: PlayerState = field(default_factory=lambda: PlayerState(Thresholds()))
    revision: int = 0


@st.cache_resource(show_spinner=False, max_entries=8)
def packed(_watched: Watched, stamp: tuple[str, int, int]) -> Packed:
    """The frames for the browser, kept by the process."""
    return pack(_watched)


@st.cache_data(show_spinner=False, max_entries=32)
def rows_for(_watched: Watched, stamp: tuple[str, int, int], thresholds: Thresholds) -> list[Row]:
    """Identities for these thresholds; loads torch, unless they are those that come with the sample."""
    stored = stored_rows(_watched, thresholds)
    return list(track_rows(follow(_watched, thresholds))) if stored is None else stored


def stored_rows(watched: Watched, thresholds: Thresholds) -> list[Row] | None:
    """What comes with the sample, for the usual thresholds."""
    path = watched.folder / "tracks.json"
    if thresholds != Thresholds() or not path.is_file():
        return None
    return [(int(a), int(b), int(c), int(d)) for a, b, c, d in json.loads(path.read_bytes())]


def show(
    watched: Watched,
    thresholds: Thresholds,
    tracks: tuple[Thresholds, list[Row], dict[int, int]] | None,
    *,
    frame: int,
    line: Line | None,
) -> None:
    """Draw the player.

    Args:
        watched: what is played; it has a file that browsers play.
        thresholds: as ``current`` gave them.
        tracks: identities, the thresholds that they belong to, and how many different objects there are of a class.
        frame, line: where the address begins.
    """
    memory = _memory()
    about = packed(watched, watched.stamp)
    playable = watched.playable()
    assert playable is not None, "the page asks first"
    path, kind, offset = playable
    version = f"{about.version}:{path.name}:{path.stat().st_mtime_ns}"
    reported = st.session_state.get(KEY)
    if version != memory.version:
        memory.version = version
        memory.state = PlayerState(thresholds, frame, line)
        memory.sent, memory.revision = memory.state, memory.revision + 1
    elif not reported:
        memory.sent = memory.state
    data = _data(watched, about, memory, tracks)
    data |= {"version": version, "offset": offset, "video": hosted(path, kind, "video")}
    data["pack"] = hosted(about.data, "application/octet-stream", "frames")
    callbacks = {f"on_{name}_change": _nothing for name in ("thresholds", "pick", "frame", "line")}
    _component()(key=KEY, data=data, **callbacks)


def current(watched: Watched, thresholds: Thresholds) -> PlayerState:
    """What holds now, the browser's last report included.

    Args:
        thresholds: of the page; where they are others than before, they move the controls.
    """
    memory = _memory()
    _take(memory, st.session_state.get(KEY), len(watched.model.names))
    if thresholds not in (memory.asked, memory.state.thresholds):
        memory.state = replace(memory.state, thresholds=thresholds)
        memory.sent, memory.revision = memory.state, memory.revision + 1
    memory.asked = thresholds
    return memory.state


def _memory() -> _Memory:
    memory: _Memory = st.session_state.setdefault(f"{KEY}_memory", _Memory())
    return memory


def _take(memory: _Memory, reported: Any, classes: int) -> None:
    """Take over what the browser reported, if it is about the video and the thresholds of now."""
    if not isinstance(reported, Mapping):
        return
    said = {
        name: value
        for name in ("thresholds", "pick", "frame", "line")
        if isinstance(value := reported.get(name), Mapping)
    }
    told = said.pop("thresholds", None)
    if told is not None and told.get("revision") == memory.revision:
        memory.state = replace(memory.state, thresholds=read_thresholds(told, memory.state.thresholds, classes))
    said = {name: value for name, value in said.items() if value.get("version") == memory.version}
    if "frame" in said:
        memory.state = replace(memory.state, frame=max(0, int(said["frame"].get("frame", 0))))
    if "line" in said:
        memory.state = replace(memory.state, line=read_line(said["line"].get("line")))
    if "pick" in said:
        memory.state = replace(memory.state, picked=read_pick(said["pick"], classes))


def read_line(value: object) -> Line | None:
    """A line from the browser or the address; None for what is none."""
    if not isinstance(value, list | tuple) or len(value) != 4:
        return None
    try:
        ax, ay, bx, by = (min(max(float(part), 0.0), 65_535.0) for part in value)
    except (TypeError, ValueError):
        return None
    return ax, ay, bx, by


def read_pick(value: Mapping[str, Any], classes: int) -> Picked | None:
    """A click from the browser's values; None where they make no sense."""
    try:
        frame, index, class_id, track = (int(value[name]) for name in ("frame", "index", "class_id", "track"))
        x, y, score = (float(value[name]) for name in ("x", "y", "score"))
    except (KeyError, TypeError, ValueError):
        return None
    found = Picked(frame, index, class_id, x, y, track, score)
    return found if found.frame >= 0 and found.index >= 0 and 0 <= found.class_id < classes else None


def _data(
    watched: Watched,
    about: Packed,
    memory: _Memory,
    tracks: tuple[Thresholds, list[Row], dict[int, int]] | None,
) -> dict[str, Any]:
    model, sent = watched.model, memory.sent
    fresh = tracks is not None and tracks[0] == memory.state.thresholds
    return {
        "thresholds": encode_thresholds(sent.thresholds),
        "revision": memory.revision,
        "frame": sent.frame,
        "line": None if sent.line is None else list(sent.line),
        "floor": about.floor,
        "names": list(model.names),
        "rule": scoring_rule(model.heads),
        "pairs": len(model.names) > 1 and not has_tree(model.heads),
        "default_labels": "best" if model.family == "yolov5" else "all",
        "picture": {"width": about.width, "height": about.height},
        "sound": bool(watched.video.audio) and not watched.preview,
        "tracks": encode_tracks(tracks[1], tracks[0]) if fresh and tracks else None,
        "objects": [[class_id, count] for class_id, count in tracks[2].items()] if tracks else None,
        "texts": texts(),
    }


def hosted(content: Path | bytes, mime: str, name: str) -> str:
    """An address below this server at which this session's browser finds a file or some bytes.

    As with Streamlit's own pictures and videos, it is there for as long as every run asks for it again.
    """
    place = f"yolodash.{KEY}.{name}"
    data = str(content) if isinstance(content, Path) else content
    return get_instance().media_file_mgr.add(data, mime, place)


def _nothing() -> None:
    """A state needs a callback to be announced; there is nothing to do in it."""


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    """Register the component once, from the files beside this module and those that the overlay has."""
    css = (SHARED_STYLE, _FOLDER / "player.css")
    return st.components.v2.component(
        "yolodash_video_player",
        html=(_FOLDER / "player.html").read_text(encoding="utf-8"),
        css="\n".join(path.read_text(encoding="utf-8") for path in css),
        js="\n".join(path.read_text(encoding="utf-8") for path in _SCRIPTS),
    )
