"""What the precision–recall picture needs: the curve, the area under it as a convention takes it, counts at each score.

Everything is plain numbers, ready to be sent to the browser.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from yolodash.evaluation import curves
from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.points import thinned
from yolodash.evaluation.tables import Numbers
from yolodash.ui.evaluation.measured import Measured, Ranking

MATCH_IOUS: tuple[float, ...] = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""The match IoU thresholds of the slider."""
SCORES: Numbers = np.arange(201) / 200
"""The score thresholds of the slider."""
MOST_POINTS = 160
LIVE_DETECTIONS = 20_000
"""Up to so many detections the browser is given the counts at every match IoU, and answers without asking."""
CLASS_CURVES = 8


def picture(measured: Measured, match_iou_threshold: float, label: int | None) -> list[dict[str, Any]]:
    """One entry a match IoU threshold that the browser may show without asking, the asked one always among them."""
    live = len(measured.scoring.pairs.order) <= LIVE_DETECTIONS
    wanted = sorted({*MATCH_IOUS, match_iou_threshold}) if live else [match_iou_threshold]
    return [at_iou(measured, threshold, label) for threshold in wanted]


def at_iou(measured: Measured, match_iou_threshold: float, label: int | None) -> dict[str, Any]:
    """Curve, area and counts at one match IoU threshold."""
    ranking = measured.ranking(match_iou_threshold, label)
    area, samples = shaded(measured, match_iou_threshold, label)
    true, false = counts_at_scores(ranking)
    return {
        "iou": match_iou_threshold,
        "ap": measured.average_precision(match_iou_threshold, label),
        "truths": ranking.truths,
        "true": true,
        "false": false,
        "points": points(ranking),
        "area": area,
        "samples": samples,
        "classes": class_curves(measured, match_iou_threshold) if label is None else [],
    }


def points(ranking: Ranking, most: int = MOST_POINTS) -> list[list[float]]:
    """The curve as ``[recall, precision, score, TP, FP]`` a point; of equal scores the last; ``most`` at most."""
    last = np.flatnonzero(np.append(ranking.score[1:] != ranking.score[:-1], True)[: len(ranking.score)])
    true, false = np.cumsum(ranking.true)[last], np.cumsum(ranking.false)[last]
    precision = true / np.maximum(true + false, 1)
    recall = true / max(ranking.truths, 1)
    kept = thinned(recall, precision, most)
    rows = zip(recall[kept], precision[kept], ranking.score[last[kept]], true[kept], false[kept], strict=True)
    return [[round(float(r), 5), round(float(p), 5), float(s), int(t), int(f)] for r, p, s, t, f in rows]


def counts_at_scores(ranking: Ranking) -> tuple[list[int], list[int]]:
    """True and false positives of at least each score of the slider."""
    kept = np.searchsorted(-ranking.score, -SCORES, side="right")
    true = np.concatenate([[0], np.cumsum(ranking.true)])[kept]
    false = np.concatenate([[0], np.cumsum(ranking.false)])[kept]
    return true.tolist(), false.tolist()


def shaded(
    measured: Measured, match_iou_threshold: float, label: int | None
) -> tuple[list[list[float]], list[list[float]]]:
    """The area that is AP as the convention takes it, and the points at which it reads the curve.

    For all classes it is the mean of their curves, read at the same recalls: its area is the mean of their AP.

    Returns:
        outline from recall 0 to 1, and samples; ``[recall, precision]`` each.
    """
    rules = measured.scoring.rules.name
    counted = measured.scoring.truths_per_class()
    wanted = [label] if label is not None else np.flatnonzero(counted).tolist()
    each = [interpolation(measured.ranking(match_iou_threshold, one), rules) for one in wanted if counted[one]]
    if not each:
        return [], []
    if rules == "voc":
        return _stairs(each)
    x = each[0][0]
    y = np.mean([precision for _, precision in each], axis=0)
    samples = [[float(a), float(b)] for a, b in zip(x, y, strict=True)]
    if rules == "yolov5":
        return _rounded(samples), _rounded(samples)
    count = len(x)
    bars = [[place, float(b)] for i, b in enumerate(y) for place in (i / count, (i + 1) / count)]
    return _rounded(bars), _rounded(samples)


def interpolation(ranking: Ranking, convention: ConventionName) -> tuple[Numbers, Numbers]:
    """Recalls at which a convention reads a class's curve, and the precision that it reads there."""
    used = ranking.true | ranking.false
    precision, recall = curves.precision_recall(ranking.true[used], ranking.false[used], ranking.truths)
    if convention == "voc":
        return recall, curves.envelope(precision)
    if not len(recall):
        x = curves.VOC07_RECALLS if convention == "voc07" else curves.COCO_RECALLS
        return x, np.zeros(len(x))
    if convention == "yolov5":
        return curves.COCO_RECALLS, np.interp(curves.COCO_RECALLS, *curves.yolov5_curve(precision, recall))
    x = curves.VOC07_RECALLS if convention == "voc07" else curves.COCO_RECALLS
    return x, curves.sampled_precision(precision, recall, x)


def _stairs(each: list[tuple[Numbers, Numbers]]) -> tuple[list[list[float]], list[list[float]]]:
    """The mean of several curves that fall in stairs, every step of every one of them a point."""
    steps = np.unique(np.concatenate([recall for recall, _ in each]))
    steps = steps[steps > 0]
    if not len(steps):
        return [], []
    height = np.zeros(len(steps))
    for recall, precision in each:
        place = np.searchsorted(recall, steps, side="left")
        height += np.append(precision, 0.0)[np.minimum(place, len(precision))]
    height /= len(each)
    starts = np.concatenate([[0.0], steps[:-1]])
    outline = [[float(x), float(y)] for a, b, y in zip(starts, steps, height, strict=True) for x in (a, b)]
    corner = np.append(height[1:] != height[:-1], True)
    samples = [[float(a), float(b)] for a, b in zip(steps[corner], height[corner], strict=True)]
    return _rounded([*outline, [outline[-1][0], 0.0]]), _rounded(samples)


def _rounded(rows: list[list[float]]) -> list[list[float]]:
    return [[round(a, 5), round(b, 5)] for a, b in rows]


def class_curves(measured: Measured, match_iou_threshold: float) -> list[dict[str, Any]]:
    """The thin curves of the single classes behind the common one; none where they would be too many to read."""
    counted = np.flatnonzero(measured.scoring.truths_per_class()).tolist()
    if not 1 < len(counted) <= CLASS_CURVES:
        return []
    return [
        {
            "name": measured.labels.class_names[label],
            "points": [row[:2] for row in points(measured.ranking(match_iou_threshold, label), 100)],
        }
        for label in counted
    ]
