"""Batches for training: pictures and targets as a function of (seed, epoch, step), whatever the number of workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from yolodash.data.augment.recipe import Recipe
from yolodash.data.dataset import LabelledImage

MEMORY = 1 << 30
"""Bytes of decoded pictures that are kept at most."""


@dataclass(frozen=True)
class Batch:
    """What one training step sees.

    Attributes:
        images: ``(B, 3, size, size)`` uint8 RGB, channels last in memory.
        targets: ``(M, 6)`` float32: picture in the batch, class, cx, cy, w, h as shares of the network's input.
        indices: of the B pictures in the list that the batches are made of.
        epoch, step: which batch this is.
    """

    images: Tensor
    targets: Tensor
    indices: tuple[int, ...]
    epoch: int
    step: int


class Batches:
    """The batches of every epoch, shuffled by (seed, epoch).

    Args:
        pictures: from ``evaluation.running.pictures_of(dataset, "train").images``.
        classes: the model's class for each of the data set's class ids.
        size: side of the network's input.
        batch: pictures a step, over all processes.
        recipe: how pictures are changed.
        seed: decides order and augmentation.
        workers: threads that prepare ahead; 0 prepares when asked.
        memory: bytes of decoded pictures that are kept at most.
        rank, world: of several processes, which share is this one's.
        pinned: put the batches in page-locked memory, for a GPU.
    """

    def __init__(
        self,
        pictures: Sequence[LabelledImage],
        classes: Mapping[int, int],
        *,
        size: int,
        batch: int,
        recipe: Recipe,
        seed: int = 0,
        workers: int = 0,
        memory: int = MEMORY,
        rank: int = 0,
        world: int = 1,
        pinned: bool = False,
    ) -> None:
        raise NotImplementedError

    @property
    def steps(self) -> int:
        """Batches an epoch; the last one may be smaller."""
        raise NotImplementedError

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of one epoch from step ``start`` on.

        Raises:
            DatasetError, ImageError: a picture is gone or broken.
        """
        raise NotImplementedError
