"""A video that browsers play: MP4, H.264, yuv420p, its index at the begin; each frame at its own time."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError

from yolodash.data.videos.containers import container_of
from yolodash.errors import N_, OptionError
from yolodash.structures import Image
from yolodash.workspace import disk_error, flush_folder, make_folder

TICKS = 90_000
"""Of a second, in which times are written."""
QUALITY = "23"
SOUND_SECONDS = 600.0


@contextlib.contextmanager
def new_video(path: Path, *, rate: float, sound_from: Path | None = None, start: float = 0.0) -> Iterator[VideoWriter]:
    """A video that appears at ``path`` whole when the block ends, or not at all.

    Args:
        rate: frames a second on the average, by which the encoder plans; the times are those of the frames.
        sound_from: a video whose sound is to be heard with it.
        start: where in that video this one begins, in seconds.

    Raises:
        OptionError: the path does not end in .mp4.
        WorkspaceError: the disk is full, read-only or not ours.
    """
    if path.suffix.lower() != ".mp4":
        raise OptionError(N_("A video is written as MP4"), where=path, fix=N_("let the name end in .mp4"))
    make_folder(path.parent)
    try:
        with tempfile.TemporaryDirectory(prefix=".video-", dir=path.parent) as temporary:
            silent, whole = Path(temporary) / "silent.mp4", Path(temporary) / "whole.mp4"
            with av.open(str(silent), "w", options={"movflags": "faststart"}) as output:
                writer = VideoWriter(output, rate)
                yield writer
                writer.finish()
            if writer.written:
                with_sound = sound_from is not None and _add_sound(silent, sound_from, whole, start)
                writer.has_sound = with_sound
                (whole if with_sound else silent).replace(path)
                flush_folder(path.parent)
    except FFmpegError as error:
        raise disk_error(OSError(error.errno, error.strerror), path) from error


class VideoWriter:
    """Takes frames in the order of their times; the first decides the size of all."""

    def __init__(self, output: Any, rate: float) -> None:
        self.output, self.rate = output, Fraction(min(max(rate, 1.0), 240.0)).limit_denominator(1001)
        self.stream: Any = None
        self.written = 0
        self.has_sound = False
        self._last = -1

    def write(self, image: Image, seconds: float) -> None:
        """One frame.

        Args:
            image: ``(H, W, 3)`` uint8 RGB; an odd side grows by a pixel, since yuv420p has colours for two at a time.
            seconds: when it is shown, from the begin.
        """
        height, width = image.shape[:2]
        odd = height % 2 or width % 2
        even = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge") if odd else image
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
        if self.stream is None:
            self.stream = self._begin(frame)
        frame = frame.reformat(self.stream.width, self.stream.height, "yuv420p")
        self._last = max(round(seconds * TICKS), self._last + 1)
        frame.pts, frame.time_base = self._last, Fraction(1, TICKS)
        self.output.mux(self.stream.encode(frame))
        self.written += 1

    def finish(self) -> None:
        """Write what the encoder still holds."""
        if self.stream is not None:
            self.output.mux(self.stream.encode())

    def _begin(self, frame: Any) -> Any:
        stream = self.output.add_stream("libx264", rate=self.rate, options={"preset": "veryfast", "crf": QUALITY})
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS)
        return stream


def _add_sound(silent: Path, source: Path, output: Path, start: float) -> bool:
    """Put a video's sound beside our pictures, in a process of its own; whether that could be done."""
    if source.is_dir():
        return False
    command = [sys.executable, "-m", "yolodash.data.videos.sound", container_of(source), str(silent), str(output)]
    with source.open("rb") as file:
        try:
            done = subprocess.run(
                [*command, repr(start)],
                stdin=file,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=SOUND_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0 and output.is_file()
