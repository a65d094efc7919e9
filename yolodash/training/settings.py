"""What the training loop is told: every number that decides what the weights become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OptimizerName = Literal["sgd", "adamw"]
ScheduleName = Literal["linear", "cosine"]
PrecisionName = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True)
class Settings:
    """The numbers of one training, YOLOv5's own unless told otherwise.

    Attributes:
        epochs: how often the network sees every training picture.
        batch: pictures at once.
        size: side of the network's square input, a multiple of its largest stride.
        seed: decides fresh weights, the order of the pictures and their augmentation.
        workers: processes that prepare pictures; 0 for none. Changes no number.
        freeze: of how many first layers the weights stay as they are.
        freeze_statistics: whether those layers' batch-norm statistics stay too, which they do not in YOLOv5.
        optimizer, schedule: which kind.
        learning_rate: after the warm-up.
        final_learning_rate: what the schedule ends at, as a share of ``learning_rate``.
        momentum: of SGD; AdamW's first beta.
        weight_decay: on weights of convolutions, for the nominal batch.
        nominal_batch: gradients are added up until about so many pictures went in.
        warmup_epochs: length of the warm-up, at least ``warmup_batches`` batches.
        warmup_batches: see ``warmup_epochs``.
        warmup_momentum: momentum at its begin.
        warmup_bias_rate: learning rate of the biases at its begin; all others begin at 0.
        clip: longest gradient, over all weights together.
        patience: epochs without a better network until training ends early; 0 for never.
        precision: of the forward pass; weights and gradients stay float32.
        device: ``cpu``, ``cuda:0`` …
    """

    epochs: int = 100
    batch: int = 16
    size: int = 640
    seed: int = 0
    workers: int = 0
    freeze: int = 0
    freeze_statistics: bool = False
    optimizer: OptimizerName = "sgd"
    schedule: ScheduleName = "linear"
    learning_rate: float = 0.01
    final_learning_rate: float = 0.01
    momentum: float = 0.937
    weight_decay: float = 0.0005
    nominal_batch: int = 64
    warmup_epochs: float = 3.0
    warmup_batches: int = 100
    warmup_momentum: float = 0.8
    warmup_bias_rate: float = 0.1
    clip: float = 10.0
    patience: int = 100
    precision: PrecisionName = "float32"
    device: str = "cpu"
