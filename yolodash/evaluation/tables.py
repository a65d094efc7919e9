"""All boxes of a data set as flat arrays, in float64 and in the file's own form.

COCO's ``x, y, width, height`` are kept as they are written: a corner form would round, and a rounded box can cross an
IoU threshold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolodash.structures import Annotations, Detections

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Labels:
    """What the tables' numbers stand for: ids and names of the classes, names of the pictures; both in order."""

    class_ids: tuple[int, ...]
    class_names: tuple[str, ...]
    images: tuple[str, ...]


@dataclass(frozen=True)
class Truths:
    """M true boxes, ordered by picture and, within one, as they stand in the file.

    Attributes:
        image, label: ``(M,)`` index into ``Labels.images`` and ``Labels.class_ids``.
        xywh: ``(M, 4)`` left, top, width, height in pixels.
        area: ``(M,)`` as the file states it (COCO's is the mask's), else width × height.
        crowd: ``(M,)`` a region of many objects, which any number of detections may match without counting.
        difficult: ``(M,)`` VOC's flag: neither found nor missed counts.
    """

    image: Indices
    label: Indices
    xywh: Numbers
    area: Numbers
    crowd: Flags
    difficult: Flags


@dataclass(frozen=True)
class Found:
    """D detections, ordered by picture and, within one, as they stand in the file; arrays as in ``Truths``."""

    image: Indices
    label: Indices
    xywh: Numbers
    score: Numbers


def truths_from(annotations: Mapping[str, Annotations], labels: Labels) -> Truths:
    """The tables of a set of annotated pictures.

    Args:
        annotations: for each picture of ``labels.images``; a picture without an entry has no boxes.
        labels: the classes that count; boxes of others are left out.
    """
    parts = [annotations[name] for name in labels.images if name in annotations]
    counts = [len(annotations[name].class_ids) if name in annotations else 0 for name in labels.images]
    label, known = _positions(_joined([part.class_ids for part in parts], np.int64), labels.class_ids)
    xywh = _joined([part.xywh for part in parts], np.float64).reshape(-1, 4)
    return Truths(
        image=np.repeat(np.arange(len(counts)), counts)[known],
        label=label,
        xywh=xywh[known],
        area=_joined([part.areas for part in parts], np.float64)[known],
        crowd=_joined([part.crowd for part in parts], np.bool_)[known],
        difficult=_joined([part.difficult for part in parts], np.bool_)[known],
    )


def found_from(detections: Mapping[str, Detections], labels: Labels) -> Found:
    """The tables of a set of detections; pictures and classes that ``labels`` does not name are left out."""
    parts = [detections[name] for name in labels.images if name in detections]
    counts = [len(detections[name].scores) if name in detections else 0 for name in labels.images]
    label, known = _positions(_joined([part.class_ids for part in parts], np.int64), labels.class_ids)
    xywh = corners_to_xywh(_joined([part.boxes for part in parts], np.float64).reshape(-1, 4))
    return Found(
        image=np.repeat(np.arange(len(counts)), counts)[known],
        label=label,
        xywh=xywh[known],
        score=_joined([part.scores for part in parts], np.float64)[known],
    )


def corners_to_xywh(corners: Numbers) -> Numbers:
    """``(N, 4)`` x1, y1, x2, y2 → left, top, width, height."""
    return np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)


def _positions(ids: Indices, class_ids: tuple[int, ...]) -> tuple[Indices, Flags]:
    """Where each id stands among the classes, for those that do; and which those are."""
    order = np.argsort(np.asarray(class_ids, np.int64), kind="stable")
    ranked = np.asarray(class_ids, np.int64)[order]
    place = np.searchsorted(ranked, ids)
    known = place < len(ranked)
    known[known] = ranked[place[known]] == ids[known]
    return order[place[known]].astype(np.int64), known


def _joined(arrays: Sequence[NDArray[Any]], kind: type) -> NDArray[Any]:
    return np.concatenate([np.asarray(array, kind) for array in arrays]) if arrays else np.zeros(0, kind)
