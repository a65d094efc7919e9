"""What a scene is: blocks on a plane, a camera, a lamp. Lengths are in units of the plane; z points up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from yolodash.structures import ImageSize

Shape = Literal["cube", "sphere", "cylinder"]
Colour = Literal["gray", "red", "blue", "green", "brown", "purple", "cyan", "yellow"]
Material = Literal["rubber", "metal"]
Size = Literal["small", "large"]

SHAPES: tuple[Shape, ...] = ("cube", "sphere", "cylinder")
"""In the order of the class ids: 0 cube, 1 sphere, 2 cylinder."""
COLOURS: dict[Colour, tuple[float, float, float]] = {
    "gray": (0.34, 0.34, 0.35),
    "red": (0.68, 0.13, 0.13),
    "blue": (0.16, 0.29, 0.84),
    "green": (0.11, 0.41, 0.08),
    "brown": (0.51, 0.29, 0.10),
    "purple": (0.51, 0.15, 0.75),
    "cyan": (0.16, 0.82, 0.82),
    "yellow": (1.0, 0.93, 0.20),
}
"""Share of red, green and blue light that each colour gives back."""
MATERIALS: tuple[Material, ...] = ("rubber", "metal")
HALF_SIDE: dict[Size, float] = {"small": 0.31, "large": 0.68}
"""Half the side of a cube, the radius of a sphere, the radius and half the height of a cylinder."""


@dataclass(frozen=True)
class Block:
    """One object, standing on the plane; ``rotation`` about the vertical in radians."""

    shape: Shape
    colour: Colour
    material: Material
    size: Size
    x: float
    y: float
    rotation: float = 0.0

    @property
    def half(self) -> float:
        """Half of its height."""
        return HALF_SIDE[self.size]


@dataclass(frozen=True)
class Camera:
    """A pinhole: where it stands, what it looks at, and how wide it sees (radians from left to right edge)."""

    position: tuple[float, float, float]
    target: tuple[float, float, float] = (0.0, 0.0, 0.3)
    field_of_view: float = 0.85


@dataclass(frozen=True)
class Lamp:
    """A square lamp, turned toward the origin, which throws soft shadows."""

    position: tuple[float, float, float] = (-3.5, -2.0, 7.5)
    side: float = 2.2
    brightness: float = 1.0


@dataclass(frozen=True)
class Scene:
    """Everything that a picture is made of."""

    blocks: tuple[Block, ...]
    camera: Camera
    lamp: Lamp
    size: ImageSize
