"""One picture as the network sees it in training: every transform in its order, and the boxes that are left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yolodash.data.augment.affine import affine
from yolodash.data.augment.boxes import Boxes, clipped, stay
from yolodash.data.augment.chance import Drawn
from yolodash.data.augment.colour import colour
from yolodash.data.augment.flips import flip
from yolodash.data.augment.letterbox import letterbox
from yolodash.data.augment.mosaic import mosaic
from yolodash.structures import Image, ImageSize, Integers


@dataclass(frozen=True)
class Example:
    """A picture with its boxes and their classes, aligned."""

    image: Image
    boxes: Boxes
    class_ids: Integers


def augmented(index: int, drawn: Drawn, read: Callable[[int], Example]) -> Example:
    """One picture after mosaic or letterbox, affine, colour and flips.

    Args:
        index: of the picture.
        drawn: its parameters.
        read: gives a picture by its index, its longer side as long as the network's input.
    """
    if drawn.mosaic is None:
        one = read(index)
        start = Example(*letterbox(one.image, one.boxes, drawn.affine.size), one.class_ids)
    else:
        four = [read(number) for number in (index, *drawn.partners)]
        canvas, moved = mosaic([one.image for one in four], [one.boxes for one in four], drawn.mosaic)
        start = cut(canvas, np.concatenate(moved), np.concatenate([one.class_ids for one in four]))
    image, boxes = affine(start.image, start.boxes, drawn.affine)
    left = cut(image, boxes, start.class_ids)
    image, boxes = flip(*colour(left.image, left.boxes, drawn.colour), drawn.flips)
    return Example(image, boxes, left.class_ids)


def cut(image: Image, boxes: Boxes, class_ids: Integers) -> Example:
    """Clip the boxes to the picture and leave out those of which too little is seen."""
    seen = clipped(boxes, ImageSize(image.shape[0], image.shape[1]))
    kept = stay(boxes, seen)
    return Example(image, seen[kept], class_ids[kept])
