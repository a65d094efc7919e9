"""From a picture to a network's input."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_detector import TinyDetector, random_picture

from yolodash.data.images import read_image
from yolodash.errors import ImageError, OptionError
from yolodash.geometry.letterbox import place_darknet, place_yolov5
from yolodash.inference.preparation import input_size, place_bytes, place_floats, prepare
from yolodash.structures import ImageSize

OFFICIAL = "models/reference_outputs/yolov5n-v7.0__{}.json"


@pytest.mark.parametrize("name", ["bus", "zidane"])
def test_the_bytes_of_a_yolov5_input_are_those_of_its_own_program(name: str, asset: Callable[[str], Path]) -> None:
    reference = json.loads(asset(OFFICIAL.format(name)).read_text())
    image = read_image(asset(f"images/{name}.jpg"))
    size = ImageSize(image.shape[0], image.shape[1])
    for run, way in zip(reference["runs"], ("rectangle", "letterbox"), strict=True):
        placed = place_bytes(image, place_yolov5(size, ImageSize(640, 640), way))  # type: ignore[arg-type]
        assert [1, 3, *placed.shape[:2]] == run["input_shape"]
        planar = np.ascontiguousarray(placed.transpose(2, 0, 1))
        assert hashlib.sha256(planar.tobytes()).hexdigest() == run["input_rgb_uint8_sha256"]


def test_darknet_samples_with_the_corners_on_each_other() -> None:
    image = np.zeros((1, 3, 3), dtype=np.uint8)
    image[0, :, 0] = [0, 100, 200]
    placed = place_floats(image, place_darknet(ImageSize(1, 3), ImageSize(1, 5), "stretch"))
    assert (placed[0, 0, 0] * 255).tolist() == pytest.approx([0, 50, 100, 150, 200], abs=1e-4)


def test_darknet_s_resize_is_horizontal_then_vertical_interpolation() -> None:
    image = random_picture(23, 31)
    placed = place_floats(image, place_darknet(ImageSize(23, 31), ImageSize(40, 17), "stretch"))[0, 1].double().numpy()
    pixels = image[:, :, 1] / 255
    across = np.array([np.interp(np.arange(17) * 30 / 16, np.arange(31), row) for row in pixels])
    down = np.array([np.interp(np.arange(40) * 22 / 39, np.arange(23), column) for column in across.T]).T
    assert np.abs(placed - down).max() < 1e-5


@pytest.mark.parametrize(("kind", "grey"), [("v5", 114 / 255), ("v3", 0.5)])
def test_padding_has_the_family_s_grey(kind: str, grey: float) -> None:
    prepared = prepare(TinyDetector(kind), np.zeros((10, 128, 3), dtype=np.uint8), resize="letterbox")
    assert prepared.batch.shape == (1, 3, 128, 128)
    assert prepared.batch[0, :, 0].unique().item() == pytest.approx(grey)
    assert prepared.batch[0, :, 64].unique().item() == 0


def test_each_family_resizes_in_its_own_way_unless_told() -> None:
    picture = random_picture(64, 128)
    assert prepare(TinyDetector("v5"), picture).batch.shape == (1, 3, 64, 128)
    assert prepare(TinyDetector("v3"), picture).batch.shape == (1, 3, 128, 128)
    assert prepare(TinyDetector("v3"), picture, resize="rectangle").batch.shape == (1, 3, 64, 128)


def test_a_batch_is_rgb_between_0_and_1() -> None:
    picture = np.zeros((128, 128, 3), dtype=np.uint8)
    picture[..., 0] = 255
    batch = prepare(TinyDetector("v5"), picture).batch
    assert batch.dtype == torch.float32
    assert batch[0].amax(dim=(1, 2)).tolist() == [1, 0, 0]


@pytest.mark.parametrize(("asked", "given"), [(33, 64), (64, 64), (1, 32), (4096, 4096), (None, 128)])
def test_a_size_is_rounded_up_to_whole_strides(asked: int | None, given: int) -> None:
    assert input_size(TinyDetector("v5"), asked) == ImageSize(given, given)


@pytest.mark.parametrize("size", [0, -32, 4097, ImageSize(64, 10**9)])
def test_an_absurd_size_is_refused(size: ImageSize | int) -> None:
    with pytest.raises(OptionError):
        prepare(TinyDetector("v5"), random_picture(), size=size)


def test_v1_takes_its_own_size_only() -> None:
    assert input_size(TinyDetector("v1"), 128) == ImageSize(128, 128)
    with pytest.raises(OptionError):
        input_size(TinyDetector("v1"), 160)
    with pytest.raises(OptionError):
        prepare(TinyDetector("v1"), random_picture(), resize="rectangle")


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (2, 3)])
@pytest.mark.parametrize("kind", ["v3", "v5"])
@pytest.mark.parametrize("way", ["letterbox", "rectangle", "stretch"])
def test_pictures_of_any_shape_fit(shape: tuple[int, int], kind: str, way: str) -> None:
    batch = prepare(TinyDetector(kind), random_picture(*shape), resize=way).batch  # type: ignore[arg-type]
    assert batch.shape[2] % 32 == batch.shape[3] % 32 == 0
    assert bool(((batch >= 0) & (batch <= 1)).all())


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)],
)
def test_an_array_that_is_no_picture_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ImageError):
        prepare(TinyDetector("v5"), wrong)
