"""The lecture's worked cases, ready to step through.

The numbers of the lecture's figures are lost. What it says of them holds here: the first sum of the vertical line, the
edge kernel, and the matrix that comes out of the case with stride and padding, for which an input of small whole
numbers was found by search.
"""

from __future__ import annotations

from dataclasses import dataclass

from yolodash.convolution import Pair
from yolodash.errors import N_
from yolodash.kernels import KERNELS, Rows


@dataclass(frozen=True)
class Case:
    """A matrix, a kernel, and how the one slides over the other.

    Attributes:
        name: in the address.
        title: what to call it, a text to translate.
        matrix, kernel: rows of whole numbers.
        stride, padding: vertical, horizontal.
    """

    name: str
    title: str
    matrix: Rows
    kernel: Rows
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)


_CASES = (
    Case(
        "vertical-line",
        N_("The lecture's vertical line"),
        (
            (0, 0, 0, 1, 0, 0),
            (0, 0, 0, 1, 0, 0),
            (0, 1, 0, 1, 0, 0),
            (0, 1, 1, 1, 1, 0),
            (0, 0, 0, 1, 0, 0),
            (0, 0, 0, 1, 0, 0),
        ),
        KERNELS["vertical-line"].rows,
    ),
    Case(
        "edges",
        N_("The lecture's edge kernel"),
        (
            (0, 0, 0, 0, 0, 0, 0),
            (0, 0, 0, 0, 0, 0, 0),
            (0, 0, 5, 5, 5, 0, 0),
            (0, 0, 5, 5, 5, 0, 0),
            (0, 0, 5, 5, 5, 0, 0),
            (0, 0, 0, 0, 0, 0, 0),
            (0, 0, 0, 0, 0, 0, 0),
        ),
        KERNELS["edges"].rows,
    ),
    Case(
        "stride",
        N_("The lecture's 5×5, padding 1, stride 2"),
        ((0, 1, 2, 2, 1), (0, 2, 1, 2, 2), (3, 1, 3, 2, 2), (3, 3, 3, 2, 3), (3, 1, 3, 3, 2)),
        ((0, 1, 0), (1, 1, 1), (0, 1, 0)),
        (2, 2),
        (1, 1),
    ),
    Case(
        "arrow",
        N_("An arrow, for the flip"),
        ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
        ((1, 2, 3), (4, 5, 6), (7, 8, 9)),
    ),
)
CASES: dict[str, Case] = {case.name: case for case in _CASES}
"""By name."""

_ZERO = "0,0,0;0,0,0;0,0,0"
_ONE = "0,0,0;0,1,0;0,0,0"
FILTERS: dict[str, str] = {
    N_("Edges in every channel"): "|".join(["-1,-1,-1;-1,8,-1;-1,-1,-1"] * 3),
    N_("Red against green"): f"{_ONE}|0,0,0;0,-1,0;0,0,0|{_ZERO}",
    N_("Blue against the rest"): "0,0,0;0,-1,0;0,0,0|0,0,0;0,-1,0;0,0,0|0,0,0;0,2,0;0,0,0",
    N_("Upright edges of red only"): f"-1,0,1;-2,0,2;-1,0,1|{_ZERO}|{_ZERO}",
}
"""Filters for red, green and blue, as the address writes them, by their titles."""
