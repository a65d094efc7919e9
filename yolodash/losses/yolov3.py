"""YOLOv3's assignment and loss."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from yolodash.losses.terms import LossTerms
from yolodash.structures import Head, ImageSize


def yolov3_loss(
    raw_maps: Sequence[Tensor],
    targets: Tensor,
    heads: Sequence[Head],
    network_size: ImageSize,
    ignore_threshold: float = 0.7,
) -> LossTerms:
    """BCE on x, y, objectness and classes; squared error on t_w, t_h; box terms × (2 − w·h); summed over the cells.

    Args and result as ``yolov5_loss``.
    """
    raise NotImplementedError
