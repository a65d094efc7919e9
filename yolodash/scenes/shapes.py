"""Where a ray meets a block, and which way its surface faces there. Arrays of rays, float32."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yolodash.scenes.blocks import Block

Rays = NDArray[np.float32]
"""``(N, 3)`` points or directions."""
NOWHERE = np.float32(np.inf)
_NEAREST = np.float32(1e-3)


def floats(values: ArrayLike) -> Rays:
    """Numbers as the renderer's float32 arrays."""
    return np.asarray(values, np.float32)


def distance_to(block: Block, origins: Rays, directions: Rays) -> Rays:
    """How far each ray runs until it enters the block.

    Args:
        origins, directions: ``(N, 3)``, or ``(1, 3)`` origins for rays from one point; directions of any length.

    Returns:
        ``(N,)`` in lengths of the direction; infinity where it misses.
    """
    start, direction = local(block, origins), turned(block, directions)
    if block.shape == "sphere":
        return _sphere(start, direction, block.half)
    if block.shape == "cube":
        return _cube(start, direction, block.half)
    return _cylinder(start, direction, block.half)


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
    return floats(vectors / np.maximum(length, 1e-9)[:, None])


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


def may_meet(block: Block, origins: Rays, directions: Rays) -> NDArray[np.bool_]:
    """Which rays pass through the ball around the block: a cheap test before the exact one."""
    start = origins - floats([block.x, block.y, block.half])
    radius = np.float32(block.half * (1.0 if block.shape == "sphere" else 1.7321 if block.shape == "cube" else 1.4143))
    along = dot(start, directions)
    length = dot(directions, directions)
    from_centre = dot(start, start)
    result: NDArray[np.bool_] = along * along >= length * (from_centre - radius * radius)
    return result


def _sphere(start: Rays, direction: Rays, radius: float) -> Rays:
    a = dot(direction, direction)
    b = dot(start, direction)
    c = dot(start, start) - np.float32(radius * radius)
    return _nearest_root(a, b, c)


def _nearest_root(a: Rays, b: Rays, c: Rays) -> Rays:
    """The smaller positive solution of a·t² + 2b·t + c = 0, or infinity."""
    inside = b * b - a * c
    root = np.sqrt(np.maximum(inside, 0))
    near, far = (-b - root) / a, (-b + root) / a
    result = np.where(near > _NEAREST, near, far)
    return np.where((inside > 0) & (result > _NEAREST), result, NOWHERE)


def _cube(start: Rays, direction: Rays, half: float) -> Rays:
    safe = np.where(np.abs(direction) < 1e-9, np.float32(1e-9), direction)
    low, high = (-np.float32(half) - start) / safe, (np.float32(half) - start) / safe
    enter = np.minimum(low, high).max(axis=1)
    leave = np.maximum(low, high).min(axis=1)
    result = np.where(enter > _NEAREST, enter, leave)
    return np.where((leave >= enter) & (result > _NEAREST), result, NOWHERE)


def _cylinder(start: Rays, direction: Rays, half: float) -> Rays:
    flat = floats([1, 1, 0])
    around, across = direction * flat, start * flat
    a = np.maximum(dot(around, around), np.float32(1e-9))
    b = dot(across, around)
    c = dot(across, across) - np.float32(half * half)
    side = _nearest_root(a, b, c)
    reached = np.where(np.isfinite(side), side, 0) * direction[:, 2] + start[:, 2]
    side = np.where(np.abs(reached) <= half, side, NOWHERE)
    steep = np.where(np.abs(direction[:, 2]) < 1e-9, np.float32(1e-9), direction[:, 2])
    cap = (np.sign(-steep) * np.float32(half) - start[:, 2]) / steep
    at = across + np.where(np.isfinite(cap), cap, 0)[:, None] * around
    on_cap = (dot(at, at) <= half * half) & (cap > _NEAREST)
    return np.minimum(side, np.where(on_cap, cap, NOWHERE))
