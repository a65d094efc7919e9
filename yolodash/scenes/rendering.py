"""Light, shadow and pixels: a small ray tracer, the same picture for the same scene every time.

One ray a pixel finds the nearest block; pixels on an edge get a grid of further rays. Every point seen is lit by the
lamp (seen as a set of spots, each hidden or not, hence the soft edges of shadows), by the sky, and on metal by what it
mirrors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolodash.scenes.blocks import COLOURS, Block, Camera, Lamp, Scene
from yolodash.scenes.shapes import (
    NOWHERE,
    Rays,
    columns,
    distance_to,
    dot,
    floats,
    hides,
    may_hide,
    may_meet,
    normals_at,
    scalar_product,
    unit,
)
from yolodash.structures import Image

GROUND, SKY = -1, -2
"""What a ray meets beside a block's number."""
LAMP_SPOTS = 24
EDGE_GRID = 3
_AT_ONCE = 8192  # points whose light is worked out together: what of them is in the processor's cache stays there
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


@dataclass(frozen=True)
class Traced:
    """What each pixel of a picture shows, before any colour: enough for boxes, and quick.

    Attributes:
        seen, alone: as in ``Rendered``.
        directions: ``(H·W, 3)`` of the ray through each pixel's centre.
        distances: ``(B, H·W)`` along it to each block.
    """

    seen: NDArray[np.int8]
    alone: NDArray[np.bool_]
    directions: Rays
    distances: Rays


def trace(scene: Scene) -> Traced:
    """Find what each pixel shows."""
    height, width = scene.size.height, scene.size.width
    rows, columns = np.divmod(np.arange(height * width), width)
    directions = pixel_rays(scene, columns + 0.5, rows + 0.5)
    distances = reach(scene, floats([scene.camera.position]), directions)
    seen = _nearest(floats([scene.camera.position]), directions, distances)[0].reshape(height, width)
    return Traced(seen, np.isfinite(distances).reshape(-1, height, width), directions, distances)


def render(scene: Scene) -> Rendered:
    """Draw a scene."""
    traced = trace(scene)
    origin = floats([scene.camera.position])
    edge = on_edge(traced.seen)
    rows, columns = np.nonzero(edge)
    plain = np.flatnonzero(~edge)
    colours = np.empty((edge.size, 3), np.float32)
    colours[plain] = _look(scene, origin, traced.directions[plain], traced.distances[:, plain])
    colours[np.flatnonzero(edge)] = _fine(scene, origin, columns, rows)
    image = np.clip(_developed(colours) * 255 + 0.5, 0, 255).astype(np.uint8)
    return Rendered(image.reshape(*edge.shape, 3), traced.seen, traced.alone)


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
    colours = _look(scene, origin, directions, reach(scene, origin, directions))
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


def _nearest(origins: Rays, directions: Rays, distances: Rays) -> tuple[NDArray[np.int8], Rays]:
    """What each ray meets first, and how far away."""
    falling = directions[:, 2] < 0
    ground = np.full(len(directions), NOWHERE, np.float32)
    ground[falling] = (-np.broadcast_to(origins[:, 2], falling.shape) / np.where(falling, directions[:, 2], 1))[falling]
    nearest = distances.argmin(axis=0)
    block_distance = distances[nearest, np.arange(len(nearest))]
    seen = np.where(block_distance < ground, nearest, np.where(falling, GROUND, SKY)).astype(np.int8)
    return seen, np.minimum(block_distance, ground)


def _look(scene: Scene, origins: Rays, directions: Rays, distances: Rays, *, mirrors: bool = True) -> Rays:
    """The light that comes back along each ray; ``mirrors`` off in what a mirror shows."""
    seen, distance = _nearest(origins, directions, distances)
    colours = floats(_SKY_COLOUR * (0.85 + 0.3 * np.clip(unit(directions)[:, 2:3], 0, 1)))
    for number in range(GROUND, len(scene.blocks)):
        rays = np.flatnonzero(seen == number)
        if len(rays):
            starts = origins if len(origins) == 1 else origins[rays]
            points = starts + directions[rays] * distance[rays, None]
            colours[rays] = _lit(scene, number, points, directions[rays], mirrors)
    return colours


def _lit(scene: Scene, number: int, points: Rays, directions: Rays, mirrors: bool) -> Rays:
    """The light that leaves some points of one block, or of the ground, toward the eye."""
    if number == GROUND:
        up = np.broadcast_to(floats([0, 0, 1]), points.shape)
        return _faded(_GROUND_COLOUR * (_AMBIENT + _lamp_light(scene, number, points, up)[:, None]), points)
    block = scene.blocks[number]
    normal = normals_at(block, points)
    view = -unit(directions)
    outside = points + normal * np.float32(2e-3)
    light = _lamp_light(scene, number, outside, normal)[:, None]
    sky = 0.62 + 0.38 * normal[:, 2:3]
    colour = floats(COLOURS[block.colour])
    diffuse = colour * (_AMBIENT * sky + light)
    shine = _highlight(scene.lamp, points, normal, view, 120.0 if block.material == "metal" else 12.0)[:, None]
    if block.material == "rubber":
        return floats(diffuse + 0.06 * shine * (light > 0.02))
    bounced = 2 * dot(view, normal)[:, None] * normal - view
    image = _look(scene, outside, bounced, reach(scene, outside, bounced), mirrors=False) if mirrors else _SKY_COLOUR
    return floats(0.42 * diffuse + 0.66 * image * (0.14 + 0.86 * colour) + 1.1 * shine * (light > 0.02))


def _lamp_light(scene: Scene, number: int, points: Rays, normals: Rays) -> Rays:
    """Light from the lamp at points of one block or the ground: its cosine times the share of the lamp seen there."""
    spots = lamp_spots(scene.lamp)
    others = [block for other, block in enumerate(scene.blocks) if other != number]  # no convex block shades its face
    light = np.empty(len(points), np.float32)
    for first in range(0, len(points), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        light[some] = _light_of_spots(others, scene.lamp, spots, points[some], normals[some])
    return light * np.float32(scene.lamp.brightness / LAMP_SPOTS)


def _light_of_spots(blocks: list[Block], lamp: Lamp, spots: Rays, points: Rays, normals: Rays) -> Rays:
    cosines = np.empty((LAMP_SPOTS, len(points)), np.float32)
    (x, y, z), normal = columns(points), columns(normals)
    for number, spot in enumerate(spots):
        toward = (spot[0] - x, spot[1] - y, spot[2] - z)
        cosines[number] = scalar_product(toward, normal) / np.sqrt(scalar_product(toward, toward))
    facing = cosines.max(axis=0) > 0
    for block in blocks:
        near = np.flatnonzero(may_hide(block, points, floats(lamp.position), lamp.side * 0.7072) & facing)
        if len(near):
            cosines[:, near] *= ~hides(block, points[near], spots)
    return floats(np.maximum(cosines, 0).sum(axis=0))


def lamp_spots(lamp: Lamp) -> Rays:
    """Points spread evenly over the lamp; ``(LAMP_SPOTS, 3)``.

    No two of them lie in line with a side (Roberts' sequence, which steps by powers of the plastic number), so that
    the edge of a shadow fades in as many steps as there are spots.
    """
    centre = np.asarray(lamp.position)
    inward = -centre / np.linalg.norm(centre)
    side = np.cross(inward, [0.0, 0.0, 1.0])
    side = side / np.linalg.norm(side)
    other = np.cross(side, inward)
    steps = np.arange(1, LAMP_SPOTS + 1)[:, None] * [0.7548776662466927, 0.5698402909980532]
    across, down = (((steps + 0.5) % 1 - 0.5) * lamp.side).T
    return floats(centre + across[:, None] * side + down[:, None] * other)


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
