"""A part of a picture, enlarged to the size that the whole one had."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yolodash.data.augment.boxes import Boxes
from yolodash.data.augment.letterbox import resize
from yolodash.structures import Image, ImageSize


@dataclass(frozen=True)
class Crop:
    """How much is cut off, as shares of the width (left, right) and of the height (top, bottom)."""

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0


def crop(image: Image, boxes: Boxes, parameters: Crop) -> tuple[Image, Boxes]:
    """Cut whole pixels off at the edges and enlarge what is left to the old size; boxes are not clipped."""
    if parameters == Crop():
        return image, boxes
    height, width = image.shape[:2]
    left, top, right, bottom = window(parameters, ImageSize(height, width))
    return resize(image[top:bottom, left:right], boxes - np.array([left, top] * 2), ImageSize(height, width))


def window(parameters: Crop, size: ImageSize) -> tuple[int, int, int, int]:
    """What is left, as left, top, right and bottom in whole pixels; at least one pixel."""
    left = min(round(parameters.left * size.width), size.width - 1)
    top = min(round(parameters.top * size.height), size.height - 1)
    right = max(size.width - round(parameters.right * size.width), left + 1)
    bottom = max(size.height - round(parameters.bottom * size.height), top + 1)
    return left, top, right, bottom
