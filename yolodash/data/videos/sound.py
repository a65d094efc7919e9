"""The process that carries a video's sound over: ``… sound CONTAINER PICTURES OUTPUT START < SOURCE``.

Pictures are copied as they were encoded; sound becomes AAC, unless it is that already in an MP4. Ends with 3 where
there is no sound.
"""

from __future__ import annotations

import heapq
import os
import resource
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
from av.error import FFmpegError

from yolodash.data.videos.containers import QUICKTIME
from yolodash.data.videos.decoder import MEMORY

RATE = 48_000
NO_SOUND = 3
Timed = tuple[float, int, Any]
"""Seconds, a number that orders packets of one time, and the packet."""


def main(arguments: list[str]) -> int:
    """Write the output; 0 if it has sound."""
    container, pictures, output, start = arguments[0], arguments[1], arguments[2], float(arguments[3])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    av.logging.set_level(av.logging.PANIC)
    source = os.fdopen(0, "rb", buffering=0)
    try:
        with (
            av.open(pictures) as drawn,
            av.open(source, format=container, options={"protocol_whitelist": "pipe"}) as original,
        ):
            if not original.streams.audio:
                return NO_SOUND
            with av.open(output, "w", options={"movflags": "faststart"}) as result:
                _join(drawn, original, result, container, start)
    except (FFmpegError, MemoryError):
        return 1
    return 0


def _join(drawn: Any, original: Any, result: Any, container: str, start: float) -> None:
    """Both streams, in the order of their times."""
    video, audio = drawn.streams.video[0], original.streams.audio[0]
    into = result.add_stream_from_template(video)
    end = float((drawn.duration or 0) / av.time_base)
    copied = container == QUICKTIME and audio.codec_context.name == "aac"
    sound = _copied(original, audio, result) if copied else _encoded(original, audio, result)
    begin = _begin(original) + start
    within = (
        (seconds - begin, 1, _moved(packet, begin)) for seconds, _, packet in sound if 0 <= seconds - begin <= end
    )
    for _, kind, packet in heapq.merge(_pictures(drawn, video), within, key=lambda timed: timed[:2]):
        if kind == 0:
            packet.stream = into
        result.mux(packet)


def _begin(original: Any) -> float:
    """When the first picture is shown, by the file's own clock."""
    stream = original.streams.video[0]
    return float((stream.start_time or 0) * stream.time_base)


def _pictures(drawn: Any, video: Any) -> Iterator[Timed]:
    for packet in drawn.demux(video):
        if packet.dts is not None:
            yield float(packet.dts * packet.time_base), 0, packet


def _moved(packet: Any, begin: float) -> Any:
    shift = round(begin / packet.time_base)
    packet.pts -= shift
    packet.dts -= shift
    return packet


def _copied(original: Any, audio: Any, result: Any) -> Iterator[Timed]:
    into = result.add_stream_from_template(audio)
    for packet in original.demux(audio):
        if packet.dts is not None and packet.pts is not None:
            packet.stream = into
            yield float(packet.pts * packet.time_base), 1, packet


def _encoded(original: Any, audio: Any, result: Any) -> Iterator[Timed]:
    into = result.add_stream("aac", rate=RATE)
    into.codec_context.layout = "stereo"
    place = None
    for frame in _resampled(original, audio):
        if place is None:
            place = round((frame.time or 0.0) * RATE)
        frame.pts, frame.time_base = place, Fraction(1, RATE)  # old containers give several frames one time
        place += frame.samples
        yield from _timed(into.encode(frame))
    yield from _timed(into.encode())


def _resampled(original: Any, audio: Any) -> Iterator[Any]:
    """What can be decoded, at one rate."""
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
    for packet in original.demux(audio):
        try:
            yield from [part for frame in packet.decode() for part in resampler.resample(frame)]
        except FFmpegError:
            continue


def _timed(packets: Any) -> Iterator[Timed]:
    for packet in packets:
        if packet.pts is not None and packet.dts is not None:
            yield float(packet.pts * packet.time_base), 1, packet


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
