"""Clips of blocks that move, whose every box and identity is known: crossings, and one that is hidden for a while.

In each clip a small ball goes behind a large cube and comes out again, and two balls of one kind cross in front of it,
so that a tracker which follows boxes by place alone gives one's identity to the other. In two of three clips the camera
goes around the scene meanwhile. A clip is a function of its seed and index, as a scene is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np

from yolodash.scenes.blocks import COLOURS, MATERIALS, Block, Camera, Colour, Lamp, Scene, Shape
from yolodash.scenes.rendering import Rendered, Traced, render, trace
from yolodash.scenes.sampling import DEFAULT_SIZE
from yolodash.scenes.truth import Seen, pixel_of, seen_blocks, visible_shares
from yolodash.scenes.views import camera_at
from yolodash.structures import ImageSize

FRAMES, RATE = 100, 25.0
LEAST_HIDDEN = 10
"""Frames that a block is out of sight for, between two in which it is seen."""
_ROUNDS = 40
_COARSE = 96
_TURN = 0.35


@dataclass(frozen=True)
class Moving:
    """A block, and how far it goes in a frame."""

    block: Block
    speed: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Clip:
    """Everything that a clip is made of; ``turn`` is the camera's angle in radians from the first frame to the last."""

    blocks: tuple[Moving, ...]
    camera: Camera
    lamp: Lamp
    turn: float = 0.0
    frames: int = FRAMES
    size: ImageSize = DEFAULT_SIZE


def sample_clip(seed: int, index: int, size: ImageSize = DEFAULT_SIZE, frames: int = FRAMES) -> Clip:
    """The clip of one index in the series of a seed; one is drawn until a block of it hides for long enough."""
    for attempt in range(_ROUNDS):
        random = np.random.default_rng([seed, index, 7, attempt])
        clip = _drawn(random, turns=index % 3 != 0, size=size, frames=frames)
        if longest_hidden(clip) >= min(LEAST_HIDDEN, frames // 6):
            break
    return clip


def scene_at(clip: Clip, frame: int) -> Scene:
    """The scene of one frame."""
    share = frame / max(clip.frames - 1, 1) - 0.5
    blocks = (
        replace(one.block, x=one.block.x + frame * one.speed[0], y=one.block.y + frame * one.speed[1])
        for one in clip.blocks
    )
    return Scene(tuple(blocks), camera_at(clip.camera, clip.turn * share), clip.lamp, clip.size)


def drawn_frames(clip: Clip) -> Iterator[tuple[Rendered, list[Seen]]]:
    """Every frame with its truth; ``Seen.block`` is the identity."""
    for frame in range(clip.frames):
        rendered = render(scene_at(clip, frame))
        yield rendered, seen_blocks(rendered)


def hidden_for(visible: list[bool]) -> int:
    """The longest stretch of frames out of sight between two in which a block is seen."""
    stretches = [(seen, len(list(those))) for seen, those in groupby(visible)]
    inner = stretches[1:-1]
    return max((length for seen, length in inner if not seen), default=0)


def longest_hidden(clip: Clip) -> int:
    """For how many frames any block of a clip is out of sight, from a coarse look."""
    height = round(_COARSE * clip.size.height / clip.size.width)
    coarse = replace(clip, size=ImageSize(height, _COARSE))
    looks: list[Traced] = [trace(scene_at(coarse, frame)) for frame in range(clip.frames)]
    shares = np.stack([visible_shares(look) for look in looks])  # (F, B)
    return max(hidden_for((shares[:, block] > 0).tolist()) for block in range(shares.shape[1]))


def crossings_of(clip: Clip) -> int:
    """How often two blocks change sides, left and right, as the camera sees them."""
    scenes = [scene_at(clip, frame) for frame in range(clip.frames)]
    across = np.array([[pixel_of(scene, block)[0] for block in scene.blocks] for scene in scenes])  # (F, B)
    orders = [np.argsort(row) for row in across]
    return sum(bool((one != other).any()) for one, other in pairwise(orders))


def _drawn(random: np.random.Generator, *, turns: bool, size: ImageSize, frames: int) -> Clip:
    """A clip by chance: what hides, what is hidden, two that cross, and two that stand."""
    side = 1 if random.random() < 0.5 else -1
    there, back = _colours(random, 2), _colours(random, 3)
    twin: Shape = "sphere" if random.random() < 0.5 else "cylinder"
    material = MATERIALS[int(random.integers(2))]
    length = max(frames - 1, 1)
    blocks = (
        Moving(Block("cube", back[0], "rubber", "large", float(random.uniform(-0.3, 0.3)), -0.35, 0.0)),
        _crossing(Block("sphere", back[1], "rubber", "small", -2.7 * side, 1.05), 2.7 * side, length),
        _crossing(Block(twin, there[0], material, "small", -2.3 * side, -1.75), 2.3 * side, length),
        _crossing(Block(twin, there[1], material, "small", 2.5 * side, -2.45), -2.5 * side, length),
        Moving(Block("cylinder", back[2], "metal", "large", float(random.uniform(1.6, 2.2)) * side, 2.3)),
        Moving(Block("cube", there[0], "rubber", "small", -2.0 * side, 2.2, float(random.uniform(0, 1.5)))),
    )
    position = (0.0, float(random.uniform(-9.6, -8.8)), float(random.uniform(2.9, 3.3)))
    camera = Camera(position, (0.0, 0.0, 0.25), float(random.uniform(0.76, 0.82)))
    turn = float(random.uniform(0.6, 1.0)) * _TURN * side if turns else 0.0
    return Clip(blocks, camera, Lamp(), turn, frames, size)


def _crossing(block: Block, to: float, length: int) -> Moving:
    """A block on its way to another x, evenly."""
    return Moving(block, ((to - block.x) / length, 0.0))


def _colours(random: np.random.Generator, count: int) -> list[Colour]:
    names: list[Colour] = list(COLOURS)
    return [names[i] for i in random.choice(len(names), count, replace=False)]
