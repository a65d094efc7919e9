"""Pictures turned by quarters: no pixel is made up, none is lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yolodash.data.augment.boxes import Boxes
from yolodash.structures import Image


@dataclass(frozen=True)
class Turns:
    """How many quarters anticlockwise, 0 to 3."""

    quarters: int = 0


def turn(image: Image, boxes: Boxes, parameters: Turns) -> tuple[Image, Boxes]:
    """Turn a picture and its boxes anticlockwise; an odd number of quarters makes the height the width."""
    for _ in range(parameters.quarters % 4):
        width = image.shape[1]
        image = np.rot90(image)
        boxes = np.stack([boxes[:, 1], width - boxes[:, 2], boxes[:, 3], width - boxes[:, 0]], axis=1)
    return np.ascontiguousarray(image), boxes
