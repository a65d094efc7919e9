"""Teach the classifier of crops, and measure what it has learnt."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from torch import Tensor, nn

from yolodash.data.images import read_image
from yolodash.errors import N_, ModelFileError
from yolodash.geometry.overlap import intersection_over_union
from yolodash.inference.attributes import Attributes, classify, to_batch
from yolodash.models.classifier import QUESTIONS, THING, CropClassifier
from yolodash.models.saved import KEY, write_tensors
from yolodash.structures import Image, ImageSize
from yolodash.training.crop_examples import AT_ONCE, NOT_ASKED, Examples, Scene, background_boxes, epoch_of, photo_boxes
from yolodash.training.optimisation import optimizer_tensors, restore_optimizer
from yolodash.training.reproducibility import deterministic, seed_everything

RISE = 0.05
"""Share of the training in which the learning rate rises."""
_FALSE = 21
Report = Callable[[int, float], None]
"""Told after every epoch: its number from 1, and the mean loss."""


@dataclass(frozen=True)
class Lesson:
    """How the classifier is taught.

    Attributes:
        epochs: passes over the scenes.
        batch: crops a step.
        learning_rate: of AdamW at its highest; it rises at first, then falls along half a cosine.
        weight_decay: of AdamW.
        smoothing: so much of the right answer's probability is given to all answers alike.
        seed: of weights, order, jitter and false boxes.
    """

    epochs: int = 5
    batch: int = 64
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    smoothing: float = 0.01
    seed: int = 0


def teach(
    scenes: Sequence[Scene],
    photos: Sequence[Image],
    lesson: Lesson,
    *,
    state: Path | None = None,
    report: Report = lambda _epoch, _loss: None,
) -> CropClassifier:
    """Train from nothing, or go on after the last whole epoch that ``state`` holds; the weights come out the same.

    One thread, so that they come out the same on any number of cores.

    Args:
        scenes: with their blocks.
        photos: of whose crops none shows a block.
        lesson: how.
        state: where network and optimiser are kept after every epoch.
        report: told of every epoch.

    Raises:
        ModelFileError: ``state`` belongs to another training.
    """
    with deterministic("cpu", threads=1):
        seed_everything(lesson.seed)
        model = CropClassifier()
        optimizer = torch.optim.AdamW(model.parameters(), lr=lesson.learning_rate, weight_decay=lesson.weight_decay)
        first = _restored(state, model, optimizer, lesson, len(scenes)) if state is not None else 0
        for epoch in range(first, lesson.epochs):
            loss = _one_epoch(model.train(), optimizer, scenes, photos, lesson, epoch)
            if state is not None:
                _keep(state, model, optimizer, lesson, len(scenes), epoch + 1)
            report(epoch + 1, loss)
    return model.eval()


def _one_epoch(
    model: CropClassifier,
    optimizer: torch.optim.Optimizer,
    scenes: Sequence[Scene],
    photos: Sequence[Image],
    lesson: Lesson,
    epoch: int,
) -> float:
    """One pass over the scenes; the mean loss."""
    losses: list[float] = []
    chunks = math.ceil(len(scenes) / AT_ONCE)
    for number, examples in enumerate(epoch_of(scenes, photos, seed=lesson.seed, epoch=epoch)):
        batches = _batches(examples, lesson.batch)
        for step, batch in enumerate(batches):
            progress = (epoch + (number + step / len(batches)) / chunks) / lesson.epochs
            for group in optimizer.param_groups:
                group["lr"] = lesson.learning_rate * rate(progress)
            optimizer.zero_grad()
            loss = loss_of(model, batch, lesson.smoothing)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            losses.append(float(loss.detach()))
    return float(np.mean(losses))


def _batches(examples: Examples, size: int) -> list[Examples]:
    order = np.arange(len(examples))
    return [examples.taken(order[start : start + size]) for start in range(0, len(order), size)]


def rate(progress: float) -> float:
    """Share of the learning rate at a share of the training: a line up, then half a cosine down."""
    if progress < RISE:
        return max(progress / RISE, 0.01)
    return 0.5 * (1 + math.cos(math.pi * (progress - RISE) / (1 - RISE)))


def loss_of(model: CropClassifier, examples: Examples, smoothing: float) -> Tensor:
    """The sum over the questions of the mean cross-entropy of those crops that have an answer."""
    logits = model(to_batch(examples.crops), torch.from_numpy(examples.places))
    answers = torch.from_numpy(examples.answers)
    total = torch.zeros(())
    for column, question in enumerate(model.questions):
        asked = answers[:, column] != NOT_ASKED
        if asked.any():
            wanted = answers[asked, column]
            total = total + nn.functional.cross_entropy(logits[question][asked], wanted, label_smoothing=smoothing)
    return total


def _facts(lesson: Lesson, scenes: int) -> dict[str, Any]:
    return {"format": 1, "lesson": asdict(lesson), "scenes": scenes}


def _keep(
    path: Path, model: CropClassifier, optimizer: torch.optim.Optimizer, lesson: Lesson, scenes: int, epoch: int
) -> None:
    tensors = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    tensors |= {f"optimizer.{name}": tensor for name, tensor in optimizer_tensors(optimizer, model).items()}
    write_tensors(path, tensors, {**_facts(lesson, scenes), "epoch": epoch})


def _restored(path: Path, model: CropClassifier, optimizer: torch.optim.Optimizer, lesson: Lesson, scenes: int) -> int:
    """How many epochs are done; their network and optimiser are put back."""
    if not path.is_file():
        return 0
    with safe_open(path, "pt") as file:
        metadata = json.loads(file.metadata()[KEY])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    epoch = int(metadata.pop("epoch"))
    if metadata != _facts(lesson, scenes):
        raise ModelFileError(
            N_("This state belongs to a training with other numbers"),
            where=str(path),
            fix=N_("delete it to begin anew"),
        )
    parts: dict[str, dict[str, Tensor]] = {"model": {}, "optimizer": {}}
    for name, tensor in tensors.items():
        kind, _, rest = name.partition(".")
        parts[kind][rest] = tensor
    model.load_state_dict(parts["model"])
    restore_optimizer(optimizer, model, parts["optimizer"])
    return epoch


@dataclass(frozen=True)
class Measure:
    """Shares of right answers.

    Attributes:
        blocks: how many were looked at, in their true boxes.
        right: of the blocks, for every question.
        background: share of the boxes of nothing that are called so.
        photos: share of the crops of photos.
    """

    blocks: int
    right: dict[str, float]
    background: float
    photos: float


def accuracy(model: CropClassifier, scenes: Sequence[Scene], photos: Sequence[Image], *, seed: int = 0) -> Measure:
    """How often the classifier is right on scenes, on their background, and on photos."""
    hits: list[NDArray[np.bool_]] = []
    nothing: list[NDArray[np.bool_]] = []
    for index, scene in enumerate(scenes):
        image = read_image(scene.path)
        random = np.random.default_rng([_FALSE, seed, index])
        hits.append(right(classify(image, scene.boxes, classifier=model), scene.answers))
        false = background_boxes(scene.boxes, ImageSize(*image.shape[:2]), random, 2)
        nothing.append(says_nothing(classify(image, false, classifier=model)))
    random = np.random.default_rng([_FALSE, seed])
    each = [(photo, photo_boxes(photo, random, 100)) for photo in photos]
    none = [says_nothing(classify(photo, boxes, classifier=model)) for photo, boxes in each]
    together = np.concatenate(hits)
    shares = together.mean(axis=0).tolist()
    return Measure(
        len(together),
        dict(zip(QUESTIONS, shares, strict=True)),
        float(np.concatenate(nothing).mean()),
        float(np.concatenate(none).mean()) if none else math.nan,
    )


def right(attributes: Attributes, answers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """``(N, questions)``: whether each answer is the right one."""
    given = [attributes.probabilities[question].argmax(axis=1) for question in QUESTIONS]
    return np.asarray(np.stack(given, axis=1) == answers)


def says_nothing(attributes: Attributes) -> NDArray[np.bool_]:
    """``(N,)``: whether a box is said to hold none of these."""
    return np.asarray(attributes.probabilities[THING].argmax(axis=1) == 1)


def accuracy_on_detections(
    model: CropClassifier, scenes: Sequence[Scene], detect: Callable[[Image], NDArray[np.floating]]
) -> dict[str, float]:
    """The shares of right answers in the boxes that a detector finds, of those that lie on a block with IoU ≥ .5.

    Args:
        detect: gives the boxes ``(N, 4)`` of a picture.
    """
    hits: list[NDArray[np.bool_]] = []
    for scene in scenes:
        image = read_image(scene.path)
        boxes = np.asarray(detect(image), np.float64).reshape(-1, 4)
        overlap = intersection_over_union(torch.from_numpy(boxes), torch.from_numpy(scene.boxes)).numpy()
        on_a_block = overlap.max(axis=1, initial=0) >= 0.5
        if on_a_block.any():
            answers = scene.answers[overlap[on_a_block].argmax(axis=1)]
            hits.append(right(classify(image, boxes[on_a_block], classifier=model), answers))
    shares = np.concatenate(hits).mean(axis=0) if hits else np.zeros(len(QUESTIONS))
    return dict(zip(QUESTIONS, shares.tolist(), strict=True))
