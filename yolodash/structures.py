"""The values that travel between the modules: frozen, documented, without behaviour.

Boxes are ``(N, 4)`` ``x1, y1, x2, y2`` in pixels of the upright original picture unless a name says otherwise.
Arrays are NumPy, so that a page can show a stored result before torch is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""``(H, W, 3)`` RGB, already upright."""

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

Family = Literal["yolov1", "yolov2", "yolov3", "yolov4", "yolov5"]
Resize = Literal["letterbox", "rectangle", "stretch"]
Labels = Literal["best", "all"]
HeadKind = Literal["detection", "region", "yolo", "yolov5"]


@dataclass(frozen=True)
class ImageSize:
    """Height and width in pixels."""

    height: int
    width: int


@dataclass(frozen=True)
class Transform:
    """From picture to network: ``x_network = x_picture * scale_x + offset_x``, and y likewise."""

    scale_x: float
    scale_y: float
    offset_x: float
    offset_y: float


@dataclass(frozen=True)
class ClassTree:
    """YOLO9000's tree of classes: a softmax within every group of siblings.

    ``parents[c]`` is the parent of class ``c``, or −1 at the root; ``group_sizes`` in order of the classes sum to C.
    """

    parents: tuple[int, ...]
    group_sizes: tuple[int, ...]
    threshold: float = 0.5


@dataclass(frozen=True)
class Head:
    """One output of a detector, and all that is needed to turn its raw numbers into boxes.

    Attributes:
        kind: which decode rule holds: v1's ``detection``, v2's ``region``, v3's and v4's ``yolo``, or ``yolov5``.
        anchors: width and height of each anchor in network pixels; for v1, which has none, ``(0, 0)`` a box.
        stride: network pixels per cell.
        classes: how many classes.
        scale_x_y: v4's stretching of the centre: ``σ(t)·s − (s−1)/2``.
        new_coords: v4-csp's boxes, in YOLOv5's form on numbers that have already gone through the logistic.
        softmax: v2: classes share a softmax (else a logistic each).
        square_root: v1: the network gives the square roots of width and height.
        tree: YOLO9000's classes.
    """

    kind: HeadKind
    anchors: tuple[tuple[float, float], ...]
    stride: int
    classes: int
    scale_x_y: float = 1.0
    new_coords: bool = False
    softmax: bool = False
    square_root: bool = False
    tree: ClassTree | None = None


@dataclass(frozen=True)
class Candidates:
    """Every box that the network made for one picture; thresholds, pictures and metrics are functions of it.

    N rows, in the order of the network's flattened output: heads in their order, then anchor, row, column.

    Attributes:
        boxes: ``(N, 4)`` float32, not clipped to the picture.
        raw: ``(N, 5 + C)`` float32, the network's own numbers: t_x, t_y, t_w, t_h, t_o, then one a class.
        objectness: ``(N,)`` float32.
        class_probabilities: ``(N, C)`` float32.
        scale, row, column, anchor: ``(N,)`` int64; v1 and v2 have scale 0, v1's anchor is the number of the box.
        image_size: of the upright original picture.
        network_size: of what the network saw.
        transform: from picture to network.
        family: the generation, which decides the default of ``labels``.
        names: of the classes.
        heads: the outputs that ``scale`` counts.
    """

    boxes: Floats
    raw: Floats
    objectness: Floats
    class_probabilities: Floats
    scale: Integers
    row: Integers
    column: Integers
    anchor: Integers
    image_size: ImageSize
    network_size: ImageSize
    transform: Transform
    family: Family
    names: tuple[str, ...]
    heads: tuple[Head, ...]


@dataclass(frozen=True)
class Annotations:
    """The truth of one picture; M boxes in the order of the file.

    Attributes:
        boxes: ``(M, 4)`` float64 x1, y1, x2, y2 in pixels of the upright original picture.
        xywh: ``(M, 4)`` float64 left, top, width, height: as the file has it where that is its form, so that no
            rounding moves a match across an IoU threshold.
        class_ids: ``(M,)`` int64.
        areas: ``(M,)`` float64, as the file states it (COCO's is the mask's), else width × height.
        crowd: ``(M,)`` bool, COCO's regions of many objects.
        difficult: ``(M,)`` bool, VOC's flag.
        image_size: of the picture.
    """

    boxes: NDArray[np.float64]
    xywh: NDArray[np.float64]
    class_ids: Integers
    areas: NDArray[np.float64]
    crowd: NDArray[np.bool_]
    difficult: NDArray[np.bool_]
    image_size: ImageSize


@dataclass(frozen=True)
class Thresholds:
    """What decides which candidates become detections.

    ``labels=None`` means the family's own (YOLOv5 best, Darknet all); ``classes=None`` means every class.
    """

    score_threshold: float = 0.25
    nms_iou_threshold: float = 0.45
    max_detections: int = 300
    class_agnostic: bool = False
    classes: tuple[int, ...] | None = None
    labels: Labels | None = None


@dataclass(frozen=True)
class Detections:
    """What is left after thresholds and non-maximum suppression; aligned, by score descending.

    Attributes:
        boxes: ``(M, 4)`` float32, clipped to the picture.
        scores: ``(M,)`` float32.
        class_ids: ``(M,)`` int64.
        candidate_index: ``(M,)`` int64, the row in Candidates that each came from.
    """

    boxes: Floats
    scores: Floats
    class_ids: Integers
    candidate_index: Integers


class Fate(StrEnum):
    """What became of a candidate. Every candidate has exactly one fate."""

    KEPT = "kept"
    BELOW_OBJECTNESS = "below_objectness"
    BELOW_SCORE = "below_score"
    CLASS_NOT_CHOSEN = "class_not_chosen"
    SUPPRESSED = "suppressed"
    OVER_MAXIMUM = "over_maximum"


FATES: tuple[Fate, ...] = tuple(Fate)
"""The fates in the order of the gates; ``Selection.fate`` holds indices into it."""


@dataclass(frozen=True)
class Pairs:
    """The P pairs (candidate, class) that passed the gates of score and class and met in suppression.

    By score descending, then candidate ascending, then class ascending.

    Attributes:
        candidate: ``(P,)`` int64, row in Candidates.
        class_ids: ``(P,)`` int64.
        scores: ``(P,)`` float32.
        suppressor: ``(P,)`` int64, the row here of the pair that suppressed this one, or −1 for a survivor.
        suppressor_iou: ``(P,)`` float32, overlap with it, or 0.
        rank: ``(P,)`` int64, place among all survivors from 1, or 0 for one that was suppressed.
    """

    candidate: Integers
    class_ids: Integers
    scores: Floats
    suppressor: Integers
    suppressor_iou: Floats
    rank: Integers


@dataclass(frozen=True)
class Selection:
    """The detections, and for each of the N candidates what became of it.

    Attributes:
        detections: the survivors.
        fate: ``(N,)`` int8, index into ``FATES``.
        best_class: ``(N,)`` int64, the class of each candidate's best pair, whose fate this is.
        suppressor: ``(N,)`` int64, candidate that suppressed this one's best pair, or −1.
        suppressor_iou: ``(N,)`` float32, overlap with it, or 0.
        pairs: all that met in suppression; with ``labels="all"`` a candidate can stand there several times.
    """

    detections: Detections
    fate: NDArray[np.int8]
    best_class: Integers
    suppressor: Integers
    suppressor_iou: Floats
    pairs: Pairs


@dataclass(frozen=True)
class Milliseconds:
    """Where the time of one picture went."""

    prepare: float = 0.0
    forward: float = 0.0
    select: float = 0.0


@dataclass(frozen=True)
class LayerDescription:
    """One layer of a network, for the inspector's table and picture.

    Attributes:
        index: from 0, as the network's own file counts.
        kind: what the file calls it: ``convolutional``, ``C3``, ``upsample`` …
        sources: indices of the layers whose output goes in; −1 is the picture.
        shape: channels, height and width of what comes out.
        parameters: learnable values, unfused.
        multiply_adds: multiplications followed by an addition, for one picture.
        detail: the rest in a few words, such as ``3×3 / 2, leaky``.
    """

    index: int
    kind: str
    sources: tuple[int, ...]
    shape: tuple[int, int, int]
    parameters: int
    multiply_adds: int
    detail: str = ""
