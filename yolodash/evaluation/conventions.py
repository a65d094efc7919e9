"""What COCO, VOC and YOLOv5 each mean by average precision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from yolodash.evaluation import curves
from yolodash.evaluation.matching import Choice
from yolodash.evaluation.tables import Numbers

ConventionName = Literal["coco", "voc", "voc07", "yolov5"]
IOU_THRESHOLDS: Numbers = np.linspace(0.5, 0.95, 10)
"""The lecture's one threshold is .5; COCO averages ten, .50 to .95."""

COCO_AREAS: dict[str, tuple[float, float]] = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}
"""Sizes of objects in square pixels, both ends included."""


@dataclass(frozen=True)
class Convention:
    """How detections are matched and how the area under the curve is taken.

    Attributes:
        name: as it is given on the command line.
        choice: which truth a detection may answer, see ``matching``.
        most: detections a picture and class that count; None for all.
        inclusive: boxes count pixels, so that a box from 3 to 5 is three wide.
        average_precision: from precision and recall down the ranking to one number.
        iou_thresholds: what ``map`` averages; None where it is AP at the match IoU threshold alone.
        areas: object sizes that are looked at apart.
    """

    name: ConventionName
    choice: Choice
    most: int | None
    inclusive: bool
    average_precision: Callable[[Numbers, Numbers], float]
    iou_thresholds: tuple[float, ...] | None
    areas: tuple[str, ...]


_TEN = tuple(float(threshold) for threshold in IOU_THRESHOLDS)

CONVENTIONS: dict[ConventionName, Convention] = {
    "coco": Convention(
        "coco", "best_free", 100, False, curves.coco_average_precision, _TEN, ("all", "small", "medium", "large")
    ),
    "voc": Convention("voc", "best_only", None, True, curves.voc_average_precision, None, ("all",)),
    "voc07": Convention("voc07", "best_only", None, True, curves.voc07_average_precision, None, ("all",)),
    "yolov5": Convention("yolov5", "best_only", 300, False, curves.yolov5_average_precision, _TEN, ("all",)),
}
