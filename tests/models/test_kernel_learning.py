"""Gradient descent finds a kernel again from what it makes of a picture."""

from __future__ import annotations

import numpy as np
import pytest

from yolodash.kernels import KERNELS
from yolodash.models.kernel_learning import learn_kernel, patches_of

PICTURE = np.random.default_rng(0).integers(0, 256, (40, 50), dtype=np.uint8)


@pytest.mark.parametrize("name", ["edges", "sobel-x", "gaussian"])
def test_the_kernel_behind_the_examples_is_found(name: str) -> None:
    learned = learn_kernel(PICTURE, KERNELS[name].weights, rate=1.0, steps=2000)
    assert learned.kernels[0] != pytest.approx(learned.target, abs=0.5)
    assert learned.kernels[-1] == pytest.approx(learned.target, abs=1e-3)


def test_the_error_falls_at_every_step_while_none_overshoots() -> None:
    losses = learn_kernel(PICTURE, KERNELS["edges"].weights, rate=1.0, steps=100).losses
    assert (np.diff(losses) < 0).all()


def test_steps_that_overshoot_make_the_error_grow() -> None:
    losses = learn_kernel(PICTURE, KERNELS["edges"].weights, rate=2.1, steps=300).losses
    assert losses[-1] > losses[0]


def test_a_picture_of_one_grey_teaches_nothing_and_breaks_nothing() -> None:
    learned = learn_kernel(np.full((20, 20), 7, np.uint8), KERNELS["edges"].weights, steps=5)
    assert learned.losses == pytest.approx(np.zeros(6))
    assert learned.kernels[-1] == pytest.approx(learned.kernels[0])


def test_patches_lie_around_zero_and_are_not_too_many() -> None:
    patches = patches_of(PICTURE, 3, most=100)
    assert patches.shape[1] == 9
    assert 100 <= len(patches) <= 200
    assert float(patches_of(PICTURE, 3).mean()) == pytest.approx(0, abs=0.05)
