"""What is done to one picture as a list of steps, each with its matrix where it moves pixels.

Training, the making of an enlarged data set, the preview and the X-ray all go through this one list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from yolodash.data.augment.affine import Affine, Matrix, affine, matrix_of
from yolodash.data.augment.boxes import Boxes
from yolodash.data.augment.camera import LONGER_SIDE, Blur, Jpeg, blur, jpeg, noise
from yolodash.data.augment.colour import Colour, colour
from yolodash.data.augment.crop import Crop, crop, window
from yolodash.data.augment.cutout import Cutout, cutout
from yolodash.data.augment.extras import Extras
from yolodash.data.augment.flips import Flips, flip
from yolodash.data.augment.light import Light, grey, light
from yolodash.data.augment.turns import Turns, turn
from yolodash.structures import Image, ImageSize

Change = Callable[[Image, Boxes], tuple[Image, Boxes]]


@dataclass(frozen=True)
class Step:
    """One change of a picture.

    Attributes:
        name: of the parameters' kind: ``turns``, ``crop``, ``affine``, ``colour``, ``flips``, ``cutout`` …
        change: the picture and its boxes after it.
        before, size: of the picture, before and after.
        matrix: 3 × 3, from positions before to positions after; None where nothing moves.
        cutout: the holes that hide what lies there; only of that step.
    """

    name: str
    change: Change
    before: ImageSize
    size: ImageSize
    matrix: Matrix | None = None
    cutout: Cutout = field(default_factory=Cutout)


def moving(turns: Turns, cropped: Crop, moved: Affine, before: ImageSize) -> Iterator[Step]:
    """Quarter turns, crop and affine, of which the last is always there."""
    if turns.quarters % 4:
        size = ImageSize(before.width, before.height) if turns.quarters % 2 else before
        yield Step("turns", lambda i, b: turn(i, b, turns), before, size, turn_matrix(turns, before))
        before = size
    if cropped != Crop():
        matrix = crop_matrix(cropped, before)
        yield Step("crop", lambda i, b: crop(i, b, cropped), before, before, matrix)
    yield Step("affine", lambda i, b: affine(i, b, moved), before, moved.size, matrix_of(moved, before))


def colouring(coloured: Colour, flips: Flips, size: ImageSize) -> Iterator[Step]:
    """Hue, saturation and value, then the mirrors."""
    if coloured != Colour():
        yield Step("colour", lambda i, b: colour(i, b, coloured), size, size)
    if flips != Flips():
        yield Step("flips", lambda i, b: flip(i, b, flips), size, size, flip_matrix(flips, size))


def finishing(extras: Extras, size: ImageSize) -> Iterator[Step]:
    """Holes, light and what a poor camera adds."""
    changes: list[tuple[str, bool, Change]] = [
        ("light", extras.light != Light(), lambda i, b: light(i, b, extras.light)),
        ("grey", extras.grey, grey),
        ("blur", extras.blur != Blur(), lambda i, b: blur(i, b, extras.blur)),
        ("noise", extras.noise.deviation > 0, lambda i, b: noise(i, b, extras.noise)),
        ("jpeg", extras.jpeg != Jpeg(), lambda i, b: jpeg(i, b, extras.jpeg)),
    ]
    if extras.cutout.holes:
        yield Step("cutout", lambda i, b: cutout(i, b, extras.cutout), size, size, cutout=extras.cutout)
    yield from (Step(name, change, size, size) for name, happens, change in changes if happens)


def of_its_size(moved: Affine, size: ImageSize) -> Affine:
    """The affine for a picture that keeps its size, though the recipe's perspective counts for one of 640 pixels."""
    less = LONGER_SIDE / max(size.height, size.width)
    return replace(moved, size=size, perspective_x=moved.perspective_x * less, perspective_y=moved.perspective_y * less)


def turn_matrix(turns: Turns, size: ImageSize) -> Matrix:
    """Quarter turns anticlockwise: (x, y) → (y, width − x), once for each."""
    matrix, width, height = np.eye(3), size.width, size.height
    for _ in range(turns.quarters % 4):
        matrix = np.array([[0, 1, 0], [-1, 0, width], [0, 0, 1]], np.float64) @ matrix
        width, height = height, width
    return np.asarray(matrix, np.float64)


def crop_matrix(cropped: Crop, size: ImageSize) -> Matrix:
    """Moved by what is cut off at the left and at the top, then enlarged to the old size."""
    left, top, right, bottom = window(cropped, size)
    across, down = size.width / (right - left), size.height / (bottom - top)
    return np.array([[across, 0, -across * left], [0, down, -down * top], [0, 0, 1]], np.float64)


def flip_matrix(flips: Flips, size: ImageSize) -> Matrix:
    """x → width − x, or y → height − y, or both."""
    x, y = (-1.0 if flips.horizontal else 1.0), (-1.0 if flips.vertical else 1.0)
    across, down = (size.width if flips.horizontal else 0.0), (size.height if flips.vertical else 0.0)
    return np.array([[x, 0, across], [0, y, down], [0, 0, 1]], np.float64)
