"""Pictures brought to a size: the proportions kept, the rest grey."""

from __future__ import annotations

import cv2
import numpy as np

from yolodash.data.augment.boxes import Boxes
from yolodash.geometry.letterbox import place_yolov5
from yolodash.structures import Image, ImageSize

GREY = 114
"""What YOLOv5 pads with."""


def fit(image: Image, boxes: Boxes, side: int) -> tuple[Image, Boxes]:
    """The longer side becomes ``side`` pixels, the shorter keeps the proportion; nothing is padded."""
    return resize(image, boxes, fitted(ImageSize(image.shape[0], image.shape[1]), side))


def fitted(size: ImageSize, side: int) -> ImageSize:
    """The size of a picture after ``fit``."""
    scale = side / max(size.height, size.width)
    return ImageSize(max(1, round(size.height * scale)), max(1, round(size.width * scale)))


def resize(image: Image, boxes: Boxes, size: ImageSize) -> tuple[Image, Boxes]:
    """Stretched to a size, between the pixels by OpenCV's bilinear rule, and by areas where it shrinks."""
    height, width = image.shape[:2]
    if (height, width) == (size.height, size.width):
        return image, boxes
    way = cv2.INTER_AREA if size.height < height and size.width < width else cv2.INTER_LINEAR
    resized = cv2.resize(image, (size.width, size.height), interpolation=way)
    return np.asarray(resized, np.uint8), boxes * ([size.width / width, size.height / height] * 2)


def letterbox(image: Image, boxes: Boxes, size: ImageSize) -> tuple[Image, Boxes]:
    """In the middle of a grey input of this size, as large as fits: what the network sees when it detects."""
    placement = place_yolov5(ImageSize(image.shape[0], image.shape[1]), size, "letterbox")
    resized, _ = resize(image, boxes, placement.resized)
    canvas = np.full((size.height, size.width, 3), GREY, np.uint8)
    rows = slice(placement.top, placement.top + placement.resized.height)
    columns = slice(placement.left, placement.left + placement.resized.width)
    canvas[rows, columns] = resized
    return canvas, letterbox_transform(boxes, ImageSize(image.shape[0], image.shape[1]), size)


def letterbox_transform(boxes: Boxes, before: ImageSize, size: ImageSize) -> Boxes:
    """The boxes after ``letterbox``."""
    way = place_yolov5(before, size, "letterbox").transform
    return np.asarray(boxes * np.array([way.scale_x, way.scale_y] * 2) + np.array([way.offset_x, way.offset_y] * 2))
