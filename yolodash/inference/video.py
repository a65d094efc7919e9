"""A video through a detector: decoding, the network, and drawing with encoding go on side by side."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from yolodash.drawing import draw_boxes
from yolodash.inference.looking import Look, at_once, look_at_each
from yolodash.inference.results import detection_records
from yolodash.inference.selection import judge
from yolodash.inference.tracking import Tracker, TrackerOptions
from yolodash.structures import Candidates, Detections, Image, Thresholds

if TYPE_CHECKING:
    from yolodash.data.videos.reading import Frame

AHEAD = 4
"""Frames that wait between two stages at most: the memory does not grow with the length."""
WEAK = 0.1
"""Boxes down to this score may go on with a track, though they are not shown."""
T = TypeVar("T")


@dataclass(frozen=True)
class SeenFrame:
    """A frame and what is on it.

    Attributes:
        frame: index, time and picture.
        detections: of this frame, or of the last processed one before it.
        tracks: the identity of each.
        processed: whether the network saw this very frame.
    """

    frame: Frame
    detections: Detections
    tracks: tuple[int, ...]
    processed: bool


def watch(frames: Iterator[Frame], look: Look, *, every: int = 1) -> Iterator[SeenFrame]:
    """Every frame with its boxes; the network sees every so many-th.

    Raises:
        DeviceError, OptionError: as ``predict``.
    """
    follower = Follower(look.thresholds)
    shown: tuple[Detections, tuple[int, ...]] | None = None
    floor = follower.weak.score_threshold
    for frame, candidates in looked_at(ahead(frames), look, "video", every=every, floor=floor):
        if candidates is not None:
            shown = follower.next(candidates, frame.seconds)
        assert shown is not None  # the network sees the first
        yield SeenFrame(frame, *shown, candidates is not None)


def looked_at(
    frames: Iterator[Frame], look: Look, owner: str, *, every: int, floor: float
) -> Iterator[tuple[Frame, Candidates | None]]:
    """Every frame with the boxes that the model makes of it, None of those that it does not see.

    As many are looked at together as the engine likes; their number bounds how many frames wait.

    Args:
        owner: who waits in the device's line.
        every: the network sees every so many-th, the first among them.
        floor: see ``look_at_each``.

    Raises:
        DeviceError, OptionError: as ``predict``.
    """
    together = at_once(look)
    waiting: list[tuple[Frame, bool]] = []

    def done() -> Iterator[tuple[Frame, Candidates | None]]:
        found = iter(look_at_each(look, [frame.image for frame, asked in waiting if asked], owner, floor=floor))
        yield from [(frame, next(found) if asked else None) for frame, asked in waiting]
        waiting.clear()

    for place, frame in enumerate(frames):
        waiting.append((frame, place % every == 0))
        if sum(asked for _, asked in waiting) == together or len(waiting) == together + AHEAD:
            yield from done()
    yield from done()


def within(frames: Iterator[Frame], start: float, end: float | None) -> Iterator[Frame]:
    """The frames of a part, by their times."""
    for frame in frames:
        if end is not None and frame.seconds > end:
            return
        if frame.seconds >= start:
            yield frame


class Follower:
    """From the candidates of one frame after another to its detections and their identities."""

    def __init__(self, thresholds: Thresholds) -> None:
        self.high = thresholds.score_threshold
        self.weak = replace(thresholds, score_threshold=min(WEAK, self.high))
        self.tracker = Tracker(TrackerOptions(high=self.high))

    def next(self, candidates: Candidates, seconds: float) -> tuple[Detections, tuple[int, ...]]:
        """The boxes above the threshold, and the track of each; weaker ones may only carry a track on."""
        found = judge(candidates, self.weak).detections
        tracks = self.tracker.follow(found, seconds)
        rows = np.flatnonzero(found.scores > self.high)
        kept = Detections(found.boxes[rows], found.scores[rows], found.class_ids[rows], found.candidate_index[rows])
        return kept, tuple(tracks[row] for row in rows)


def drawn(seen: SeenFrame, names: tuple[str, ...]) -> Image:
    """The frame with its boxes, each with class, score and identity."""
    found = zip(seen.detections.boxes, seen.detections.class_ids, seen.detections.scores, seen.tracks, strict=True)
    boxes = [
        (tuple(map(float, box)), int(class_id), f"#{track} {names[class_id]} {score:.2f}")
        for box, class_id, score, track in found
    ]
    return draw_boxes(seen.frame.image, reversed(boxes))


def frame_record(
    index: int, seconds: float, detections: Detections, tracks: tuple[int, ...], names: tuple[str, ...]
) -> dict[str, Any]:
    """A processed frame as JSON."""
    found = detection_records(detections, names)
    return {
        "frame": index,
        "seconds": round(seconds, 6),
        "detections": [{**one, "track": track} for one, track in zip(found, tracks, strict=True)],
    }


_END = object()


def ahead(items: Iterator[T], count: int = AHEAD) -> Generator[T, None, None]:
    """The same items, the next few made by a thread while one is worked on; its error arrives where it was made."""
    line: queue.Queue[object] = queue.Queue(count)
    stopped = threading.Event()

    def put(item: object) -> bool:
        while not stopped.is_set():
            with contextlib.suppress(queue.Full):
                line.put(item, timeout=0.1)
                return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(_END)
        except BaseException as error:
            put(_Failed(error))

    thread = threading.Thread(target=work, name="ahead", daemon=True)
    thread.start()
    try:
        while (item := line.get()) is not _END:
            if isinstance(item, _Failed):
                raise item.error
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()


@dataclass(frozen=True)
class _Failed:
    error: BaseException


class Behind(Generic[T]):
    """Does something with each item in a thread, in their order; waits where it lags too far behind.

    Used as a context manager: at its end everything is done, and the first error is raised.
    """

    def __init__(self, work: Callable[[T], object], count: int = AHEAD) -> None:
        self._work, self._count = work, count
        self._pool = ThreadPoolExecutor(1, "behind")
        self._waiting: list[Future[object]] = []

    def put(self, item: T) -> None:
        """Hand over one item."""
        self._waiting.append(self._pool.submit(self._work, item))
        if len(self._waiting) > self._count:
            self._waiting.pop(0).result()

    def __enter__(self) -> Behind[T]:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            while self._waiting and kind is None:
                self._waiting.pop(0).result()
        finally:
            self._pool.shutdown(cancel_futures=True)
