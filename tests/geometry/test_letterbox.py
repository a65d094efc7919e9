"""Into the network's square and back out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from yolodash.geometry.letterbox import Placement, place_darknet, place_yolov5, to_network, to_picture
from yolodash.structures import ImageSize, Resize

sizes = st.builds(ImageSize, st.integers(1, 5000), st.integers(1, 5000))
ways = st.sampled_from(["letterbox", "rectangle", "stretch"])
places = st.sampled_from([place_yolov5, place_darknet])


@given(sizes, ways, places)
def test_boxes_come_back_out_where_they_went_in(image: ImageSize, way: Resize, place: Callable[..., Placement]) -> None:
    placement = place(image, ImageSize(640, 640), way)
    box = torch.tensor([[0.1, 0.2, 0.7, 0.9]], dtype=torch.float64)
    box = box * torch.tensor([image.width, image.height] * 2)
    assert torch.allclose(to_picture(to_network(box, placement.transform), placement.transform), box, atol=1e-6)


@given(sizes, ways, places)
def test_the_picture_lies_inside_the_network_input(
    image: ImageSize, way: Resize, place: Callable[..., Placement]
) -> None:
    placement = place(image, ImageSize(640, 416), way)
    assert 0 <= placement.left <= placement.network.width - placement.resized.width
    assert 0 <= placement.top <= placement.network.height - placement.resized.height
    assert placement.network.height <= 640
    assert placement.network.width <= 416


@given(sizes, places)
def test_a_rectangle_has_whole_strides(image: ImageSize, place: Callable[..., Placement]) -> None:
    network = place(image, ImageSize(640, 640), "rectangle", 32).network
    assert network.height % 32 == network.width % 32 == 0
    assert max(network.height, network.width) == 640


def test_a_wide_picture_in_a_square_and_in_a_rectangle() -> None:
    image = ImageSize(720, 1280)
    square = place_yolov5(image, ImageSize(640, 640), "letterbox")
    assert (square.resized, square.top, square.left) == (ImageSize(360, 640), 140, 0)
    assert square.transform.scale_x == square.transform.scale_y == 0.5
    assert square.transform.offset_y == 140
    assert place_yolov5(image, ImageSize(640, 640), "rectangle").network == ImageSize(384, 640)


def test_darknet_rounds_the_shorter_side_down() -> None:
    placement = place_darknet(ImageSize(1080, 810), ImageSize(416, 416), "letterbox")
    assert placement.resized == ImageSize(416, 312)
    assert (placement.left, placement.top) == (52, 0)


@pytest.mark.parametrize("place", [place_yolov5, place_darknet])
def test_stretching_fills_the_input(place: Callable[..., Placement]) -> None:
    placement = place(ImageSize(100, 400), ImageSize(320, 640), "stretch")
    assert placement.resized == placement.network == ImageSize(320, 640)
    assert (placement.transform.scale_x, placement.transform.scale_y) == (1.6, 3.2)
