"""The checker shadow: two squares of one intensity that nobody sees as equal.

The idea is Edward Adelson's (1995), whose picture the lecture shows; this one is rendered here. A dark square in the
light gives back as much light as a light square in the shadow, because the dark paint's share and the shadow's share
are the same number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolodash.scenes.blocks import Block, Camera, Lamp, Scene
from yolodash.scenes.rendering import LAMP_SPOTS, camera_axes, lamp_spots, pixel_rays
from yolodash.scenes.shapes import Rays, distance_to, dot, floats, hides, may_hide, normals_at, unit
from yolodash.structures import Image, ImageSize

DARK = 0.42
"""The share of the light that dark squares give back, and the share that is left in the shadow; light squares: 1."""
SIZE = ImageSize(420, 672)
HALF_BOARD = 3
_SIDE = 0.8
_SAMPLES = 2
_BLOCK = Block("cylinder", "green", "rubber", "large", 1.35, 0.95)
_CAMERA = Camera(position=(-0.8, -6.4, 5.2), target=(0.15, -0.1, 0.3), field_of_view=0.86)
_LAMP = Lamp(position=(7.0, 4.6, 4.4), side=0.9)
_GREEN = np.array([0.26, 0.62, 0.30])
_TABLE, _WHITE = 0.62, 0.80

LIT, SHADED = (1, -2), (-1, -1)
"""Column and row, from the middle of the board, of the dark square in the light and of the light one in the shadow."""


@dataclass(frozen=True)
class CheckerShadow:
    """The picture, and where its two squares are.

    Attributes:
        image: ``(H, W, 3)`` uint8.
        lit, shaded: ``(4, 2)`` corners x, y in pixels: the dark square in the light, the light one in the shadow.
    """

    image: Image
    lit: NDArray[np.float64]
    shaded: NDArray[np.float64]


def render_checker(size: ImageSize = SIZE) -> CheckerShadow:
    """Draw the board, the cylinder and its shadow."""
    fine = Scene((_BLOCK,), _CAMERA, _LAMP, ImageSize(size.height * _SAMPLES, size.width * _SAMPLES))
    rows, columns = np.divmod(np.arange(fine.size.height * fine.size.width), fine.size.width)
    directions = pixel_rays(fine, columns + 0.5, rows + 0.5)
    light = _seen(directions).reshape(size.height, _SAMPLES, size.width, _SAMPLES, 3).mean(axis=(1, 3))
    image = np.floor(np.clip(light, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)
    return CheckerShadow(image, corners_of(LIT, size), corners_of(SHADED, size))


def paint_of(points: Rays) -> NDArray[np.float64]:
    """The share of light that the ground gives back at points of it: the squares, and the table around."""
    x, y = points[:, 0] / _SIDE, points[:, 1] / _SIDE
    dark = (np.floor(x) + np.floor(y)) % 2 == 1
    on_board = (np.abs(x) < HALF_BOARD) & (np.abs(y) < HALF_BOARD)
    return np.where(on_board, np.where(dark, DARK, 1.0), _TABLE)


def light_on(points: Rays) -> NDArray[np.float64]:
    """The light that falls on the ground: 1 in the open, ``DARK`` in the full shadow, between them at its soft edge."""
    shade = np.zeros(len(points))
    near = np.flatnonzero(may_hide(_BLOCK, points, floats(_LAMP.position), _LAMP.side * 0.7072))
    shade[near] = hides(_BLOCK, points[near], lamp_spots(_LAMP)).sum(axis=0) / LAMP_SPOTS
    return np.where(shade == 1, DARK, 1 - shade * (1 - DARK))


def _seen(directions: Rays) -> NDArray[np.float64]:
    """The light that comes back along rays from the eye; ``(N, 3)``."""
    origin = floats([_CAMERA.position])
    result = np.full((len(directions), 3), _TABLE * _WHITE)
    falling = directions[:, 2] < -1e-6
    points = origin + directions[falling] * (-origin[0, 2] / directions[falling, 2])[:, None]
    result[falling] = (paint_of(points) * light_on(points) * _WHITE)[:, None]
    distance = distance_to(_BLOCK, origin, directions)
    hit = np.isfinite(distance)
    surface = origin + directions[hit] * distance[hit, None]
    facing = np.clip(dot(normals_at(_BLOCK, surface), unit(floats(_LAMP.position) - surface)), 0, 1)
    result[hit] = _GREEN * (0.38 + 0.62 * facing.astype(np.float64))[:, None]
    return result


def corners_of(square: tuple[int, int], size: ImageSize) -> NDArray[np.float64]:
    """A square's four corners in the picture, in pixels; ``(4, 2)``."""
    column, row = square
    ground = np.array([[column, row], [column + 1, row], [column + 1, row + 1], [column, row + 1]]) * _SIDE
    right, up, forward = camera_axes(_CAMERA)
    offset = np.column_stack([ground, np.zeros(4)]) - np.asarray(_CAMERA.position)
    half_width = np.tan(_CAMERA.field_of_view / 2)
    across, down = offset @ right / (offset @ forward), -(offset @ up) / (offset @ forward)
    x = (across / half_width + 1) * size.width / 2
    y = (down / half_width * size.width + size.height) / 2
    return np.column_stack([x, y])


def intensity(image: Image, x: int, y: int) -> int:
    """What a sensor measures at one pixel: the number that is there."""
    return int(image[y, x, 0])
