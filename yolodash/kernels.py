"""The kernels that people have made by hand: each finds, or does, one thing, and has a name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from yolodash.convolution import Matrix
from yolodash.errors import N_

Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Kernel:
    """A filter with a name.

    Attributes:
        name: how it is called in an address.
        title: what to call it, a text to translate.
        rows: its whole numbers, before they are divided.
        divisor: what they are divided by.
        does: what it does to a picture, a text to translate.
    """

    name: str
    title: str
    rows: Rows
    divisor: int
    does: str

    @property
    def weights(self) -> Matrix:
        """``(h, w)`` float64, divided."""
        return np.asarray(self.rows, np.float64) / self.divisor


def _named(*kernels: Kernel) -> dict[str, Kernel]:
    return {kernel.name: kernel for kernel in kernels}


KERNELS: dict[str, Kernel] = _named(
    Kernel("identity", N_("Identity"), ((0, 0, 0), (0, 1, 0), (0, 0, 0)), 1, N_("Changes nothing")),
    Kernel("vertical-line", N_("Vertical line"), ((0, 1, 0), (0, 1, 0), (0, 1, 0)), 1,
           N_("The lecture's first: adds up three pixels above each other")),
    Kernel("vertical-lines", N_("Vertical lines only"), ((-1, 2, -1), (-1, 2, -1), (-1, 2, -1)), 1,
           N_("Thin upright lines, brighter than what is left and right of them")),
    Kernel("horizontal-lines", N_("Horizontal lines only"), ((-1, -1, -1), (2, 2, 2), (-1, -1, -1)), 1,
           N_("Thin level lines, brighter than what is above and below them")),
    Kernel("edges", N_("Edges (the lecture's)"), ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)), 1,
           N_("What differs from its eight neighbours; flat areas become 0")),
    Kernel("laplacian", N_("Laplacian"), ((0, 1, 0), (1, -4, 1), (0, 1, 0)), 1,
           N_("The second derivative: edges in all directions, from four neighbours")),
    Kernel("sobel-x", N_("Sobel, left to right"), ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)), 1,
           N_("Where it becomes brighter to the right: upright edges")),
    Kernel("sobel-y", N_("Sobel, top to bottom"), ((-1, -2, -1), (0, 0, 0), (1, 2, 1)), 1,
           N_("Where it becomes brighter downwards: level edges")),
    Kernel("prewitt-x", N_("Prewitt, left to right"), ((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)), 1,
           N_("As Sobel, but all three rows count the same")),
    Kernel("prewitt-y", N_("Prewitt, top to bottom"), ((-1, -1, -1), (0, 0, 0), (1, 1, 1)), 1,
           N_("As Sobel, but all three columns count the same")),
    Kernel("blur", N_("Blur"), ((1, 1, 1), (1, 1, 1), (1, 1, 1)), 9, N_("The mean of nine pixels")),
    Kernel("gaussian", N_("Gaussian blur"), ((1, 2, 1), (2, 4, 2), (1, 2, 1)), 16,
           N_("A mean in which near pixels count more")),
    Kernel("gaussian-5", N_("Gaussian blur, 5×5"),
           ((1, 4, 6, 4, 1), (4, 16, 24, 16, 4), (6, 24, 36, 24, 6), (4, 16, 24, 16, 4), (1, 4, 6, 4, 1)), 256,
           N_("A wider Gaussian: a softer picture")),
    Kernel("sharpen", N_("Sharpen"), ((0, -1, 0), (-1, 5, -1), (0, -1, 0)), 1,
           N_("The picture and its edges added up")),
    Kernel("emboss", N_("Emboss"), ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)), 1,
           N_("Light from one corner: the picture looks like a relief")),
)  # fmt: skip
"""By name, in the order in which they are offered."""


def divisor_of(kernel: Matrix) -> float:
    """What a kernel is divided by to keep a picture's brightness: the sum of its weights, or 1 where that is 0."""
    return float(kernel.sum()) or 1.0
