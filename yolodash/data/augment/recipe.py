"""How strongly pictures are changed."""

from __future__ import annotations

from dataclasses import dataclass

from yolodash.data.augment.boxes import LEAST_VISIBLE


@dataclass(frozen=True)
class Recipe:
    """The bounds between which parameters are drawn; the defaults are those of YOLOv5's recipe.

    The same recipe serves a training, which draws anew in every epoch, and the making of an enlarged data set. What
    each number means, how large it may be and by which formula it acts stands in ``transforms``.

    Attributes:
        hue, saturation, value: up to this share more or less.
        degrees: turned by up to this angle either way.
        translate: moved by up to this share of the side.
        scale: enlarged or shrunk by up to this share.
        shear: by up to this angle in degrees.
        perspective: up to this much, 0 … 0.001 a pixel.
        flip_vertical, flip_horizontal: probability.
        mosaic: probability of four pictures in one.
        quarter_turn: probability of one, two or three quarter turns.
        crop: up to this share of width and height is cut off, and the rest enlarged.
        brightness: up to this share of 255 more or less.
        exposure: up to so many stops more or less.
        contrast: up to this share more or less.
        grey: probability of no colour.
        blur: standard deviation up to so many pixels of a picture 640 pixels long.
        noise: standard deviation up to so many of 255 levels.
        jpeg: quality down to 100 less this.
        cutout: one to three holes with sides up to this share of the shorter side.
        mixup: probability of a second picture laid over.
        blur_probability …: how often what is named acts, in a picture where its own number is not 0.
        least_visible: a box of which no more than this share is left is left out.
    """

    hue: float = 0.015
    saturation: float = 0.7
    value: float = 0.4
    degrees: float = 0.0
    translate: float = 0.1
    scale: float = 0.5
    shear: float = 0.0
    perspective: float = 0.0
    flip_vertical: float = 0.0
    flip_horizontal: float = 0.5
    mosaic: float = 1.0
    quarter_turn: float = 0.0
    crop: float = 0.0
    brightness: float = 0.0
    exposure: float = 0.0
    contrast: float = 0.0
    grey: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    jpeg: float = 0.0
    cutout: float = 0.0
    mixup: float = 0.0
    crop_probability: float = 1.0
    blur_probability: float = 0.3
    noise_probability: float = 0.3
    jpeg_probability: float = 0.3
    cutout_probability: float = 0.5
    least_visible: float = LEAST_VISIBLE


YOLOV5_NAMES = (
    "hue", "saturation", "value", "degrees", "translate", "scale", "shear", "perspective", "flip_vertical",
    "flip_horizontal", "mosaic",
)  # fmt: skip
"""What YOLOv5's recipe has; all else is ours."""

UNCHANGED = Recipe(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
"""Pictures as they are, only letterboxed."""
VARIED = Recipe(
    hue=0, saturation=0.4, value=0, degrees=8, translate=0.1, scale=0.2, mosaic=0, exposure=0.5, blur=1.5,
)  # fmt: skip
"""A little of much, each picture by itself: for an enlarged data set to begin with."""
RECIPES = {"default": Recipe(), "light": Recipe(scale=0.2, mosaic=0.0), "none": UNCHANGED, "varied": VARIED}
"""By the names that commands and pages use: YOLOv5's own; one without mosaic; nothing; a little of much."""
