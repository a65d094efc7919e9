"""Darknet's layers against examples worked out by hand or in plain loops, and the network that they form."""

from __future__ import annotations

import struct
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from yolodash.errors import ModelFileError, OptionError
from yolodash.models.darknet import layers
from yolodash.models.darknet import specification as spec
from yolodash.models.darknet.activations import activation
from yolodash.models.darknet.cfg import parse_cfg
from yolodash.models.darknet.files import DarknetFiles
from yolodash.models.darknet.network import DarknetNetwork, build, load_darknet
from yolodash.models.darknet.plan import plan_network
from yolodash.structures import ImageSize

Asset = Callable[[str], Path]

NET = "[net]\nwidth=32\nheight=32\n"
EVERY_LAYER = (
    NET
    + "[convolutional]\nbatch_normalize=1\nfilters=8\nsize=3\nstride=2\npad=1\nactivation=mish\n"  # 0: 8×16×16
    + "[convolutional]\nfilters=8\nsize=3\npad=1\ngroups=4\ndilation=2\nactivation=leaky\n"  # 1: 8×16×16
    + "[maxpool]\nsize=2\nstride=1\n"  # 2: 8×16×16
    + "[maxpool]\nsize=5\nstride=1\n"  # 3: 8×16×16
    + "[maxpool]\nsize=2\nstride=2\n"  # 4: 8×8×8
    + "[upsample]\nstride=2\n"  # 5: 8×16×16
    + "[route]\nlayers=-1,0\ngroups=2\ngroup_id=1\n"  # 6: 8×16×16
    + "[shortcut]\nfrom=1,2\nweights_type=per_channel\nweights_normalization=softmax\nactivation=leaky\n"  # 7
    + "[avgpool]\n"  # 8: 8×1×1
    + "[convolutional]\nfilters=8\nsize=1\nactivation=logistic\n"  # 9: 8×1×1
    + "[scale_channels]\nfrom=7\n"  # 10: 8×16×16
    + "[dropout]\nprobability=.5\n"  # 11
    + "[reorg]\nstride=2\n"  # 12: 32×8×8
    + "[convolutional]\nfilters=14\nsize=1\nactivation=linear\n"  # 13: 14×8×8
    + "[yolo]\nmask=1,0\nanchors=4,4, 8,8\nnum=2\nclasses=2\n"  # 14
    + "[route]\nlayers=0\n"  # 15: 8×16×16
    + "[convolutional]\nfilters=7\nsize=1\nactivation=linear\n"  # 16
    + "[yolo]\nanchors=4,4\nnum=1\nclasses=2\nscale_x_y=1.1\n"  # 17
)
TIED = (
    NET
    + "[local]\nfilters=2\nsize=3\nstride=16\npad=1\nactivation=leaky\n"  # 2×2×2
    + "[connected]\noutput=28\nbatch_normalize=1\nactivation=linear\n"
    + "[detection]\nside=2\nnum=1\nclasses=2\nsqrt=1\n"
)


def network_of(text: str, seed: int = 0) -> DarknetNetwork:
    """A network whose parameters are random and whose running variances are not all one."""
    plan = plan_network(parse_cfg(text))
    generator = np.random.default_rng(seed)
    values = tuple(
        {
            block.name: (generator.uniform if block.name == "variances" else generator.normal)(0.1, 0.5, block.shape)
            .astype(np.float32)
            for block in spec.values_of(layer.specification)
        }
        for layer in plan.layers
    )  # fmt: skip
    names = tuple(f"class {index}" for index in range(plan.heads[0].classes))
    return build(DarknetFiles(plan, plan.heads, names, values))


def random_input(batch: int = 1, side: int = 32) -> Tensor:
    return torch.rand(batch, 3, side, side, generator=torch.Generator().manual_seed(1))


def test_a_pool_of_size_two_and_stride_one_looks_right_and_down() -> None:
    pool = layers.MaxPool(spec.MaxPool(size=2, stride=(1, 1), padding=1))
    picture = torch.tensor([[-9.0, -2.0, -3.0], [-4.0, -5.0, -6.0]])[None, None]
    assert pool([picture])[0, 0].tolist() == [[-2, -2, -3], [-4, -5, -6]]


def test_a_pool_of_stride_two_covers_the_last_odd_column() -> None:
    pool = layers.MaxPool(spec.MaxPool(size=2, stride=(2, 2), padding=1))
    assert pool([torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])[None, None]])[0, 0].tolist() == [[5, 6], [8, 9]]


def test_a_large_pool_of_stride_one_looks_to_all_sides_alike() -> None:
    pool = layers.MaxPool(spec.MaxPool(size=3, stride=(1, 1), padding=2))
    assert pool([torch.tensor([[-1.0, -2, -3, -4]])[None, None]])[0, 0].tolist() == [[-1, -1, -2, -3]]


def test_reorganisation_reads_the_numbers_in_darknets_own_order() -> None:
    """By loops: the block of C×h×w numbers is read as C/s² channels of s·h × s·w."""
    channels, rows, columns, s = 8, 4, 6, 2
    features = torch.arange(channels * rows * columns, dtype=torch.float32)
    large = features.view(channels // s**2, rows * s, columns * s)
    expected = torch.empty(channels, rows, columns)
    for k in range(channels):
        position, channel = divmod(k, channels // s**2)
        for j in range(rows):
            for i in range(columns):
                expected[k, j, i] = large[channel, j * s + position // s, i * s + position % s]
    found = layers.Reorganisation(spec.Reorganisation(s))([features.view(1, channels, rows, columns)])
    assert found.shape == (1, channels * s**2, rows // s, columns // s)
    assert torch.equal(found.flatten(), expected.flatten())


def test_reorganisation_does_not_depend_on_how_the_numbers_lie_in_memory() -> None:
    features, reorganise = torch.rand(2, 8, 4, 6), layers.Reorganisation(spec.Reorganisation(2))
    assert torch.equal(reorganise([features]), reorganise([features.to(memory_format=torch.channels_last)]))


def test_a_local_layer_has_weights_of_its_own_at_every_position() -> None:
    layer = layers.LocallyConnected(
        spec.Local(2, 3, size=3, stride=2, padding=1, rows=2, columns=3, activation="linear")
    )
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    features = torch.rand(2, 2, 4, 6)
    padded = nn.functional.pad(features, (1, 1, 1, 1))
    expected = torch.empty(2, 3, 2, 3)
    for row in range(2):
        for column in range(3):
            patch = padded[:, :, row * 2 : row * 2 + 3, column * 2 : column * 2 + 3].flatten(1)  # (B, C·k·k)
            expected[:, :, row, column] = patch @ layer.weight[row * 3 + column].T + layer.bias[:, row, column]
    torch.testing.assert_close(layer([features]), expected)


@pytest.mark.parametrize("channels", [2, 5])
def test_a_shortcut_adds_the_channels_that_both_have(channels: int) -> None:
    shortcut = layers.Shortcut(spec.Shortcut(3, 1, "none", "none", "linear"))
    before, other = torch.rand(1, 3, 4, 4), torch.rand(1, channels, 4, 4)
    expected = before.clone()
    shared = min(3, channels)
    expected[:, :shared] += other[:, :shared]
    assert torch.equal(shortcut([before, other]), expected)


@pytest.mark.parametrize(
    ("normalisation", "expected"),
    [("none", 2 - 10 + 100.0), ("relu", (2 + 100) / 3.0001), ("softmax", 0.705385 + 0.35119 + 25.9496)],
)
def test_a_weighted_shortcut_weighs_each_source(normalisation: str, expected: float) -> None:
    # softmax(2, −1, 1) = .705385, .035119, .259496
    shortcut = layers.Shortcut(spec.Shortcut(1, 2, "per_feature", normalisation, "linear"))  # type: ignore[arg-type]
    shortcut.weight.data[:] = torch.tensor([[2.0], [-1.0], [1.0]])
    sources = [torch.full((1, 1, 2, 2), value) for value in (1.0, 10.0, 100.0)]
    torch.testing.assert_close(shortcut(sources), torch.full((1, 1, 2, 2), expected), rtol=1e-5, atol=1e-4)


def test_a_route_takes_the_same_slice_of_every_source() -> None:
    route = layers.Route(spec.Route(groups=2, group=1))
    sources = [torch.arange(4.0).view(1, 4, 1, 1), torch.arange(10.0, 16.0).view(1, 6, 1, 1)]
    assert route(sources).flatten().tolist() == [2, 3, 13, 14, 15]


def test_scaling_channels_multiplies_each_by_its_gate() -> None:
    gate, features = torch.tensor([0.0, 0.5]).view(1, 2, 1, 1), torch.full((1, 2, 2, 2), 4.0)
    found = layers.ScaleChannels(spec.ScaleChannels("linear"))([gate, features])
    assert found[0, :, 0, 0].tolist() == [0, 2]


@pytest.mark.parametrize(
    ("name", "at_minus_two", "at_one"),
    [("linear", -2, 1), ("leaky", -0.2, 1), ("relie", -0.02, 1), ("relu", 0, 1), ("relu6", 0, 1), ("elu", -0.864665, 1),
     ("logistic", 0.119203, 0.731059), ("loggy", -0.761594, 0.462117), ("tanh", -0.964028, 0.761594),
     ("ramp", -0.2, 1.1), ("hardtan", -1, 1), ("swish", -0.238406, 0.731059), ("mish", -0.252501, 0.865098),
     ("gelu", -0.0454, 0.841192), ("selu", -1.520167, 1.050701)],
)  # fmt: skip
def test_activations_have_their_published_values(name: str, at_minus_two: float, at_one: float) -> None:
    found = activation(name)(torch.tensor([-2.0, 1.0])).tolist()
    assert found == pytest.approx([at_minus_two, at_one], abs=1e-5)


def test_every_activation_that_a_cfg_may_name_is_built() -> None:
    assert all(isinstance(activation(name), nn.Module) for name in spec.ACTIVATIONS)


@pytest.mark.parametrize("text", [EVERY_LAYER, TIED], ids=["convolutions", "tied to one size"])
def test_layers_have_the_shapes_that_the_plan_says(text: str) -> None:
    network, shapes = network_of(text), {}
    for index, layer in enumerate(network.layers):
        layer.register_forward_hook(lambda _, __, output, index=index: shapes.__setitem__(index, output.shape[1:]))
    with torch.inference_mode():
        network(random_input(batch=3))
    assert [tuple(shapes[layer.index]) for layer in network.plan.layers] == [
        layer.shape for layer in network.describe(network.size)
    ]


def test_raw_maps_are_anchors_by_rows_by_columns_by_numbers() -> None:
    network = network_of(EVERY_LAYER)
    with torch.inference_mode():
        large, small = network(random_input(batch=2, side=64))
        rows = network.rows(random_input(batch=2, side=64))
    assert large.shape == (2, 2, 16, 16, 7)
    assert small.shape == (2, 1, 32, 32, 7)
    assert rows.shape == (2, 2 * 16 * 16 + 32 * 32, 7)
    assert network.anchors == (((8.0, 8.0), (4.0, 4.0)), ((4.0, 4.0),))
    assert (network.strides, network.stride, network.family) == ((4, 2), 4, "yolov4")


@pytest.mark.parametrize("text", [EVERY_LAYER, TIED], ids=["convolutions", "tied to one size"])
def test_a_picture_has_the_same_result_alone_and_in_a_batch(text: str) -> None:
    network, batch = network_of(text), random_input(batch=3)
    with torch.inference_mode():
        together = network.rows(batch)
        alone = torch.cat([network.rows(picture[None]) for picture in batch])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("text", [EVERY_LAYER, TIED], ids=["convolutions", "tied to one size"])
def test_folding_the_normalisation_changes_nothing(text: str) -> None:
    network, batch = network_of(text), random_input()
    with torch.inference_mode():
        for plain, fused in zip(network(batch), network.fused()(batch), strict=True):
            torch.testing.assert_close(plain, fused, rtol=1e-4, atol=1e-4)


def test_feature_maps_go_as_soon_as_nobody_needs_them() -> None:
    network = network_of(EVERY_LAYER)
    seen: dict[int, weakref.ref[Tensor]] = {}
    alive: dict[int, set[int]] = {}

    def watch(index: int) -> Callable[..., None]:
        def hook(_: nn.Module, __: object, output: Tensor) -> None:
            seen[index] = weakref.ref(output)
            alive[index] = {number for number, reference in seen.items() if reference() is not None}

        return hook

    for index, layer in enumerate(network.layers):
        layer.register_forward_hook(watch(index))
    with torch.inference_mode():
        network(random_input())
    assert alive[4] == {0, 1, 2, 3, 4}  # 0 waits for the routes, 1 and 2 for the shortcut; 3 is being used
    assert alive[9] == {0, 7, 8, 9}
    assert alive[16] == {15, 16}


def test_parameters_are_what_training_moves() -> None:
    network = network_of(EVERY_LAYER)
    assert network.parameter_count == network.plan.learnable_count
    assert sum(layer.parameters for layer in network.describe(network.size)) == network.parameter_count


def test_a_network_that_is_tied_to_its_size_refuses_another() -> None:
    network = network_of(TIED)
    with pytest.raises(OptionError, match="32 × 32 pixels only"):
        network.describe(ImageSize(64, 64))
    with pytest.raises(OptionError, match="tied to one input size"):
        network(random_input(side=64))


def test_weights_are_put_where_their_names_say(tmp_path: Path) -> None:
    text = NET + (
        "[convolutional]\nbatch_normalize=1\nfilters=7\nsize=1\nstride=8\nactivation=linear\n"
        "[yolo]\nanchors=4,4\nnum=1\nclasses=2\n"
    )
    weights, cfg = tmp_path / "small.weights", tmp_path / "small.cfg"
    cfg.write_text(text)
    ones = np.ones(7)
    kernel = np.zeros((7, 3))
    kernel[:, 1] = 8.0  # green alone
    blocks = [0.25 * ones, 3.0 * ones, 0.5 * ones, (4 - 1e-5) * ones, kernel.ravel()]  # β, γ, μ, σ², w
    weights.write_bytes(struct.pack("<iiiQ", 0, 2, 0, 0) + np.concatenate(blocks).astype("<f4").tobytes())
    network = load_darknet(weights, cfg)
    (raw,) = network(torch.tensor([0.9, 0.5, 0.1]).view(1, 3, 1, 1).expand(1, 3, 32, 32))
    assert not network.training
    assert network.names == ("class 0", "class 1")
    torch.testing.assert_close(raw, torch.full_like(raw, 3 * (8 * 0.5 - 0.5) / 2 + 0.25))


def test_yolo9000_asks_for_its_tree_by_name(asset: Asset, tmp_path: Path) -> None:
    cfg = tmp_path / "yolo9000.cfg"
    cfg.write_bytes(asset("models/darknet_cfg/pjreddie/yolo9000.cfg").read_bytes())
    weights = tmp_path / "yolo9000.weights"
    with weights.open("wb") as stream:
        stream.write(struct.pack("<iiiI", 0, 1, 0, 0))
        stream.truncate(195_230_020)  # sparse: takes no room
    with pytest.raises(ModelFileError, match=r"its file 9k\.tree is not there"):
        load_darknet(weights, cfg)
