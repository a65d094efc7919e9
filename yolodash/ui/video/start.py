"""A video that no model has looked at yet: its first frame and its facts at once, and what to do with it."""

from __future__ import annotations

import shlex
from dataclasses import replace
from math import inf, isfinite

import streamlit as st

from yolodash.data.images import encode_jpeg, thumbnail
from yolodash.data.videos.reading import VideoFacts, frame_at
from yolodash.models.catalogue import InstalledModel
from yolodash.runs.watching import VideoOptions, begin_video
from yolodash.structures import Thresholds
from yolodash.ui import entrance, messages, model_card, state
from yolodash.ui.caching import NetworkInput
from yolodash.ui.evaluation.model_run import free_name
from yolodash.ui.i18n import _
from yolodash.ui.video import source
from yolodash.ui.video.source import Subject


def show(subject: Subject, model: InstalledModel | None, network_input: NetworkInput) -> None:
    """The first frame, the facts, and the button."""
    picture, form = st.columns([3, 2], gap="medium")
    jpeg, facts = first_look(subject)
    with picture:
        st.image(jpeg, width="stretch")
        st.caption(f"**{messages.plain(subject.title)}**  \n{told(facts)}")
    with form:
        ask(subject, model, network_input, facts)


def again(subject: Subject, model: InstalledModel | None, network_input: NetworkInput, facts: VideoFacts) -> None:
    """Below a player: the same video once more, in another way."""
    with st.expander(_("Look at it again: another model, another part"), icon=":material/replay:"):
        ask(subject, model, network_input, facts)


def first_look(subject: Subject) -> tuple[bytes, VideoFacts]:
    """The first frame as a JPEG, and what the video says of itself.

    Raises:
        VideoError: it cannot be read.
    """
    path = subject.path()
    return _first(str(path), path.stat().st_mtime_ns)


@st.cache_data(show_spinner=False, max_entries=32)
def _first(path: str, _modified: int) -> tuple[bytes, VideoFacts]:
    from pathlib import Path

    facts, image = frame_at(Path(path), 0.0)
    return encode_jpeg(thumbnail(image, 1280), 85), facts


def told(facts: VideoFacts) -> str:
    """What a video says of itself, in a line."""
    parts = [f"{facts.width}×{facts.height}"] if facts.width else []
    if facts.seconds:
        parts.append(_("{seconds} s").format(seconds=f"{facts.seconds:.1f}"))
    if facts.expected_frames:
        parts.append(_("{done} frames").format(done=f"{facts.expected_frames:,}"))
    if facts.rate:
        parts.append(_("{rate} frames a second").format(rate=f"{facts.rate:.4g}"))
    parts += [facts.codec] if facts.codec else []
    parts.append(_("sound: {codec}").format(codec=facts.audio) if facts.audio else _("no sound"))
    return " · ".join(messages.plain(part) for part in parts)


def ask(subject: Subject, model: InstalledModel | None, network_input: NetworkInput, facts: VideoFacts) -> None:
    """Which frames, and the button that starts."""
    if model is None:
        st.page_link("pages/models.py", label=_("Get a model on the page Models"), icon=":material/hub:")
        return
    longest = max(facts.seconds, 0.1) if facts.seconds else None
    state.seed("video_every", _whole, 1)
    every = st.number_input(
        _("The network sees every so many-th frame"),
        1,
        1000,
        key="video_every",
        persist_state="session",
        help=_("1: all. The frames between show the last boxes. 3 is three times as fast."),
    )
    left, right = st.columns(2)
    start = left.number_input(_("Start, s"), 0.0, longest, 0.0, 0.5, key="video_start")
    end = right.number_input(_("End, s"), 0.0, None, None, 0.5, key="video_end", placeholder=_("the end"))
    options = VideoOptions(
        model.name, subject.title, int(every), float(start), end, network_input.size, network_input.resize
    )
    label = _("Look at it with {model}").format(model=messages.plain(model_card.label(model.name)))
    if st.button(label, type="primary", icon=":material/play_arrow:", key="video_run", width="stretch"):
        with messages.shown():
            options = within_limits(options, facts)
            stem = subject.title.rpartition(".")[0] or subject.title
            run = begin_video(free_name(f"{stem} {model.name}"), subject.path(), options)
            source.open_subject(f"run:{run.name}")
            st.rerun()
    st.caption(_("It goes on when this page is closed, and is found here again."))
    limit = entrance.allowance().video_seconds
    if isfinite(limit):
        st.caption(_("Up to {limit} s in one go for your role.").format(limit=f"{limit:g}"))


def within_limits(options: VideoOptions, facts: VideoFacts) -> VideoOptions:
    """The options, with an end where the role of who looks has a limit: a video may be longer than it says.

    Raises:
        VideoError: they ask for more than the role may have.
    """
    limits = entrance.allowance()
    if not isfinite(limits.video_seconds):
        return options
    end = inf if options.end is None else options.end
    asked = min(end, facts.seconds or inf) - options.start
    limits.check_video(options.title, asked if isfinite(asked) else 0.0)
    return replace(options, end=min(end, options.start + limits.video_seconds))


def _whole(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 1000:
        raise ValueError(text)
    return value


def command(options: VideoOptions, thresholds: Thresholds) -> str:
    """The same as a line for a terminal."""
    words = [
        "python -m yolodash video",
        shlex.quote(f"./{options.title}" if options.title[:1] == "-" else options.title),
    ]
    words += [f"--weights {shlex.quote(options.weights)}"]
    words += [f"--score {thresholds.score_threshold:.6g}", f"--nms-iou {thresholds.nms_iou_threshold:.6g}"]
    usual = Thresholds()
    changed = {
        f"--max-detections {thresholds.max_detections}": thresholds.max_detections != usual.max_detections,
        "--class-agnostic": thresholds.class_agnostic,
        f"--classes {','.join(map(str, thresholds.classes or ()))}": thresholds.classes is not None,
        f"--labels {thresholds.labels}": thresholds.labels is not None,
        f"--size {options.size}": options.size is not None,
        f"--resize {options.resize}": options.resize is not None,
        f"--every {options.every}": options.every != 1,
        f"--start {options.start:g}": options.start > 0,
        f"--end {options.end}": options.end is not None,
    }
    words += [word for word, is_so in changed.items() if is_so]
    return " \\\n  ".join([" ".join(words[:2]), *words[2:], "--output out.mp4 --json out.jsonl"])
