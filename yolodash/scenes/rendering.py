"""Light, shadow and pixels: a small ray tracer, the same picture for the same scene every time.

One ray a pixel finds the nearest block; pixels on an edge get a grid of further rays. Every point seen is lit by the
lamp (through a grid of shadow rays, hence the soft edges), by the sky, and on metal by what it mirrors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolodash.scenes.blocks import COLOURS, Block, Camera, Lamp, Scene
from yolodash.scenes.shapes import NOWHERE, Rays, distance_to, dot, floats, may_meet, normals_at, unit
from yolodash.structures import Image

GROUND, SKY = -1, -2
"""What a ray meets beside a block's number."""
SHADOW_GRID = 4
EDGE_GRID = 3
_GROUND_COLOUR = floats([0.46, 0.46, 0.47])
_SKY_COLOUR = floats([0.62, 0.63, 0.65])
_AMBIENT = 0.36


@dataclass(frozen=True)
class Rendered:
    """A picture and what each of its pixels shows.

    Attributes:
        image: ``(H, W, 3)`` uint8 RGB.
        seen: ``(H, W)`` int8, number of the block at the pixel's centre, or ``GROUND`` or ``SKY``.
        alone: ``(B, H, W)`` bool, where each block would be seen if no other stood in front of it.
    """

    image: Image
    seen: NDArray[np.int8]
    alone: NDArray[np.bool_]


def render(scene: Scene) -> Rendered:
    """Draw a scene."""
    height, width = scene.size.height, scene.size.width
    rows, columns = np.divmod(np.arange(height * width), width)
    directions = pixel_rays(scene, columns + 0.5, rows + 0.5)
    origin = floats([scene.camera.position])
    distances = reach(scene, origin, directions)  # (B, N)
    seen, colours = _look(scene, origin, directions, distances)
    seen_map = seen.reshape(height, width)
    edges = np.flatnonzero(on_edge(seen_map))
    colours[edges] = _fine(scene, origin, columns[edges], rows[edges])
    image = np.clip(_developed(colours) * 255 + 0.5, 0, 255).astype(np.uint8).reshape(height, width, 3)
    return Rendered(image, seen_map, np.isfinite(distances).reshape(-1, height, width))


def pixel_rays(scene: Scene, x: NDArray[np.float64], y: NDArray[np.float64]) -> Rays:
    """Directions through points of the picture, in pixels from its left top corner; ``(N, 3)``, not unit vectors."""
    right, up, forward = camera_axes(scene.camera)
    half_width = np.tan(scene.camera.field_of_view / 2)
    across = (2 * x / scene.size.width - 1) * half_width
    down = (2 * y - scene.size.height) / scene.size.width * half_width
    return floats(forward + across[:, None] * right - down[:, None] * up)


def camera_axes(camera: Camera) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The camera's right, up and forward as unit vectors."""
    forward = np.subtract(camera.target, camera.position)
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right = right / np.linalg.norm(right)
    return right, np.cross(right, forward), forward


def on_edge(seen: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Pixels of a block's outline and those beside it."""
    result = np.zeros(seen.shape, bool)
    across, down = seen[:, 1:] != seen[:, :-1], seen[1:] != seen[:-1]
    result[:, 1:] |= across
    result[:, :-1] |= across
    result[1:] |= down
    result[:-1] |= down
    return result


def _fine(scene: Scene, origin: Rays, columns: NDArray[np.int64], rows: NDArray[np.int64]) -> Rays:
    """The mean colour of a grid of rays through each of some pixels."""
    steps = (np.arange(EDGE_GRID) + 0.5) / EDGE_GRID
    x = (columns[:, None, None] + steps).repeat(EDGE_GRID, axis=1)  # (N, down, across)
    y = (rows[:, None, None] + steps[:, None]).repeat(EDGE_GRID, axis=2)
    directions = pixel_rays(scene, x.reshape(-1), y.reshape(-1))
    colours = _look(scene, origin, directions, reach(scene, origin, directions))[1]
    return floats(colours.reshape(-1, EDGE_GRID**2, 3).mean(axis=1))


def reach(scene: Scene, origins: Rays, directions: Rays) -> Rays:
    """How far every ray runs to every block: ``(B, N)``, infinity where it misses."""
    return np.stack([_reach(block, origins, directions) for block in scene.blocks])


def _reach(block: Block, origins: Rays, directions: Rays) -> Rays:
    """``distance_to``, worked out only for the rays that come near the block."""
    result = np.full(len(directions), NOWHERE, np.float32)
    near = np.flatnonzero(may_meet(block, origins, directions))
    if len(near):
        starts = origins if len(origins) == 1 else origins[near]
        result[near] = distance_to(block, starts, directions[near])
    return result


def _look(
    scene: Scene, origins: Rays, directions: Rays, distances: Rays, *, mirrors: bool = True
) -> tuple[NDArray[np.int8], Rays]:
    """What each ray meets, and the light that comes back along it; ``mirrors`` off in what a mirror shows."""
    falling = directions[:, 2] < 0
    ground = np.full(len(directions), NOWHERE, np.float32)
    ground[falling] = (-np.broadcast_to(origins[:, 2], falling.shape) / np.where(falling, directions[:, 2], 1))[falling]
    nearest = distances.argmin(axis=0)
    block_distance = distances[nearest, np.arange(len(nearest))]
    seen = np.where(block_distance < ground, nearest, np.where(falling, GROUND, SKY)).astype(np.int8)
    distance = np.minimum(block_distance, ground)
    colours = _SKY_COLOUR * (0.85 + 0.3 * np.clip(unit(directions)[:, 2:3], 0, 1))
    for number in range(GROUND, len(scene.blocks)):
        rays = np.flatnonzero(seen == number)
        if len(rays):
            starts = origins if len(origins) == 1 else origins[rays]
            points = starts + directions[rays] * distance[rays, None]
            colours[rays] = _lit(scene, number, points, directions[rays], mirrors)
    return seen, floats(colours)


def _lit(scene: Scene, number: int, points: Rays, directions: Rays, mirrors: bool) -> Rays:
    """The light that leaves some points of one block, or of the ground, toward the eye."""
    if number == GROUND:
        up = np.broadcast_to(floats([0, 0, 1]), points.shape)
        return _faded(_GROUND_COLOUR * (_AMBIENT + _lamp_light(scene, points, up)[:, None]), points)
    block = scene.blocks[number]
    normal = normals_at(block, points)
    view = -unit(directions)
    outside = points + normal * np.float32(2e-3)
    light = _lamp_light(scene, outside, normal)[:, None]
    sky = 0.62 + 0.38 * normal[:, 2:3]
    colour = floats(COLOURS[block.colour])
    diffuse = colour * (_AMBIENT * sky + light)
    shine = _highlight(scene.lamp, points, normal, view, 120.0 if block.material == "metal" else 12.0)[:, None]
    if block.material == "rubber":
        return floats(diffuse + 0.06 * shine * (light > 0.02))
    bounced = 2 * dot(view, normal)[:, None] * normal - view
    image = _look(scene, outside, bounced, reach(scene, outside, bounced), mirrors=False)[1] if mirrors else _SKY_COLOUR
    return floats(0.42 * diffuse + 0.62 * image * (0.25 + 0.75 * colour) + 1.1 * shine * (light > 0.02))


def _lamp_light(scene: Scene, points: Rays, normals: Rays) -> Rays:
    """Light from the lamp at each point: its cosine times the share of the lamp that is seen from there."""
    total = np.zeros(len(points), np.float32)
    for spot in lamp_spots(scene.lamp):
        toward = spot - points
        cosine = dot(unit(toward), normals)
        rays = np.flatnonzero(cosine > 0)
        for block in scene.blocks:
            near = rays[may_meet(block, points[rays], toward[rays])]
            shaded = near[distance_to(block, points[near], toward[near]) < 1] if len(near) else near
            cosine[shaded] = 0
        total += np.maximum(cosine, 0)
    return floats(total * (scene.lamp.brightness / SHADOW_GRID**2))


def lamp_spots(lamp: Lamp) -> list[Rays]:
    """A grid of points over the lamp; ``(3,)`` each."""
    centre = np.asarray(lamp.position)
    inward = -centre / np.linalg.norm(centre)
    side = np.cross(inward, [0.0, 0.0, 1.0])
    side = side / np.linalg.norm(side)
    other = np.cross(side, inward)
    steps = ((np.arange(SHADOW_GRID) + 0.5) / SHADOW_GRID - 0.5) * lamp.side
    return [floats(centre + a * side + b * other) for a in steps for b in steps]


def _highlight(lamp: Lamp, points: Rays, normals: Rays, view: Rays, sharpness: float) -> Rays:
    """Blinn's highlight: how nearly the surface faces halfway between lamp and eye."""
    toward = floats(lamp.position) - points
    halfway = unit(unit(toward) + view)
    return floats(np.maximum(dot(halfway, normals), 0) ** sharpness)


def _faded(colours: Rays, points: Rays) -> Rays:
    """The ground, fading into the sky far away, so that there is no hard horizon."""
    away = np.sqrt((points[:, :2] ** 2).sum(axis=1, keepdims=True))
    share = np.clip((away - 5) / 22, 0, 1)
    return floats(colours * (1 - share) + _SKY_COLOUR * 0.85 * share)


def _developed(colours: Rays) -> Rays:
    """From light to pixel values: the highlights rolled off, then the display's gamma."""
    rolled = colours * (1 + colours / 6.25) / (1 + colours * np.float32(0.55))
    return floats(np.clip(rolled * 1.12, 0, 1) ** (1 / 2.2))
