"""A video as an iterator of frames, decoded in a process that can do nothing else."""

from __future__ import annotations

import contextlib
import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np

from yolodash.data.images import read_image
from yolodash.data.sources import find_images
from yolodash.data.videos.containers import container_of
from yolodash.data.videos.messages import FACTS, FRAME, NOTE, receive
from yolodash.errors import N_, Note, VideoError
from yolodash.structures import Image

FOLDER_RATE = 25.0
"""Frames a second that a folder of pictures stands for."""
SILENCE = 60.0
"""Seconds without a frame after which a decoder is ended."""
PIPE_BYTES = 1 << 20
"""Of the pipe from the decoder, where the system lets one choose: a frame is megabytes, a usual pipe 64 kB."""


@dataclass(frozen=True)
class VideoFacts:
    """What a video says of itself; a header can be wrong, and then the frames are right.

    Attributes:
        codec: such as ``h264``.
        width, height: as stored, before any rotation.
        frames: how many it declares; 0 where it does not.
        rate: frames a second on the average; 0 where it does not say.
        seconds: its length; 0 where it does not say.
        audio: the codec of its sound; empty for none.
        pixels: how its pixels are stored, such as ``yuv420p``.
    """

    codec: str = ""
    width: int = 0
    height: int = 0
    frames: int = 0
    rate: float = 0.0
    seconds: float = 0.0
    audio: str = ""
    pixels: str = ""

    @property
    def expected_frames(self) -> int:
        """How many frames to expect, for a progress bar; 0 for unknown."""
        return self.frames or round(self.rate * self.seconds)


@dataclass(frozen=True)
class Frame:
    """One frame.

    Attributes:
        index: from 0, of all frames of the video.
        seconds: when it is shown, from the video's begin.
        image: ``(H, W, 3)`` uint8 RGB, upright.
    """

    index: int
    seconds: float
    image: Image


@dataclass
class Video:
    """An open video: its facts, its frames once, and, after the last one, what went wrong on the way."""

    facts: VideoFacts
    frames: Iterator[Frame]
    notes: list[Note] = field(default_factory=list)


@contextlib.contextmanager
def open_video(path: Path, *, every: int = 1, at: float | None = None) -> Iterator[Video]:
    """Open a video file, or a folder of pictures as one.

    Args:
        path: of an MP4, MOV, MKV, WebM, AVI or GIF, or a folder.
        every: decode all frames, but hand over every so many-th only.
        at: only the first frame that is shown at so many seconds or after; its index is not told.

    Raises:
        VideoError: it is none, or not one frame of it can be read.
    """
    if path.is_dir():
        yield _folder(path, every, at)
        return
    container = container_of(path)
    one = [] if at is None else [repr(at)]
    with path.open("rb") as source:
        process = subprocess.Popen(
            [sys.executable, "-m", "yolodash.data.videos.decoder", container, str(every), *one],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pipesize=PIPE_BYTES,
        )
    try:
        yield _Decoder(process, path.name).video()
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def frame_at(path: Path, seconds: float) -> tuple[VideoFacts, Image]:
    """What a video says of itself, and its picture at a time: ``(H, W, 3)`` uint8 RGB.

    Raises:
        VideoError: as ``open_video``.
    """
    with open_video(path, at=seconds) as video:
        return video.facts, next(video.frames).image


class _Decoder:
    """A decoding process and what it says."""

    def __init__(self, process: subprocess.Popen[bytes], name: str) -> None:
        assert process.stdout is not None
        self.process, self.name = process, name
        self.stream: IO[bytes] = process.stdout
        self.notes: list[Note] = []

    def video(self) -> Video:
        """The facts at once, the frames when they are asked for."""
        message = self.next()
        if message is None or message[0] != FACTS:
            raise self.error(message)
        facts = VideoFacts(**message[1])
        first = self.next()
        if first is None or first[0] != FRAME:
            raise self.error(first)
        return Video(facts, self.frames(first, facts), self.notes)

    def next(self) -> tuple[bytes, dict[str, Any], bytes] | None:
        """The next message; a decoder that is silent for too long is ended."""
        watch = threading.Timer(SILENCE, self.process.kill)
        watch.start()
        try:
            return receive(self.stream)
        finally:
            watch.cancel()

    def frames(self, message: tuple[bytes, dict[str, Any], bytes] | None, facts: VideoFacts) -> Iterator[Frame]:
        """All frames, the time of each after that of the one before."""
        before = -math.inf
        while message is not None and message[0] == FRAME:
            head, body = message[1], message[2]
            image = np.frombuffer(body, np.uint8).reshape(head["height"], head["width"], 3)
            seconds = _later(head["seconds"], before, head["index"], facts.rate)
            yield Frame(head["index"], seconds, image)
            before = seconds
            message = self.next()
        if message is not None and message[0] == NOTE:
            self.notes.append(_note(message[1]))
        elif self.process.wait() != 0:
            self.notes.append(Note(N_("The decoder ended before the video did; what it gave until then is here")))

    def error(self, message: tuple[bytes, dict[str, Any], bytes] | None) -> VideoError:
        """Why there is not one frame."""
        about = message[1] if message is not None and message[0] == NOTE else {}
        if about.get("kind") == "no_video":
            return VideoError(N_("There is sound in this file, but no video"), where=self.name, fix=_ANOTHER)
        if about.get("kind") == "too_large":
            return VideoError(
                N_("Its frames of {width}×{height} pixels are too large"),
                where=self.name,
                fix=N_("convert it to a smaller size"),
                width=int(about["width"]),
                height=int(about["height"]),
            )
        return VideoError(N_("Not one frame of this video can be decoded"), where=self.name, fix=_ANOTHER)


_ANOTHER = N_("copy it again from where it was made, or convert it to MP4 with H.264")


def _later(seconds: float, before: float, index: int, rate: float) -> float:
    """A frame's time; where it is missing or does not go on, a little after the one before."""
    step = 1 / rate if 0 < rate < 1000 else 1e-3
    if not math.isfinite(seconds):
        seconds = index * step if before == -math.inf else before + step
    return max(seconds, 0.0) if before == -math.inf else max(seconds, before + 1e-6)


def _note(about: dict[str, Any]) -> Note:
    """What a decoder says at its end, in a sentence."""
    if about.get("kind") == "damaged":
        return Note(N_("Packets that were damaged and left out: {count}"), {"count": int(about["count"])})
    if about.get("kind") == "too_large":
        return Note(
            N_("A frame of {width}×{height} pixels is too large; the rest of the video was left out"),
            {"width": int(about["width"]), "height": int(about["height"])},
        )
    if about.get("kind") == "memory":
        return Note(N_("The memory was not enough; the rest of the video was left out"))
    return Note(N_("The rest of the video cannot be decoded"))


def _folder(folder: Path, every: int, at: float | None) -> Video:
    """The pictures of a folder, sorted by name, as a video."""
    pictures = find_images([folder]).images
    if not pictures:
        raise VideoError(N_("There are no pictures in this folder"), where=folder.name, fix=N_("choose a video file"))
    numbers = range(0, len(pictures), every)
    if at is not None:
        numbers = range(min(round(at * FOLDER_RATE), len(pictures) - 1), len(pictures))[:1]
    frames = (Frame(index, index / FOLDER_RATE, read_image(pictures[index])) for index in numbers)
    return Video(VideoFacts("pictures", frames=len(pictures), rate=FOLDER_RATE), frames)
