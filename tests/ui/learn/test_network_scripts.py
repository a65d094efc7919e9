"""What the browser computes on the page Network is what the package computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scripts_in_node import call

from yolodash.convolution import convolve
from yolodash.inference.occlusion import falls
from yolodash.models import layer_arithmetic
from yolodash.models.receptive_field import Field, seen_by
from yolodash.ui.learn import network, stage
from yolodash.ui.learn.network import linearity, maps, resampling

STAGE = Path(stage.__file__).parent / "stage.js"
SCRIPTS = Path(network.__file__).parent / "scripts"


def asked(step: str, function: str, arguments: list[tuple[object, ...]]) -> list[object]:
    return call([STAGE, SCRIPTS / f"{step}.js"], function, arguments)


def test_the_weights_of_a_layer_are_the_same() -> None:
    cases = [(n, c, k) for n in (1, 8, 512) for c in (1, 3, 512) for k in (1, 3, 7)]
    assert asked("counting", "weightsOfLayer", cases) == [layer_arithmetic.weights_of_layer(*case) for case in cases]


def test_a_neuron_sees_the_same() -> None:
    fields = [Field(), Field(8, -15, 22), Field(0.5, -3.5, 4), Field(32, -100, 131)]
    cases = [(field, row, column) for field in fields for row in (0, 3) for column in (0, 12)]
    sent = [({"jump": field.jump, "low": field.low, "high": field.high}, row, column) for field, row, column in cases]
    assert asked("field", "seenBy", sent) == [pytest.approx(seen_by(*case)) for case in cases]


@pytest.mark.parametrize(
    ("script", "function"),
    [("twoLinearLayers", layer_arithmetic.two_linear_layers), ("withReluBetween", layer_arithmetic.with_relu_between)],
)
def test_two_layers_give_the_same(script: str, function: object) -> None:
    random = np.random.default_rng(0)
    cases = [
        tuple(part.tolist() for part in (*random.normal(size=(2, 2, 2)), random.normal(size=2))) for _ in range(50)
    ]
    for answer, case in zip(asked("linearity", script, cases), cases, strict=True):
        assert answer == pytest.approx(function(*case))  # type: ignore[operator]


def test_the_collapsed_layer_is_the_same() -> None:
    cases = [tuple(part.tolist() for part in np.random.default_rng(n).normal(size=(2, 2, 2))) for n in range(20)]
    for answer, case in zip(asked("linearity", "collapsed", cases), cases, strict=True):
        assert np.array(answer) == pytest.approx(layer_arithmetic.collapsed(*case))


def test_up_and_down_are_the_same() -> None:
    matrices = [np.random.default_rng(n).integers(-9, 10, (4, 4)).tolist() for n in range(20)]
    kernel = [[1, -2], [0, 3]]
    for matrix, up, pooled, strided in zip(
        matrices,
        asked("resampling", "repeatNearest", [(matrix, 2) for matrix in matrices]),
        asked("resampling", "largestOfWindows", [(matrix, 2) for matrix in matrices]),
        asked("resampling", "convolveStride", [(matrix, kernel) for matrix in matrices]),
        strict=True,
    ):
        assert up == layer_arithmetic.repeat_nearest(matrix).tolist()
        assert pooled == layer_arithmetic.largest_of_windows(matrix).tolist()
        assert strided == convolve(matrix, kernel, (2, 2)).tolist()


def test_falls_are_the_same() -> None:
    random = np.random.default_rng(2)
    whole, hidden = random.random(3), random.random((30, 3))
    (answer,) = asked("classes", "fallsOf", [(whole.tolist(), hidden.tolist(), 1)])
    assert answer == pytest.approx(falls(whole.astype(np.float32), hidden.astype(np.float32), 1), abs=1e-6)


@pytest.mark.parametrize("text", ["", "1,2", "1,2;3", "1,2;3,nan", "1,2;3,inf", "1,2;3,99", "a,b;c,d"])
def test_a_matrix_of_an_address_is_two_by_two_and_small(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        linearity.square(text)


@pytest.mark.parametrize("text", ["", "1", "1,2,3", "nan,1", "9,9"])
def test_a_vector_of_an_address_has_two_small_numbers(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        linearity.point(text)


def test_the_matrices_of_the_step_up_and_down_have_their_own_size() -> None:
    assert resampling._of_side(2)("1,2;3,4") == "1,2;3,4"
    with pytest.raises(ValueError, match=r".*"):
        resampling._of_side(4)("1,2;3,4")


def test_the_channels_of_a_kernel_are_shown_on_one_scale() -> None:
    strong, weak = (maps.shown(np.full((1, 1), value, np.float32), signed=True, largest=4.0) for value in (4.0, -1.0))
    assert strong[0, 0].tolist() == [90, 190, 255]
    assert weak[0, 0].tolist() == [63, 35, 10]
