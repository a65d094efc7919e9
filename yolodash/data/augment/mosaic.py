"""Four pictures in one, which meet at a point: objects in new surroundings, smaller, cut off, and more of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yolodash.data.augment.boxes import Boxes
from yolodash.data.augment.letterbox import GREY
from yolodash.structures import Image, ImageSize


@dataclass(frozen=True)
class Mosaic:
    """Where the four meet.

    Attributes:
        side: of each picture at most; the canvas has twice as much.
        x, y: the point where their corners meet, in pixels of the canvas; from ½ to 1½ sides.
    """

    side: int
    x: int
    y: int


def mosaic(images: Sequence[Image], boxes: Sequence[Boxes], parameters: Mosaic) -> tuple[Image, list[Boxes]]:
    """Put four pictures about a point: above left, above right, below left, below right.

    Args:
        images: four, with no side longer than ``parameters.side``.
        boxes: of each.

    Returns:
        ``(2·side, 2·side, 3)``, grey where no picture reaches; and the boxes of each in its pixels, not clipped:
        where a picture is cut off, the edge of the canvas cuts it.
    """
    length = 2 * parameters.side
    canvas = np.full((length, length, 3), GREY, np.uint8)
    moved = []
    for number, (image, own) in enumerate(zip(images, boxes, strict=True)):
        height, width = image.shape[:2]
        left, top = corner(number, ImageSize(height, width), parameters)
        rows, columns = slice(max(top, 0), min(top + height, length)), slice(max(left, 0), min(left + width, length))
        canvas[rows, columns] = image[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        moved.append(own + np.array([left, top, left, top]))
    return canvas, moved


def corner(number: int, size: ImageSize, parameters: Mosaic) -> tuple[int, int]:
    """Where the left top corner of a picture comes to lie: 0 above left, 1 above right, 2 below left, 3 below right."""
    left = parameters.x - size.width if number in (0, 2) else parameters.x
    top = parameters.y - size.height if number in (0, 1) else parameters.y
    return left, top
