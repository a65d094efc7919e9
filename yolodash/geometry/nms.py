"""Non-maximum suppression: of boxes that overlap too much, keep the one with the highest score.

The rule is a walk: take the boxes by score descending, then index ascending; a box whose IoU with an earlier survivor
is **greater** than the threshold falls, any other survives. Source: the lecture, "YOLO – NMS".

Only to be quick, the walk goes block by block, and a survivor is compared with the boxes near it, not with all. The
outcome is that of the walk, box for box.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from yolodash.geometry.overlap import intersection_over_union, paired_intersection_over_union

BLOCK = 256
"""How many boxes are settled among themselves at once."""


def suppress(boxes: Tensor, scores: Tensor, iou_threshold: float) -> tuple[Tensor, Tensor]:
    """Walk down the scores; each box still standing survives and suppresses those that overlap it too much.

    Args:
        boxes: ``(N, 4)`` float32 x1, y1, x2, y2 in pixels.
        scores: ``(N,)``.
        iou_threshold: a box falls when its IoU with a survivor is **greater** than this, both as float32.

    Returns:
        ``(N,)`` int64, for each box the index of the survivor that suppressed it, or −1 if it survived: of several
        the one with the highest score; and ``(N,)`` float32, the overlap with that survivor, or 0.
    """
    order = torch.sort(scores, descending=True, stable=True).indices
    ranked = boxes[order]
    by = torch.full((len(boxes),), len(boxes), dtype=torch.int64)  # the suppressor's rank; N: none yet
    overlap = boxes.new_zeros(len(boxes))
    layers = _layers(ranked) if len(boxes) > BLOCK else None
    waiting = torch.arange(len(boxes))
    while len(waiting):
        block, waiting = waiting[:BLOCK], waiting[BLOCK:]
        survivors = block[_survive(ranked[block], iou_threshold)]
        if layers is None:
            sources, targets = torch.cartesian_prod(survivors, torch.arange(len(boxes))).unbind(dim=1)
        else:
            sources, targets = _near(layers, ranked, survivors, iou_threshold)
        _fell(ranked, sources, targets, iou_threshold, by, overlap)
        waiting = waiting[by[waiting] == len(boxes)]
    suppressor, overlap_with = torch.full_like(by, -1), torch.zeros_like(overlap)
    fallen = by < len(boxes)
    suppressor[order[fallen]] = order[by[fallen]]
    overlap_with[order[fallen]] = overlap[fallen]
    return suppressor, overlap_with


def _survive(boxes: Tensor, iou_threshold: float) -> Tensor:
    """Which of a few boxes, in order, survive among themselves: ``(n,)`` bool.

    A box stands when no standing box before it overlaps it too much. Whatever the guess, each round makes one more of
    the first boxes right, so that the guess that no longer changes is the walk's outcome.
    """
    too_much = (intersection_over_union(boxes, boxes) > iou_threshold).triu(diagonal=1)  # [before, after]
    stands = ~too_much.any(dim=0)
    while True:
        again = ~(too_much & stands[:, None]).any(dim=0)
        if torch.equal(again, stands):
            return stands
        stands = again


def _fell(ranked: Tensor, sources: Tensor, targets: Tensor, iou_threshold: float, by: Tensor, overlap: Tensor) -> None:
    """Let the survivors ``sources`` suppress ``targets``, pair by pair; writes ``by`` and ``overlap``."""
    standing = (targets > sources) & (by[targets] == len(by))
    sources, targets = sources[standing], targets[standing]
    iou = paired_intersection_over_union(ranked[sources], ranked[targets])  # (P,)
    hit = iou > iou_threshold
    sources, targets, iou = sources[hit], targets[hit], iou[hit]
    by.scatter_reduce_(0, targets, sources, "amin")  # the survivor with the highest score is the first
    first = by[targets] == sources
    overlap[targets[first]] = iou[first]


@dataclass(frozen=True)
class _Layer:
    """Boxes of about one size, ordered by band of y and within a band by x, so that near ones stand together.

    Attributes:
        members: ``(n,)`` ranks of the boxes.
        key: ``(n,)`` band · width + centre x, ascending.
        smallest, largest: ``(2,)`` bounds of the boxes' widths and heights.
        height, width: of a band, in pixels.
        first, last: the bands that hold boxes.
    """

    members: NDArray[np.int64]
    key: NDArray[np.float64]
    smallest: NDArray[np.float64]
    largest: NDArray[np.float64]
    height: float
    width: float
    first: float
    last: float


FARTHEST = 1e6
"""Centres beyond this many pixels count as being there: a key must hold a band and an x to a fraction of a pixel."""

BANDS = 256
"""At most, so that a few boxes far out do not make millions of empty ones."""


def _centres_and_sides(boxes: Tensor) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    exact = boxes.double()
    centre = ((exact[:, :2] + exact[:, 2:]) / 2).clamp(-FARTHEST, FARTHEST)
    return centre.numpy(), (exact[:, 2:] - exact[:, :2]).numpy()


def _layers(ranked: Tensor) -> list[_Layer]:
    """The boxes that can overlap anything (finite, with an area), by width and by height."""
    centre, side = _centres_and_sides(ranked)
    real = np.flatnonzero(np.isfinite(side).all(axis=1) & (side > 0).all(axis=1))
    step = np.clip(np.floor(np.log2(side[real]) / 2), 0, 10).astype(np.int64)  # (n, 2), fourfold sizes
    kind = step[:, 0] * 11 + step[:, 1]
    return [_layer(real[kind == number], centre, side) for number in np.unique(kind)]


def _layer(members: NDArray[np.int64], centre: NDArray[np.float64], side: NDArray[np.float64]) -> _Layer:
    """Boxes of about one width and height, in bands."""
    x, y = centre[members].T
    smallest, largest = side[members].min(axis=0), side[members].max(axis=0)
    height = max(float(largest[1]), 1.0, float(y.max() - y.min()) / BANDS)
    width = 4 * FARTHEST
    band = np.floor(y / height)
    key = band * width + x
    order = np.argsort(key)
    return _Layer(members[order], key[order], smallest, largest, height, width, float(band.min()), float(band.max()))


def _near(layers: list[_Layer], ranked: Tensor, survivors: Tensor, iou_threshold: float) -> tuple[Tensor, Tensor]:
    """All pairs of a survivor and a box whose IoU can be greater than the threshold, and some more."""
    centre, side = _centres_and_sides(ranked[survivors])
    real = np.flatnonzero(np.isfinite(side).all(axis=1) & (side > 0).all(axis=1))
    sources, targets = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for layer in layers:
        source, target = _near_in(layer, centre[real], side[real], iou_threshold)
        sources.append(real[source])
        targets.append(layer.members[target])
    return survivors[torch.from_numpy(np.concatenate(sources))], torch.from_numpy(np.concatenate(targets))


def _near_in(
    layer: _Layer, centre: NDArray[np.float64], side: NDArray[np.float64], iou_threshold: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of survivors and of the layer's members that lie near each other.

    IoU > t needs, along x and along y, a common length over t · the longer side: so the shorter side is over t · the
    longer, and the centres are nearer than half of both sides less t · the longer. A thousandth more, and of a pixel,
    stands for the rounding of float32.
    """
    alike = (layer.largest * 1.001 > iou_threshold * side) & (side * 1.001 > iou_threshold * layer.smallest)
    rows = np.flatnonzero(alike.all(axis=1))
    centre, side = centre[rows], side[rows]
    reach = ((side + layer.largest) / 2 - iou_threshold * np.maximum(side, layer.smallest)) * 1.001 + 1e-3  # (S, 2)
    low, high = centre - reach, centre + reach
    from_band = np.maximum(np.floor(low[:, 1] / layer.height), layer.first)
    to_band = np.minimum(np.floor(high[:, 1] / layer.height), layer.last)
    bands = (to_band - from_band + 1).clip(min=0).astype(np.int64)
    source, step = _spread(bands)
    start_of_band = (from_band[source] + step) * layer.width
    start = np.searchsorted(layer.key, start_of_band + low[source, 0], side="left")
    stop = np.searchsorted(layer.key, start_of_band + high[source, 0], side="right")
    row, offset = _spread(stop - start)
    return rows[source[row]], start[row] + offset


def _spread(counts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """``[2, 0, 3]`` → rows ``[0, 0, 2, 2, 2]`` and their steps ``[0, 1, 0, 1, 2]``."""
    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - (np.cumsum(counts) - counts)[row]
