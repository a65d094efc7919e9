"""What a poor camera adds: blur, noise, and the blocks of a JPEG that was saved too small. Boxes stay."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from yolodash.data.augment.boxes import Boxes
from yolodash.structures import Image

LONGER_SIDE = 640
"""Pixels of blur are those of a picture of this size, so that a recipe does the same to large and small pictures."""
BEST_JPEG = 100


@dataclass(frozen=True)
class Blur:
    """A Gaussian's standard deviation, in pixels of a picture whose longer side is ``LONGER_SIDE``."""

    deviation: float = 0.0


@dataclass(frozen=True)
class Noise:
    """A normal distribution's standard deviation in levels of 255, and the seed that decides each pixel's."""

    deviation: float = 0.0
    seed: int = 0


@dataclass(frozen=True)
class Jpeg:
    """The quality at which a picture is saved and read again; ``BEST_JPEG`` leaves it as it is."""

    quality: int = BEST_JPEG


def blur(image: Image, boxes: Boxes, parameters: Blur) -> tuple[Image, Boxes]:
    """Smooth by a Gaussian."""
    deviation = parameters.deviation * max(image.shape[:2]) / LONGER_SIDE
    if deviation <= 0:
        return image, boxes
    return np.asarray(cv2.GaussianBlur(image, (0, 0), deviation), np.uint8), boxes


def noise(image: Image, boxes: Boxes, parameters: Noise) -> tuple[Image, Boxes]:
    """Add to each channel of each pixel a number of a normal distribution."""
    if parameters.deviation <= 0:
        return image, boxes
    added = np.random.default_rng(parameters.seed).standard_normal(image.shape, np.float32) * parameters.deviation
    return np.clip(np.rint(image + added), 0, 255).astype(np.uint8), boxes


def jpeg(image: Image, boxes: Boxes, parameters: Jpeg) -> tuple[Image, Boxes]:
    """Save as JPEG and read again."""
    if parameters.quality >= BEST_JPEG:
        return image, boxes
    _, saved = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, parameters.quality])
    again = cv2.imdecode(saved, cv2.IMREAD_COLOR)
    assert again is not None
    return np.ascontiguousarray(again[:, :, ::-1], np.uint8), boxes
