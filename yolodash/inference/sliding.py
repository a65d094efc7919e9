"""The way before YOLO: a classifier that looks at one window after another, all over the picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolodash.inference.attributes import AT_ONCE, CONTEXT, bundled_classifier, classify
from yolodash.structures import Floats, Image, ImageSize

BLOCK = "block"
Progress = Callable[[int, int], None]
"""Told how many windows were looked at, and how many there are."""


@dataclass(frozen=True)
class Slid:
    """What a classifier said of every window.

    Attributes:
        windows: ``(N, 4)`` x1, y1, x2, y2 in pixels, row by row.
        probabilities: ``(N,)`` that there is a block in it.
        words: for every window what it would be, such as ``red cube``.
        passes: how often the network ran, ``AT_ONCE`` windows at a time.
        seconds: for all of it.
    """

    windows: NDArray[np.float64]
    probabilities: Floats
    words: tuple[str, ...]
    passes: int
    seconds: float


def windows(size: ImageSize, side: int, step: int) -> NDArray[np.float64]:
    """All places of a square window: ``(N, 4)`` x1, y1, x2, y2, row by row from the upper left.

    Args:
        size: of the picture.
        side: of the window, in pixels; a smaller picture gives one window that reaches beyond it.
        step: pixels from one window to the next.

    Source: the lecture, "YOLO vs Sliding window".
    """
    left = np.arange(0, max(size.width - side, 0) + 1, step, dtype=np.float64)
    top = np.arange(0, max(size.height - side, 0) + 1, step, dtype=np.float64)
    y, x = np.meshgrid(top, left, indexing="ij")
    corner = np.stack([x, y], axis=-1).reshape(-1, 2)
    return np.concatenate([corner, corner + side], axis=1)


def slide(image: Image, side: int, step: int, on_progress: Progress = lambda _done, _all: None) -> Slid:
    """Classify every window of a picture with the classifier that comes with YoloDash.

    Raises:
        ModelFileError: the classifier is missing or damaged.
    """
    classifier = bundled_classifier()
    start = time.perf_counter()
    height, width = image.shape[:2]
    places = windows(ImageSize(height, width), side, step)
    probabilities: list[Floats] = []
    words: list[str] = []
    for first in range(0, len(places), AT_ONCE):
        some = inside_context(places[first : first + AT_ONCE])
        found = classify(image, some, classifier=classifier)
        probabilities.append(found.probabilities["thing"][:, found.questions["thing"].index(BLOCK)])
        words += [_words(found.words(index)) for index in range(len(some))]
        on_progress(len(words), len(places))
    return Slid(places, np.concatenate(probabilities), tuple(words), len(probabilities), time.perf_counter() - start)


def inside_context(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The boxes whose crops, which show their surroundings too, are these windows: ``(N, 4)`` → ``(N, 4)``."""
    centre, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2 / CONTEXT
    return np.concatenate([centre - half, centre + half], axis=1)


def held_by_none(boxes: Floats, places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which boxes no window holds whole, ``(M,)``: too large for it, or between two of them."""
    inside = (boxes[:, None, :2] >= places[None, :, :2]) & (boxes[:, None, 2:] <= places[None, :, 2:])  # (M, N, 2)
    held: NDArray[np.bool_] = np.asarray(inside.all(axis=-1))  # (M, N)
    return ~np.asarray(held.any(axis=1))


def _words(said: dict[str, str]) -> str:
    return f"{said['colour']} {said['shape']}"
