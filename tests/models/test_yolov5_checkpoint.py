"""What a checkpoint says of its network, in every form that training writes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tests import yolov5_files
from tests.yolov5_files import made, network, randomised, save, tiny
from yolodash.models.loading import load_model
from yolodash.models.yolov5.architecture import YoloV5
from yolodash.models.yolov5.checkpoint import Checkpoint, class_names, read_checkpoint
from yolodash.models.yolov5.official import build
from yolodash.models.yolov5.records import Source
from yolodash.structures import ImageSize

Asset = Callable[[str], Path]
REAL = (
    "yolov5n-official-v7.0/yolov5n.pt",
    "yolov5n-dna-origami/best.pt",
    "yolov5n-infrared-human/best.pt",
    "yolov5n-six-crops/best.pt",
)
FORMULA = ("v3.0-nc3-legacy", "v4.0-nc80", "v6.0-nc3-legacy", "v7.0-nc3-autoanchor")
ROOT = Path(__file__).parent.parent.parent


def read(path: Path) -> Checkpoint:
    with path.open("rb") as file:
        return read_checkpoint(Source.of(file))


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a checkpoint: its content by keyword, or a whole network."""

    def write(content: object = None, *, legacy: bool = False, **parts: object) -> Path:
        return save(parts if content is None else content, tmp_path / "best.pt", legacy=legacy)

    return write


@pytest.mark.parametrize("name", REAL)
def test_a_real_checkpoint_says_what_is_known_of_it(name: str, asset: Asset) -> None:
    expected = json.loads(asset("models/checkpoints.json").read_text())[name]
    checkpoint = read(asset(f"models/{name}"))

    names = expected["names"]
    assert list(checkpoint.names) == (list(names.values()) if isinstance(names, dict) else names)
    assert checkpoint.parameter_count == expected["parameters_unfused"]
    assert [head.stride for head in checkpoint.heads] == expected["strides"]
    pixels = np.array([head.anchors for head in checkpoint.heads]).reshape(3, 6)
    assert np.allclose(pixels, expected["anchors_pixels"])
    assert [layer.name for layer in checkpoint.plan.layers] == expected["layer_types"]
    assert [convolution.inputs for convolution in checkpoint.plan.heads.convolutions] == expected["head_inputs"]
    assert checkpoint.release == "6.0"
    assert checkpoint.size == (ImageSize(320, 320) if "six-crops" in name else ImageSize(640, 640))


@pytest.mark.parametrize("name", FORMULA)
def test_a_checkpoint_of_every_release_says_what_is_known_of_it(name: str, asset: Asset) -> None:
    expected = json.loads(asset(f"models/reference_outputs/formula/{name}.json").read_text())
    checkpoint = read(asset(f"models/yolov5-formula/{name}.pt"))

    names = expected["names"]
    assert list(checkpoint.names) == (list(names.values()) if isinstance(names, dict) else names)
    assert checkpoint.parameter_count == expected["parameters_unfused"]
    assert np.allclose([head.anchors for head in checkpoint.heads], expected["anchors_pixels"])
    assert [layer.name for layer in checkpoint.plan.layers] == expected["layer_types"]
    assert checkpoint.release == {"v7.0": "6.0"}.get(name[:4], name[1:4])


@pytest.mark.parametrize("release", ["3.0", "3.1", "4.0", "6.0"])
@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_a_network_of_every_release_comes_back_from_its_file_unchanged(
    release: str, legacy: bool, written: Callable[..., Path]
) -> None:
    model = randomised(build("n", 2, release, names=("cat", "dog")))
    loaded = load_model(written({"epoch": -1, "model": network(model), "optimizer": None}, legacy=legacy))

    assert isinstance(loaded, YoloV5)
    assert loaded.plan == model.plan
    assert (loaded.release, loaded.names, loaded.heads) == (release, model.names, model.heads)
    assert not loaded.training
    state = loaded.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64], ids=str)
def test_weights_of_other_types_become_float32(kind: torch.dtype, written: Callable[..., Path]) -> None:
    model = tiny()
    expected = model.layers[0].convolution.weight.detach().to(kind).float()
    loaded = load_model(written(model=network(model).to(kind)))

    assert {parameter.dtype for parameter in loaded.parameters()} == {torch.float32}
    assert torch.equal(loaded.state_dict()["layers.0.convolution.weight"], expected)


def test_the_averaged_network_is_taken_where_there_is_one(written: Callable[..., Path]) -> None:
    model, average = tiny(), tiny()
    expected = average.state_dict()["layers.1.convolution.weight"].clone()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    sum(parameter.sum() for parameter in model.parameters()).backward()
    optimizer.step()
    path = written(
        epoch=3,
        best_fitness=np.array([0.5]),
        model=network(model),
        ema=network(average).half().float(),
        updates=100,
        optimizer=optimizer.state_dict(),
        opt=argparse.Namespace(imgsz=320, weights=Path("yolov5s.pt"), hyp={"lr0": 0.01}),
        git={"remote": "https://example.org", "commit": "abc"},
        date="2024-01-01",
    )
    loaded = load_model(path)

    assert torch.allclose(loaded.state_dict()["layers.1.convolution.weight"], expected, atol=1e-3)
    assert loaded.size == ImageSize(320, 320)


def test_a_bare_network_and_a_wrapped_one_are_read_too(written: Callable[..., Path]) -> None:
    assert load_model(written(network(tiny()))).parameter_count == tiny().parameter_count
    assert load_model(written(made("AutoShape", model=network(tiny())))).heads == tiny().heads


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_protocol_is_read(protocol: int, tmp_path: Path) -> None:
    with yolov5_files.look_alikes():
        torch.save({"model": network(tiny())}, tmp_path / "best.pt", pickle_protocol=protocol)

    assert load_model(tmp_path / "best.pt").names == ("thing 0", "thing 1", "thing 2")


def test_a_fourth_scale_is_read(written: Callable[..., Path]) -> None:
    loaded = load_model(written(model=network(tiny(scales=4))))

    assert loaded.strides == (8, 16, 32, 64)
    assert loaded.size == ImageSize(1280, 1280)
    assert loaded.rows(torch.zeros(1, 3, 128, 64)).shape == (1, 3 * (16 * 8 + 8 * 4 + 4 * 2 + 2 * 1), 8)


def test_a_network_that_was_fused_before_it_was_saved_is_read(written: Callable[..., Path]) -> None:
    model = tiny().eval()
    batch = torch.rand(1, 3, 64, 64)
    expected = model.rows(batch)
    loaded = load_model(written(model=network(model.fused())))

    assert torch.allclose(loaded.rows(batch), expected, atol=1e-3)


def test_anchors_come_from_the_buffer_and_the_epsilon_from_the_attribute(written: Callable[..., Path]) -> None:
    saved = network(tiny())
    saved.yaml = {"anchors": [[1, 2, 3, 4, 5, 6]] * 3, "nc": 3}
    saved.model[-1].anchors *= 2
    saved.model[0].bn.eps = 0.01
    loaded = load_model(written(model=saved))

    assert loaded.anchors[0] == ((20.0, 32.0), (48.0, 24.0), (40.0, 40.0))
    assert [module.eps for module in loaded.modules() if isinstance(module, nn.BatchNorm2d)][:2] == [0.01, 0.001]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["a", "b", "c"], ("a", "b", "c")),
        ({2: "c", 0: "a", 1: "b"}, ("a", "b", "c")),
        ({"0": "a", "1": "b", "2": "c"}, ("a", "b", "c")),
        (["a"], ("a", "class 1", "class 2")),
        (["a", "b", "c", "d"], ("a", "b", "c")),
        ([0, 1, 2], ("0", "1", "2")),
        (["a", "", None], ("a", "class 1", "class 2")),
        (["a", "b\nc", "é"], ("a", "b\\nc", "é")),
        (None, ("class 0", "class 1", "class 2")),
        ("abc", ("class 0", "class 1", "class 2")),
        ({"x": "a", 1: "b", 2: ["c"]}, ("class 0", "b", "class 2")),
    ],
)
def test_names_are_read_from_lists_and_dicts(given: object, expected: tuple[str, ...]) -> None:
    assert class_names(given, 3) == expected


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"imgsz": 416}, 416),
        ({"imgsz": 417}, 448),
        ({"img_size": [512, 512]}, 512),
        ({"imgsz": 10**9}, 640),
        ({"imgsz": "big"}, 640),
        ({"imgsz": []}, 640),
        (None, 640),
        ("nonsense", 640),
    ],
)
def test_the_size_is_the_one_that_it_was_trained_at(options: object, size: int, written: Callable[..., Path]) -> None:
    assert read(written(model=network(tiny()), opt=options)).size == ImageSize(size, size)


def test_a_copy_under_another_name_is_the_same_model(asset: Asset, tmp_path: Path) -> None:
    copy = tmp_path / "picture.jpeg"
    copy.write_bytes(asset("models/yolov5-formula/v4.0-nc80.pt").read_bytes())

    assert len(load_model(copy).names) == 80
