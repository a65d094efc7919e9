"""What a training run is asked to do, as the person who starts it says it; the same in ``run.json``.

Imports no torch: the pages make these, and the worker, another process, reads them.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args

from yolodash.data.augment.recipe import YOLOV5_NAMES, Recipe
from yolodash.data.augment.transforms import check_recipe
from yolodash.data.options import check_whole
from yolodash.errors import N_, OptionError

Optimizer = Literal["sgd", "adamw"]
Schedule = Literal["linear", "cosine"]
Precision = Literal["auto", "float32", "bfloat16", "float16"]
LARGEST_SIDE = 4096
MOST_EPOCHS = 100_000
MOST_BATCH = 4096
MOST_WORKERS = 128


@dataclass(frozen=True)
class Hyperparameters:
    """The numbers behind the presets; YOLOv5's own.

    Attributes:
        learning_rate: after the warm-up.
        final_learning_rate: what the schedule ends at, as a share of it.
        momentum: of SGD; AdamW's first beta.
        weight_decay: pulls weights of convolutions towards 0.
        nominal_batch: gradients are added up until about so many pictures went in.
        warmup_epochs: length of the warm-up; it lasts at least ``warmup_batches`` batches.
        warmup_batches: ″
        warmup_momentum: momentum at its begin.
        warmup_bias_rate: learning rate of the biases at its begin.
        box_gain, objectness_gain, class_gain: weights of the loss's three terms.
        largest_ratio: an anchor answers for objects up to so many times its sides.
        clip: longest gradient.
    """

    learning_rate: float = 0.01
    final_learning_rate: float = 0.01
    momentum: float = 0.937
    weight_decay: float = 0.0005
    nominal_batch: int = 64
    warmup_epochs: float = 3.0
    warmup_batches: int = 100
    warmup_momentum: float = 0.8
    warmup_bias_rate: float = 0.1
    box_gain: float = 0.05
    objectness_gain: float = 1.0
    class_gain: float = 0.5
    largest_ratio: float = 4.0
    clip: float = 10.0


@dataclass(frozen=True)
class TrainOptions:
    """Everything that decides what a training does.

    Attributes:
        data: path or name of a data set.
        weights: what to begin from, as ``--weights`` means it; empty for fresh weights of ``cfg``.
        cfg: a published network such as ``yolov5n``, or a Darknet cfg.
        epochs, batch, size, seed, workers: as the command's options.
        freeze: of how many first layers the weights stay.
        freeze_statistics: whether their batch-norm statistics stay too.
        optimizer, schedule, precision: as the command's options.
        device: ``auto``, ``cpu``, ``cuda:0`` …; several with commas between them share every batch.
        patience: epochs without a better network until training ends; 0 for never.
        augment: how pictures are changed.
        hyperparameters: the numbers behind.
    """

    data: str
    weights: str = ""
    cfg: str = ""
    epochs: int = 100
    batch: int = 16
    size: int = 640
    seed: int = 0
    workers: int = 0
    freeze: int = 0
    freeze_statistics: bool = False
    optimizer: Optimizer = "sgd"
    schedule: Schedule = "linear"
    precision: Precision = "auto"
    device: str = "auto"
    patience: int = 100
    augment: Recipe = field(default_factory=Recipe)
    hyperparameters: Hyperparameters = field(default_factory=Hyperparameters)

    def __post_init__(self) -> None:
        """Refuse what makes no sense.

        Raises:
            OptionError: names the option and what it can be.
        """
        if bool(self.weights) == bool(self.cfg) and not self.weights:
            raise OptionError(
                N_("Nothing says which network to train"),
                where="--weights",
                fix=N_("give --weights to go on from trained ones, or --cfg to begin from nothing"),
            )
        for name, least, most in _BOUNDS:
            check_whole(name, getattr(self, name), least, most)
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise OptionError(
                    N_("'{value}' is none of the choices"),
                    where=f"--{name}",
                    fix=N_("choose one of: {choices}"),
                    value=str(getattr(self, name)),
                    choices=", ".join(choices),
                )
        for part in (self.hyperparameters, self.augment):
            _check_numbers(part)
        check_recipe(self.augment, names=_OWN_NUMBERS)
        check_shares(self.batch, len(self.devices))

    @property
    def devices(self) -> tuple[str, ...]:
        """The device of each process."""
        return devices_of(self.device)

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


_BOUNDS = (
    ("epochs", 1, MOST_EPOCHS),
    ("batch", 1, MOST_BATCH),
    ("size", 32, LARGEST_SIDE),
    ("seed", 0, 2**63 - 1),
    ("workers", 0, MOST_WORKERS),
    ("freeze", 0, 10_000),
    ("patience", 0, MOST_EPOCHS),
)
_OWN_NUMBERS = frozenset(one.name for one in fields(Recipe)) - frozenset(YOLOV5_NAMES)
"""Of the recipe: YOLOv5's may be as large as anyone likes, as in that program."""
_CHOICES = {
    "optimizer": get_args(Optimizer),
    "schedule": get_args(Schedule),
    "precision": get_args(Precision),
}


def options_from(record: dict[str, Any]) -> TrainOptions:
    """Options from the JSON of ``run.json``; what is not there has its default.

    Raises:
        OptionError: an option that is unknown or makes no sense.
    """
    try:
        parts = dict(record)
        parts["augment"] = Recipe(**parts.get("augment", {}))
        parts["hyperparameters"] = Hyperparameters(**parts.get("hyperparameters", {}))
        return TrainOptions(**parts)
    except TypeError as error:
        raise OptionError(
            N_("The options of this run cannot be read: {reason}"),
            where="run.json",
            fix=N_("start a new run"),
            reason=str(error),
        ) from error


def devices_of(text: str) -> tuple[str, ...]:
    """``cuda:0,cuda:1`` as two devices; ``cpu,cpu`` is two processes on the processor.

    Raises:
        OptionError: a GPU is named twice, or processors and GPUs are to work together.
    """
    names = tuple("cuda:0" if name.strip() in ("cuda", "gpu") else name.strip() for name in text.split(","))
    if len(names) == 1:
        return names
    twice = next((name for name in names if name != "cpu" and names.count(name) > 1), None)
    if twice is not None:
        raise OptionError(N_("{device} is named twice"), where="--device", fix=N_("give every GPU once"), device=twice)
    if len({name.partition(":")[0] for name in names}) > 1 or not names[0].startswith(("cpu", "cuda")):
        raise OptionError(
            N_("'{device}' cannot train together"),
            where="--device",
            fix=N_("give GPUs, such as cuda:0,cuda:1, or processes on the processor: cpu,cpu"),
            device=text,
        )
    return names


def check_shares(batch: int, world: int) -> None:
    """Refuse a batch of which not every process has as many pictures.

    Raises:
        OptionError: names a batch that can be shared.
    """
    if batch < world:
        raise OptionError(
            N_("A batch of {batch} has no picture for each of {world} processes"),
            where="--batch",
            fix=N_("give at least {world}"),
            batch=batch,
            world=world,
        )
    if batch % world:
        raise OptionError(
            N_("A batch of {batch} cannot be shared evenly by {world} processes"),
            where="--batch",
            fix=N_("give a multiple of {world}, such as {next}"),
            batch=batch,
            world=world,
            next=-(-batch // world) * world,
        )


def _check_numbers(part: Hyperparameters | Recipe) -> None:
    for one in fields(part):
        value = getattr(part, one.name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise OptionError(
                N_("{name} cannot be {value}"),
                where=one.name,
                fix=N_("give a number of at least 0"),
                name=one.name,
                value=str(value),
            )
    if isinstance(part, Hyperparameters) and (part.nominal_batch < 1 or part.largest_ratio <= 1 or part.momentum >= 1):
        raise OptionError(
            N_("These hyper-parameters make no sense together"),
            where="hyperparameters",
            fix=N_("let nominal_batch be at least 1, largest_ratio over 1 and momentum under 1"),
        )
