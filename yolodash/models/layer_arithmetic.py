"""What layers do to small matrices, in NumPy and one line each: to count by hand, and to see why each is there."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]


def weights_of_layer(kernels: int, depth: int, side: int) -> int:
    """Learnable values of a convolutional layer: N · (C·k·k + 1), the 1 being the bias of each kernel.

    Args:
        kernels: N, as many as the layer makes maps.
        depth: C, the channels that come in; every kernel looks at all of them.
        side: k, of the kernel.
    """
    return kernels * (depth * side * side + 1)


def relu(values: ArrayLike) -> Matrix:
    """What is negative becomes 0; the rest stays."""
    return np.maximum(np.asarray(values, np.float64), 0.0)


def two_linear_layers(first: ArrayLike, second: ArrayLike, values: ArrayLike) -> Matrix:
    """One layer after the other, nothing between: W₂(W₁x); ``values`` is ``(2,)`` or ``(2, N)``."""
    return np.asarray(second, np.float64) @ (np.asarray(first, np.float64) @ np.asarray(values, np.float64))


def collapsed(first: ArrayLike, second: ArrayLike) -> Matrix:
    """The one layer that does the same: the product W₂W₁."""
    return np.asarray(second, np.float64) @ np.asarray(first, np.float64)


def with_relu_between(first: ArrayLike, second: ArrayLike, values: ArrayLike) -> Matrix:
    """The same two layers with a ReLU between them: W₂·relu(W₁x). No single matrix does this."""
    return np.asarray(second, np.float64) @ relu(np.asarray(first, np.float64) @ np.asarray(values, np.float64))


def repeat_nearest(matrix: ArrayLike, factor: int = 2) -> Matrix:
    """Upsampling by the nearest neighbour: each number is repeated ``factor`` times across and down.

    Source: the lecture, "YOLO – layer di upsampling".
    """
    return np.repeat(np.repeat(np.asarray(matrix, np.float64), factor, axis=0), factor, axis=1)


def largest_of_windows(matrix: ArrayLike, side: int = 2) -> Matrix:
    """Max pooling: of every ``side × side`` numbers the largest stays; sides must be whole multiples."""
    values = np.asarray(matrix, np.float64)
    rows, columns = values.shape[0] // side, values.shape[1] // side
    largest: Matrix = values.reshape(rows, side, columns, side).max(axis=(1, 3))
    return largest
