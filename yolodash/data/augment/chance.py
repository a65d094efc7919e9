"""One picture's parameters, drawn by chance: a function of (seed, epoch, picture) and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from yolodash.data.augment.affine import Affine
from yolodash.data.augment.boxes import LEAST_VISIBLE
from yolodash.data.augment.colour import Colour
from yolodash.data.augment.extras import Extras, draw_extras
from yolodash.data.augment.flips import Flips
from yolodash.data.augment.mosaic import Mosaic
from yolodash.data.augment.recipe import Recipe
from yolodash.structures import ImageSize

_OF_PICTURES, _OF_THE_ORDER, _OF_EXTRAS = 1, 2, 3


@dataclass(frozen=True)
class Drawn:
    """What is done to one picture.

    Attributes:
        partners: the three pictures beside it in the mosaic; none where there is no mosaic.
        mosaic: where they meet.
        affine, colour, flips: done in this order afterwards.
        extras: what YOLOv5's recipe does not have.
        least_visible: share of a box that must be left.
    """

    partners: tuple[int, ...]
    mosaic: Mosaic | None
    affine: Affine
    colour: Colour
    flips: Flips
    extras: Extras = field(default_factory=Extras)
    least_visible: float = LEAST_VISIBLE


def draw(recipe: Recipe, *, seed: int, epoch: int, index: int, pictures: int, side: int) -> Drawn:
    """Draw the parameters for one picture.

    All numbers are drawn whatever the recipe, so that changing one of its values changes nothing else.

    Args:
        recipe: the bounds.
        seed, epoch, index: what the parameters are a function of; the number of the copy where a data set is enlarged.
        pictures: how many there are for a mosaic.
        side: of the network's input.
    """
    random = np.random.default_rng([_OF_PICTURES, seed, epoch, index])
    happens = random.random(3)
    partners = random.integers(0, pictures, 3)
    meeting = random.integers(side // 2, side + side // 2 + 1, 2)
    spread = random.uniform(-1, 1, 11)
    with_mosaic = bool(happens[0] < recipe.mosaic)
    return Drawn(
        partners=tuple(partners.tolist()) if with_mosaic else (),
        mosaic=Mosaic(side, int(meeting[0]), int(meeting[1])) if with_mosaic else None,
        affine=Affine(
            ImageSize(side, side),
            perspective_x=recipe.perspective * spread[0],
            perspective_y=recipe.perspective * spread[1],
            angle=recipe.degrees * spread[2],
            scale=1 + recipe.scale * spread[3],
            shear_x=recipe.shear * spread[4],
            shear_y=recipe.shear * spread[5],
            shift_x=recipe.translate * spread[6],
            shift_y=recipe.translate * spread[7],
        ),
        colour=Colour(1 + recipe.hue * spread[8], 1 + recipe.saturation * spread[9], 1 + recipe.value * spread[10]),
        flips=Flips(bool(happens[1] < recipe.flip_horizontal), bool(happens[2] < recipe.flip_vertical)),
        extras=draw_extras(recipe, np.random.default_rng([_OF_EXTRAS, seed, epoch, index]), pictures),
        least_visible=recipe.least_visible,
    )


def order_of(pictures: int, *, seed: int, epoch: int) -> list[int]:
    """The pictures' order in one epoch."""
    order: list[int] = np.random.default_rng([_OF_THE_ORDER, seed, epoch]).permutation(pictures).tolist()
    return order
