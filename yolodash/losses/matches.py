"""Which predictions answer for which objects."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from yolodash.losses.terms import exact


@dataclass(frozen=True)
class Matches:
    """K pairs of an object and a prediction of one head that answers for it; each tensor ``(K,)`` int64.

    Attributes:
        target: row of the targets.
        picture, anchor, row, column: place in the raw map; v1's anchor is the number of the box.
    """

    target: Tensor
    picture: Tensor
    anchor: Tensor
    row: Tensor
    column: Tensor


def place_in(shape: torch.Size, matches: Matches) -> Tensor:
    """``(K,)`` where each match stands when a map ``(B, A, h, w, …)`` is laid out in one row."""
    _, anchors, rows, columns = shape[:4]
    return ((matches.picture * anchors + matches.anchor) * rows + matches.row) * columns + matches.column


def predictions_at(raw: Tensor, matches: Matches) -> Tensor:
    """The raw numbers of the predictions that answer: ``(B, A, h, w, 5 + C)`` → ``(K, 5 + C)``, at least float32.

    One prediction can answer for several objects. It is read from the map once and then repeated, so that its
    gradients are added up in the same order every time: a resumed run must equal one without a break to the bit.
    """
    once, repeated = torch.unique(place_in(raw.shape, matches), return_inverse=True)
    picture, anchor, row, column = torch.unravel_index(once, raw.shape[:4])
    return exact(raw[picture, anchor, row, column]).index_select(0, repeated)


def largest_at(like: Tensor, matches: Matches, values: Tensor) -> Tensor:
    """A map ``(B, A, h, w)`` with each match's value at its place, of several the largest, and 0 elsewhere."""
    result = like.new_zeros(like.shape)
    place = place_in(like.shape, matches)
    result.view(-1).scatter_reduce_(0, place, values.to(result.dtype), "amax")
    return result
