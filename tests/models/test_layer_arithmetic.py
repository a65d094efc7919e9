"""What layers do to small matrices: the lecture's examples, and torch's own layers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from yolodash.models.layer_arithmetic import (
    collapsed,
    largest_of_windows,
    relu,
    repeat_nearest,
    two_linear_layers,
    weights_of_layer,
    with_relu_between,
)


@pytest.mark.parametrize(("kernels", "depth", "side"), [(1, 1, 1), (8, 3, 3), (32, 3, 3), (64, 32, 7)])
def test_the_weights_of_a_layer_are_those_of_torchs(kernels: int, depth: int, side: int) -> None:
    layer = nn.Conv2d(depth, kernels, side)
    assert weights_of_layer(kernels, depth, side) == sum(part.numel() for part in layer.parameters())


def test_two_linear_layers_are_one() -> None:
    first, second, values = np.random.default_rng(0).normal(size=(3, 2, 2))
    assert two_linear_layers(first, second, values) == pytest.approx(collapsed(first, second) @ values)


def test_a_relu_between_them_is_no_matrix() -> None:
    first, second, x = [[1, -1], [1, 1]], [[1, 0.5], [-0.5, 1]], np.array([1, 0.5])
    there, back = with_relu_between(first, second, x), with_relu_between(first, second, -x)
    assert there == pytest.approx([1.25, 1.25])
    assert back == pytest.approx([0, 0])
    assert relu([-1.0, 0.0, 2.0]).tolist() == [0, 0, 2]


def test_upsampling_repeats_every_number_in_both_directions() -> None:
    assert repeat_nearest([[1, 2], [3, 4]]).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]


def test_upsampling_and_pooling_are_torchs() -> None:
    matrix = np.random.default_rng(1).normal(size=(6, 4))
    asked = torch.from_numpy(matrix)[None, None]
    assert repeat_nearest(matrix, 3) == pytest.approx(functional.interpolate(asked, scale_factor=3)[0, 0].numpy())
    assert largest_of_windows(matrix) == pytest.approx(functional.max_pool2d(asked, 2)[0, 0].numpy())
