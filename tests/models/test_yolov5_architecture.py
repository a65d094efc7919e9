"""The published networks: their sizes, costs and shapes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from yolodash.errors import OptionError
from yolodash.models.yolov5 import plan as plans
from yolodash.models.yolov5.architecture import CspBottleneck, Focus, SpatialPyramidPooling, layer_module
from yolodash.models.yolov5.official import build, official_plan
from yolodash.structures import ImageSize

OFFICIAL = [
    ("n", "7.0", 1_872_157, 1_867_405, 4.47),
    ("s", "7.0", 7_235_389, 7_225_885, 16.44),
    ("m", "7.0", 21_190_557, 21_172_173, 48.88),
    ("l", "7.0", 46_563_709, 46_533_693, 109.00),
    ("x", "7.0", 86_749_405, 86_705_005, 205.45),
    ("s", "5.0", 7_276_605, 7_266_973, 16.96),
    ("m", "5.0", 21_375_645, 21_356_877, 51.24),
    ("l", "5.0", 47_056_765, 47_025_981, 115.29),
    ("x", "5.0", 87_775_965, 87_730_285, 218.56),
]


@pytest.mark.parametrize(("size", "release", "unfused", "fused", "gflops"), OFFICIAL)
def test_an_official_network_has_the_official_parameters_and_gflops(
    size: str, release: str, unfused: int, fused: int, gflops: float
) -> None:
    with torch.device("meta"):
        model = build(size, 80, release)  # type: ignore[arg-type]
        assert model.parameter_count == unfused
        assert model.fused().parameter_count == fused

    rows = model.describe(ImageSize(640, 640))
    assert sum(row.parameters for row in rows) == unfused
    assert 2 * sum(row.multiply_adds for row in rows) / 1e9 == pytest.approx(gflops, abs=0.011)


@pytest.mark.parametrize("release", ["3.0", "3.1", "4.0", "5.0", "6.0", "6.1", "6.2", "7.0"])
def test_a_network_names_the_oldest_release_with_its_architecture(release: str) -> None:
    with torch.device("meta"):
        model = build("s", 3, release)

    assert model.release == {"5.0": "4.0", "6.1": "6.0", "6.2": "6.0", "7.0": "6.0"}.get(release, release)


def test_what_was_never_published_is_refused() -> None:
    with pytest.raises(OptionError, match=r"7\.1"):
        build("n", 80, "7.1")
    with pytest.raises(OptionError, match="YOLOv5t"):
        official_plan("t", 80, "7.0")


@pytest.mark.parametrize("release", ["3.0", "6.0"])
def test_a_network_gives_a_raw_map_a_head_for_any_whole_strides(release: str) -> None:
    model = build("n", 2, release).eval()
    with torch.no_grad():
        maps = model(torch.rand(2, 3, 64, 96))
        rows = model.rows(torch.rand(1, 3, 64, 96))

    assert [tuple(raw.shape) for raw in maps] == [(2, 3, 8, 12, 7), (2, 3, 4, 6, 7), (2, 3, 2, 3, 7)]
    assert rows.shape == (1, 3 * (96 + 24 + 6), 7)


@pytest.mark.parametrize("release", ["3.1", "6.0"])
def test_the_described_shapes_are_the_computed_ones(release: str) -> None:
    model = build("n", 2, release).eval()
    found: dict[int, tuple[int, ...]] = {}
    for index, layer in enumerate(model.layers[:-1]):
        layer.register_forward_hook(
            lambda module, given, result, index=index: found.__setitem__(index, tuple(result.shape[1:]))
        )
    with torch.no_grad():
        model(torch.zeros(1, 3, 64, 128))

    rows = model.describe(ImageSize(64, 128))
    assert {row.index: row.shape for row in rows[:-1]} == found
    assert rows[-1].kind == "Detect"
    assert len(rows) == len(model.layers)


def test_a_fused_network_computes_the_same() -> None:
    model = build("n", 2).eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean = torch.randn(module.num_features) * 0.1
            module.running_var = torch.rand(module.num_features) + 0.5
    batch = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(model.fused().rows(batch), model.rows(batch), atol=1e-3)


def test_only_what_is_still_to_be_read_is_kept() -> None:

    model = build("n", 2).eval()
    assert model._last_reader[4] == 16
    assert model._last_reader[-1] == 0
    assert 23 in model._last_reader


def test_the_gradient_reaches_every_parameter() -> None:
    model = build("n", 2, "3.1")
    sum(raw.square().mean() for raw in model(torch.rand(2, 3, 64, 64))).backward()  # type: ignore[union-attr]

    assert all(parameter.grad is not None for parameter in model.parameters())


def identity_block(channels: int, outputs: int | None = None) -> plans.Block:
    convolution = plans.Convolution(channels, outputs or channels)
    return plans.Block(convolution, None, plans.Activation("Identity"))


def pass_through(module: nn.Module) -> nn.Module:
    """With every convolution handing on its channels unchanged."""
    for convolution in module.modules():
        if isinstance(convolution, nn.Conv2d):
            nn.init.dirac_(convolution.weight)
    return module.eval()


def test_focus_stacks_the_four_corners_of_every_two_by_two_block() -> None:
    focus = pass_through(Focus(plans.Focus(identity_block(12))))
    picture = torch.arange(3 * 4 * 4.0).view(1, 3, 4, 4)
    stacked: Tensor = focus(picture)

    assert stacked.shape == (1, 12, 2, 2)
    assert stacked[0, ::3, 0, 0].tolist() == [0.0, 4.0, 1.0, 5.0]  # of channel 0: upper left, lower left, upper right …


def test_one_window_pooled_again_sees_what_a_larger_window_sees() -> None:
    fast = plans.Pyramid(identity_block(2), identity_block(8), (5, 5, 5), repeated=True)
    plain = plans.Pyramid(identity_block(2), identity_block(8), (5, 9, 13), repeated=False)
    features = torch.rand(1, 2, 20, 20)

    assert isinstance(layer_module(plain, ()), SpatialPyramidPooling)
    assert torch.equal(pass_through(layer_module(fast, ()))(features), pass_through(layer_module(plain, ()))(features))


def test_a_shortcut_adds_what_came_in() -> None:
    bottleneck = plans.Bottleneck(identity_block(4), identity_block(4), shortcut=True)
    features = torch.rand(1, 4, 3, 3)

    assert torch.equal(pass_through(layer_module(plans.Chain((bottleneck,)), ()))(features), 2 * features)


def test_the_way_through_comes_before_the_way_around() -> None:
    bottleneck = plans.Bottleneck(identity_block(2), identity_block(2), shortcut=True)
    module = CspBottleneck(
        plans.CspBottleneck(
            first=identity_block(2),
            second=plans.Convolution(2, 2),
            third=plans.Convolution(2, 2),
            normalisation=plans.Normalisation(epsilon=1e-30),
            activation=plans.Activation("Identity"),
            last=identity_block(4),
            bottlenecks=(bottleneck,),
        )
    )
    features = torch.rand(1, 2, 3, 3)

    assert torch.allclose(pass_through(module)(features), torch.cat([2 * features, features], dim=1))


def test_a_plan_that_does_not_fit_is_found_before_anything_is_built() -> None:
    plan = official_plan("n", 2, "6.0")
    assert [shape.stride for shape in plans.head_shapes(plan)] == [8, 16, 32]

    layers = list(plan.layers)
    layers[12] = plans.Layer("Concat", plans.Concatenation(), (11, 4))
    with pytest.raises(Exception, match="Layer 12"):
        plans.head_shapes(plans.Plan(tuple(layers)))
