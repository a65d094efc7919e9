"""What a network said of a video's frames, packed for the browser: exact, above a floor that the length sets."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolodash.inference.kept_frames import KeptFrame, pair_scores_of, thinned
from yolodash.runs.watched import FollowedFrame, Watched
from yolodash.structures import ImageSize, Thresholds

MOST_BYTES = 12 << 20
FLOORS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25)
_PAIR_BYTES = 36
"""Of a pair and, at worst, a candidate of its own."""
Arrays = list[tuple[str, str, NDArray[Any]]]


@dataclass(frozen=True)
class Packed:
    """What the browser fetches.

    Attributes:
        data: a JSON head, and the arrays that it names.
        floor: the lowest score in it.
        version: a fingerprint.
        width, height: of the first frame.
    """

    data: bytes
    floor: float
    version: str
    width: int
    height: int


def pack(watched: Watched, most: int = MOST_BYTES) -> Packed:
    """All frames, down to the lowest score at which they take no more than so many bytes."""
    floor = floor_for(watched, most)
    frames = [thinned(frame, watched.model, floor) for frame in watched.frames()]
    size = frames[0].size
    data = joined(arrays_of([stretched(frame, size) for frame in frames]))
    return Packed(data, floor, hashlib.blake2b(data, digest_size=12).hexdigest(), size.width, size.height)


def stretched(frame: KeptFrame, size: ImageSize) -> KeptFrame:
    """Where the size changes on the way, the player shows all frames in that of the first; the boxes likewise."""
    if frame.size == size or not frame.processed:
        return frame
    across, down = size.width / frame.size.width, size.height / frame.size.height
    return replace(frame, boxes=frame.boxes * np.array([across, down, across, down], np.float32))


def floor_for(watched: Watched, most: int) -> float:
    """The lowest score of ``FLOORS`` above which the pairs take no more than so many bytes; the last one at worst."""
    counts = np.zeros(len(FLOORS), np.int64)
    for frame in watched.frames():
        scores = np.sort(pair_scores_of(frame, watched.model))
        counts += len(scores) - np.searchsorted(scores, np.array(FLOORS, np.float32), side="right")
    allowed = [floor for floor in FLOORS if floor >= watched.model.floor]
    fitting = (floor for floor in allowed if counts[FLOORS.index(floor)] * _PAIR_BYTES <= most)
    return next(fitting, FLOORS[-1])


def arrays_of(frames: list[KeptFrame]) -> Arrays:
    """The frames' values, one after the other."""

    def all_of(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(frame, name).reshape(-1) for frame in frames])

    return [
        ("seconds", "f8", np.array([frame.seconds for frame in frames])),
        ("index", "i4", np.array([frame.index for frame in frames])),
        ("processed", "i4", np.array([frame.processed for frame in frames])),
        ("candidates", "i4", np.array([len(frame.candidate) for frame in frames])),
        ("pairs", "i4", np.array([len(frame.pair_class) for frame in frames])),
        ("candidate", "i4", all_of("candidate")),
        ("boxes", "f4", all_of("boxes")),
        ("objectness", "f4", all_of("objectness")),
        ("pair_candidate", "i4", all_of("pair_candidate")),
        ("pair_class", "i4", all_of("pair_class")),
        ("pair_probability", "f4", all_of("pair_probability")),
    ]


def joined(arrays: Arrays) -> bytes:
    """The length of a JSON head, the head (name, kind, offset and count of each array), and the arrays."""
    parts = [values.astype(f"<{kind}").tobytes() for _, kind, values in arrays]
    starts = [0, *accumulate(len(part) for part in parts)]

    def head(begin: int) -> bytes:
        named = [
            [name, kind, begin + start, values.size]
            for (name, kind, values), start in zip(arrays, starts, strict=False)
        ]
        return json.dumps({"arrays": named}).encode()

    begin = -(-(4 + len(head(10**9)) + 8) // 8) * 8  # arrays of eight bytes begin at multiples of eight
    text = head(begin)
    return struct.pack("<I", len(text)) + text + b"\0" * (begin - 4 - len(text)) + b"".join(parts)


Row = tuple[int, int, int, int]
"""Frame, candidate, class and track of a box."""


def track_rows(followed: Iterable[FollowedFrame]) -> Iterator[Row]:
    """Of every box on a frame that the network saw."""
    for frame in followed:
        if frame.processed:
            found = frame.detections
            for candidate, class_id, track in zip(
                found.candidate_index.tolist(), found.class_ids.tolist(), frame.tracks, strict=True
            ):
                yield frame.index, candidate, class_id, track


def encode_tracks(rows: list[Row], thresholds: Thresholds) -> dict[str, str]:
    """The rows for the browser, with a name of the thresholds that they belong to."""
    values = np.array(rows, "<i4").reshape(-1, 4)
    key = hashlib.blake2b(repr(thresholds).encode(), digest_size=8).hexdigest()
    return {"key": key, "values": base64.b64encode(values.tobytes()).decode("ascii")}
