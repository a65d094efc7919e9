"""Identities for boxes from frame to frame: where a track should be now, and which box is its own.

Each track moves on with the speed that it had (a Kalman filter on centre and size). Boxes of high score choose first,
by IoU with the tracks' expected places; boxes of low score may then only go on with a track that nobody took, since an
object half hidden still gives a weak box where it is expected. A track that is not seen stays for a while: it goes on
as it went while it was whole, since a box that something begins to hide shrinks and seems to slow down; and whoever
comes back near there, by the overlap of enlarged boxes, is it.

Of our own rather than a library: the two that are kept bring an annotation toolkit or a compiled solver each, for what
is two pages here. Sources: Bewley et al., 2016 (SORT); Zhang et al., 2022 (ByteTrack);
Cao et al., 2023 (OC-SORT: trust what was observed before a gap); Yang et al., 2023 (C-BIoU: enlarged boxes).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from yolodash.geometry.overlap import intersection_over_union
from yolodash.structures import Detections

Numbers = NDArray[np.float64]
_POSITION, _SPEED = 1 / 20, 1 / 160
"""How far off a place and a speed are expected to be within a frame, as a share of the box's height."""
REMEMBERED = 25
"""Frames in which a track was seen last, from which its way through a gap is taken."""
_WHOLE = 0.8
"""A box counts as whole when it has this share of its usual area."""
_ENLARGED = 0.5
"""By this share of its sides a box grows to each side, where a lost track is looked for."""


@dataclass(frozen=True)
class TrackerOptions:
    """What decides which box goes on with which track.

    Attributes:
        high: boxes of this score or more may begin a track and choose first.
        least_overlap: IoU with the expected place, for those; ``least_overlap_low`` for the weak ones.
        patience: seconds that a track is kept without being seen.
    """

    high: float = 0.25
    least_overlap: float = 0.2
    least_overlap_low: float = 0.5
    patience: float = 1.5


@dataclass
class Track:
    """One object on its way.

    Attributes:
        number: its identity, from 1.
        class_id: what it is; a box of another class never goes on with it.
        mean: ``(8,)`` centre x, y, width, height, and their speeds a frame.
        covariance: ``(8, 8)`` of it.
        seen: seconds at which it was last seen.
        first: ″ first.
        hits: in how many frames.
        age: frames since it began.
        missed: frames since it was last seen.
        history: age and ``(4,)`` centre and sides, where it was seen last.
    """

    number: int
    class_id: int
    mean: Numbers
    covariance: Numbers
    seen: float
    first: float
    hits: int = 1
    age: int = 0
    missed: int = 0
    history: deque[tuple[int, Numbers]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    @property
    def box(self) -> Numbers:
        """``(4,)`` x1, y1, x2, y2 where it is expected."""
        centre, sides = self.mean[:2], np.maximum(self.mean[2:4], 1e-3)
        return np.concatenate([centre - sides / 2, centre + sides / 2])


@dataclass
class Tracker:
    """The tracks of one video; ``follow`` is called once a frame."""

    options: TrackerOptions = field(default_factory=TrackerOptions)
    tracks: list[Track] = field(default_factory=list)
    count: int = 0

    def follow(self, detections: Detections, seconds: float) -> list[int]:
        """The track of every detection of a frame; 0 for a weak one that belongs to none.

        Args:
            detections: weak ones, below ``options.high``, included.
            seconds: when the frame is shown.
        """
        for track in self.tracks:
            move(track)
        boxes = detections.boxes.astype(np.float64)
        strong = detections.scores >= self.options.high
        numbers = [0] * len(boxes)
        free = list(range(len(self.tracks)))
        for part, least in ((strong, self.options.least_overlap), (~strong, self.options.least_overlap_low)):
            rows = np.flatnonzero(part)
            for place, row in pairs([self.tracks[i] for i in free], boxes, detections, rows, least):
                self._go_on(self.tracks[free[place]], boxes[row], row, seconds, numbers)
            taken = {number for number in numbers if number}
            free = [i for i in free if self.tracks[i].number not in taken]
        lost = [self.tracks[i] for i in free if self.tracks[i].missed]
        rows = np.array([row for row in np.flatnonzero(strong) if not numbers[row]], np.intp)
        for place, row in pairs(lost, boxes, detections, rows, self.options.least_overlap, enlarged=_ENLARGED):
            self._go_on(lost[place], boxes[row], row, seconds, numbers)
        for track in self.tracks:
            if track.number not in numbers:
                lose(track)
        for row in np.flatnonzero(strong).tolist():
            if not numbers[row]:
                numbers[row] = self._begin(boxes[row], int(detections.class_ids[row]), seconds)
        self.tracks = [track for track in self.tracks if seconds - track.seen <= self.options.patience]
        return numbers

    def _go_on(self, track: Track, box: Numbers, row: int, seconds: float, numbers: list[int]) -> None:
        correct(track, box)
        track.seen, track.hits, track.missed = seconds, track.hits + 1, 0
        track.history.append((track.age, measured(box)))
        numbers[row] = track.number

    def _begin(self, box: Numbers, class_id: int, seconds: float) -> int:
        self.count += 1
        mean = np.concatenate([measured(box), np.zeros(4)])
        spread = np.repeat([2 * _POSITION, 10 * _SPEED], 4) * max(mean[3], 1.0)
        track = Track(self.count, class_id, mean, np.diag(spread**2), seconds, seconds)
        track.history.append((0, measured(box)))
        self.tracks.append(track)
        return self.count


def measured(box: Numbers) -> Numbers:
    """x1, y1, x2, y2 → centre x, y, width, height."""
    return np.concatenate([(box[:2] + box[2:]) / 2, box[2:] - box[:2]])


def pairs(
    tracks: list[Track],
    boxes: Numbers,
    detections: Detections,
    rows: NDArray[np.intp],
    least: float,
    enlarged: float = 0.0,
) -> list[tuple[int, int]]:
    """Which track goes on with which box, so that the sum of overlaps is largest.

    Args:
        least: IoU that is enough.
        enlarged: by which share of its sides every box grows to each side first.

    Returns:
        places in ``tracks``, and rows of the detections.
    """
    if not tracks or not len(rows):
        return []
    expected = larger(np.stack([track.box for track in tracks]), enlarged)
    overlap = intersection_over_union(
        torch.from_numpy(expected), torch.from_numpy(larger(boxes[rows], enlarged))
    ).numpy()  # (T, R)
    alike = np.array([track.class_id for track in tracks])[:, None] == detections.class_ids[rows]
    overlap = np.where(alike, overlap, 0.0)
    chosen = linear_sum_assignment(overlap, maximize=True)
    return [(int(t), int(rows[r])) for t, r in zip(*chosen, strict=True) if overlap[t, r] >= least]


def larger(boxes: Numbers, share: float) -> Numbers:
    """``(N, 4)`` boxes, grown to each side by a share of their sides."""
    grown = share * (boxes[:, 2:] - boxes[:, :2])
    return np.concatenate([boxes[:, :2] - grown, boxes[:, 2:] + grown], axis=1)


def lose(track: Track) -> None:
    """Not seen in this frame; at first, let it go on as it went while its box was whole."""
    track.missed += 1
    if track.missed > 1 or len(track.history) < 2:
        return
    ages = np.array([age for age, _ in track.history])
    seen = np.stack([box for _, box in track.history])  # (H, 4)
    areas = seen[:, 2] * seen[:, 3]
    whole = np.flatnonzero(areas >= _WHOLE * np.median(areas))
    first, last = whole[0], whole[-1]
    speed = (seen[last, :2] - seen[first, :2]) / max(ages[last] - ages[first], 1)
    track.mean[:2] = seen[last, :2] + speed * (track.age - ages[last])
    track.mean[2:4] = np.median(seen[whole, 2:], axis=0)
    track.mean[4:] = [*speed, 0.0, 0.0]


_MOTION = np.eye(8) + np.eye(8, k=4)
_SEEN = np.eye(4, 8)


def move(track: Track) -> None:
    """One frame on: place plus speed, and less certain of both."""
    height = max(track.mean[3], 1.0)
    noise = np.repeat([_POSITION, _SPEED], 4) * height
    track.age += 1
    track.mean = _MOTION @ track.mean
    track.covariance = _MOTION @ track.covariance @ _MOTION.T + np.diag(noise**2)


def correct(track: Track, box: Numbers) -> None:
    """Between where it was expected and where it was seen, by how certain each is."""
    noise = (_POSITION * max(track.mean[3], 1.0)) ** 2 * np.eye(4)
    gain = track.covariance @ _SEEN.T @ np.linalg.inv(_SEEN @ track.covariance @ _SEEN.T + noise)
    track.mean = track.mean + gain @ (measured(box) - _SEEN @ track.mean)
    track.covariance = (np.eye(8) - gain @ _SEEN) @ track.covariance
