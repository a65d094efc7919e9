"""Batches for training: pictures and targets as a function of (seed, epoch, step), whatever the number of workers.

Workers are threads: what takes time (decoding, resizing, warping, copying) runs outside Python's lock, all of them
share one store of decoded pictures, an error arrives as it was raised, and none outlives its process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np
import torch
from torch import Tensor

from yolodash.data.augment.boxes import clipped
from yolodash.data.augment.chance import draw, order_of
from yolodash.data.augment.example import Example, augmented
from yolodash.data.augment.letterbox import fit
from yolodash.data.augment.recipe import Recipe
from yolodash.data.dataset import LabelledImage
from yolodash.data.images import read_image
from yolodash.errors import N_, DatasetError, OptionError
from yolodash.structures import ImageSize

MEMORY = 1 << 30
"""Bytes of decoded pictures that are kept at most."""
AHEAD = 3
"""Batches that are prepared before they are asked for."""


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


class Pictures:
    """The pictures of a split, read at the size of the network's input and kept as far as memory allows.

    What came first is kept until the bound is reached, and then no more: in an order by chance every picture is as
    likely to be wanted next as any other, so that throwing one out for another would gain nothing.

    Args:
        pictures: with files; boxes of crowds and of objects marked difficult are left out, as both families do.
        classes: the model's class for each of the data set's class ids; boxes of other classes are left out.
        side: what the longer side becomes.
        memory: bytes to keep at most.
    """

    def __init__(
        self, pictures: Sequence[LabelledImage], classes: Mapping[int, int], side: int, memory: int = MEMORY
    ) -> None:
        self._pictures = tuple(pictures)
        self._classes = dict(classes)
        self._side = side
        self._room = memory
        self._kept: dict[int, Example] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._pictures)

    def read(self, index: int) -> Example:
        """One picture, its longer side as long as the input's, with boxes in its pixels and the model's classes.

        Raises:
            DatasetError: its file is gone.
            ImageError: it cannot be read.
        """
        kept = self._kept.get(index)
        if kept is not None:
            return kept
        example = self._from_disk(self._pictures[index])
        with self._lock:
            if index not in self._kept and example.image.nbytes <= self._room:
                self._kept[index] = example
                self._room -= example.image.nbytes
        return example

    def _from_disk(self, picture: LabelledImage) -> Example:
        if picture.path is None or not picture.path.exists():
            raise DatasetError(
                N_("A picture of the data set is gone"),
                where=picture.name,
                fix=N_("put it back, or take it out of the split, and go on"),
            )
        image = read_image(picture.path)
        truth = picture.annotations
        wanted = ~(truth.crowd | truth.difficult) & np.isin(truth.class_ids, list(self._classes))
        boxes = clipped(truth.boxes[wanted], ImageSize(image.shape[0], image.shape[1]))
        class_ids = np.array([self._classes[int(one)] for one in truth.class_ids[wanted]], np.int64)
        return Example(*fit(image, boxes, self._side), class_ids)


class Batches:
    """The batches of every epoch, shuffled by (seed, epoch).

    Args:
        pictures: from ``evaluation.running.pictures_of(dataset, "train").images``.
        classes: the model's class for each of the data set's class ids.
        size: side of the network's input.
        batch: pictures a step, over all processes.
        recipe: how pictures are changed.
        seed: decides order and augmentation; 0 or more.
        workers: threads that prepare ahead; 0 prepares when asked.
        memory: bytes of decoded pictures that are kept at most.
        rank, world: of several processes, which share is this one's; an epoch's last step is filled up from its first
            pictures so that every process has as many.
        pinned: put the batches in page-locked memory, for a GPU.

    Raises:
        DatasetError: there are no pictures.
        OptionError: a number that makes no sense.
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
        if not pictures:
            raise DatasetError(N_("There are no pictures to train on"), fix=N_("choose a split that has some"))
        _at_least(seed, 0, "seed")
        _at_least(workers, 0, "workers")
        _at_least(batch, world, "batch")
        _at_least(size, 1, "size")
        self.pictures = Pictures(pictures, classes, size, memory)
        self.size, self.batch, self.recipe, self.seed = size, batch, recipe, seed
        self.workers, self.rank, self.world, self.pinned = workers, rank, world, pinned

    @property
    def steps(self) -> int:
        """Batches an epoch; the last one may be smaller."""
        return -(-len(self.pictures) // self.batch)

    def indices(self, epoch: int) -> list[tuple[int, ...]]:
        """This process's pictures, step by step."""
        order = order_of(len(self.pictures), seed=self.seed, epoch=epoch)
        steps = [order[first : first + self.batch] for first in range(0, len(order), self.batch)]
        missing = -len(steps[-1]) % self.world
        steps[-1] = steps[-1] + [order[number % len(order)] for number in range(missing)]
        return [tuple(step[self.rank :: self.world]) for step in steps]

    def example(self, epoch: int, index: int) -> Example:
        """One picture as the network sees it in this epoch."""
        drawn = draw(self.recipe, seed=self.seed, epoch=epoch, index=index, pictures=len(self.pictures), side=self.size)
        return augmented(index, drawn, self.pictures.read)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches of one epoch from step ``start`` on.

        Raises:
            DatasetError, ImageError: a picture is gone or broken.
        """
        steps = list(enumerate(self.indices(epoch)))[start:]
        if self.workers == 0:
            for step, indices in steps:
                images = self._empty(len(indices))
                yield self._joined(images, [self._put(images, *at, epoch) for at in enumerate(indices)], epoch, step)
            return
        with ThreadPoolExecutor(self.workers, "batches") as pool:
            try:
                yield from self._ahead(pool, epoch, steps)
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _ahead(self, pool: ThreadPoolExecutor, epoch: int, steps: list[tuple[int, tuple[int, ...]]]) -> Iterator[Batch]:
        """Batches in their order, while the workers are at the next ones."""
        waiting: deque[tuple[int, Tensor, list[Future[_Placed]]]] = deque()
        for step, indices in steps:
            images = self._empty(len(indices))
            waiting.append((step, images, [pool.submit(self._put, images, *at, epoch) for at in enumerate(indices)]))
            if len(waiting) > AHEAD:
                yield self._awaited(waiting.popleft(), epoch)
        while waiting:
            yield self._awaited(waiting.popleft(), epoch)

    def _awaited(self, prepared: tuple[int, Tensor, list[Future[_Placed]]], epoch: int) -> Batch:
        step, images, futures = prepared
        return self._joined(images, [future.result() for future in futures], epoch, step)

    def _empty(self, count: int) -> Tensor:
        return torch.empty((count, self.size, self.size, 3), dtype=torch.uint8, pin_memory=self.pinned)

    def _put(self, images: Tensor, place: int, index: int, epoch: int) -> _Placed:
        """Write a picture into its place of the batch; gives its index and its targets."""
        example = self.example(epoch, index)
        np.copyto(images[place].numpy(), example.image)
        return _Placed(index, targets_of(example, place))

    def _joined(self, images: Tensor, placed: list[_Placed], epoch: int, step: int) -> Batch:
        targets = torch.cat([one.targets for one in placed])
        indices = tuple(one.index for one in placed)
        return Batch(images.permute(0, 3, 1, 2), targets, indices, epoch, step)


@dataclass(frozen=True)
class _Placed:
    index: int
    targets: Tensor


def targets_of(example: Example, place: int) -> Tensor:
    """``(M, 6)`` float32: place in the batch, class, cx, cy, w, h as shares of the picture."""
    height, width = example.image.shape[:2]
    boxes = example.boxes / np.array([width, height] * 2)
    rows = np.empty((len(boxes), 6), np.float32)
    rows[:, 0], rows[:, 1] = place, example.class_ids
    rows[:, 2:4] = (boxes[:, :2] + boxes[:, 2:]) / 2
    rows[:, 4:6] = boxes[:, 2:] - boxes[:, :2]
    return torch.from_numpy(rows)


def _at_least(value: int, least: int, where: str) -> None:
    if value < least:
        raise OptionError(
            N_("{value} makes no sense here"), where=where, fix=N_("give at least {least}"), value=value, least=least
        )
