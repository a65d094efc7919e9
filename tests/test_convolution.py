"""Convolution: the lecture's own numbers, laws, and the same as PyTorch's."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yolodash import convolution
from yolodash.kernels import KERNELS
from yolodash.ui.learn.convolution.cases import CASES, Case

integers = st.integers(-9, 9)
strides = st.tuples(st.integers(1, 4), st.integers(1, 4))
paddings = st.tuples(st.integers(0, 3), st.integers(0, 3))


def matrices(most: int) -> st.SearchStrategy[np.ndarray]:
    shapes = st.tuples(st.integers(1, most), st.integers(1, most))
    return shapes.flatmap(lambda shape: arrays(np.int64, shape, elements=integers))


def torch_convolution(matrix: np.ndarray, kernel: np.ndarray, stride: tuple[int, int], padding: tuple[int, int]):
    image = torch.tensor(np.asarray(matrix, np.float64))[None, None]
    weights = torch.tensor(np.asarray(kernel, np.float64).copy())[None, None]
    return torch.nn.functional.conv2d(image, weights, stride=stride, padding=padding)[0, 0].numpy()


few = settings(max_examples=40)  # each example is many numbers


@few
@given(matrices(9), matrices(5), strides, paddings)
def test_it_is_what_pytorch_calls_convolution(matrix, kernel, stride, padding) -> None:
    found = convolution.convolve(matrix, kernel, stride, padding)
    if found.size:
        np.testing.assert_array_equal(found, torch_convolution(matrix, kernel, stride, padding))
    else:
        with pytest.raises(RuntimeError, match="Kernel size"):
            torch_convolution(matrix, kernel, stride, padding)


@few
@given(
    arrays(np.float64, (7, 6), elements=st.floats(-255, 255)),
    arrays(np.float64, (3, 2), elements=st.floats(-2, 2)),
    strides,
    paddings,
)
def test_the_slow_form_and_the_fast_one_agree_to_the_last_bit(matrix, kernel, stride, padding) -> None:
    slow = convolution.convolve_step_by_step(matrix, kernel, stride, padding)
    np.testing.assert_array_equal(slow, convolution.convolve(matrix, kernel, stride, padding))


@few
@given(matrices(8), matrices(8), matrices(4), integers, integers)
def test_it_is_linear(one, other, kernel, a, b) -> None:
    rows, columns = np.minimum(one.shape, other.shape)
    one, other = one[:rows, :columns], other[:rows, :columns]
    mixed = convolution.convolve(a * one + b * other, kernel, (1, 1), (1, 1))
    apart = [convolution.convolve(matrix, kernel, (1, 1), (1, 1)) for matrix in (one, other)]
    np.testing.assert_array_equal(mixed, a * apart[0] + b * apart[1])


@few
@given(matrices(8))
def test_the_identity_changes_nothing(matrix) -> None:
    kernel = KERNELS["identity"].weights
    np.testing.assert_array_equal(convolution.convolve(matrix, kernel, (1, 1), (1, 1)), matrix)


@few
@given(matrices(7), matrices(4), matrices(4))
def test_the_flipped_form_is_the_one_in_which_kernels_commute(matrix, first, second) -> None:
    """What makes mathematicians flip: convolving by one kernel and then another is the same in either order, and the
    same as by the convolution of the two. Without the flip that fails."""

    def convolved(matrix: np.ndarray, kernel: np.ndarray) -> np.ndarray:
        full = (kernel.shape[0] - 1, kernel.shape[1] - 1)
        return convolution.convolve(matrix, convolution.flipped(kernel), (1, 1), full)

    np.testing.assert_array_equal(convolved(first, second), convolved(second, first))
    np.testing.assert_array_equal(
        convolved(convolved(matrix, first), second), convolved(matrix, convolved(first, second))
    )


def test_without_the_flip_the_order_matters() -> None:
    first, second = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0]])
    one = convolution.convolve(first, second, (1, 1), (0, 1))
    other = convolution.convolve(second, first, (1, 1), (0, 1))
    assert one.tolist() != other.tolist()


@few
@given(arrays(np.float64, (3, 5, 6), elements=integers), arrays(np.float64, (3, 3, 3), elements=integers))
def test_each_channel_by_its_own_filter_then_the_sum_is_pytorchs_filter_of_depth_three(image, kernels) -> None:
    maps = convolution.convolve_channels(image, kernels, (1, 1), (1, 1))
    whole = torch.nn.functional.conv2d(torch.tensor(image)[None], torch.tensor(kernels)[None], padding=1)[0, 0]

    assert maps.shape == (3, 5, 6)
    np.testing.assert_array_equal(convolution.sum_of_channels(maps), whole.numpy())


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 5), st.integers(0, 4))
def test_the_formula_of_the_size_counts_the_places(length, kernel, stride, padding) -> None:
    places = [start for start in range(0, length + 2 * padding, stride) if start + kernel <= length + 2 * padding]
    assert convolution.output_length(length, kernel, stride, padding) == len(places)


def case(name: str) -> tuple[Case, np.ndarray]:
    found = CASES[name]
    return found, convolution.convolve(found.matrix, found.kernel, found.stride, found.padding)


def test_the_lectures_vertical_line_is_spelled_out_as_there() -> None:
    found, feature_map = case("vertical-line")
    place, products = next(convolution.steps(found.matrix, found.kernel))

    assert place == (0, 0)
    assert convolution.spelled_out(products) == "0·0 + 0·1 + 0·0 + 0·0 + 0·1 + 0·0 + 0·0 + 1·1 + 0·0 = 1"
    assert feature_map.max() == 3
    assert set(np.argwhere(feature_map == 3)[:, 1]) == {2}  # a line of three, exactly where the upright stroke is


def test_the_lectures_edge_kernel_is_zero_where_nothing_changes() -> None:
    found, feature_map = case("edges")

    assert np.asarray(found.kernel).tolist() == [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]
    assert feature_map[2, 2] == 0  # inside the square all are as bright
    assert feature_map[0, 0] == -5  # dark, beside a bright corner
    assert feature_map[1, 1] == 8 * 5 - 3 * 5  # the corner of the square: three of its neighbours are as bright


def test_the_lectures_stride_and_padding_give_the_lectures_matrix() -> None:
    found, feature_map = case("stride")

    assert (np.shape(found.matrix), np.shape(found.kernel)) == ((5, 5), (3, 3))
    assert (found.stride, found.padding) == ((2, 2), (1, 1))
    assert feature_map.tolist() == [[1, 6, 5], [7, 10, 9], [7, 10, 8]]


@pytest.mark.parametrize("name", KERNELS)
def test_a_flat_picture_stays_flat(name: str) -> None:
    flat = np.full((9, 9), 10.0)
    inside = convolution.convolve(flat, KERNELS[name].weights)
    np.testing.assert_allclose(inside, 10 * KERNELS[name].weights.sum())


def test_kernels_that_find_change_sum_to_zero_and_those_that_smooth_to_one() -> None:
    total = {name: float(kernel.weights.sum()) for name, kernel in KERNELS.items()}

    assert {name for name, value in total.items() if value == 0} == {
        "vertical-lines", "horizontal-lines", "edges", "laplacian", "sobel-x", "sobel-y", "prewitt-x", "prewitt-y"
    }  # fmt: skip
    for name in ("identity", "blur", "gaussian", "gaussian-5", "sharpen", "emboss"):
        assert total[name] == pytest.approx(1)


def test_grey_weighs_green_most_and_keeps_what_is_grey() -> None:
    image = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [77, 77, 77]]], np.uint8)
    assert convolution.grey(image).tolist() == [[76, 150, 29, 77]]


def test_a_feature_map_is_cut_or_shown_with_its_sign() -> None:
    values = [[-300, -10, 0, 10, 300]]
    assert convolution.as_picture(values).tolist() == [[0, 0, 0, 10, 255]]
    assert convolution.as_picture(values, signed=True).tolist() == [[0, 123, 128, 133, 255]]
