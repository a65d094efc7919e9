"""One scene seen by several cameras, and one scene as it changes in time: the shapes that image data take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from yolodash.scenes.blocks import Block, Camera, Lamp, Scene
from yolodash.scenes.rendering import render
from yolodash.structures import Image, ImageSize

VIEW_SIZE = ImageSize(240, 320)
_BLOCKS = (
    Block("cube", "red", "rubber", "large", -1.2, 0.5, 0.5),
    Block("sphere", "blue", "metal", "large", 1.3, 0.8),
    Block("cylinder", "yellow", "rubber", "small", 0.3, -1.1),
    Block("cylinder", "purple", "rubber", "small", -0.2, 1.9),
)


def scene(size: ImageSize = VIEW_SIZE) -> Scene:
    """The blocks, seen from the front."""
    return Scene(_BLOCKS, Camera(position=(0.0, -8.2, 3.9)), Lamp(), size)


def camera_at(camera: Camera, angle: float) -> Camera:
    """The same camera, gone around what it looks at by an angle in radians."""
    x, y, height = camera.position
    cosine, sine = np.cos(angle), np.sin(angle)
    return replace(camera, position=(float(x * cosine - y * sine), float(x * sine + y * cosine), height))


def views(count: int, size: ImageSize = VIEW_SIZE) -> list[Image]:
    """The scene seen by so many cameras in a circle around it."""
    front = scene(size)
    angles = np.arange(count) * (2 * np.pi / count)
    return [render(replace(front, camera=camera_at(front.camera, angle))).image for angle in angles]


def rolling(frames: int, size: ImageSize = VIEW_SIZE) -> list[Image]:
    """A film: a small ball rolls through the scene from left to right."""
    still = scene(size)
    places = np.linspace(-2.9, 2.9, frames)
    ball = Block("sphere", "green", "rubber", "small", 0.0, -0.35)
    moved = (replace(still, blocks=(*_BLOCKS, replace(ball, x=float(x)))) for x in places)
    return [render(moment).image for moment in moved]
