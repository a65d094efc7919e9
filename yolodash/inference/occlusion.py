"""What a classifier looks at: hide one part of the picture after another, and see how much surer or less sure it gets.

Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yolodash.inference.attributes import GREY, SIDE, to_batch
from yolodash.structures import Floats

if TYPE_CHECKING:
    from yolodash.models.classifier import CropClassifier

AT_ONCE = 64


@dataclass(frozen=True)
class Occluded:
    """What a classifier says of a crop, and of the same crop with a part hidden.

    Attributes:
        patches: ``(N, 2)`` left and top of each hidden square, row by row.
        side: of the square, in pixels.
        whole: for every question ``(answers,)`` the probabilities of the whole crop.
        hidden: for every question ``(N, answers)`` those with one square hidden.
    """

    patches: NDArray[np.int64]
    side: int
    whole: Mapping[str, Floats]
    hidden: Mapping[str, Floats]


def occlude(
    classifier: CropClassifier,
    crop: NDArray[np.uint8],
    place: Floats,
    *,
    side: int = 16,
    step: int = 4,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Occluded:
    """Hide a grey square at every place, and ask again each time; many pictures a pass.

    Args:
        classifier: of crops.
        crop: ``(64, 64, 3)`` uint8.
        place: ``(4,)`` where the crop lies, see ``attributes.places``; it stays as it is.
        side, step: of the square, in pixels.
        on_progress: told how many places are done, and how many there are.
    """
    import torch

    patches = squares(side, step)
    parts: list[dict[str, Floats]] = []
    with torch.inference_mode():
        where = torch.from_numpy(np.asarray(place, np.float32))[None]
        whole = classifier.probabilities(to_batch(crop[None]), where)
        for start in range(0, len(patches), AT_ONCE):
            some = patches[start : start + AT_ONCE]
            batch = to_batch(np.stack([without(crop, left, top, side) for left, top in some.tolist()]))
            found = classifier.probabilities(batch, where.expand(len(some), -1))
            parts.append({name: values.numpy() for name, values in found.items()})
            on_progress(min(start + AT_ONCE, len(patches)), len(patches))
    hidden = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Occluded(patches, side, {name: values[0].numpy() for name, values in whole.items()}, hidden)


def squares(side: int, step: int) -> NDArray[np.int64]:
    """Left and top of every place of a square in a crop: ``(N, 2)``, row by row."""
    places = np.arange(0, SIDE - side + 1, step)
    top, left = np.meshgrid(places, places, indexing="ij")
    return np.stack([left.ravel(), top.ravel()], axis=1)


def without(crop: NDArray[np.uint8], left: int, top: int, side: int) -> NDArray[np.uint8]:
    """The crop with a grey square over it."""
    result = crop.copy()
    result[top : top + side, left : left + side] = GREY
    return result


def falls(whole: Floats, hidden: Floats, answer: int) -> Floats:
    """How far an answer's probability falls with each square hidden: ``(N,)``; where it rises, 0.

    Args:
        whole: ``(answers,)`` of the whole crop.
        hidden: ``(N, answers)``.
        answer: which of them.
    """
    fall: Floats = np.maximum(whole[answer] - hidden[:, answer], 0)
    return fall
