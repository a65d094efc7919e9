"""Grey holes in a picture, so that a network cannot go by one part of an object alone.

Source: DeVries and Taylor, 2017.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolodash.data.augment.boxes import Boxes
from yolodash.data.augment.letterbox import GREY
from yolodash.structures import Image, ImageSize


@dataclass(frozen=True)
class Hole:
    """A square's middle, as shares of width and height, and its side, as a share of the picture's shorter one."""

    x: float
    y: float
    side: float


@dataclass(frozen=True)
class Cutout:
    """The holes of one picture."""

    holes: tuple[Hole, ...] = ()


def cutout(image: Image, boxes: Boxes, parameters: Cutout) -> tuple[Image, Boxes]:
    """Paint the holes grey; boxes stay, though what they bound may be hidden: see ``uncovered``."""
    if not parameters.holes:
        return image, boxes
    image = image.copy()
    for left, top, right, bottom in rectangles(parameters, ImageSize(image.shape[0], image.shape[1])):
        image[top:bottom, left:right] = GREY
    return image, boxes


def rectangles(parameters: Cutout, size: ImageSize) -> list[tuple[int, int, int, int]]:
    """The holes as left, top, right and bottom in whole pixels of the picture."""
    result = []
    for hole in parameters.holes:
        half = hole.side * min(size.height, size.width) / 2
        x, y = hole.x * size.width, hole.y * size.height
        left, top = max(round(x - half), 0), max(round(y - half), 0)
        right, bottom = min(round(x + half), size.width), min(round(y + half), size.height)
        result.append((left, top, right, bottom))
    return result


def uncovered(boxes: Boxes, parameters: Cutout, size: ImageSize) -> NDArray[np.float64]:
    """The share of each box that no hole covers: ``(N, 4)`` → ``(N,)``; where holes overlap, both count."""
    area = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-9)
    covered = np.zeros(len(boxes))
    for hole in rectangles(parameters, size):
        across = np.minimum(boxes[:, 2:], hole[2:]) - np.maximum(boxes[:, :2], hole[:2])
        covered += across.clip(min=0).prod(axis=1)
    return np.asarray(np.clip(1 - covered / area, 0, 1))
