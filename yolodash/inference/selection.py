"""From candidates to detections: the gates of score and class, suppression, the maximum."""

from __future__ import annotations

from collections.abc import Sequence

from yolodash.structures import Candidates, Detections, Labels, Selection, Thresholds


def select(
    candidates: Candidates,
    *,
    score_threshold: float,
    nms_iou_threshold: float,
    max_detections: int = 300,
    class_agnostic: bool = False,
    classes: Sequence[int] | None = None,
    labels: Labels | None = None,
) -> Detections:
    """What is left of the candidates after thresholds and non-maximum suppression."""
    thresholds = Thresholds(
        score_threshold=score_threshold,
        nms_iou_threshold=nms_iou_threshold,
        max_detections=max_detections,
        class_agnostic=class_agnostic,
        classes=None if classes is None else tuple(classes),
        labels=labels,
    )
    return judge(candidates, thresholds).detections


def judge(candidates: Candidates, thresholds: Thresholds) -> Selection:
    """The detections, and for every candidate what became of it."""
    raise NotImplementedError
