"""The experiment behind the step on skip connections: its smallest point again, and what the stored curves say."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import torch

from yolodash.models.degradation import FIGURES, Pair, Plan, figures, measure, network
from yolodash.ui.learn.network.skips import RESULT, means

STORED = json.loads(RESULT.read_text(encoding="utf-8"))
POINTS = STORED["points"]


def test_the_smallest_stored_point_is_measured_again() -> None:
    stored = min(POINTS, key=lambda point: (point["depth"], not point["skips"], point["seed"]))
    plan = Plan(seed=stored["seed"])
    assert {name: value for name, value in asdict(plan).items() if name != "seed"} == STORED["plan"]
    point = measure(stored["depth"], skips=stored["skips"], plan=plan)
    assert point.parameters == stored["parameters"]
    assert point.losses[0] == pytest.approx(stored["losses"][0], rel=0.02)
    assert point.losses[-1] == pytest.approx(stored["losses"][-1], abs=0.1)
    assert point.training_error == pytest.approx(stored["training_error"], abs=0.05)


def test_every_depth_was_measured_both_ways_with_as_many_weights() -> None:
    plain, residual = ({p["depth"]: p["parameters"] for p in POINTS if p["skips"] == skips} for skips in (False, True))
    assert plain == residual
    assert len(plain) >= 4
    by_depth = means(POINTS, "training_error")
    deepest = max(plain)
    assert by_depth[False][deepest] > by_depth[False][min(plain)]
    assert by_depth[False][deepest] > by_depth[True][deepest]


@pytest.mark.parametrize("depth", [4, 6, 14])
def test_depth_counts_the_layers_with_weights(depth: int) -> None:
    model = network(depth, skips=True)
    layers = [part for part in model.modules() if isinstance(part, torch.nn.Conv2d | torch.nn.Linear)]
    assert len(layers) == depth
    assert model(torch.zeros(2, 1, 16, 16)).shape == (2, len(FIGURES))


def test_a_pair_whose_second_half_is_nothing_passes_on_what_it_gets() -> None:
    pair = Pair(3, skips=True).eval()
    torch.nn.init.zeros_(pair.second[1].weight)  # type: ignore[arg-type]
    features = torch.rand(1, 3, 5, 5)
    assert torch.equal(pair(features), features)


def test_figures_are_the_same_for_the_same_seed_and_of_every_kind() -> None:
    pictures, kinds = figures(60, 3)
    again, _kinds = figures(60, 3)
    assert torch.equal(pictures, again)
    assert set(kinds.tolist()) == set(range(len(FIGURES)))
