"""Scenes by chance, the same for the same seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from yolodash.scenes.blocks import COLOURS, HALF_SIDE, MATERIALS, SHAPES, Block, Camera, Colour, Lamp, Scene, Size
from yolodash.scenes.rendering import trace
from yolodash.scenes.truth import visible_shares
from yolodash.structures import ImageSize

FEWEST, MOST = 3, 10
SMALL_SHARE = 0.6
_SPREAD = 2.4
_GAP = 0.08
_ROUNDS = 12
_COARSE = 128
_ENOUGH = 0.26


DEFAULT_SIZE = ImageSize(240, 320)


def sample_scene(seed: int, index: int, size: ImageSize = DEFAULT_SIZE) -> Scene:
    """The scene of one index in the series of a seed: three to ten blocks that do not touch.

    A block that the others hide almost whole is placed anew, so that whoever looks can answer questions about all.
    """
    random = np.random.default_rng([seed, index])
    camera, lamp = _camera(random), _lamp(random)
    wanted = int(random.integers(FEWEST, MOST + 1))
    scene = Scene(_filled((), wanted, random), camera, lamp, size)
    for _ in range(_ROUNDS):
        kept = tuple(block for block, share in zip(scene.blocks, _rough_shares(scene), strict=True) if share > _ENOUGH)
        if len(kept) == wanted:
            break
        scene = replace(scene, blocks=_filled(kept, wanted, random))
    return scene


def _filled(blocks: tuple[Block, ...], wanted: int, random: np.random.Generator) -> tuple[Block, ...]:
    """Blocks, and more by chance that keep their distance, until there are as many as wanted."""
    result = list(blocks)
    while len(result) < wanted:
        block = _block(random)
        if all(_apart(block, other) for other in result):
            result.append(block)
    return tuple(result)


def _rough_shares(scene: Scene) -> NDArray[np.float64]:
    """The share of each block that can be seen, from a coarse look."""
    height, width = scene.size.height, scene.size.width
    coarser = max(1.0, max(height, width) / _COARSE)
    return visible_shares(trace(replace(scene, size=ImageSize(round(height / coarser), round(width / coarser)))))


def _block(random: np.random.Generator) -> Block:
    size: Size = "small" if random.random() < SMALL_SHARE else "large"
    x, y = random.uniform(-_SPREAD, _SPREAD, 2)
    colours: tuple[Colour, ...] = tuple(COLOURS)
    return Block(
        shape=SHAPES[int(random.integers(len(SHAPES)))],
        colour=colours[int(random.integers(len(colours)))],
        material=MATERIALS[int(random.integers(len(MATERIALS)))],
        size=size,
        x=float(x),
        y=float(y),
        rotation=float(random.uniform(0, 2 * np.pi)),
    )


def _apart(one: Block, other: Block) -> bool:
    """Do two blocks keep their distance, however they are turned?"""
    reach = {"cube": 2**0.5, "sphere": 1.0, "cylinder": 1.0}
    least = HALF_SIDE[one.size] * reach[one.shape] + HALF_SIDE[other.size] * reach[other.shape] + _GAP
    return (one.x - other.x) ** 2 + (one.y - other.y) ** 2 > least**2


def _camera(random: np.random.Generator) -> Camera:
    """About eleven units away and a little above, moved a bit each time."""
    turn = random.uniform(-0.35, 0.35) - np.pi / 2
    height = random.uniform(2.85, 4.3)
    distance = random.uniform(8.8, 10.6)
    return Camera(
        position=(float(distance * np.cos(turn)), float(distance * np.sin(turn)), float(height)),
        target=(float(random.uniform(-0.2, 0.2)), float(random.uniform(-0.2, 0.2)), 0.25),
        field_of_view=float(random.uniform(0.74, 0.84)),
    )


def _lamp(random: np.random.Generator) -> Lamp:
    x, y, z = random.uniform([-4.5, -4.5, 6.0], [4.5, 0.5, 9.0])
    return Lamp(position=(float(x), float(y), float(z)), brightness=float(random.uniform(0.75, 1.0)))
