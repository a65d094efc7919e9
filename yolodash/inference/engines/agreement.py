"""Whether two engines find the same.

The rule: on two sample photos, at a low score threshold, both give the same pairs of candidate and class. Between two
engines in float32 each pair's boxes have IoU ≥ .99 and scores within .005. An engine in bfloat16 or float16 has to
give the same pairs too, with IoU ≥ .95 and scores within .02: its numbers have 8 or 11 significant bits, and a
YOLOv5n's differ by IoU .988 and .006 in bfloat16. A pair whose score lies that close to the threshold may be missing
in one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from yolodash.data.samples import default_sample, load_sample
from yolodash.geometry.overlap import paired_intersection_over_union
from yolodash.inference.preparation import Prepared, prepare
from yolodash.inference.selection import pair_scores, select
from yolodash.models.detector import Detector
from yolodash.structures import Candidates, Detections, ImageSize

SCORE_THRESHOLD = 0.1
NMS_IOU_THRESHOLD = 0.45
MOST_PAIRS = 100


@dataclass(frozen=True)
class Tolerance:
    """How far two detections of the same pair may lie apart."""

    least_iou: float
    score: float


SINGLE = Tolerance(least_iou=0.99, score=0.005)
HALF = Tolerance(least_iou=0.95, score=0.02)


@dataclass(frozen=True)
class Evidence:
    """One photo, and what the reference finds in it.

    Attributes:
        prepared: the network's input.
        score_threshold: down to which detections are compared.
        detections: of the reference.
    """

    prepared: Prepared
    score_threshold: float
    detections: Detections


def photos(model: Detector, size: ImageSize | None) -> list[Prepared]:
    """The sample that shows what the model knows, and another one, in the network's size."""
    first = default_sample(model.names)
    second = "motorcycle" if first != "motorcycle" else "coffee"
    return [prepare(model, load_sample(key), size=size) for key in (first, second)]


def evidence(model: Detector, prepared: Prepared, raw_maps: tuple[Tensor, ...]) -> Evidence:
    """What the reference says of one photo.

    The threshold rises where a network without training would give thousands of pairs, and sinks where nothing is
    found, so that there is always something to compare.
    """
    best = np.sort(pair_scores(_candidates(model, prepared, raw_maps)), axis=None)[::-1]
    busiest = float(best[min(MOST_PAIRS, len(best)) - 1])
    threshold = max(SCORE_THRESHOLD, busiest) if best[0] > SCORE_THRESHOLD else busiest
    threshold = min(max(threshold, 0.0), 1.0)
    return Evidence(prepared, threshold, detections(model, prepared, raw_maps, threshold))


def detections(model: Detector, prepared: Prepared, raw_maps: tuple[Tensor, ...], score_threshold: float) -> Detections:
    """What one engine finds in one photo."""
    return select(
        _candidates(model, prepared, raw_maps),
        score_threshold=score_threshold,
        nms_iou_threshold=NMS_IOU_THRESHOLD,
        labels="all",
    )


def finds_the_same(
    model: Detector, known: Evidence, raw_maps: tuple[Tensor, ...], tolerance: Tolerance = SINGLE
) -> bool:
    """Whether an engine's raw maps of a photo give the reference's detections."""
    if not all(torch.isfinite(raw).all() for raw in raw_maps):
        return False
    found = detections(model, known.prepared, raw_maps, known.score_threshold)
    return same_detections(known.detections, found, known.score_threshold, tolerance)


def same_detections(
    ours: Detections, theirs: Detections, score_threshold: float, tolerance: Tolerance = SINGLE
) -> bool:
    """The rule at the top of this module."""
    rows, others = _row_of_pair(ours), _row_of_pair(theirs)
    alone = [ours.scores[rows[pair]] for pair in rows.keys() - others.keys()]
    alone += [theirs.scores[others[pair]] for pair in others.keys() - rows.keys()]
    if any(score > score_threshold + tolerance.score for score in alone):
        return False
    shared = sorted(rows.keys() & others.keys())
    if not shared:
        return True
    a, b = [rows[pair] for pair in shared], [others[pair] for pair in shared]
    overlap = paired_intersection_over_union(torch.from_numpy(ours.boxes[a]), torch.from_numpy(theirs.boxes[b]))
    within = np.abs(ours.scores[a] - theirs.scores[b]) <= tolerance.score
    same_place = (overlap.numpy() >= tolerance.least_iou) | (ours.boxes[a] == theirs.boxes[b]).all(axis=1)
    return bool(within.all() and same_place.all())


def _row_of_pair(found: Detections) -> dict[tuple[int, int], int]:
    """Each pair of candidate and class, and the row that it stands in."""
    pairs = zip(found.candidate_index.tolist(), found.class_ids.tolist(), strict=True)
    return {pair: row for row, pair in enumerate(pairs)}


def _candidates(model: Detector, prepared: Prepared, raw_maps: tuple[Tensor, ...]) -> Candidates:
    from yolodash.inference.prediction import candidates_from_maps  # which itself asks for engines

    return candidates_from_maps(model, raw_maps, prepared)
