"""Precision and recall down the ranking, and the area under the curve as each convention takes it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yolodash.evaluation.tables import Flags, Numbers

COCO_RECALLS: Numbers = np.linspace(0.0, 1.0, 101)
VOC07_RECALLS: Numbers = np.linspace(0.0, 1.0, 11)
UNDEFINED = -1.0
"""What the conventions write where there is no truth to find."""


def precision_recall(true: Flags, false: Flags, truths: int) -> tuple[Numbers, Numbers]:
    """Precision and recall after each detection, from the highest score down.

    Args:
        true, false: ``(D,)`` true and false positives; a detection that is neither is ignored.
        truths: how many truths count.

    Returns:
        precision ``TP / (TP + FP)`` and recall ``TP / truths``, ``(D,)`` each.

    Source: the lecture, "Metriche".
    """
    true_so_far = np.cumsum(true, dtype=np.float64)
    false_so_far = np.cumsum(false, dtype=np.float64)
    precision = true_so_far / (true_so_far + false_so_far + np.spacing(1))
    recall = true_so_far / truths if truths else np.zeros_like(true_so_far)
    return precision, recall


def envelope(precision: Numbers) -> Numbers:
    """The highest precision at this recall or beyond it, which makes the curve fall monotonically."""
    result: Numbers = np.maximum.accumulate(precision[::-1])[::-1]
    return result


def sampled_precision(precision: Numbers, recall: Numbers, at: Numbers) -> Numbers:
    """The envelope read at fixed recalls; 0 where the curve does not reach.

    Args:
        precision, recall: ``(D,)`` as ``precision_recall`` gives them.
        at: ``(R,)`` recalls, ascending.
    """
    place = np.searchsorted(recall, at, side="left")
    padded = np.append(envelope(precision), 0.0)
    return padded[np.minimum(place, len(precision))]


def coco_average_precision(precision: Numbers, recall: Numbers) -> float:
    """Mean of the envelope at 101 recalls (Lin et al., 2014)."""
    return float(sampled_precision(precision, recall, COCO_RECALLS).mean())


def voc07_average_precision(precision: Numbers, recall: Numbers) -> float:
    """Mean of the envelope at 11 recalls (Everingham et al., 2010, eq. 2)."""
    return float(sampled_precision(precision, recall, VOC07_RECALLS).mean())


def voc_average_precision(precision: Numbers, recall: Numbers) -> float:
    """The whole area under the envelope (VOC from 2010 on)."""
    steps = np.diff(np.concatenate([[0.0], recall]))
    return float((steps * envelope(precision)).sum()) if len(recall) else 0.0


def yolov5_average_precision(precision: Numbers, recall: Numbers) -> float:
    """YOLOv5's own: the curve begins at (0, 1) and its last point is joined to (1, 0), then 101 points are joined up.

    The line to (1, 0) lends area that nothing earned: with 100 truths of which 50 are found and nothing is false, it
    gives .750 where COCO gives .505. So compare it only with itself, and with detections down to a score of .001.
    """
    if not len(recall):
        return 0.0
    x, y = yolov5_curve(precision, recall)
    return float(np.trapezoid(np.interp(COCO_RECALLS, x, y), COCO_RECALLS))


def yolov5_curve(precision: Numbers, recall: Numbers) -> tuple[Numbers, Numbers]:
    """Recall and precision as YOLOv5 draws them, both ends added and the envelope taken."""
    x = np.concatenate([[0.0], recall, [1.0]])
    return x, envelope(np.concatenate([[1.0], precision, [0.0]]))


def best_f1(scores: Numbers, true: Flags, false: Flags, truths: int) -> float:
    """The score at which F1 = 2PR / (P + R) is highest, counting detections of at least that score.

    Args:
        scores: ``(D,)`` descending.

    Returns:
        a score, the highest of equals; 0 without detections or truths.
    """
    if not len(scores) or not truths:
        return 0.0
    precision, recall = precision_recall(true, false, truths)
    f1 = harmonic_mean(precision, recall)
    last_of_equals = np.append(scores[1:] != scores[:-1], True)
    return float(scores[last_of_equals][np.argmax(f1[last_of_equals])])


def harmonic_mean(precision: Numbers, recall: Numbers) -> Numbers:
    """F1 of precision and recall; 0 where both are."""
    total = precision + recall
    result: NDArray[np.float64] = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
    return result
