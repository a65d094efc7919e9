"""Where a ray meets a block, and which way its surface faces there. Arrays of rays, float32.

Every block is convex, so a ray is inside it over one stretch: where it enters and where it leaves answer both what the
eye sees and what stands between a point and the lamp. They are worked out coordinate by coordinate, as arrays of x, of
y and of z, which is several times faster than rows of three.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yolodash.scenes.blocks import Block

Rays = NDArray[np.float32]
"""``(N, 3)`` points or directions."""
Coordinates = tuple[Rays, Rays, Rays]
"""x, y and z, each an array of its own; the three broadcast with those of other points."""
NOWHERE = np.float32(np.inf)
_NEAREST = np.float32(1e-3)
_TINY = np.float32(1e-9)


def floats(values: ArrayLike) -> Rays:
    """Numbers as the renderer's float32 arrays."""
    return np.asarray(values, np.float32)


def distance_to(block: Block, origins: Rays, directions: Rays) -> Rays:
    """How far each ray runs until it enters the block.

    Args:
        block: what may be met.
        origins, directions: ``(N, 3)``, or ``(1, 3)`` origins for rays from one point; directions of any length.

    Returns:
        ``(N,)`` in lengths of the direction; infinity where it misses.
    """
    enter, leave = _inside(block, columns(local(block, origins)), columns(turned(block, directions)))
    result = np.where(enter > _NEAREST, enter, leave)
    return np.where((leave >= enter) & (result > _NEAREST), result, NOWHERE)


def hides(block: Block, points: Rays, lights: Rays) -> NDArray[np.bool_]:
    """Does the block stand between each point and each light? ``(N, 3)`` and ``(S, 3)`` → ``(S, N)``."""
    x, y, z = columns(local(block, points))
    light_x, light_y, light_z = (column[:, None] for column in columns(local(block, lights)))
    enter, leave = _inside(block, (x, y, z), (light_x - x, light_y - y, light_z - z))
    result: NDArray[np.bool_] = (leave >= enter) & (leave > _NEAREST) & (enter < 1)
    return result


def normals_at(block: Block, points: Rays) -> Rays:
    """Unit vectors that stand on the block's surface at points of it; ``(N, 3)`` → ``(N, 3)``."""
    inner = local(block, points) / np.float32(block.half)
    if block.shape == "sphere":
        normal = inner
    elif block.shape == "cube":
        face = np.abs(inner).argmax(axis=1)
        normal = np.zeros_like(inner)
        row = np.arange(len(inner))
        normal[row, face] = np.sign(inner[row, face])
    else:
        cap = np.abs(inner[:, 2]) > np.float32(0.999)
        normal = inner * floats([1, 1, 0])
        normal[cap] = np.sign(inner[cap]) * floats([0, 0, 1])
    return turned(block, unit(normal), back=True)


def unit(vectors: Rays) -> Rays:
    """Vectors of length 1 in the same directions; ``(N, 3)``."""
    length = np.sqrt(dot(vectors, vectors))
    return floats(vectors / np.maximum(length, _TINY)[:, None])


def dot(one: Rays, other: Rays) -> Rays:
    """Scalar product of each vector with its partner: ``(N, 3)`` → ``(N,)``."""
    return floats(np.einsum("ij,ij->i", one, other))


def local(block: Block, points: Rays) -> Rays:
    """Points as the block sees them: from its centre, along its own sides."""
    return turned(block, points - floats([block.x, block.y, block.half]))


def turned(block: Block, vectors: Rays, *, back: bool = False) -> Rays:
    """Vectors turned about the vertical into the block's own directions, or back."""
    if not block.rotation:
        return vectors
    cosine, sine = np.float32(np.cos(block.rotation)), np.float32(np.sin(block.rotation))
    if back:
        sine = -sine
    x, y = vectors[:, 0], vectors[:, 1]
    return np.stack([cosine * x + sine * y, cosine * y - sine * x, vectors[:, 2]], axis=1)


def ball_radius(block: Block) -> float:
    """Radius of the ball around the block."""
    return block.half * {"sphere": 1.0, "cube": 1.7321, "cylinder": 1.4143}[block.shape]


def may_meet(block: Block, origins: Rays, directions: Rays) -> NDArray[np.bool_]:
    """Which rays pass through the ball around the block: a cheap test before the exact one."""
    start = origins - floats([block.x, block.y, block.half])
    along = dot(np.broadcast_to(start, directions.shape), directions)
    excess = dot(start, start) - np.float32(ball_radius(block)) ** 2
    result: NDArray[np.bool_] = (along * along >= dot(directions, directions) * excess) & ((along < 0) | (excess < 0))
    return result


def may_hide(block: Block, points: Rays, centre: Rays, radius: float) -> NDArray[np.bool_]:
    """For which points the block may stand before a lamp, a ball about ``centre``; never False where it does.

    The lamp fills a cone from each point; the block can be in the way only where its own ball reaches into that cone.
    """
    x, y, z = columns(points)
    to_block = (np.float32(block.x) - x, np.float32(block.y) - y, np.float32(block.half) - z)
    to_lamp = (centre[0] - x, centre[1] - y, centre[2] - z)
    distance = np.sqrt(scalar_product(to_lamp, to_lamp))
    along = scalar_product(to_block, to_lamp) / distance
    aside = np.sqrt(np.maximum(scalar_product(to_block, to_block) - along * along, 0))
    sine = np.minimum(np.float32(radius) / distance, np.float32(1))
    reach = np.float32(ball_radius(block) * 1.001)
    result: NDArray[np.bool_] = (aside * np.sqrt(1 - sine * sine) - along * sine <= reach) & (along > -reach)
    return result


def columns(rows: Rays) -> Coordinates:
    """``(N, 3)`` as x, y and z."""
    x, y, z = np.ascontiguousarray(rows.T)
    return x, y, z


def scalar_product(one: Coordinates, other: Coordinates) -> Rays:
    """Of each vector with its partner, by coordinates."""
    result: Rays = one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
    return result


def _inside(block: Block, start: Coordinates, direction: Coordinates) -> tuple[Rays, Rays]:
    """Where rays, in the block's own coordinates, enter and leave it; it is missed where they leave before."""
    half = np.float32(block.half)
    if block.shape == "sphere":
        c = scalar_product(start, start) - half * half
        return _round(scalar_product(direction, direction), scalar_product(start, direction), c)
    enter, leave = _between(start[2], direction[2], half)
    if block.shape == "cube":
        sides = [_between(start[axis], direction[axis], half) for axis in (0, 1)]
    else:
        (x, y, _), (dx, dy, _) = start, direction
        sides = [_round(np.maximum(dx * dx + dy * dy, _TINY), x * dx + y * dy, x * x + y * y - half * half)]
    for side_enter, side_leave in sides:
        enter, leave = np.maximum(enter, side_enter), np.minimum(leave, side_leave)
    return enter, leave


def _between(start: Rays, direction: Rays, half: np.float32) -> tuple[Rays, Rays]:
    """The stretch between two planes at ±half."""
    slowness = np.float32(1) / np.where(np.abs(direction) < _TINY, _TINY, direction)
    middle, width = -start * slowness, half * np.abs(slowness)
    return floats(middle - width), floats(middle + width)


def _round(a: Rays, b: Rays, c: Rays) -> tuple[Rays, Rays]:
    """The stretch where a·t² + 2b·t + c ≤ 0; from +∞ to −∞ where there is none."""
    inside = b * b - a * c
    root = np.sqrt(np.maximum(inside, 0))
    missed = inside < 0
    return floats(np.where(missed, NOWHERE, (-b - root) / a)), floats(np.where(missed, -NOWHERE, (-b + root) / a))
