"""How YOLOv5's own validation reads precision, recall and F1: at the confidence where its smoothed mean F1 is best."""

from __future__ import annotations

import numpy as np

from yolodash.evaluation import curves
from yolodash.evaluation.tables import Flags, Numbers

CONFIDENCES: Numbers = np.linspace(0.0, 1.0, 1000)
"""The scores at which the curves are read."""


def working_point(
    classes: list[tuple[Numbers, Flags, int]], score_threshold: float | None
) -> tuple[float, float, float, float]:
    """Means over the classes at one confidence.

    Args:
        classes: of each class with truths: scores descending ``(D,)``, which are true positives, how many truths.
        score_threshold: where to read; None for that program's own choice.

    Returns:
        precision, recall, F1, confidence.
    """
    if not classes:
        return 0.0, 0.0, 0.0, 0.0
    precision = np.array([against_confidence(scores, true, truths)[0] for scores, true, truths in classes])
    recall = np.array([against_confidence(scores, true, truths)[1] for scores, true, truths in classes])
    f1 = curves.harmonic_mean(precision, recall)
    if score_threshold is None:
        place = int(smoothed(f1.mean(axis=0)).argmax())
    else:
        place = int(np.abs(CONFIDENCES - score_threshold).argmin())
    means = [float(values[:, place].mean()) for values in (precision, recall, f1)]
    return means[0], means[1], means[2], float(CONFIDENCES[place])


def against_confidence(scores: Numbers, true: Flags, truths: int) -> tuple[Numbers, Numbers]:
    """Precision and recall of one class at each of ``CONFIDENCES``, joined up between the detections' scores."""
    if not len(scores):
        return np.zeros_like(CONFIDENCES), np.zeros_like(CONFIDENCES)
    precision, recall = curves.precision_recall(true, ~true, truths)
    return (
        np.interp(-CONFIDENCES, -scores, precision, left=1.0),
        np.interp(-CONFIDENCES, -scores, recall, left=0.0),
    )


def smoothed(values: Numbers, share: float = 0.1) -> Numbers:
    """A moving average over a window of ``share`` of the values and one more, the ends repeated outward."""
    window = round(len(values) * share * 2) // 2 + 1
    padded = np.pad(values, window // 2, mode="edge")
    return np.convolve(padded, np.ones(window) / window, mode="valid")
