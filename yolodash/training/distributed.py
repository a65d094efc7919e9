"""Several processes, each with a device of its own, that share every batch and learn the same.

Each has a copy of the network and its share of a batch's pictures; gradients are added up over all of them before the
optimiser's step, which then is the same everywhere. The first process alone validates, writes and decides.

Batch-norm: on GPUs the statistics of a batch are taken over all processes (``SyncBatchNorm``). On processors, for which
PyTorch has none, each process normalises by its own share, and the running statistics that are kept are those of the
first: the same as one process with smaller batches would see.

Source: Li et al., 2020, "PyTorch Distributed: Experiences on Accelerating Data Parallel Training".
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from yolodash.errors import N_, DeviceError
from yolodash.losses.terms import LossTerms
from yolodash.losses.yolov5 import assign
from yolodash.models.detector import Detector
from yolodash.structures import Head

if TYPE_CHECKING:
    from yolodash.training.checkpoint import Position, State
    from yolodash.training.loop import Watcher

PATIENCE = timedelta(days=7)
"""How long a process waits for the others: they may wait for their turn on a device, or for a validation. One that died
is not waited for: whoever started the processes ends the rest."""
_LOST = ("gloo", "nccl", "connection closed", "connection reset", "tcpstore", "socket")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Processes:
    """Where this process stands among those that train together.

    Attributes:
        rank: its number, from 0; the first validates, writes and decides.
        world: how many there are.
        local_rank: its number among those on this machine.
    """

    rank: int = 0
    world: int = 1
    local_rank: int = 0

    @property
    def first(self) -> bool:
        """Whether this is the one that writes."""
        return self.rank == 0

    @property
    def alone(self) -> bool:
        """Whether there is nobody to share with."""
        return self.world == 1


ALONE = Processes()


def from_environment() -> Processes:
    """What ``torchrun`` told this process, in RANK, WORLD_SIZE and LOCAL_RANK."""
    told = os.environ
    return Processes(int(told["RANK"]), int(told["WORLD_SIZE"]), int(told.get("LOCAL_RANK", told["RANK"])))


@contextlib.contextmanager
def joined(processes: Processes, device: str) -> Iterator[None]:
    """Be one of several processes for the block. Numbers go through gloo, gradients on GPUs through NCCL.

    Raises:
        DeviceError: another of them ended.
    """
    if processes.alone:
        yield
        return
    on_gpu = device.startswith("cuda")
    if on_gpu:
        torch.cuda.set_device(device)
    with others_lost():
        dist.init_process_group("cpu:gloo,cuda:nccl" if on_gpu else "gloo", timeout=PATIENCE)
        yield
        dist.destroy_process_group()  # not after an error: the others may not answer any more


@contextlib.contextmanager
def others_lost() -> Iterator[None]:
    """Turn the error of a connection that broke into a sentence.

    Raises:
        DeviceError: another process ended.
    """
    try:
        yield
    except RuntimeError as error:
        if not any(word in str(error).lower() for word in _LOST):
            raise
        raise DeviceError(
            N_("Another process of this training ended"),
            fix=N_("look into the log files in the run's folder, then resume the run"),
        ) from error


def with_shared_statistics(network: Detector, processes: Processes, device: str) -> None:
    """Let batch-norm see the whole batch, where the devices can; in place, with the same parameters under the same
    names.
    """
    if not processes.alone and device.startswith("cuda"):
        nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]


def replica(network: Detector, processes: Processes, device: str) -> nn.Module:
    """What the batches go through: the network itself, or one that averages its gradients over the processes.

    All of them begin with the first one's weights and statistics.
    """
    if processes.alone:
        return network
    return DistributedDataParallel(
        network, device_ids=[torch.device(device)] if device.startswith("cuda") else None, forward_sync_buffers=False
    )


def gradients_shared(module: nn.Module, due: bool) -> AbstractContextManager[Any]:
    """For a batch forth and back: gradients that only add up until a step is due are sent to nobody yet."""
    if isinstance(module, DistributedDataParallel) and not due:
        return module.no_sync()
    return contextlib.nullcontext()


def match_weights(
    raw_maps: Sequence[Tensor], targets: Tensor, heads: Sequence[Head], largest_ratio: float, processes: Processes
) -> list[float]:
    """How much the mean over this share's matches counts on each scale, so that all shares give the whole's mean.

    A mean over K matches of all processes is the sum of K_r / K · (mean over the K_r of one). Every share has as many
    pictures, and the loss is per picture, so that the weight is world · K_r / K.
    """
    own = [
        float(len(assign(targets, head, (raw.shape[2], raw.shape[3]), largest_ratio).target))
        for raw, head in zip(raw_maps, heads, strict=True)
    ]
    everywhere = added_up(own, processes)
    return [processes.world * mine / max(all_, 1.0) for mine, all_ in zip(own, everywhere, strict=True)]


def over_all(terms: LossTerms, processes: Processes) -> LossTerms:
    """The loss of a share as that of the batch: the terms told are means over all, and the total is multiplied by the
    number of processes, since their gradients are averaged.
    """
    if processes.alone:
        return terms
    own = [terms.box.item(), terms.objectness.item(), terms.class_.item()]
    told = [terms.box.new_tensor(value / processes.world) for value in added_up(own, processes)]
    return LossTerms(terms.total * processes.world, *told)


def added_up(numbers: Sequence[float], processes: Processes) -> list[float]:
    """The sum over all processes of each number."""
    if processes.alone:
        return list(numbers)
    tensor = torch.tensor(numbers, dtype=torch.float64)
    dist.all_reduce(tensor)
    return [float(value) for value in tensor]


def meet(processes: Processes) -> None:
    """Wait until all of them are here."""
    added_up([0.0], processes)


def sharing_told(processes: Processes, device: str, batch: int, pictures: int, before: int) -> list[str]:
    """What is to be known about several processes, or about another number of them than before.

    Args:
        batch: pictures in a step.
        pictures: in an epoch.
        before: how many processes the run had until now; 0 for a new one.
    """
    told = []
    if not processes.alone:
        told.append(
            f"{processes.world} processes share each batch of {batch}, {batch // processes.world} pictures each"
        )
        missing = -pictures % batch % processes.world
        if missing:
            told.append(f"the last step of an epoch is filled up to the same number each: {missing} seen twice")
        kept = "the whole batch" if device.startswith("cuda") else "its own share, and those of the first are kept"
        told.append(f"batch-norm takes each process's statistics over {kept}")
    if before not in (0, processes.world):
        told.append(
            f"goes on with {processes.world} instead of {before} processes: the batches are the same, but batch-norm "
            "sees other shares and sums are rounded in another order, so the weights become others"
        )
    return told


def from_first(make: Callable[[], Value], processes: Processes) -> Value:
    """What the first process makes; the others wait for it."""
    if processes.alone:
        return make()
    told: list[Any] = [make() if processes.first else None]
    dist.broadcast_object_list(told, device=torch.device("cpu"))
    value: Value = told[0]
    return value


def together(watcher: Watcher, processes: Processes) -> Watcher:
    """A watcher whose first process decides for all when a batch begins and when to stop."""
    return watcher if processes.alone else _Together(watcher, processes)


class _Together:
    """Passes everything on; what must be the same everywhere is asked of the first process."""

    def __init__(self, watcher: Watcher, processes: Processes) -> None:
        self._watcher, self._processes = watcher, processes

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody begins before the first process has the turns of all devices."""
        with self._watcher.turn():
            meet(self._processes)
            yield

    def stopping(self) -> bool:
        """Whether the first was asked to stop: all stop at the same step."""
        return from_first(self._watcher.stopping, self._processes)

    def batch_done(self, position: Position, steps: int) -> None:
        """To whoever looks on."""
        self._watcher.batch_done(position, steps)

    def epoch_done(self, record: dict[str, Any], state: State) -> None:
        """To whoever looks on."""
        self._watcher.epoch_done(record, state)
