"""The lecture's two scenes of "Visual Reasoning", built so that its questions have its answers."""

from __future__ import annotations

import functools

from yolodash.scenes.blocks import Block, Camera, Lamp, Scene
from yolodash.scenes.programs import Step
from yolodash.scenes.questions import Question, answer
from yolodash.scenes.sampling import DEFAULT_SIZE

_CAMERA = Camera(position=(0.6, -9.0, 4.3))


@functools.cache
def cube_scene() -> tuple[Scene, Question]:
    """ "What shape is the red thing?" – "Cube"."""
    scene = Scene(
        (
            Block("cube", "red", "rubber", "large", -1.3, 0.4, 0.5),
            Block("sphere", "blue", "metal", "large", 1.4, 0.9),
            Block("cylinder", "yellow", "rubber", "small", 0.3, -1.2),
            Block("sphere", "green", "rubber", "small", -2.2, -1.3),
        ),
        _CAMERA,
        Lamp(),
        DEFAULT_SIZE,
    )
    program = (
        Step("scene"),
        Step("filter", (0,), "colour=red"),
        Step("unique", (1,)),
        Step("query", (2,), "shape"),
    )
    return scene, Question("What shape is the red thing?", program, answer(program, scene))


@functools.cache
def blue_scene() -> tuple[Scene, Question]:
    """ "There is a large ball that is on the right side of the rubber sphere … what is its color?" – "Blue"."""
    scene = Scene(
        (
            Block("cylinder", "green", "rubber", "large", 0.9, -0.9),
            Block("cube", "cyan", "metal", "small", -1.4, -1.1, 0.7),
            Block("sphere", "gray", "rubber", "small", -0.6, 1.0),
            Block("sphere", "blue", "metal", "large", 1.6, 1.5),
            Block("sphere", "red", "metal", "large", -2.4, 1.4),
            Block("cylinder", "purple", "metal", "small", 2.3, -0.4),
        ),
        _CAMERA,
        Lamp(),
        DEFAULT_SIZE,
    )
    program = (
        Step("scene"),
        Step("filter", (0,), "size=large"),
        Step("filter", (1,), "colour=green"),
        Step("filter", (2,), "material=rubber"),
        Step("unique", (3,)),
        Step("relate", (4,), "left"),
        Step("filter", (5,), "size=small"),
        Step("filter", (6,), "colour=cyan"),
        Step("unique", (7,)),
        Step("relate", (8,), "behind"),
        Step("filter", (9,), "material=rubber"),
        Step("filter", (10,), "shape=sphere"),
        Step("unique", (11,)),
        Step("relate", (12,), "right"),
        Step("filter", (13,), "size=large"),
        Step("filter", (14,), "shape=sphere"),
        Step("unique", (15,)),
        Step("query", (16,), "colour"),
    )
    text = (
        "There is a large ball that is on the right side of the rubber sphere that is behind the tiny cyan object on "
        "the left side of the large green matte thing; what is its color?"
    )
    return scene, Question(text, program, answer(program, scene))
