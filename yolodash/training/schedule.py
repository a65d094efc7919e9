"""Learning rates, momentum and accumulation at every batch: a warm-up, then a line or half a cosine down.

Source: YOLOv5's published hyper-parameters (``hyp.scratch-low``); for the cosine Loshchilov & Hutter, 2017.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from yolodash.training.settings import Settings

Group = Literal["weights", "normalisation", "biases"]
GROUPS: tuple[Group, ...] = ("weights", "normalisation", "biases")
"""Convolution weights (the only ones that decay), batch-norm weights, and biases."""


@dataclass(frozen=True)
class Moment:
    """What holds at one batch.

    Attributes:
        learning_rates: of each group.
        momentum: of the optimiser.
        accumulate: batches whose gradients are added up before a step.
        warmup: whether the batch lies in the warm-up.
    """

    learning_rates: dict[Group, float]
    momentum: float
    accumulate: int
    warmup: bool


def moment(settings: Settings, batch: int, batches_per_epoch: int) -> Moment:
    """What holds at a batch, counted from 0 over the whole training.

    In the warm-up the rates go in a line from 0 (biases: from ``warmup_bias_rate``) to the schedule's, momentum from
    ``warmup_momentum`` to its own, and accumulation from 1 to the nominal batch.
    """
    scheduled = settings.learning_rate * decay(settings, batch // batches_per_epoch)
    full = accumulation(settings)
    length = warmup_length(settings, batches_per_epoch)
    if batch >= length:
        return Moment(dict.fromkeys(GROUPS, scheduled), settings.momentum, full, False)
    share = batch / length
    start: dict[Group, float] = {"weights": 0.0, "normalisation": 0.0, "biases": settings.warmup_bias_rate}
    return Moment(
        {group: start[group] + (scheduled - start[group]) * share for group in GROUPS},
        settings.warmup_momentum + (settings.momentum - settings.warmup_momentum) * share,
        max(1, round(1 + (settings.nominal_batch / settings.batch - 1) * share)),
        True,
    )


def decay(settings: Settings, epoch: int) -> float:
    """The schedule's share of the learning rate in an epoch, from 1 down to ``final_learning_rate``."""
    progress = epoch / settings.epochs
    if settings.schedule == "cosine":
        return (
            settings.final_learning_rate + (1 - settings.final_learning_rate) * (1 + math.cos(math.pi * progress)) / 2
        )
    return settings.final_learning_rate + (1 - settings.final_learning_rate) * (1 - progress)


def warmup_length(settings: Settings, batches_per_epoch: int) -> int:
    """How many batches the warm-up lasts; none where its epochs are 0."""
    if settings.warmup_epochs <= 0:
        return 0
    return max(round(settings.warmup_epochs * batches_per_epoch), settings.warmup_batches)


def accumulation(settings: Settings) -> int:
    """How many batches make up about the nominal batch."""
    return max(1, round(settings.nominal_batch / settings.batch))


def scaled_weight_decay(settings: Settings) -> float:
    """The decay for the pictures that really go into one step: it is meant for the nominal batch."""
    return settings.weight_decay * settings.batch * accumulation(settings) / settings.nominal_batch
