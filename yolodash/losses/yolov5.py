"""YOLOv5's assignment and loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from yolodash.losses.terms import LossTerms
from yolodash.structures import Head, ImageSize


@dataclass(frozen=True)
class Gains:
    """Weights of the three terms, as the recipe states them for 80 classes, 3 scales and 640 pixels.

    Attributes:
        box, objectness, class_: of the terms.
        largest_ratio: an anchor answers for objects whose sides differ from its own by less than this factor.
    """

    box: float = 0.05
    objectness: float = 1.0
    class_: float = 0.5
    largest_ratio: float = 4.0


DEFAULT_GAINS = Gains()


def yolov5_loss(
    raw_maps: Sequence[Tensor],
    targets: Tensor,
    heads: Sequence[Head],
    network_size: ImageSize,
    gains: Gains = DEFAULT_GAINS,
) -> LossTerms:
    """0.05·(1 − CIoU) + 1.0·BCE(objectness, IoU) + 0.5·BCE(class), × batch size.

    Args:
        raw_maps: ``(B, A, h, w, 5 + C)`` a head, as the model gives them.
        targets: ``(M, 6)`` picture in the batch, class, cx, cy, w, h as shares of the network's input.
        heads: what the maps came from, in the same order.
        network_size: of the input.
        gains: unscaled.
    """
    raise NotImplementedError
