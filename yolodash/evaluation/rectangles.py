"""Batches of rectangles, as YOLOv5's own validation makes them: pictures of like proportions share one input size.

A picture is resized once, its longer side to the size that was asked for (by areas where it shrinks), and lies in the
middle of an input that leaves half a stride more than the batch's longest picture needs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
import torch

from yolodash.geometry.letterbox import Placement
from yolodash.inference.preparation import YOLOV5_PADDING, Prepared
from yolodash.structures import Image, ImageSize, Transform

MARGIN = 0.5
"""Strides added before rounding up."""


def prepare_rectangles(images: Sequence[Image], size: int, stride: int) -> list[Prepared]:
    """Bring the pictures of one batch into one input size.

    Args:
        images: ``(H, W, 3)`` uint8 RGB each.
        size: what the longer side becomes.
        stride: the input's sides are multiples of it.
    """
    sizes = [ImageSize(image.shape[0], image.shape[1]) for image in images]
    network = batch_size(sizes, size, stride)
    return [_prepare(image, place(one, size, network)) for image, one in zip(images, sizes, strict=True)]


def batch_size(images: Sequence[ImageSize], size: int, stride: int) -> ImageSize:
    """The input for a batch: its longest picture's proportions, in whole strides with ``MARGIN`` added.

    Pictures that are all wide make it low, pictures that are all tall make it narrow, a mixture makes it a square.
    """
    aspects = [image.height / image.width for image in images]
    height = min(max(aspects), 1.0)
    width = min(1 / min(aspects), 1.0)
    tall, wide = (math.ceil(share * size / stride + MARGIN) * stride for share in (height, width))
    return ImageSize(tall, wide)


def place(image: ImageSize, size: int, network: ImageSize) -> Placement:
    """Where a picture lies: its longer side becomes ``size``, the rest is padding on both sides."""
    scale = size / max(image.height, image.width)
    resized = ImageSize(math.ceil(image.height * scale), math.ceil(image.width * scale)) if scale != 1 else image
    pad_x, pad_y = (network.width - resized.width) / 2, (network.height - resized.height) / 2
    back = resized.height / image.height
    return Placement(
        resized, network, round(pad_x - 0.1), round(pad_y - 0.1), Transform(back, back, float(pad_x), float(pad_y))
    )


def _prepare(image: Image, placement: Placement) -> Prepared:
    height, width = placement.resized.height, placement.resized.width
    resized = image
    if image.shape[:2] != (height, width):
        way = cv2.INTER_LINEAR if height > image.shape[0] or width > image.shape[1] else cv2.INTER_AREA
        resized = cv2.resize(image, (width, height), interpolation=way).astype(np.uint8, copy=False)
    canvas = np.full((placement.network.height, placement.network.width, 3), YOLOV5_PADDING, np.uint8)
    canvas[placement.top : placement.top + height, placement.left : placement.left + width] = resized
    batch = torch.from_numpy(canvas).permute(2, 0, 1)[None].float() / 255
    return Prepared(batch.contiguous(), placement, ImageSize(image.shape[0], image.shape[1]))
