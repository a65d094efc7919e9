"""What a network said about each frame of a video, down to a low score, in one file that only grows.

A record a frame: a head of fixed length, and for frames that the network saw the kept candidates and their pairs,
compressed. Whoever is killed while writing leaves whole records and perhaps a torso, which is passed over. From a
record ``Candidates`` are made again, of which ``select`` finds the same as it did of all, at the floor or above it.

Imports no torch, so that a page can show a stored result at once.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from yolodash import workspace
from yolodash.structures import Candidates, ClassTree, Floats, Head, ImageSize, Integers, Transform

_HEAD = struct.Struct("<4sIdHHIIII")
_MARK = b"YDf1"
_LEVEL = 4


@dataclass(frozen=True)
class KeptFrame:
    """One frame of a video.

    Attributes:
        index: from 0, of all frames of the video.
        seconds: when it is shown, from the video's begin.
        size: of the picture.
        processed: whether the network saw it; all below is empty otherwise.
        candidate: ``(K,)`` int64, rows in the Candidates that the network made.
        boxes: ``(K, 4)`` float32, unclipped.
        objectness: ``(K,)`` float32.
        pair_candidate: ``(P,)`` int64, place among the K, ascending.
        pair_class: ``(P,)`` int64, ascending within a candidate.
        pair_probability: ``(P,)`` float32.
    """

    index: int
    seconds: float
    size: ImageSize
    processed: bool
    candidate: Integers
    boxes: Floats
    objectness: Floats
    pair_candidate: Integers
    pair_class: Integers
    pair_probability: Floats


@dataclass(frozen=True)
class ModelFacts:
    """What is the same of all frames: enough to make Candidates again."""

    family: Any
    names: tuple[str, ...]
    heads: tuple[Head, ...]
    network_size: ImageSize
    floor: float

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def facts_from(record: dict[str, Any]) -> ModelFacts:
    """The facts again, from their JSON."""
    heads = []
    for head in record["heads"]:
        tree = head.get("tree")
        about = {**head, "anchors": tuple((float(w), float(h)) for w, h in head["anchors"])}
        about["tree"] = None if tree is None else ClassTree(**{**tree, **_tuples(tree)})
        heads.append(Head(**about))
    names, size = tuple(str(name) for name in record["names"]), ImageSize(**record["network_size"])
    return ModelFacts(record["family"], names, tuple(heads), size, float(record["floor"]))


def _tuples(tree: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tree[name]) for name in ("parents", "group_sizes")}


def skipped(index: int, seconds: float, size: ImageSize) -> KeptFrame:
    """A frame that the network did not see."""
    nothing, none = np.zeros(0, np.int64), np.zeros(0, np.float32)
    return KeptFrame(index, seconds, size, False, nothing, none.reshape(0, 4), none, nothing, nothing, none)


def keep(index: int, seconds: float, candidates: Candidates, rows: Integers, floor: float) -> KeptFrame:
    """What is kept of a frame: these rows, and of each the pairs whose score is over the floor.

    Args:
        rows: as ``worth_keeping`` gives them.
    """
    probability, objectness = candidates.class_probabilities[rows], candidates.objectness[rows]
    has_tree = any(head.tree is not None for head in candidates.heads)
    score = probability if has_tree else probability * objectness[:, None]
    pair_candidate, pair_class = np.nonzero(score > np.float32(floor))
    return KeptFrame(
        index,
        seconds,
        candidates.image_size,
        True,
        rows,
        candidates.boxes[rows],
        objectness,
        pair_candidate,
        pair_class,
        probability[pair_candidate, pair_class],
    )


def candidates_of(frame: KeptFrame, facts: ModelFacts, rows: Sequence[int] | Integers | None = None) -> Candidates:
    """Candidates again; raw numbers, grid places and the way into the network are not kept, and are 0.

    Args:
        rows: places among the K that are wanted; all by default. ``candidate_index`` counts these.
    """
    wanted = np.arange(len(frame.candidate)) if rows is None else np.asarray(rows, np.int64)
    place = np.full(len(frame.candidate), -1)
    place[wanted] = np.arange(len(wanted))
    inside = place[frame.pair_candidate] >= 0
    probabilities = np.zeros((len(wanted), len(facts.names)), np.float32)
    probabilities[place[frame.pair_candidate[inside]], frame.pair_class[inside]] = frame.pair_probability[inside]
    nowhere = np.zeros(len(wanted), np.int64)
    return Candidates(
        frame.boxes[wanted],
        np.zeros((len(wanted), 5 + len(facts.names)), np.float32),
        frame.objectness[wanted],
        probabilities,
        nowhere,
        nowhere,
        nowhere,
        nowhere,
        frame.size,
        facts.network_size,
        Transform(1.0, 1.0, 0.0, 0.0),
        facts.family,
        facts.names,
        facts.heads,
    )


def pair_scores_of(frame: KeptFrame, facts: ModelFacts) -> Floats:
    """``(P,)`` float32: objectness × class, or for a tree of classes the class alone."""
    if any(head.tree is not None for head in facts.heads):
        return frame.pair_probability
    return frame.pair_probability * frame.objectness[frame.pair_candidate]


def above(frame: KeptFrame, facts: ModelFacts, score: float) -> Integers:
    """Places among the K of the candidates with a pair over a score, ascending."""
    return np.unique(frame.pair_candidate[pair_scores_of(frame, facts) > np.float32(score)])


def thinned(frame: KeptFrame, facts: ModelFacts, score: float) -> KeptFrame:
    """The same with what is over a higher floor only."""
    if not frame.processed:
        return frame
    rows = above(frame, facts, score)
    place = np.full(len(frame.candidate), -1)
    place[rows] = np.arange(len(rows))
    pairs = np.flatnonzero(pair_scores_of(frame, facts) > np.float32(score))
    return replace(
        frame,
        candidate=frame.candidate[rows],
        boxes=frame.boxes[rows],
        objectness=frame.objectness[rows],
        pair_candidate=place[frame.pair_candidate[pairs]],
        pair_class=frame.pair_class[pairs],
        pair_probability=frame.pair_probability[pairs],
    )


def packed(frame: KeptFrame) -> bytes:
    """A record."""
    body = b""
    if frame.processed:
        parts: tuple[tuple[NDArray[Any], str], ...] = (
            (frame.candidate, "<i4"),
            (frame.boxes, "<f4"),
            (frame.objectness, "<f4"),
            (frame.pair_candidate, "<i4"),
            (frame.pair_class, "<i4"),
            (frame.pair_probability, "<f4"),
        )
        body = zlib.compress(b"".join(values.astype(kind).tobytes() for values, kind in parts), _LEVEL)
    counts = (len(frame.candidate), len(frame.pair_class))
    place = (frame.index, frame.seconds, frame.size.height, frame.size.width)
    return _HEAD.pack(_MARK, *place, *counts, len(body), int(frame.processed)) + body


def read_frames(path: Path) -> Iterator[KeptFrame]:
    """All whole records of a file, in their order; none where there is no file."""
    try:
        file = open(path, "rb")  # noqa: SIM115 - closed below, once the last frame was asked for
    except FileNotFoundError:
        return
    with file:
        while (frame := _next(file)) is not None:
            yield frame


def _next(file: IO[bytes]) -> KeptFrame | None:
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    mark, index, seconds, height, width, candidates, pairs, length, processed = _HEAD.unpack(head)
    body = file.read(length)
    if mark != _MARK or len(body) < length:
        return None
    size = ImageSize(height, width)
    return _unpacked(index, seconds, size, candidates, pairs, body) if processed else skipped(index, seconds, size)


def _unpacked(index: int, seconds: float, size: ImageSize, candidates: int, pairs: int, body: bytes) -> KeptFrame:
    kinds = (("<i4", candidates), ("<f4", 4 * candidates), ("<f4", candidates), ("<i4", pairs), ("<i4", pairs))
    content, at = zlib.decompress(body), 0
    whole: list[NDArray[Any]] = []
    for kind, count in (*kinds, ("<f4", pairs)):
        part = np.frombuffer(content, kind, count, at)
        whole.append(part.astype(np.int64 if part.dtype.kind == "i" else np.float32))
        at += 4 * count
    return KeptFrame(index, seconds, size, True, whole[0], whole[1].reshape(-1, 4), *whole[2:])


class FrameWriter:
    """Appends records; what was appended before ``flush`` outlives a kill, and after it a power cut."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = open(path, "wb", buffering=1 << 20)  # noqa: SIM115 - closed by close
        except OSError as error:
            raise workspace.disk_error(error, path) from error

    def add(self, frame: KeptFrame) -> None:
        """One more frame.

        Raises:
            WorkspaceError: the disk is full.
        """
        try:
            self._file.write(packed(frame))
        except OSError as error:
            raise workspace.disk_error(error, self.path) from error

    def flush(self) -> None:
        """Let everything so far be on the disk.

        Raises:
            WorkspaceError: the disk is full.
        """
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise workspace.disk_error(error, self.path) from error

    def close(self) -> None:
        """Flush, and end."""
        self.flush()
        self._file.close()
