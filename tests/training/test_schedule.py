"""Learning rates, momentum, accumulation and the average's decay, by numbers worked out by hand."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.yolov5_files import tiny
from yolodash.training.averaging import Average, averaging_decay
from yolodash.training.optimisation import make_optimizer, parameter_groups
from yolodash.training.schedule import accumulation, decay, moment, scaled_weight_decay, warmup_length
from yolodash.training.settings import Settings

LAB = Settings(epochs=3, batch=16)


def test_the_lab_of_three_epochs_lies_wholly_in_the_warm_up() -> None:
    assert warmup_length(LAB, 10) == 100
    assert warmup_length(LAB, 1000) == 3000
    assert all(moment(LAB, batch, 10).warmup for batch in range(30))


def test_the_warm_up_begins_with_biases_alone_and_low_momentum() -> None:
    first = moment(LAB, 0, 10)

    assert first.learning_rates == {"weights": 0.0, "normalisation": 0.0, "biases": 0.1}
    assert first.momentum == 0.8
    assert first.accumulate == 1


def test_half_way_through_the_warm_up_everything_is_half_way() -> None:
    settings = Settings(epochs=100, batch=16)
    middle = moment(settings, 50, 10)
    scheduled = 0.01 * (0.01 + 0.99 * 0.95)  # epoch 5 of 100

    assert middle.learning_rates["weights"] == pytest.approx(scheduled / 2)
    assert middle.learning_rates["biases"] == pytest.approx((0.1 + scheduled) / 2)
    assert middle.momentum == pytest.approx((0.8 + 0.937) / 2)
    assert middle.accumulate == 2  # half way from 1 to 4 is 2.5, which rounds to even


def test_after_the_warm_up_all_groups_follow_the_schedule() -> None:
    after = moment(Settings(epochs=100, batch=16), 500, 10)

    assert set(after.learning_rates.values()) == {0.01 * (0.01 + 0.99 * 0.5)}
    assert (after.momentum, after.accumulate, after.warmup) == (0.937, 4, False)


@given(st.integers(1, 300), st.sampled_from(["linear", "cosine"]))
def test_a_schedule_falls_from_one_to_its_end(epochs: int, schedule: str) -> None:
    settings = Settings(epochs=epochs, schedule=schedule)  # type: ignore[arg-type]
    shares = [decay(settings, epoch) for epoch in range(epochs + 1)]

    assert shares[0] == pytest.approx(1)
    assert shares[-1] == pytest.approx(0.01)
    assert all(a >= b for a, b in itertools.pairwise(shares))


def test_a_cosine_is_half_way_down_in_the_middle() -> None:
    assert decay(Settings(epochs=10, schedule="cosine"), 5) == pytest.approx(0.01 + 0.99 / 2)


def test_without_a_warm_up_the_first_batch_is_scheduled() -> None:
    first = moment(replace(LAB, warmup_epochs=0), 0, 10)

    assert set(first.learning_rates.values()) == {0.01}
    assert not first.warmup


@pytest.mark.parametrize(("batch", "batches"), [(64, 1), (16, 4), (100, 1), (10, 6), (1, 64)])
def test_gradients_add_up_to_about_the_nominal_batch(batch: int, batches: int) -> None:
    assert accumulation(Settings(batch=batch)) == batches


def test_the_weight_decay_is_scaled_to_the_pictures_of_a_step() -> None:
    assert scaled_weight_decay(Settings(batch=16)) == 0.0005
    assert scaled_weight_decay(Settings(batch=128)) == 0.001


def test_every_parameter_is_in_one_group_and_only_weights_of_convolutions_decay() -> None:
    network = tiny()
    groups = parameter_groups(network)

    names = [name for group in groups.values() for name in group]
    assert sorted(names) == sorted(name for name, _ in network.named_parameters())
    assert all(parameter.ndim == 4 for parameter in groups["weights"].values())
    assert all(name.endswith("bias") for name in groups["biases"])
    assert all("normalisation.weight" in name for name in groups["normalisation"])
    decays = {group["name"]: group["weight_decay"] for group in make_optimizer(network, LAB).param_groups}
    assert decays == {"weights": 0.0005, "normalisation": 0.0, "biases": 0.0}


@pytest.mark.parametrize(("updates", "expected"), [(1, 0.00049983), (2000, 0.63205734), (20_000, 0.99985461)])
def test_the_average_follows_fast_at_first(updates: int, expected: float) -> None:
    assert averaging_decay(updates) == pytest.approx(expected, abs=1e-7)
    assert averaging_decay(updates) == 0.9999 * (1 - math.exp(-updates / 2000))


def test_two_updates_of_the_average_are_those_worked_out_by_hand() -> None:
    network = tiny()
    average = Average(network)
    start = network.layers[-1][0].bias.detach().clone()  # type: ignore[index, union-attr]
    for step in (1, 2):
        with torch.no_grad():
            network.layers[-1][0].bias.fill_(float(step))  # type: ignore[index, union-attr]
        average.update(network)

    first, second = averaging_decay(1), averaging_decay(2)
    expected = (start * first + 1 * (1 - first)) * second + 2 * (1 - second)
    torch.testing.assert_close(average.network.layers[-1][0].bias, expected)  # type: ignore[index]


def test_the_average_takes_statistics_along_and_whole_numbers_as_they_are() -> None:
    network = tiny().train()
    average = Average(network)
    network(torch.rand(2, 3, 64, 64))
    average.update(network)

    ours, theirs = average.network.state_dict(), network.state_dict()
    assert int(ours["layers.0.normalisation.num_batches_tracked"]) == 1
    torch.testing.assert_close(
        ours["layers.0.normalisation.running_mean"], theirs["layers.0.normalisation.running_mean"], rtol=0.01, atol=0.01
    )
    assert not average.network.training
