"""What is true of a rendered scene: the boxes of what can be seen, and where each block stands to the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yolodash.scenes.blocks import SHAPES, Block, Scene
from yolodash.scenes.programs import Relation
from yolodash.scenes.rendering import Rendered, Traced, camera_axes
from yolodash.structures import Annotations

LEAST_VISIBLE = 0.2
"""A block of which less than this share can be seen gets no box."""
PARTLY_HIDDEN = 0.95
"""A box counts as partly hidden when less than this share of its block can be seen."""
SMALL_SIDE = 24
"""A box counts as small when a side is under so many pixels."""
_CLEARLY = 0.2


@dataclass(frozen=True)
class Seen:
    """One block in a picture.

    Attributes:
        block: its number in the scene.
        box: x1, y1, x2, y2 of the part that can be seen, in pixels.
        visible: the share of it that no other block hides, of what lies within the picture.
    """

    block: int
    box: tuple[float, float, float, float]
    visible: float


def visible_shares(looked: Traced | Rendered) -> NDArray[np.float64]:
    """Of each block the share that no other hides, of what lies within the picture; 0 for one outside it."""
    whole = np.array([alone.sum() for alone in looked.alone], np.float64)
    visible = np.array([(looked.seen == number).sum() for number in range(len(whole))], np.float64)
    return visible / np.maximum(whole, 1)


def seen_blocks(looked: Traced | Rendered) -> list[Seen]:
    """Exact boxes of the visible part of every block of which enough can be seen."""
    result = []
    for number, share in enumerate(visible_shares(looked).tolist()):
        if share >= LEAST_VISIBLE:
            visible = looked.seen == number
            rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
            box = (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))
            result.append(Seen(number, box, share))
    return result


def is_small(one: Seen) -> bool:
    """Is a side of the box under ``SMALL_SIDE``?"""
    x1, y1, x2, y2 = one.box
    return min(x2 - x1, y2 - y1) < SMALL_SIDE


def pixel_of(scene: Scene, block: Block) -> tuple[float, float]:
    """Where the block's centre falls in the picture: x and y in pixels from its left top corner."""
    right, up, forward = camera_axes(scene.camera)
    toward = np.subtract((block.x, block.y, block.half), scene.camera.position)
    half_width = np.tan(scene.camera.field_of_view / 2) * (toward @ forward)
    x, y = (toward @ right) / half_width, (toward @ up) / half_width
    return float((x + 1) * scene.size.width / 2), float((scene.size.height - y * scene.size.width) / 2)


def truth_of(scene: Scene, seen: list[Seen]) -> Annotations:
    """The boxes as the truth of a picture; classes are 0 cube, 1 sphere, 2 cylinder."""
    boxes = np.array([one.box for one in seen], np.float64).reshape(-1, 4)
    sides = boxes[:, 2:] - boxes[:, :2]
    nothing = np.zeros(len(seen), bool)
    return Annotations(
        boxes=boxes,
        xywh=np.concatenate([boxes[:, :2], sides], axis=1),
        class_ids=np.array([SHAPES.index(scene.blocks[one.block].shape) for one in seen], np.int64),
        areas=sides.prod(axis=1),
        crowd=nothing,
        difficult=nothing,
        image_size=scene.size,
    )


def related(scene: Scene, relation: Relation) -> list[list[int]]:
    """For every block those clearly left or right of it, behind or in front of it, as the camera sees them."""
    right, _, forward = camera_axes(scene.camera)
    direction = {"left": -right, "right": right, "behind": forward, "front": -forward}[relation][:2]
    direction = direction / np.linalg.norm(direction)
    along = np.array([[block.x, block.y] for block in scene.blocks]).reshape(-1, 2) @ direction
    return [[int(j) for j in np.flatnonzero(along > place + _CLEARLY)] for place in along]


def description(block: Block) -> dict[str, str]:
    """A block's four attributes by name."""
    return {"size": block.size, "colour": block.colour, "material": block.material, "shape": block.shape}
