"""One of two processes that train together: ``python -m tests.training.sharing FOLDER``, told its rank as by torchrun.

The first writes into the folder what the tests look at.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.training.drawn_batches import DrawnBatches
from tests.training.test_loop import SETTINGS, Onlooker, by_epoch
from tests.training.test_transfer import TINY_CFG
from tests.yolov5_files import tiny
from yolodash.data.batches import Batch
from yolodash.losses.yolov5 import Gains
from yolodash.models.detector import Detector
from yolodash.training import checkpoint
from yolodash.training.beginning import starting_network
from yolodash.training.distributed import ALONE, Processes, from_environment, joined, replica
from yolodash.training.loop import Job, train
from yolodash.training.step import loss_of, losses

CASES = ("yolov5", "yolov3", "a share without objects")


class SharedBatches(DrawnBatches):
    """The same pictures as ``DrawnBatches``, of which each process sees its share."""

    def __init__(self, processes: Processes) -> None:
        super().__init__()
        self.processes = processes

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        return (share(batch, self.processes) for batch in super().epoch(epoch, start))


def share(batch: Batch, processes: Processes) -> Batch:
    """One process's pictures of a batch, with their objects."""
    own = list(range(processes.rank, len(batch.indices), processes.world))
    rows = batch.targets[torch.isin(batch.targets[:, 0], torch.tensor(own, dtype=torch.float32))].clone()
    rows[:, 0] = (rows[:, 0] - processes.rank) / processes.world
    return Batch(batch.images[own], rows, tuple(batch.indices[one] for one in own), batch.epoch, batch.step)


def uneven_batch(case: str) -> Batch:
    """Four pictures; the second process has more objects than the first, or the first has none."""
    batch = next(DrawnBatches().epoch(0))
    small = torch.tensor([[1.0, 0, 0.2, 0.3, 0.1, 0.15], [3.0, 1, 0.7, 0.6, 0.6, 0.7], [3.0, 0, 0.5, 0.5, 0.2, 0.1]])
    own = batch.targets[batch.targets[:, 0] % 2 == 1] if case == CASES[2] else batch.targets
    return replace(batch, targets=torch.cat([own, small]))


def network_of(case: str, folder: Path) -> Detector:
    """A small network whose batch-norm statistics stay as they are."""
    torch.manual_seed(5)
    if case != "yolov3":
        return tiny(classes=2).eval()
    (folder / "tiny.cfg").write_text(TINY_CFG)
    return starting_network("", str(folder / "tiny.cfg"), ["a", "b"], 64).network.eval()


def gradients(case: str, folder: Path, processes: Processes = ALONE) -> dict[str, Tensor]:
    """Of one batch: the gradient of every weight, and what is told of the loss."""
    network = network_of(case, folder)
    through = replica(network, processes, "cpu")
    batch = share(uneven_batch(case), processes)
    terms = losses(through, batch, loss_of(network, Gains(), processes), SETTINGS)
    terms.total.backward()
    told = {"told.box": terms.box, "told.objectness": terms.objectness, "told.class": terms.class_}
    found = {name: p.grad for name, p in network.named_parameters() if p.grad is not None}
    return {name: tensor.detach().clone().contiguous() for name, tensor in {**told, **found}.items()}


def together(folder: Path, processes: Processes, watcher: Onlooker) -> str:
    """A training of three epochs in a folder, or the rest of it."""
    torch.manual_seed(5)
    folder.mkdir(exist_ok=True)
    network = tiny(classes=2)
    return train(
        Job(network, SharedBatches(processes), by_epoch(), SETTINGS, Gains(), folder, processes=processes), watcher
    )


def on_a_slow_disk() -> None:
    """Let every checkpoint take a while, so that a process that does not wait for it is far ahead."""
    save = checkpoint.save_last

    def save_slowly(*given: Any) -> None:
        time.sleep(0.5)
        save(*given)

    checkpoint.save_last = save_slowly


def main(folder: Path) -> None:
    """Everything that two processes are needed for, so that they are started once."""
    torch.set_num_threads(1)
    on_a_slow_disk()
    processes = from_environment()
    with joined(processes, "cpu"):
        for number, case in enumerate(CASES):
            found = gradients(case, folder, processes)
            if processes.first:
                save_file(found, folder / f"gradients{number}.safetensors")
        own = folder if processes.first else folder / "other"
        own.mkdir(exist_ok=True)
        outcomes = [together(folder / "whole", processes, Onlooker())]
        # only the first is asked to stop
        outcomes.append(together(folder / "cut", processes, Onlooker(stop_after=7 if processes.first else None)))
        outcomes.append(together(folder / "cut", processes, Onlooker()))
        (own / "outcomes").write_text(" ".join(outcomes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
