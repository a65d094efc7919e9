"""Pictures of one bright rectangle each, drawn as a function of (epoch, step): training data without a disk."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from yolodash.data.batches import Batch, Batches


class DrawnBatches(Batches):
    """``steps`` batches an epoch of pictures of ``size`` pixels, with one object each."""

    def __init__(self, size: int = 64, batch: int = 4, steps: int = 5, classes: int = 2) -> None:
        self.size, self.batch, self.count, self.classes = size, batch, steps, classes

    @property
    def steps(self) -> int:
        return self.count

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        for step in range(start, self.count):
            chance = torch.Generator().manual_seed(epoch * 1000 + step)
            shape = (self.batch, 3, self.size, self.size)
            images = torch.randint(0, 60, shape, generator=chance, dtype=torch.uint8)
            rows = []
            for number in range(self.batch):
                centre = 0.3 + 0.4 * torch.rand(2, generator=chance)
                sides = 0.2 + 0.3 * torch.rand(2, generator=chance)
                first, last = ((centre - sides / 2) * self.size).int(), ((centre + sides / 2) * self.size).int()
                label = int(torch.randint(0, self.classes, (1,), generator=chance))
                images[number, label, first[1] : last[1], first[0] : last[0]] = 220
                rows.append(torch.tensor([number, label, *centre.tolist(), *sides.tolist()]))
            yield Batch(
                images.contiguous(memory_format=torch.channels_last),
                torch.stack(rows),
                tuple(range(self.batch)),
                epoch,
                step,
            )
