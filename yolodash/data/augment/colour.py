"""Pictures in another light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from yolodash.data.augment.boxes import Boxes
from yolodash.structures import Image

HUES = 180
"""OpenCV's hues are degrees by two."""


@dataclass(frozen=True)
class Colour:
    """Factors for hue, saturation and value."""

    hue: float = 1.0
    saturation: float = 1.0
    value: float = 1.0


def colour(image: Image, boxes: Boxes, parameters: Colour) -> tuple[Image, Boxes]:
    """Multiply hue (around the circle), saturation and value (up to their ends); boxes stay where they are."""
    if parameters == Colour():
        return image, boxes
    levels = np.arange(256, dtype=np.float64)
    tables = np.stack(
        [
            (levels * parameters.hue) % HUES,
            np.clip(levels * parameters.saturation, 0, 255),
            np.clip(levels * parameters.value, 0, 255),
        ],
        axis=-1,
    ).astype(np.uint8)
    changed = cv2.LUT(cv2.cvtColor(image, cv2.COLOR_RGB2HSV), tables[None])
    return np.asarray(cv2.cvtColor(changed, cv2.COLOR_HSV2RGB), np.uint8), boxes
