"""Two pictures laid over each other, each half transparent, with the boxes of both.

Source: Zhang et al., 2018; for detection Zhang et al., 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from yolodash.data.augment.boxes import Boxes
from yolodash.data.augment.letterbox import letterbox
from yolodash.structures import Image, ImageSize


@dataclass(frozen=True)
class Mixup:
    """The other picture's number, and the first one's share of the light; the other has the rest."""

    partner: int
    share: float


def mixup(image: Image, boxes: Boxes, other: Image, others: Boxes, parameters: Mixup) -> tuple[Image, Boxes, Boxes]:
    """Lay another picture over one: share · A + (1 − share) · B, the other letterboxed to the first one's size.

    Returns:
        the picture, its own boxes, which stay, and those of the other in its pixels.
    """
    fitted, moved = letterbox(other, others, ImageSize(image.shape[0], image.shape[1]))
    mixed = cv2.addWeighted(image, parameters.share, fitted, 1 - parameters.share, 0.0)
    return np.asarray(mixed, np.uint8), boxes, moved
