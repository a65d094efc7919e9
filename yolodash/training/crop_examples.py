"""Crops to learn from: the blocks of rendered scenes, and crops that show none of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolodash.data.images import read_image
from yolodash.errors import N_, DatasetError
from yolodash.inference.attributes import crops, places
from yolodash.models.classifier import QUESTIONS, THING
from yolodash.structures import Floats, Image, ImageSize

NOT_ASKED = -1
"""The answer that no loss is taken of: a crop without a block has no colour."""
AT_ONCE = 128
JITTER = 0.09
FALSE_BOXES = 2
FROM_PHOTOS = 2
LARGEST, LARGEST_OF_PHOTO = 0.35, 0.9
"""Longest side of a box of nothing, as a share of the picture's width."""
MOST_OVERLAP = 0.1
_ORDER, _PICTURE = 11, 12


@dataclass(frozen=True)
class Scene:
    """A picture and its blocks.

    Attributes:
        path: of the picture.
        boxes: ``(B, 4)`` of those that can be seen.
        answers: ``(B, questions)`` numbers of the right answers, in the order of ``QUESTIONS``.
    """

    path: Path
    boxes: NDArray[np.float64]
    answers: NDArray[np.int64]


@dataclass(frozen=True)
class Examples:
    """Crops and what is true of them.

    Attributes:
        crops: ``(N, 64, 64, 3)`` uint8.
        places: ``(N, 4)``.
        answers: ``(N, questions)``; ``NOT_ASKED`` where there is no right answer.
    """

    crops: NDArray[np.uint8]
    places: Floats
    answers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.crops)

    def taken(self, order: NDArray[np.int64]) -> Examples:
        """Some of them."""
        return Examples(self.crops[order], self.places[order], self.answers[order])


def read_scenes(folder: Path) -> list[Scene]:
    """Every picture of a series of rendered scenes, with its blocks.

    Raises:
        DatasetError: the folder holds no series of scenes.
    """
    graphs = sorted((folder / "scenes").glob("*.json"))
    if not graphs:
        raise DatasetError(
            N_("There are no rendered scenes here"),
            where=str(folder),
            fix=N_("make some: python -m yolodash scenes FOLDER"),
        )
    return [_scene(folder, path) for path in graphs]


def _scene(folder: Path, graph: Path) -> Scene:
    blocks = [block for block in json.loads(graph.read_text(encoding="utf-8"))["blocks"] if block["box"] is not None]
    boxes = np.array([block["box"] for block in blocks], np.float64).reshape(-1, 4)
    answers = np.array([answers_of(block) for block in blocks], np.int64).reshape(-1, len(QUESTIONS))
    return Scene(folder / "images" / f"{graph.stem}.jpg", boxes, answers)


def answers_of(block: dict[str, Any]) -> list[int]:
    """The numbers of the right answers about a block of a scene graph."""
    return [0 if question == THING else words.index(block[question]) for question, words in QUESTIONS.items()]


def nothing() -> list[int]:
    """The answers about a crop that shows no block."""
    return [1 if question == THING else NOT_ASKED for question in QUESTIONS]


def epoch_of(scenes: Sequence[Scene], photos: Sequence[Image], *, seed: int, epoch: int) -> Iterator[Examples]:
    """One pass over all scenes in a new order, some pictures at a time, each chunk's examples shuffled.

    A function of (seed, epoch) alone, so that a training that was stopped sees the same again.
    """
    order = np.random.default_rng([_ORDER, seed, epoch]).permutation(len(scenes))
    for start in range(0, len(order), AT_ONCE):
        chunk = [
            around(scenes[index], photos, np.random.default_rng([_PICTURE, seed, epoch, index]))
            for index in order[start : start + AT_ONCE]
        ]
        together = Examples(
            np.concatenate([part.crops for part in chunk]),
            np.concatenate([part.places for part in chunk]),
            np.concatenate([part.answers for part in chunk]),
        )
        shuffle = np.random.default_rng([_ORDER, seed, epoch, start])
        yield together.taken(shuffle.permutation(len(together)))


def around(scene: Scene, photos: Sequence[Image], random: np.random.Generator) -> Examples:
    """The examples of one scene: its blocks in boxes a little off, boxes of nothing, and crops of photos.

    Half of the pictures are mirrored: left and right mean nothing to what a block is.
    """
    image = read_image(scene.path)
    size = ImageSize(*image.shape[:2])
    false = background_boxes(scene.boxes, size, random, FALSE_BOXES)
    boxes = np.concatenate([moved(scene.boxes, random), false])
    if random.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
        boxes = boxes[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [size.width, 0, size.width, 0]
    parts = [(image, boxes, np.concatenate([scene.answers, unanswered(len(false))]))]
    if photos:
        for _ in range(FROM_PHOTOS):
            photo = photos[int(random.integers(len(photos)))]
            parts.append((photo, photo_boxes(photo, random, 1), unanswered(1)))
    return cut(parts)


def cut(parts: Sequence[tuple[Image, NDArray[np.float64], NDArray[np.int64]]]) -> Examples:
    """The crops of some pictures' boxes, with what is true of them."""
    return Examples(
        np.concatenate([crops(image, boxes) for image, boxes, _ in parts]),
        np.concatenate([places(boxes, ImageSize(*image.shape[:2])) for image, boxes, _ in parts]),
        np.concatenate([answers for _, _, answers in parts]),
    )


def unanswered(count: int) -> NDArray[np.int64]:
    """``nothing`` so many times."""
    return np.array([nothing()] * count, np.int64).reshape(-1, len(QUESTIONS))


def moved(boxes: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Boxes as a detector may give them: every side off by up to a share of the box."""
    sides = boxes[:, 2:] - boxes[:, :2]
    return np.asarray(boxes + random.uniform(-JITTER, JITTER, boxes.shape) * np.concatenate([sides, sides], axis=1))


def photo_boxes(photo: Image, random: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Boxes by chance in a photo, from small to almost the whole."""
    return any_boxes(ImageSize(*photo.shape[:2]), random, count, LARGEST_OF_PHOTO)


def any_boxes(
    size: ImageSize, random: np.random.Generator, count: int, largest: float = LARGEST
) -> NDArray[np.float64]:
    """Boxes by chance; as large as blocks are, where nothing else is said."""
    longest = random.uniform(0.05, largest, count) * size.width
    squeezed = random.uniform(0.6, 1.0, (count, 2))
    width, height = longest * squeezed[:, 0], np.minimum(longest * squeezed[:, 1], size.height)
    x, y = random.uniform(0, size.width - width), random.uniform(0, size.height - height)
    return np.stack([x, y, x + width, y + height], axis=1)


def background_boxes(
    truths: NDArray[np.float64], size: ImageSize, random: np.random.Generator, wanted: int
) -> NDArray[np.float64]:
    """Up to so many boxes of which hardly a part lies on a block."""
    boxes = any_boxes(size, random, 8 * wanted)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    left_top = np.maximum(boxes[:, None, :2], truths[None, :, :2])
    right_bottom = np.minimum(boxes[:, None, 2:], truths[None, :, 2:])
    shared = np.clip(right_bottom - left_top, 0, None).prod(axis=2).sum(axis=1)
    return np.asarray(boxes[shared <= MOST_OVERLAP * areas][:wanted])
