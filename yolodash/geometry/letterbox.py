"""How a picture of any size comes into a network's square, and how boxes come back out.

Three ways: ``letterbox`` keeps the proportions and pads to the network's size; ``rectangle`` pads only to whole
strides (YOLOv5's own way); ``stretch`` fills the size and bends the proportions. Only arithmetic here, no pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from yolodash.structures import ImageSize, Resize, Transform

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Placement:
    """Where the resized picture lies in the network's input.

    Attributes:
        resized: size of the picture after resizing.
        network: size of the whole input, padding included.
        left, top: padding in whole pixels before the picture.
        transform: from picture to network, as the family's own program takes boxes back.
    """

    resized: ImageSize
    network: ImageSize
    left: int
    top: int
    transform: Transform


def place_yolov5(image: ImageSize, size: ImageSize, resize: Resize, stride: int = 32) -> Placement:
    """YOLOv5's placement: one scale for both sides, the picture in the middle.

    Boxes go back by the exact scale and the exact half of the padding, not by the rounded ones, as that program does.

    Args:
        image: of the picture.
        size: of the network's input; with ``rectangle`` an upper bound.
        stride: the input's sides are multiples of it.
    """
    if resize == "stretch":
        return place_stretched(image, size)
    scale = min(size.height / image.height, size.width / image.width)
    resized = ImageSize(max(1, round(image.height * scale)), max(1, round(image.width * scale)))
    pad_y, pad_x = size.height - resized.height, size.width - resized.width
    if resize == "rectangle":
        pad_y, pad_x = pad_y % stride, pad_x % stride
    network = ImageSize(resized.height + pad_y, resized.width + pad_x)
    offset_x, offset_y = (network.width - image.width * scale) / 2, (network.height - image.height * scale) / 2
    return Placement(
        resized=resized,
        network=network,
        left=round(pad_x / 2 - 0.1),
        top=round(pad_y / 2 - 0.1),
        transform=Transform(scale, scale, offset_x, offset_y),
    )


def place_darknet(image: ImageSize, size: ImageSize, resize: Resize, stride: int = 32) -> Placement:
    """Darknet's placement: the longer side fills the network, the other is rounded down.

    ``rectangle`` is not Darknet's own; it is the letterbox with whole strides of padding left away.
    """
    if resize == "stretch":
        return place_stretched(image, size)
    if size.width / image.width < size.height / image.height:
        resized = ImageSize(max(1, image.height * size.width // image.width), size.width)
    else:
        resized = ImageSize(size.height, max(1, image.width * size.height // image.height))
    pad_y, pad_x = size.height - resized.height, size.width - resized.width
    if resize == "rectangle":
        pad_y, pad_x = pad_y % stride, pad_x % stride
    network = ImageSize(resized.height + pad_y, resized.width + pad_x)
    return Placement(
        resized=resized,
        network=network,
        left=pad_x // 2,
        top=pad_y // 2,
        transform=Transform(resized.width / image.width, resized.height / image.height, pad_x / 2, pad_y / 2),
    )


def place_stretched(image: ImageSize, size: ImageSize) -> Placement:
    """The picture fills the network's input, each side by its own scale."""
    transform = Transform(size.width / image.width, size.height / image.height, 0.0, 0.0)
    return Placement(resized=size, network=size, left=0, top=0, transform=transform)


def to_network(boxes: Tensor, transform: Transform) -> Tensor:
    """``(N, 4)`` x1, y1, x2, y2 in picture pixels → in network pixels."""
    return boxes * _scale(boxes, transform) + _offset(boxes, transform)


def to_picture(boxes: Tensor, transform: Transform) -> Tensor:
    """``(N, 4)`` x1, y1, x2, y2 in network pixels → in pixels of the upright original picture, not clipped."""
    return (boxes - _offset(boxes, transform)) / _scale(boxes, transform)


def _scale(boxes: Tensor, transform: Transform) -> Tensor:
    return boxes.new_tensor([transform.scale_x, transform.scale_y] * 2)


def _offset(boxes: Tensor, transform: Transform) -> Tensor:
    return boxes.new_tensor([transform.offset_x, transform.offset_y] * 2)
