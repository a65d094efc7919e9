"""Which predictions answer for which objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from yolodash.losses.terms import exact

OBJECTNESS = 4
"""Its place among a prediction's numbers."""


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


def read(raw: Tensor, matches: Matches) -> tuple[Tensor, Tensor]:
    """What a loss needs of a raw map: all numbers of the predictions that answer, and the objectness of all.

    Args:
        raw: ``(B, A, h, w, 5 + C)``.
        matches: K of them.

    Returns:
        ``(K, 5 + C)`` and ``(B, A, h, w)``, both at least float32.
    """
    once, repeated = torch.unique(place_in(raw.shape, matches), return_inverse=True)
    rows, objectness = _Read.apply(raw, *torch.unravel_index(once, raw.shape[:4]))  # type: ignore[no-untyped-call]
    return rows.index_select(0, repeated), objectness


def predictions_at(raw: Tensor, matches: Matches) -> Tensor:
    """The raw numbers of the predictions that answer: ``(K, 5 + C)``, at least float32."""
    return read(raw, matches)[0]


class _Read(torch.autograd.Function):
    """Reading some predictions whole and one number of all the others, with the gradient in one map.

    PyTorch's own rules would make a map of zeros for each of the two and add them up, which took longer than all the
    formulas of a loss. Every prediction is read once (one that answers for several objects is repeated afterwards), so
    that gradients are added up in the same order every time: a resumed run must equal one without a break to the bit.
    """

    @staticmethod
    def forward(ctx: Any, raw: Tensor, *place: Tensor) -> tuple[Tensor, Tensor]:
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*place)
        ctx.shape, ctx.dtype = raw.shape, raw.dtype
        return exact(raw[place]), exact(raw[..., OBJECTNESS]).clone()

    @staticmethod
    def backward(ctx: Any, rows: Tensor | None, objectness: Tensor | None) -> tuple[Tensor | None, ...]:
        place = ctx.saved_tensors
        batch, anchors, height, width, numbers = ctx.shape
        # In memory the numbers of a network's map lie behind each other as channels.
        channels = torch.zeros((batch, anchors, numbers, height, width), dtype=ctx.dtype, device=place[0].device)
        gradient = channels.permute(0, 1, 3, 4, 2)
        if objectness is not None:
            gradient[..., OBJECTNESS] = objectness.to(ctx.dtype)
        if rows is not None:
            gradient[place] = gradient[place] + rows.to(ctx.dtype)
        return gradient, None, None, None, None


def largest_at(like: Tensor, matches: Matches, values: Tensor) -> Tensor:
    """A map ``(B, A, h, w)`` with each match's value at its place, of several the largest, and 0 elsewhere."""
    result = like.new_zeros(like.shape)
    place = place_in(like.shape, matches)
    result.view(-1).scatter_reduce_(0, place, values.to(result.dtype), "amax")
    return result
