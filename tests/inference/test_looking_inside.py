"""Maps of a layer, hidden parts, and pictures a second: of the classifier that comes with YoloDash."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
import torch
from torch import nn

from yolodash.inference.activations import blocks_of, maps_of, strongest
from yolodash.inference.attributes import GREY, SIDE, bundled_classifier, to_batch
from yolodash.inference.occlusion import falls, occlude, squares, without
from yolodash.inference.throughput import by_batch, pictures_per_second

CROP = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
PLACE = np.zeros(4, np.float32)


def test_the_maps_of_a_block_are_those_that_the_network_makes() -> None:
    model = bundled_classifier()
    crop, place = to_batch(CROP[None]), torch.from_numpy(PLACE)[None]
    with torch.inference_mode():
        known = model.maps(crop, place)
    names = list(blocks_of(model))
    assert len(names) == 4
    for number, name in enumerate(names, 1):
        maps = maps_of(model, name, crop, place)
        assert maps.before == pytest.approx(known[f"stage{number}.normalisation"][0].numpy(), abs=1e-6)
        assert maps.after == pytest.approx(np.maximum(maps.before, 0), abs=1e-6)


def test_looking_inside_leaves_nothing_behind() -> None:
    model = bundled_classifier()
    maps_of(model, next(iter(blocks_of(model))), to_batch(CROP[None]), torch.from_numpy(PLACE)[None])
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in model.modules())


def test_the_strongest_cell_of_every_map_is_told_with_its_place() -> None:
    maps = np.zeros((2, 3, 4), np.float32)
    maps[0, 2, 1], maps[1, 0, 3] = 5.0, np.nan
    assert strongest(maps) == [(2, 1, 5.0), (0, 0, 0.0)]


def test_hiding_a_part_changes_that_part_only() -> None:
    hidden = without(CROP, 10, 20, 16)
    assert (hidden[20:36, 10:26] == GREY).all()
    changed = (hidden != CROP).any(axis=2)
    changed[20:36, 10:26] = False
    assert not changed.any()


def test_every_hidden_part_is_what_the_classifier_says_of_the_crop_without_it() -> None:
    model, told = bundled_classifier(), []
    found = occlude(model, CROP, PLACE, side=32, step=16, on_progress=lambda done, all_: told.append((done, all_)))
    assert found.patches.tolist() == squares(32, 16).tolist()
    assert told[-1] == (9, 9)
    left, top = found.patches[5].tolist()
    with torch.inference_mode():
        alone = model.probabilities(to_batch(without(CROP, left, top, 32)[None]), torch.from_numpy(PLACE)[None])
    for name, values in alone.items():
        assert found.hidden[name][5] == pytest.approx(values[0].numpy(), abs=1e-5)
        assert found.whole[name].sum() == pytest.approx(1, abs=1e-5)


def test_falls_are_never_below_zero() -> None:
    hidden = np.array([[0.2, 0.8], [0.9, 0.1]], np.float32)
    assert falls(np.array([0.6, 0.4], np.float32), hidden, 0) == pytest.approx([0.4, 0.0])


def test_pictures_a_second_are_the_batch_over_the_median_pass() -> None:
    ticks = count(step=1)
    rate = pictures_per_second(nn.Identity(), (torch.zeros(1, 3, 2, 2),), 6, clock=lambda: float(next(ticks)))
    assert rate == 6.0


def test_each_batch_is_measured_with_as_many_pictures() -> None:
    seen = []

    class Counting(nn.Module):
        def forward(self, batch: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
            seen.append((len(batch), len(place)))
            return batch

    found = dict(by_batch(Counting(), (torch.zeros(1, 3, 2, 2), torch.zeros(1, 4)), (1, 4)))
    assert set(found) == {1, 4}
    assert set(seen) == {(1, 1), (4, 4)}
