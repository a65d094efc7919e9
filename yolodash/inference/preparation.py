"""From a picture to a network's input, as each family's own program makes it.

YOLOv5 resizes the bytes with OpenCV's bilinear resize and pads with grey 114. Darknet resizes in floating point, with
the corners of both pictures on each other, and pads with .5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from yolodash.errors import N_, ImageError, OptionError
from yolodash.geometry.letterbox import Placement, place_darknet, place_yolov5
from yolodash.structures import Family, Image, ImageSize, Resize

if TYPE_CHECKING:
    from yolodash.models.detector import Detector

LARGEST_SIDE = 4096
"""Of a network's input, in pixels: more makes a layer's maps larger than most machines' memory."""

YOLOV5_PADDING = 114
DARKNET_PADDING = 0.5


@dataclass(frozen=True)
class Prepared:
    """One picture, ready for a network.

    Attributes:
        batch: ``(1, 3, H, W)`` float32 RGB in [0, 1].
        placement: where the picture lies in it.
        image_size: of the picture.
    """

    batch: Tensor
    placement: Placement
    image_size: ImageSize


def prepare(
    model: Detector, image: Image, *, size: ImageSize | int | None = None, resize: Resize | None = None
) -> Prepared:
    """Bring a picture into a model's input.

    Args:
        model: decides the family's way, the size and the stride.
        image: ``(H, W, 3)`` uint8 RGB, upright.
        size: of the network's input; None for the model's own, a number for a square. See ``input_size``.
        resize: None for the family's own way: YOLOv5 ``rectangle``, Darknet ``letterbox``.

    Raises:
        ImageError: the array is no RGB picture.
        OptionError: a size or a way that this model cannot take.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or image.size == 0:
        raise ImageError(
            N_("A picture must be an array of height × width × 3 bytes; this one is {shape} {kind}"),
            fix=N_("convert it to 8-bit RGB first"),
            shape=str(image.shape),
            kind=str(image.dtype),
        )
    image_size = ImageSize(image.shape[0], image.shape[1])
    way = resize_of(model, resize)
    place = place_yolov5 if model.family == "yolov5" else place_darknet
    placement = place(image_size, input_size(model, size), way, model.stride)
    if model.family == "yolov5":
        batch = torch.from_numpy(place_bytes(image, placement)).permute(2, 0, 1)[None].float() / 255
    else:
        batch = place_floats(image, placement)
    return Prepared(batch.contiguous(), placement, image_size)


def resize_of(model: Detector, resize: Resize | None) -> Resize:
    """The way that was asked for, else the family's own.

    Raises:
        OptionError: an unknown way, or ``rectangle`` for a network that takes one size only.
    """
    if resize is None:
        return FAMILY_RESIZE[model.family]
    if resize not in ("letterbox", "rectangle", "stretch"):
        raise OptionError(
            N_("'{value}' is no way to resize"),
            where="resize",
            fix=N_("choose letterbox, rectangle or stretch"),
            value=str(resize),
        )
    if resize == "rectangle" and takes_one_size(model):
        raise OptionError(
            N_("This network takes one size only, so its input cannot be a rectangle"),
            where="resize",
            fix=N_("choose letterbox or stretch"),
        )
    return resize


FAMILY_RESIZE: dict[Family, Resize] = {
    "yolov1": "letterbox",
    "yolov2": "letterbox",
    "yolov3": "letterbox",
    "yolov4": "letterbox",
    "yolov5": "rectangle",
}
"""What each family's own program does with a picture that is no square."""


def input_size(model: Detector, size: ImageSize | int | None = None) -> ImageSize:
    """The size of a model's input for what was asked: whole strides, rounded up as YOLOv5's program does.

    Raises:
        OptionError: a size below 1 or over ``LARGEST_SIDE``, or another than the only one that v1 takes.
    """
    asked = model.size if size is None else size
    if isinstance(asked, int):
        asked = ImageSize(asked, asked)
    if not (1 <= asked.height <= LARGEST_SIDE and 1 <= asked.width <= LARGEST_SIDE):
        raise OptionError(
            N_("An input of {height} × {width} pixels makes no sense"),
            where="size",
            fix=N_("give a number from 1 to {largest}"),
            height=asked.height,
            width=asked.width,
            largest=LARGEST_SIDE,
        )
    if takes_one_size(model):
        if asked != model.size:
            raise OptionError(
                N_("This network takes {height} × {width} pixels only: its last layers are not convolutions"),
                where="size",
                fix=N_("leave the size away"),
                height=model.size.height,
                width=model.size.width,
            )
        return asked
    stride = model.stride
    return ImageSize(-(-asked.height // stride) * stride, -(-asked.width // stride) * stride)


def takes_one_size(model: Detector) -> bool:
    """v1 ends in layers with one weight a position; all later networks are convolutions from end to end."""
    return any(head.kind == "detection" for head in model.heads)


def place_bytes(image: Image, placement: Placement) -> Image:
    """YOLOv5's way: ``(h, w, 3)`` uint8 → ``(H, W, 3)`` uint8, resized by OpenCV and padded with 114."""
    resized = image
    if image.shape[:2] != (placement.resized.height, placement.resized.width):
        resized = cv2.resize(
            image, (placement.resized.width, placement.resized.height), interpolation=cv2.INTER_LINEAR
        ).astype(np.uint8, copy=False)
    canvas = np.full((placement.network.height, placement.network.width, 3), YOLOV5_PADDING, dtype=np.uint8)
    canvas[_rows(placement), _columns(placement)] = resized
    return canvas


def place_floats(image: Image, placement: Placement) -> Tensor:
    """Darknet's way: ``(h, w, 3)`` uint8 → ``(1, 3, H, W)`` float32, resized corner on corner and padded with .5.

    Source pixel = destination pixel · (in − 1) / (out − 1).
    """
    picture = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].float() / 255
    size = (placement.resized.height, placement.resized.width)
    resized = functional.interpolate(picture, size=size, mode="bilinear", align_corners=True)
    canvas = torch.full((1, 3, placement.network.height, placement.network.width), DARKNET_PADDING)
    canvas[:, :, _rows(placement), _columns(placement)] = resized
    return canvas


def _rows(placement: Placement) -> slice:
    return slice(placement.top, placement.top + placement.resized.height)


def _columns(placement: Placement) -> slice:
    return slice(placement.left, placement.left + placement.resized.width)
