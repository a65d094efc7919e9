"""A scene in words and numbers, as the files of a data set have it: annotation, scene graph, label lines."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from yolodash.scenes.blocks import SHAPES, Block, Scene
from yolodash.scenes.programs import RELATIONS
from yolodash.scenes.rendering import Rendered
from yolodash.scenes.truth import Seen, description, pixel_of, related, visible_shares


def annotation_of(scene: Scene, seen: list[Seen], seed: int, index: int) -> dict[str, Any]:
    """The truth of one picture in the workspace's own form; box ids are the blocks' numbers in the scene."""
    return {
        "revision": 1,
        "width": scene.size.width,
        "height": scene.size.height,
        "state": "done",
        "assignee": None,
        "boxes": [
            {
                "id": str(one.block),
                "class_id": class_of(scene, one),
                "box": list(one.box),
                "flags": [],
                "by": "scenes",
                "at": None,
                "source": "rendered",
            }
            for one in seen
        ],
        "extra": {"seed": seed, "index": index},
    }


def graph_of(scene: Scene, rendered: Rendered, seen: list[Seen]) -> dict[str, Any]:
    """Everything that is known of a scene: its blocks, how they stand to each other, camera and lamp."""
    boxes = {one.block: list(one.box) for one in seen}
    shares = visible_shares(rendered).tolist()
    return {
        "width": scene.size.width,
        "height": scene.size.height,
        "blocks": [
            {"id": number, **_block(scene, block), "visible": round(shares[number], 4), "box": boxes.get(number)}
            for number, block in enumerate(scene.blocks)
        ],
        "relations": {relation: related(scene, relation) for relation in RELATIONS},
        "camera": asdict(scene.camera),
        "lamp": asdict(scene.lamp),
    }


def label_lines(scene: Scene, seen: list[Seen]) -> str:
    """YOLO's lines, ``class cx cy width height`` as shares of the picture, in as many digits as give the box back."""
    width, height = scene.size.width, scene.size.height
    lines = []
    for one in seen:
        x1, y1, x2, y2 = one.box
        shares = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height)
        lines.append(" ".join([str(class_of(scene, one)), *map(repr, shares)]) + "\n")
    return "".join(lines)


def class_of(scene: Scene, one: Seen) -> int:
    """The class of a block that is seen: 0 cube, 1 sphere, 2 cylinder."""
    return SHAPES.index(scene.blocks[one.block].shape)


def _block(scene: Scene, block: Block) -> dict[str, Any]:
    return {
        **description(block),
        "position": [block.x, block.y, block.half],
        "rotation": block.rotation,
        "pixel": [round(value, 2) for value in pixel_of(scene, block)],
    }
