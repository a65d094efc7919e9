"""What a neuron sees: worked examples, and real networks that must not notice what lies outside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from tiny_yolov1 import put_yolov1
from torch import Tensor, nn

from yolodash.inference.activations import blocks_of, maps_of
from yolodash.inference.attributes import bundled_classifier
from yolodash.models.catalogue.bundled import DETECTOR, weights_of
from yolodash.models.classifier import SIDE
from yolodash.models.loading import load_model
from yolodash.models.receptive_field import Field, fields_of, joined, seen_by, through, upsampled


def test_two_convolutions_of_three_see_five_pixels() -> None:
    field = through(through(Field(), 3, padding=1), 3, padding=1)
    assert (field.size, field.jump) == (5, 1)
    assert seen_by(field, 0, 0) == (-2, -2, 3, 3)


def test_a_stride_doubles_what_later_kernels_add() -> None:
    field = through(through(Field(), 3, stride=2, padding=1), 3, padding=1)
    assert (field.size, field.jump) == (7, 2)


def test_upsampled_cells_see_what_their_source_saw() -> None:
    source = through(Field(), 4, stride=4)
    field = upsampled(source, 2)
    for cell in range(8):
        left, _top, right, _bottom = seen_by(field, 0, cell)
        own = seen_by(source, 0, cell // 2)
        assert left <= own[0]
        assert own[2] <= right


def test_joined_maps_see_what_any_of_them_sees() -> None:
    field = joined([Field(2, -3, 5), Field(2, -1, 9)])
    assert (field.low, field.high) == (-3, 9)


def networks(asset: Callable[[str], Path], tmp_path: Path) -> dict[str, tuple[nn.Module, int]]:
    put_yolov1(tmp_path)
    files = {path.suffix: path for path in tmp_path.rglob("*.*") if path.suffix in (".cfg", ".weights")}
    tiny = asset("models/yolov3-tiny")
    return {
        "classifier": (bundled_classifier(), SIDE),
        "scenes": (load_model(weights_of(DETECTOR)), 256),
        "tiny": (load_model(tiny / "yolov3-tiny.weights", cfg=tiny / "yolov3-tiny.cfg"), 256),
        "v1": (v1 := load_model(files[".weights"], cfg=files[".cfg"]), v1.size.height),
    }


def call(network: nn.Module, block: str, picture: Tensor) -> Tensor:
    inputs = (picture, torch.zeros(1, 4)) if type(network).__name__ == "CropClassifier" else (picture,)
    return torch.from_numpy(maps_of(network, block, *inputs).before)


def test_real_networks_do_not_notice_what_lies_outside_a_neurons_field(
    asset: Callable[[str], Path], tmp_path: Path
) -> None:
    generator = torch.Generator().manual_seed(0)
    for name, (network, side) in networks(asset, tmp_path).items():
        fields = fields_of(network)
        known = [block for block in blocks_of(network) if block in fields]
        assert known, name
        picture = torch.rand(1, 3, side, side, generator=generator)
        for block in (known[0], known[len(known) // 3], known[2 * len(known) // 3]):
            made = call(network, block, picture)
            row, column = made.shape[1] // 2, made.shape[2] // 3
            left, top, right, bottom = (round(value) for value in seen_by(fields[block], row, column))
            assert round(side / fields[block].jump) == made.shape[1], (name, block)
            inside = torch.zeros(side, side, dtype=torch.bool)
            inside[max(top, 0) : bottom, max(left, 0) : right] = True
            other = torch.where(inside, picture, torch.rand(picture.shape, generator=generator))
            again = call(network, block, other)
            assert torch.allclose(made[:, row, column], again[:, row, column], atol=1e-4), (name, block)
            if not inside.all():
                assert not torch.allclose(made, again, atol=1e-4), (name, block)


def test_the_whole_classifier_sees_by_its_stages_what_its_pooling_makes_of_it() -> None:
    sizes = [field.size for field in fields_of(bundled_classifier()).values()]
    assert sizes == [3, 8, 18, 38]
