"""Pictures in a mirror."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from yolodash.data.augment.boxes import Boxes
from yolodash.structures import Image


@dataclass(frozen=True)
class Flips:
    """Left for right, and above for below."""

    horizontal: bool = False
    vertical: bool = False


def flip(image: Image, boxes: Boxes, parameters: Flips) -> tuple[Image, Boxes]:
    """Mirror a picture and its boxes; flipping twice gives the first picture back."""
    height, width = image.shape[:2]
    if parameters.horizontal:
        image = np.asarray(cv2.flip(image, 1), np.uint8)
        boxes = np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], axis=1)
    if parameters.vertical:
        image = np.asarray(cv2.flip(image, 0), np.uint8)
        boxes = np.stack([boxes[:, 0], height - boxes[:, 3], boxes[:, 2], height - boxes[:, 1]], axis=1)
    return image, boxes
