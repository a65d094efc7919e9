"""The process that decodes: ``python -m yolodash.data.videos.decoder CONTAINER EVERY [AT] < VIDEO``.

With ``AT`` it gives one frame only, the first that is shown at so many seconds or after.

It reads its standard input, a file that its parent opened, so that it needs no path; it may open no other file, start
no process and take only so much memory. Frames leave by standard output as ``messages`` has it.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from collections.abc import Iterator
from typing import IO, Any

import av
import numpy as np
from av.error import FFmpegError

from yolodash.data.limits import MEGAPIXELS
from yolodash.data.videos.messages import FACTS, FRAME, NOTE, send

MEMORY = 6 << 30
BEFORE = 1.0
"""Seconds before a wanted frame at which decoding begins: just after a jump, frames can lack what they refer to."""
MOST_DAMAGED = 2_000
"""Packets in a row that may be damaged before the rest is given up."""


def main(arguments: list[str]) -> int:
    """Decode; 0 also where the end of the file is damaged, which is told by a note."""
    container, every = arguments[0], int(arguments[1])
    at = float(arguments[2]) if len(arguments) > 2 else None
    source, output = os.fdopen(0, "rb", buffering=0), os.fdopen(os.dup(1), "wb", buffering=1 << 20)
    os.dup2(2, 1)  # what the libraries print goes to stderr, never among the frames
    confine()
    av.logging.set_level(av.logging.PANIC)
    try:
        with av.open(source, format=container, options={"protocol_whitelist": "pipe"}) as opened:
            _decode(opened, every, at, output)
    except FFmpegError as error:
        send(output, NOTE, {"kind": "unreadable", "reason": error.strerror or ""})
    except MemoryError:
        send(output, NOTE, {"kind": "memory"})
    output.flush()
    return 0


def confine() -> None:
    """Give up what decoding does not need: memory without bound, writing to files, and more processes' core dumps."""
    for what, bound in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (bound, bound))


def _decode(opened: Any, every: int, at: float | None, output: IO[bytes]) -> None:
    if not opened.streams.video:
        send(output, NOTE, {"kind": "no_video"})
        return
    stream = opened.streams.video[0]
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = min(os.cpu_count() or 1, 4)
    send(output, FACTS, _facts(opened, stream))
    damaged: list[int] = [0]
    if at is not None:
        _send_one(output, opened, stream, at, damaged)
        return
    for index, frame in enumerate(_frames(opened, stream, damaged)):
        if frame.width * frame.height > MEGAPIXELS * 1_000_000:
            send(output, NOTE, {"kind": "too_large", "width": frame.width, "height": frame.height})
            return
        if index % every == 0:
            _send_frame(output, index, frame, stream)
    if damaged[0]:
        send(output, NOTE, {"kind": "damaged", "count": damaged[0]})


def _send_one(output: IO[bytes], opened: Any, stream: Any, at: float, damaged: list[int]) -> None:
    """The first frame that is shown at so many seconds or after, else the last one; its index is not known."""
    if stream.time_base and at > 0:
        with contextlib.suppress(FFmpegError):
            opened.seek(int(max(at - BEFORE, 0.0) / stream.time_base) + (stream.start_time or 0), stream=stream)
    last = None
    for last in _frames(opened, stream, damaged):
        if last.width * last.height > MEGAPIXELS * 1_000_000:
            send(output, NOTE, {"kind": "too_large", "width": last.width, "height": last.height})
            return
        if not _seconds(last, stream) < at - 1e-4:
            break
    if last is not None:
        _send_frame(output, 0, last, stream)


def _frames(opened: Any, stream: Any, damaged: list[int]) -> Iterator[Any]:
    """Every frame that can be decoded; packets that cannot be are counted, and the next tried."""
    in_a_row = 0
    packets = opened.demux(stream)
    while in_a_row < MOST_DAMAGED:
        try:
            packet = next(packets)
            decoded = packet.decode()
            in_a_row = 0
        except StopIteration:
            return
        except FFmpegError:
            damaged[0] += 1
            in_a_row += 1
            continue
        yield from decoded


def _facts(opened: Any, stream: Any) -> dict[str, Any]:
    """What the header says; nothing of it is relied on."""
    rate = stream.average_rate or stream.guessed_rate
    duration = stream.duration * stream.time_base if stream.duration else (opened.duration or 0) / av.time_base
    return {
        "codec": stream.codec_context.name,
        "width": stream.codec_context.width,
        "height": stream.codec_context.height,
        "frames": stream.frames,
        "rate": float(rate) if rate else 0.0,
        "seconds": max(float(duration), 0.0),
        "pixels": stream.codec_context.pix_fmt or "",
        "audio": opened.streams.audio[0].codec_context.name if opened.streams.audio else "",
    }


def _send_frame(output: IO[bytes], index: int, frame: Any, stream: Any) -> None:
    image = np.rot90(frame.to_ndarray(format="rgb24"), k=round(frame.rotation / 90) % 4)
    head = {"index": index, "seconds": _seconds(frame, stream), "height": image.shape[0], "width": image.shape[1]}
    send(output, FRAME, head, np.ascontiguousarray(image).data.cast("B"))


def _seconds(frame: Any, stream: Any) -> float:
    """When a frame is shown, from the stream's begin; NaN where it does not say."""
    if frame.pts is None or not frame.time_base:
        return float("nan")
    return float((frame.pts - (stream.start_time or 0)) * frame.time_base)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
