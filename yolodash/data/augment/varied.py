"""Pictures changed by a recipe for an enlarged data set: each keeps its size, and its boxes are followed all the way.

In training the same steps end in the network's size, see ``example``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from yolodash.data.augment.affine import bounds
from yolodash.data.augment.boxes import Boxes, clipped
from yolodash.data.augment.chance import Drawn, draw
from yolodash.data.augment.cutout import uncovered
from yolodash.data.augment.cutting import CutPolicy, Followed, settled, stays
from yolodash.data.augment.letterbox import fit, fitted, letterbox_transform
from yolodash.data.augment.mixup import mixup
from yolodash.data.augment.mosaic import corner, mosaic
from yolodash.data.augment.recipe import Recipe
from yolodash.data.augment.steps import Step, colouring, finishing, moving, of_its_size
from yolodash.structures import Image, ImageSize, Integers

LARGEST_MOSAIC = 1280
"""Pixels: the sides of mosaics of larger pictures."""


@dataclass(frozen=True)
class Source:
    """A picture that is changed, before its pixels are read: its size and its boxes."""

    size: ImageSize
    boxes: Boxes


Sources = Callable[[int], Source]
Pixels = Callable[[int], Image]


def draw_for(recipe: Recipe, *, seed: int, index: int, copy: int, pictures: int, size: ImageSize) -> Drawn:
    """The parameters of one copy of one picture: a function of (seed, index, copy).

    Args:
        copy: from 1 on.
        pictures: how many there are for mosaic and mixup.
        size: of the picture.
    """
    side = max(min(max(size.height, size.width), LARGEST_MOSAIC), 2)
    return draw(recipe, seed=seed, epoch=copy, index=index, pictures=pictures, side=side)


def partners_of(drawn: Drawn) -> tuple[int, ...]:
    """The numbers of the other pictures that a picture needs."""
    return drawn.partners + ((drawn.extras.mixup.partner,) if drawn.extras.mixup is not None else ())


def steps_of(drawn: Drawn, size: ImageSize) -> tuple[Step, ...]:
    """Every step that moves or paints, for a picture of this size or, where there is one, the mosaic's canvas."""
    begun, extras = start_size(drawn, size), drawn.extras
    turned = ImageSize(begun.width, begun.height) if extras.turns.quarters % 2 else begun
    end = drawn.affine.size if drawn.mosaic is not None else turned
    first = moving(extras.turns, extras.crop, of_its_size(drawn.affine, end), begun)
    return (*first, *colouring(drawn.colour, drawn.flips, end), *finishing(extras, end))


def start_size(drawn: Drawn, size: ImageSize) -> ImageSize:
    """Of the picture, or of the canvas of the four."""
    return size if drawn.mosaic is None else ImageSize(2 * drawn.mosaic.side, 2 * drawn.mosaic.side)


def follow(index: int, drawn: Drawn, sources: Sources) -> Followed:
    """Where the boxes of a picture and of its partners go; no pixel is needed for that."""
    own = sources(index)
    result = _joined([_begun(place, one) for place, one in enumerate(_started(index, drawn, sources))])
    size, before_mixup = own.size, True
    for step in steps_of(drawn, own.size):
        if step.name in _AFTER_MIXUP and before_mixup:
            result, before_mixup = _with_partner(result, drawn, sources, size), False
        result, size = _after(result, step), step.size
    return _with_partner(result, drawn, sources, size) if before_mixup else result


_AFTER_MIXUP = ("cutout", "light", "grey", "blur", "noise", "jpeg")


def _started(index: int, drawn: Drawn, sources: Sources) -> Iterator[tuple[Boxes, ImageSize]]:
    """The boxes of each picture where the steps begin, and the size within which they lie."""
    own = sources(index)
    if drawn.mosaic is None:
        yield own.boxes, own.size
        return
    canvas = start_size(drawn, own.size)
    for number, one in enumerate([own, *(sources(partner) for partner in drawn.partners)]):
        size = fitted(one.size, drawn.mosaic.side)
        scaled = one.boxes * ([size.width / one.size.width, size.height / one.size.height] * 2)
        yield scaled + np.array(corner(number, size, drawn.mosaic) * 2), canvas


def _begun(source: int, start: tuple[Boxes, ImageSize]) -> Followed:
    boxes, size = start
    count = len(boxes)
    numbers = np.arange(count, dtype=np.int64)
    return Followed(boxes, clipped(boxes, size), np.ones(count), np.full(count, source, np.int64), numbers)


def _joined(parts: list[Followed]) -> Followed:
    return Followed(
        whole=np.concatenate([one.whole for one in parts]),
        seen=np.concatenate([one.seen for one in parts]),
        uncovered=np.concatenate([one.uncovered for one in parts]),
        source=np.concatenate([one.source for one in parts]),
        row=np.concatenate([one.row for one in parts]),
    )


def _after(followed: Followed, step: Step) -> Followed:
    """The boxes after a step: bounded anew where pixels move, cut at the edge, hidden by holes."""
    if step.matrix is not None:
        seen = clipped(bounds(followed.seen, step.matrix), step.size)
        followed = replace(followed, whole=bounds(followed.whole, step.matrix), seen=seen)
    if step.cutout.holes:
        left = followed.uncovered * uncovered(followed.seen, step.cutout, step.size)
        followed = replace(followed, uncovered=left)
    return followed


def _with_partner(followed: Followed, drawn: Drawn, sources: Sources, size: ImageSize) -> Followed:
    """The boxes of the picture that is laid over, if there is one."""
    if drawn.extras.mixup is None:
        return followed
    other = sources(drawn.extras.mixup.partner)
    boxes = letterbox_transform(other.boxes, other.size, size)
    return _joined([followed, _begun(1 + len(drawn.partners), (boxes, size))])


def paint(index: int, drawn: Drawn, pixels: Pixels) -> Image:
    """The picture itself."""
    image, nothing = pixels(index), np.zeros((0, 4))
    steps = steps_of(drawn, ImageSize(image.shape[0], image.shape[1]))
    if drawn.mosaic is not None:
        four = [fit(one, nothing, drawn.mosaic.side)[0] for one in (image, *map(pixels, drawn.partners))]
        image, _ = mosaic(four, [nothing] * 4, drawn.mosaic)
    image = _painted(image, (step for step in steps if step.name not in _AFTER_MIXUP))
    if drawn.extras.mixup is not None:
        image, _, _ = mixup(image, nothing, pixels(drawn.extras.mixup.partner), nothing, drawn.extras.mixup)
    return _painted(image, (step for step in steps if step.name in _AFTER_MIXUP))


def _painted(image: Image, steps: Iterable[Step]) -> Image:
    for step in steps:
        image, _ = step.change(image, np.zeros((0, 4)))
    return image


@dataclass(frozen=True)
class Varied:
    """A changed picture.

    Attributes:
        image: its pixels.
        boxes: ``(N, 4)`` that stay.
        source, row: ``(N,)`` where each comes from: the picture itself (0) or a partner (1, 2 …), and its number there.
        partners: the numbers of those pictures.
        lost: how many boxes did not stay.
    """

    image: Image
    boxes: Boxes
    source: Integers
    row: Integers
    partners: tuple[int, ...]
    lost: int


def varied(index: int, drawn: Drawn, pixels: Pixels, sources: Sources, policy: CutPolicy) -> Varied:
    """One copy of a picture with the boxes that stay.

    Args:
        pixels: gives a picture by its number.
        sources: gives its size and its boxes.
    """
    followed = follow(index, drawn, sources)
    kept = stays(followed, policy)
    boxes, image = settled(followed, policy)[kept], paint(index, drawn, pixels)
    return Varied(
        image, boxes, followed.source[kept], followed.row[kept], (index, *partners_of(drawn)), int((~kept).sum())
    )


def shares(indices: Iterable[int], recipe: Recipe, sources: Sources, policy: CutPolicy, **by: int) -> tuple[int, int]:
    """How many boxes of some pictures would be lost, of how many.

    Args:
        by: ``seed``, ``copy`` and ``pictures``, as ``draw_for`` takes them.
    """
    lost = total = 0
    for index in indices:
        drawn = draw_for(recipe, index=index, size=sources(index).size, **by)
        kept = stays(follow(index, drawn, sources), policy)
        lost, total = lost + int((~kept).sum()), total + len(kept)
    return lost, total
