"""How strongly pictures are changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """The bounds between which parameters are drawn; the defaults are those of YOLOv5's recipe.

    Attributes:
        hue, saturation, value: up to this share more or less.
        degrees: turned by up to this angle either way.
        translate: moved by up to this share of the side.
        scale: enlarged or shrunk by up to this share.
        shear: by up to this angle in degrees.
        perspective: up to this much, 0 … 0.001 a pixel.
        flip_vertical, flip_horizontal: probability.
        mosaic: probability of four pictures in one.
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


UNCHANGED = Recipe(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
"""Pictures as they are, only letterboxed."""
RECIPES = {"default": Recipe(), "light": Recipe(scale=0.2, mosaic=0.0), "none": UNCHANGED}
"""By the names that commands and pages use: YOLOv5's own; one without mosaic; nothing."""
