"""A model over a video as a run: a process of its own looks at the frames, and any page can see how far it came.

The run's folder holds the video, ``video.json`` (what the video and the model are), ``frames.bin`` (what the network
said of each frame, growing; see ``inference.kept_frames``) and, where browsers do not play the video, ``preview.mp4``.
Stopped or killed, what was done until then is there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yolodash import workspace
from yolodash.data.videos.containers import container_of
from yolodash.data.videos.playing import plays
from yolodash.errors import N_, OptionError, VideoError
from yolodash.inference.kept_frames import FrameWriter, ModelFacts, keep, skipped
from yolodash.runs import state as states
from yolodash.runs.folders import create_run, read_run
from yolodash.runs.launch import launch
from yolodash.runs.reporting import StoppedError, reported
from yolodash.runs.signals import heeded
from yolodash.structures import ImageSize, Resize, Thresholds

if TYPE_CHECKING:
    from yolodash.data.videos.reading import Frame, Video, VideoFacts
    from yolodash.inference.looking import Look
    from yolodash.structures import Candidates, Image

FRAMES, ABOUT, PREVIEW, LAST = "frames.bin", "video.json", "preview.mp4", "last.jpg"
SOURCE = "source"
FLOOR = 0.001
_SECONDS, _FLUSH = 0.5, 2.0
_PREVIEW_SIDE = 1280


@dataclass(frozen=True)
class VideoOptions:
    """What a run over a video is asked to do.

    Attributes:
        weights: a model of the workspace by its name, or what ``--weights`` takes.
        title: what the video was called.
        every: the network sees every so many-th frame.
        start, end: seconds; None for the video's end.
        size: of the network's input; None for the model's own.
        resize: ″
    """

    weights: str
    title: str
    every: int = 1
    start: float = 0.0
    end: float | None = None
    size: int | None = None
    resize: Resize | None = None


@dataclass(frozen=True)
class VideoProgress:
    """How far it is.

    Attributes:
        done: frames so far, of ``total`` (0 where the video does not say).
        processed: of them seen by the network.
        seconds: since it began.
        left: seconds still to go, by the speed so far; None where the total is unknown.
    """

    done: int
    total: int
    processed: int
    seconds: float

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.done / max(self.seconds, 1e-9)

    @property
    def left(self) -> float | None:
        """Seconds still to go; None where nobody knows."""
        return max(self.total - self.done, 0) / self.rate if self.total and self.done else None


def begin_video(name: str, source: Path, options: VideoOptions) -> Path:
    """Make the run, put the video into it and start its worker; gives the run's folder at once.

    Raises:
        VideoError: it is no video that is read here.
        OptionError: the part makes no sense.
        WorkspaceError: the name is taken or cannot be one, or the disk cannot be written to.
    """
    check_part(options.start, options.end, options.every)
    container_of(source) if source.is_file() else None
    run = create_run("video", name, options=asdict(options), data={"path": source.name, "fingerprint": ""})
    try:
        _bring(source, run)
    except OSError as error:
        raise workspace.disk_error(error, run) from error
    launch(run)
    return run


def check_part(start: float, end: float | None, every: int) -> None:
    """Refuse a part or a step that makes no sense.

    Raises:
        OptionError: names it.
    """
    if every < 1:
        raise OptionError(N_("The network cannot see every {every}th frame"), fix=N_("give 1 or more"), every=every)
    if start < 0 or (end is not None and end <= start):
        raise OptionError(N_("The end does not lie after the start"), where="--end", fix=N_("give more seconds"))


def _bring(source: Path, run: Path) -> None:
    """The video itself into the run, without a copy where that can be."""
    if source.is_dir():
        shutil.copytree(source, run / SOURCE)
        return
    place = run / (SOURCE + source.suffix.lower())
    try:
        os.link(source, place)
    except OSError:
        shutil.copy(source, place)


def source_of(run: Path) -> Path:
    """The run's own copy of its video.

    Raises:
        VideoError: it has gone.
    """
    found = next((path for path in run.iterdir() if path.stem == SOURCE), None)
    if found is None:
        raise VideoError(N_("The video of this run has gone"), where=run.name, fix=N_("start a new run"))
    return found


def read_progress(run: Path) -> VideoProgress | None:
    """How far it is; None before the first frame."""
    said = states.read_json(run / states.PROGRESS)
    try:
        return None if said is None else VideoProgress(**{name: said[name] for name in VideoProgress.__annotations__})
    except (KeyError, TypeError):
        return None


def watch_run(run: Path) -> None:
    """Do what a video run's folder says; ``state.json`` tells how it ended, however it ends.

    Raises:
        YoloDashError: the video, the model or the disk cannot be used.
        WorkspaceError: another process works on it.
    """
    reported(run, lambda: _watch(run))


def _watch(run: Path) -> None:
    """Look at the frames; whoever is asked to stop finishes the frame, and the copy for the browser up to there."""
    asked: list[int] = []
    with heeded(asked.append, signal.SIGTERM):
        whole = _look_at_frames(run, asked)
    if not whole:
        raise StoppedError


def _look_at_frames(run: Path, asked: list[int]) -> bool:
    """Look at the frames; whether that came to the end of the part."""
    from yolodash.data.videos.reading import open_video
    from yolodash.inference.looking import make_ready, worth_trying
    from yolodash.inference.prediction import GALLERY_SCORE
    from yolodash.inference.video import ahead, looked_at, within

    options = options_of(run)
    look = _look(options)
    source = source_of(run)
    with open_video(source) as opened, contextlib.closing(FrameWriter(run / FRAMES)) as kept:
        shown_as_is = source.is_file() and plays(container_of(source), opened.facts, source.stat().st_size)
        make_ready(look, worth_trying(expected(opened.facts, options) // options.every))
        journal = _Journal(run, options, opened.facts, kept, asked)
        frames = ahead(within(opened.frames, options.start, options.end))
        with contextlib.closing(frames), _preview(run, opened.facts, wanted=not shown_as_is) as show:
            owner = f"run {run.name}"
            for frame, candidates in looked_at(frames, look, owner, every=options.every, floor=GALLERY_SCORE):
                journal.frame_done(frame, candidates, preview=not shown_as_is)
                show(frame.image, frame.seconds - journal.begin)
                if journal.stopping():
                    break
        if not journal.done:
            raise VideoError(
                N_("No frame lies in this part of the video"), where=options.title, fix=N_("choose another part")
            )
        journal.say(always=True)
        _tell_notes(run, opened)
        return not journal.stopping()


def _tell_notes(run: Path, opened: Video) -> None:
    for note in opened.notes:
        states.log(run, str(note))
    if opened.notes:
        about = states.read_json(run / ABOUT) or {}
        workspace.write_json(run / ABOUT, {**about, "notes": [[note.text, note.values] for note in opened.notes]})


def options_of(run: Path) -> VideoOptions:
    """What a run was asked to do.

    Raises:
        OptionError: its options cannot be read.
    """
    try:
        return VideoOptions(**read_run(run)["options"])
    except (TypeError, KeyError) as error:
        raise OptionError(N_("The options of this run cannot be read"), fix=N_("start a new run")) from error


def _look(options: VideoOptions) -> Look:
    """The model, loaded."""
    from yolodash.inference.looking import Look
    from yolodash.inference.preparation import input_size
    from yolodash.models import catalogue
    from yolodash.models.loading import load_model

    installed = catalogue.find_usable(options.weights)
    files = installed.files if installed is not None else catalogue.locate(options.weights)
    model = load_model(files.weights, cfg=files.cfg, names=files.names)
    size = None if options.size is None else ImageSize(options.size, options.size)
    return Look(model, Thresholds(), input_size(model, size), options.resize)


class _Journal:
    """What is written while the frames go by: the kept candidates, how far it is, and the newest frame."""

    def __init__(
        self, run: Path, options: VideoOptions, facts: VideoFacts, kept: FrameWriter, asked: list[int]
    ) -> None:
        self.run, self.options, self.facts, self.kept, self.asked = run, options, facts, kept, asked
        self.done = self.processed = 0
        self.begin = 0.0
        self.began = self.said = self.flushed = time.monotonic()
        self.total = expected(facts, options)

    def frame_done(self, frame: Frame, candidates: Candidates | None, *, preview: bool) -> None:
        """One more frame, seen by the network or not."""
        from yolodash.inference.prediction import worth_keeping

        if not self.done:
            self.begin = frame.seconds
            assert candidates is not None, "the network sees the first frame"
            self._write_about(candidates, preview)
        if candidates is None:
            size = ImageSize(*frame.image.shape[:2])
            self.kept.add(skipped(frame.index, frame.seconds, size))
        else:
            rows = worth_keeping(candidates, FLOOR)
            self.kept.add(keep(frame.index, frame.seconds, candidates, rows, FLOOR))
            self.processed += 1
        self.done += 1
        now = time.monotonic()
        if now - self.said >= _SECONDS or self.done == 1:
            self.say()
            if candidates is not None:
                self._show(frame.image, candidates)
        if now - self.flushed >= _FLUSH:
            self.flushed = now
            self.kept.flush()

    def say(self, *, always: bool = False) -> None:
        """How far it is."""
        self.said = time.monotonic()
        total = self.done if always else self.total
        progress = VideoProgress(self.done, total, self.processed, self.said - self.began)
        with contextlib.suppress(OSError):  # only a display
            states.write_display(self.run / states.PROGRESS, asdict(progress))

    def stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return bool(self.asked) or (self.run / states.STOP).exists()

    def _write_about(self, candidates: Candidates, preview: bool) -> None:
        model = ModelFacts(candidates.family, candidates.names, candidates.heads, candidates.network_size, FLOOR)
        about = {"video": asdict(self.facts), "model": model.record(), "preview": preview, "begin": self.begin}
        workspace.write_json(self.run / ABOUT, about)

    def _show(self, image: Image, candidates: Candidates) -> None:
        from yolodash.data.images import encode_jpeg, thumbnail
        from yolodash.drawing import draw_detections
        from yolodash.inference.selection import judge

        drawn = draw_detections(image, judge(candidates, Thresholds()).detections, candidates.names)
        with contextlib.suppress(OSError):  # only a display
            states.replace_display(self.run / LAST, encode_jpeg(thumbnail(drawn, 640), 80))


def expected(facts: VideoFacts, options: VideoOptions) -> int:
    """How many frames the part has, as far as the header tells; 0 for unknown."""
    if not options.start and options.end is None:
        return facts.expected_frames
    if not facts.seconds or not facts.expected_frames:
        return 0
    end = facts.seconds if options.end is None else min(options.end, facts.seconds)
    return round(max(end - options.start, 0.0) / facts.seconds * facts.expected_frames)


@contextlib.contextmanager
def _preview(run: Path, facts: VideoFacts, *, wanted: bool) -> Iterator[Any]:
    """What takes the frames of a copy that browsers play, small enough for them; nothing where none is needed."""
    if not wanted:
        yield lambda _image, _seconds: None
        return
    from yolodash.data.images import thumbnail
    from yolodash.data.videos.writing import new_video
    from yolodash.inference.video import Behind

    def write(item: tuple[Image, float]) -> None:
        writer.write(thumbnail(item[0], _PREVIEW_SIDE), item[1])

    with new_video(run / PREVIEW, rate=facts.rate) as writer, Behind[tuple[Any, float]](write) as line:
        yield lambda image, seconds: line.put((image, seconds))
