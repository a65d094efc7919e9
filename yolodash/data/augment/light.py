"""Brightness, exposure and contrast, and pictures without colour; boxes stay where they are."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from yolodash.data.augment.boxes import Boxes
from yolodash.structures import Image

GAMMA = 2.2
"""What screens do to a number before it becomes light: an exposure counts in light, not in numbers."""
MIDDLE = 127.5


@dataclass(frozen=True)
class Light:
    """How each level x of 0 … 255 changes, in this order.

    Attributes:
        exposure: in stops; one more is twice the light: x · 2^(stops / 2.2).
        contrast: factor about the middle grey: (x − 127.5) · factor + 127.5.
        brightness: what is added, as a share of 255.
    """

    exposure: float = 0.0
    contrast: float = 1.0
    brightness: float = 0.0


def light(image: Image, boxes: Boxes, parameters: Light) -> tuple[Image, Boxes]:
    """Change exposure, contrast and brightness; what leaves 0 … 255 stops at its end."""
    if parameters == Light():
        return image, boxes
    return np.asarray(cv2.LUT(image, levels_after(parameters)), np.uint8), boxes


def levels_after(parameters: Light) -> Image:
    """What each of the 256 levels becomes: ``(256,)`` uint8."""
    exposed = np.arange(256, dtype=np.float64) * 2 ** (parameters.exposure / GAMMA)
    result = (exposed - MIDDLE) * parameters.contrast + MIDDLE + 255 * parameters.brightness
    return np.clip(np.rint(result), 0, 255).astype(np.uint8)


def grey(image: Image, boxes: Boxes) -> tuple[Image, Boxes]:
    """Take the colour away: 0.299 R + 0.587 G + 0.114 B in all three channels."""
    return np.asarray(cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8), boxes
