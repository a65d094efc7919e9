"""What is in a box: shape, colour, material and size, from a small network that looks at one crop at a time.

**The crop**: a square around the box's centre, ``CONTEXT`` times as long as the box's longer side, scaled to 64×64;
what lies outside the picture is grey. So every block fills the crop alike, whatever its distance, and the crop alone
cannot tell a small block nearby from a large one far away. Therefore **the place** goes along: where the box stands in
the picture and how large it is there. Where a block touches the ground says how far it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from yolodash.structures import Floats, Image, ImageSize

if TYPE_CHECKING:
    from torch import Tensor

    from yolodash.models.classifier import CropClassifier

CONTEXT = 1.3
SIDE = 64
GREY = 114
AT_ONCE = 256
BUNDLED = Path(__file__).parents[1] / "models" / "bundled" / "attributes.safetensors"


@dataclass(frozen=True)
class Attributes:
    """What a classifier said of N boxes.

    Attributes:
        questions: what was asked, and the words that can be the answer.
        probabilities: for every question ``(N, answers)``, each row sums to 1.
    """

    questions: Mapping[str, tuple[str, ...]]
    probabilities: Mapping[str, Floats]

    def words(self, index: int) -> dict[str, str]:
        """The most probable answer to every question about one box."""
        return {name: words[int(self.probabilities[name][index].argmax())] for name, words in self.questions.items()}


def classify(image: Image, boxes: NDArray[np.floating], *, classifier: CropClassifier | None = None) -> Attributes:
    """Say of every box what is in it.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        boxes: ``(N, 4)`` x1, y1, x2, y2 in pixels.
        classifier: None for the one that comes with YoloDash.

    Raises:
        ModelFileError: the bundled classifier is missing or damaged.
    """
    import torch

    model = classifier if classifier is not None else bundled_classifier()
    where = places(boxes, ImageSize(*image.shape[:2]))
    parts: list[dict[str, Floats]] = []
    with torch.inference_mode():
        for start in range(0, max(len(boxes), 1), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            batch = to_batch(crops(image, boxes[some]))
            found = model.probabilities(batch, torch.from_numpy(where[some]))
            parts.append({name: values.numpy() for name, values in found.items()})
    return Attributes(model.questions, {name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


@lru_cache(maxsize=1)
def bundled_classifier() -> CropClassifier:
    """The classifier that comes with YoloDash, loaded once.

    Raises:
        ModelFileError: it is missing or damaged.
    """
    from yolodash.models.classifier import load_classifier

    return load_classifier(BUNDLED)


def crops(image: Image, boxes: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Each box's square with its surroundings: ``(N, 64, 64, 3)`` uint8 RGB."""
    result = np.full((len(boxes), SIDE, SIDE, 3), GREY, np.uint8)
    height, width = image.shape[:2]
    inside = np.clip(np.asarray(boxes, np.float64).reshape(-1, 4), 0, [width, height, width, height])
    for number, (x1, y1, x2, y2) in enumerate(inside):
        side = max(2, round(CONTEXT * max(x2 - x1, y2 - y1)))
        left, top = round((x1 + x2 - side) / 2), round((y1 + y2 - side) / 2)
        square = _square(image, left, top, side)
        way = cv2.INTER_AREA if side > SIDE else cv2.INTER_LINEAR
        result[number] = cv2.resize(square, (SIDE, SIDE), interpolation=way)
    return result


def _square(image: Image, left: int, top: int, side: int) -> Image:
    """A square of the picture; grey where it reaches beyond."""
    height, width = image.shape[:2]
    square = np.full((side, side, 3), GREY, np.uint8)
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    if x2 > x1 and y2 > y1:
        square[y1 - top : y2 - top, x1 - left : x2 - left] = image[y1:y2, x1:x2]
    return square


def places(boxes: NDArray[np.floating], size: ImageSize) -> Floats:
    """Where boxes lie, as the network is told: ``(N, 4)``, mostly from −1 to 1.

    Their middle from left to right, the height at which they end (where a block touches the ground), their width and
    their height; all in units of the picture's width, so that a taller picture changes nothing.
    """
    x1, y1, x2, y2 = np.asarray(boxes, np.float64).reshape(-1, 4).T
    middle, ground = (x1 + x2) / size.width - 1, 2 * (y2 - size.height / 2) / size.width
    numbers = np.stack([middle, ground, 4 * (x2 - x1) / size.width - 1, 4 * (y2 - y1) / size.width - 1], axis=1)
    return numbers.astype(np.float32)


def to_batch(pixels: NDArray[np.uint8]) -> Tensor:
    """``(N, 64, 64, 3)`` uint8 → ``(N, 3, 64, 64)`` float32 in [0, 1]."""
    import torch

    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div_(255)
