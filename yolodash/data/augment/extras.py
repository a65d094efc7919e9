"""What is done to one picture beyond YOLOv5's recipe, and how it is drawn by chance."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from yolodash.data.augment.camera import BEST_JPEG, Blur, Jpeg, Noise
from yolodash.data.augment.crop import Crop
from yolodash.data.augment.cutout import Cutout, Hole
from yolodash.data.augment.light import Light
from yolodash.data.augment.mixup import Mixup
from yolodash.data.augment.recipe import Recipe
from yolodash.data.augment.turns import Turns

LEAST_SHARE = 0.4
"""Of the light that each of two mixed pictures has: under it, boxes would bound what nobody can see."""
MOST_HOLES = 3
SMALLEST_HOLE = 0.5
"""Side of the smallest hole as a share of the largest."""


@dataclass(frozen=True)
class Extras:
    """Turns and crop come before the affine, the rest at the end, in this order."""

    turns: Turns = field(default_factory=Turns)
    crop: Crop = field(default_factory=Crop)
    mixup: Mixup | None = None
    cutout: Cutout = field(default_factory=Cutout)
    light: Light = field(default_factory=Light)
    grey: bool = False
    blur: Blur = field(default_factory=Blur)
    noise: Noise = field(default_factory=Noise)
    jpeg: Jpeg = field(default_factory=Jpeg)


def draw_extras(recipe: Recipe, random: np.random.Generator, pictures: int) -> Extras:
    """Draw the extras of one picture; all numbers are drawn whatever the recipe, as in ``chance.draw``."""
    happens, amount, spread = random.random(8), random.random(8), random.uniform(-1, 1, 3)
    quarters, partner = int(random.integers(1, 4)), int(random.integers(0, pictures))
    seed, holes = int(random.integers(0, 2**31)), _holes(random, recipe.cutout)
    share = LEAST_SHARE + (1 - 2 * LEAST_SHARE) * float(amount[0])
    across, down = recipe.crop * float(amount[1]), recipe.crop * float(amount[2])
    left, top = across * float(amount[3]), down * float(amount[4])
    deviations = recipe.blur * float(amount[5]), recipe.noise * float(amount[6])
    return Extras(
        turns=Turns(quarters if happens[0] < recipe.quarter_turn else 0),
        crop=Crop(left, top, across - left, down - top) if happens[1] < recipe.crop_probability else Crop(),
        mixup=Mixup(partner, share) if happens[2] < recipe.mixup else None,
        cutout=Cutout(holes if happens[3] < recipe.cutout_probability else ()),
        light=Light(recipe.exposure * spread[0], 1 + recipe.contrast * spread[1], recipe.brightness * spread[2]),
        grey=bool(happens[4] < recipe.grey),
        blur=Blur(deviations[0] if happens[5] < recipe.blur_probability else 0.0),
        noise=Noise(deviations[1] if happens[6] < recipe.noise_probability else 0.0, seed),
        jpeg=Jpeg(BEST_JPEG - round(recipe.jpeg * amount[7] * (happens[7] < recipe.jpeg_probability))),
    )


def _holes(random: np.random.Generator, largest: float) -> tuple[Hole, ...]:
    """One to three of them, with sides from half the largest on."""
    count, numbers = int(random.integers(1, MOST_HOLES + 1)), random.random((MOST_HOLES, 3)).tolist()
    sides = [largest * (SMALLEST_HOLE + (1 - SMALLEST_HOLE) * part) for _, _, part in numbers]
    return tuple(Hole(x, y, side) for (x, y, _), side in zip(numbers[:count], sides, strict=False)) if largest else ()
