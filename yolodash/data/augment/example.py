"""One picture as the network sees it in training: every transform in its order, and the boxes that are left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from yolodash.data.augment.boxes import LEAST_VISIBLE, Boxes, clipped, stay
from yolodash.data.augment.chance import Drawn
from yolodash.data.augment.cutout import uncovered
from yolodash.data.augment.letterbox import letterbox
from yolodash.data.augment.mixup import mixup
from yolodash.data.augment.mosaic import mosaic
from yolodash.data.augment.steps import Step, colouring, finishing, moving
from yolodash.structures import Image, ImageSize, Integers


@dataclass(frozen=True)
class Example:
    """A picture with its boxes and their classes, aligned."""

    image: Image
    boxes: Boxes
    class_ids: Integers


def augmented(index: int, drawn: Drawn, read: Callable[[int], Example]) -> Example:
    """One picture after mosaic or letterbox, quarter turns, crop, affine, colour and flips, and the other extras.

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
        start = cut(canvas, np.concatenate(moved), np.concatenate([one.class_ids for one in four]), drawn.least_visible)
    size = ImageSize(start.image.shape[0], start.image.shape[1])
    image, boxes = _through(moving(drawn.extras.turns, drawn.extras.crop, drawn.affine, size), start.image, start.boxes)
    left = cut(image, boxes, start.class_ids, drawn.least_visible)
    image, boxes = _through(colouring(drawn.colour, drawn.flips, drawn.affine.size), left.image, left.boxes)
    return _finished(Example(image, boxes, left.class_ids), drawn, read)


def _finished(example: Example, drawn: Drawn, read: Callable[[int], Example]) -> Example:
    """Mixup and what comes after it; boxes that holes hide go."""
    image, boxes, class_ids = example.image, example.boxes, example.class_ids
    if drawn.extras.mixup is not None:
        other = read(drawn.extras.mixup.partner)
        image, boxes, more = mixup(image, boxes, other.image, other.boxes, drawn.extras.mixup)
        boxes, class_ids = np.concatenate([boxes, more]), np.concatenate([class_ids, other.class_ids])
    size = drawn.affine.size
    image, boxes = _through(finishing(drawn.extras, size), image, boxes)
    if not drawn.extras.cutout.holes:
        return Example(image, boxes, class_ids)
    kept = uncovered(boxes, drawn.extras.cutout, size) > drawn.least_visible
    return Example(image, boxes[kept], class_ids[kept])


def _through(steps: Iterable[Step], image: Image, boxes: Boxes) -> tuple[Image, Boxes]:
    for step in steps:
        image, boxes = step.change(image, boxes)
    return image, boxes


def cut(image: Image, boxes: Boxes, class_ids: Integers, least_visible: float = LEAST_VISIBLE) -> Example:
    """Clip the boxes to the picture and leave out those of which too little is seen."""
    seen = clipped(boxes, ImageSize(image.shape[0], image.shape[1]))
    kept = stay(boxes, seen, least_visible)
    return Example(image, seen[kept], class_ids[kept])
