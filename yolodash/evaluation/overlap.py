"""IoU in float64, on the boxes' own width and height; held equal to ``geometry.overlap`` by a test."""

from __future__ import annotations

import numpy as np

from yolodash.evaluation.tables import Flags, Numbers


def paired_overlap(detections: Numbers, truths: Numbers, crowd: Flags, *, inclusive: bool = False) -> Numbers:
    """Overlap of each detection with its partner.

    Args:
        detections, truths: ``(P, 4)`` left, top, width, height in pixels.
        crowd: ``(P,)``; with a crowd the detection's own area takes the place of the union.
        inclusive: count pixels, as VOC does: a box from 3 to 5 is three wide.

    Returns:
        ``(P,)`` in [0, 1]; 0 where the boxes do not meet.

    Source: Everingham et al., 2010, eq. 4; for crowds Lin et al., 2014.
    """
    extra = 1.0 if inclusive else 0.0
    width, height = detections[:, 2] + extra, detections[:, 3] + extra
    true_width, true_height = truths[:, 2] + extra, truths[:, 3] + extra
    right = np.minimum(detections[:, 0] + width, truths[:, 0] + true_width)
    bottom = np.minimum(detections[:, 1] + height, truths[:, 1] + true_height)
    across = right - np.maximum(detections[:, 0], truths[:, 0])
    down = bottom - np.maximum(detections[:, 1], truths[:, 1])
    intersection = np.where((across > 0) & (down > 0), across * down, 0.0)
    area = width * height
    union = np.where(crowd, area, area + true_width * true_height - intersection)
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=intersection > 0)
