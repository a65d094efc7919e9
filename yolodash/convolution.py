"""Convolution as the lecture draws it: a kernel slides over a matrix, and each place becomes one number.

What networks call convolution is cross-correlation: the kernel is laid on as it is. The mathematician's convolution
turns it by half a turn first (``flipped``). Everything here is NumPy, rows before columns, in float64; a window's
products are added in reading order, in the slow form as in the fast one, so that both give the same number to the last
bit, and so does the browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]
Pair = tuple[int, int]
"""Vertical, then horizontal: rows before columns, as in PyTorch."""

LUMA = (0.299, 0.587, 0.114)
"""How bright red, green and blue are to the eye (ITU-R BT.601)."""


@dataclass(frozen=True)
class Term:
    """One product of the sum: a value of the input under the kernel, and the kernel's weight above it."""

    value: float
    weight: float

    @property
    def product(self) -> float:
        """What it adds."""
        return self.value * self.weight


def output_length(length: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """How many places a kernel has along one side: ⌊(i + 2p − k) / s⌋ + 1, and none where it does not fit.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, relationship 6.
    """
    return max(0, (length + 2 * padding - kernel) // stride + 1)


def output_size(matrix: ArrayLike, kernel: ArrayLike, stride: Pair = (1, 1), padding: Pair = (0, 0)) -> Pair:
    """Rows and columns of the feature map."""
    rows, columns = np.shape(matrix)
    kernel_rows, kernel_columns = np.shape(kernel)
    return (
        output_length(rows, kernel_rows, stride[0], padding[0]),
        output_length(columns, kernel_columns, stride[1], padding[1]),
    )


def padded(matrix: ArrayLike, padding: Pair) -> Matrix:
    """A matrix in a frame of zeros: so many rows above and below, so many columns left and right."""
    vertical, horizontal = padding
    return np.pad(np.asarray(matrix, np.float64), ((vertical, vertical), (horizontal, horizontal)))


def window_at(matrix: ArrayLike, size: Pair, place: Pair, stride: Pair = (1, 1), padding: Pair = (0, 0)) -> Matrix:
    """What lies under a kernel of this size when it makes the number at ``place`` of the feature map."""
    top, left = place[0] * stride[0], place[1] * stride[1]
    return padded(matrix, padding)[top : top + size[0], left : left + size[1]]


def terms(window: ArrayLike, kernel: ArrayLike) -> list[Term]:
    """Each value under the kernel with its weight, in reading order."""
    values, weights = np.ravel(np.asarray(window, np.float64)), np.ravel(np.asarray(kernel, np.float64))
    return [Term(float(value), float(weight)) for value, weight in zip(values, weights, strict=True)]


def weighted_sum(products: list[Term]) -> float:
    """The sum of the products: how well the kernel matches what lies under it."""
    total = 0.0
    for term in products:
        total += term.product
    return total


def spelled_out(products: list[Term]) -> str:
    """The sum as the lecture writes it: ``0·0 + 0·1 + 1·1 = 1``."""
    factors = (f"{_written(term.value)}·{_written(term.weight)}" for term in products)
    return f"{' + '.join(factors)} = {weighted_sum(products):g}".replace("-", "−")


def _written(value: float) -> str:
    return f"({value:g})" if value < 0 else f"{value:g}"


def steps(
    matrix: ArrayLike, kernel: ArrayLike, stride: Pair = (1, 1), padding: Pair = (0, 0)
) -> Iterator[tuple[Pair, list[Term]]]:
    """Every place of the kernel in reading order, with the products that are added up there."""
    rows, columns = output_size(matrix, kernel, stride, padding)
    weights = np.asarray(kernel, np.float64)
    for row, column in np.ndindex(rows, columns):
        window = window_at(matrix, weights.shape, (row, column), stride, padding)
        yield (row, column), terms(window, weights)


def convolve_step_by_step(
    matrix: ArrayLike, kernel: ArrayLike, stride: Pair = (1, 1), padding: Pair = (0, 0)
) -> Matrix:
    """The feature map, one number at a time, as the lecture calculates it."""
    feature_map = np.zeros(output_size(matrix, kernel, stride, padding))
    for place, products in steps(matrix, kernel, stride, padding):
        feature_map[place] = weighted_sum(products)
    return feature_map


def convolve(matrix: ArrayLike, kernel: ArrayLike, stride: Pair = (1, 1), padding: Pair = (0, 0)) -> Matrix:
    """The same feature map, fast: one weight at a time over the whole matrix.

    Args:
        matrix: ``(H, W)``, a grey picture or any matrix.
        kernel: ``(h, w)``, the filter.
        stride: by how many rows, and columns, the kernel moves on.
        padding: how many rows, and columns, of zeros are put around.

    Returns:
        ``output_size`` of them; empty where the kernel is larger than the padded matrix.
    """
    rows, columns = output_size(matrix, kernel, stride, padding)
    below, weights = padded(matrix, padding), np.asarray(kernel, np.float64)
    feature_map = np.zeros((rows, columns))
    if feature_map.size == 0:
        return feature_map
    for (top, left), weight in np.ndenumerate(weights):
        shifted = below[top : top + (rows - 1) * stride[0] + 1, left : left + (columns - 1) * stride[1] + 1]
        feature_map += shifted[:: stride[0], :: stride[1]] * weight
    return feature_map


def flipped(kernel: ArrayLike) -> Matrix:
    """A kernel turned by half a turn: what makes cross-correlation a convolution in the mathematician's sense."""
    return np.asarray(kernel, np.float64)[::-1, ::-1]


def convolve_channels(image: ArrayLike, kernels: ArrayLike, stride: Pair = (1, 1), padding: Pair = (0, 0)) -> Matrix:
    """Each channel by its own filter of depth 1: ``(C, H, W)`` and ``(C, h, w)`` → ``(C, rows, columns)``."""
    channels, filters = np.asarray(image, np.float64), np.asarray(kernels, np.float64)
    return np.stack(
        [convolve(channel, kernel, stride, padding) for channel, kernel in zip(channels, filters, strict=True)]
    )


def sum_of_channels(feature_maps: ArrayLike) -> Matrix:
    """The feature maps of all channels added up: ``(C, rows, columns)`` → ``(rows, columns)``, the filter's one map."""
    maps = np.asarray(feature_maps, np.float64)
    total = np.zeros(maps.shape[1:])
    for feature_map in maps:
        total += feature_map
    return total


def grey(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """One brightness a pixel: 0.299 R + 0.587 G + 0.114 B, rounded; ``(H, W, 3)`` → ``(H, W)`` uint8."""
    red, green, blue = np.moveaxis(image.astype(np.float64), 2, 0)
    bright: Matrix = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    return np.floor(bright + 0.5).astype(np.uint8)


def as_picture(feature_map: ArrayLike, *, signed: bool = False) -> NDArray[np.uint8]:
    """A feature map as something to look at: cut to 0 … 255.

    With ``signed``, 0 is mid-grey (128) and values are halved, so that negative ones can be seen too.
    """
    values = np.asarray(feature_map, np.float64)
    shown = values / 2 + 128 if signed else values
    return np.floor(np.clip(shown, 0.0, 255.0) + 0.5).astype(np.uint8)
