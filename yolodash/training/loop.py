"""The loop: epochs of batches, after each of them a validation, a checkpoint and a line of metrics.

What it does at a batch is a function of the settings, the data and the state before; the state is in one file, so a
run that was killed goes on to the same bits.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import torch

from yolodash import __version__, workspace
from yolodash.data.batches import Batches
from yolodash.losses.yolov5 import Gains
from yolodash.models.detector import Detector
from yolodash.training import checkpoint
from yolodash.training.averaging import Average
from yolodash.training.checkpoint import LAST, Position, State
from yolodash.training.distributed import (
    ALONE,
    Processes,
    from_first,
    meet,
    replica,
    together,
    with_shared_statistics,
)
from yolodash.training.freezing import freeze, learning_mode
from yolodash.training.memory import memory_in_use, memory_problems
from yolodash.training.optimisation import make_optimizer
from yolodash.training.reproducibility import deterministic
from yolodash.training.schedule import moment
from yolodash.training.settings import Settings
from yolodash.training.step import Loss, learn, loss_of
from yolodash.training.validation import Metrics

METRICS = "metrics.jsonl"
Outcome = Literal["finished", "early", "stopped"]
"""All epochs done · no better network for as long as patience lasts · asked to stop."""


@dataclass(frozen=True)
class Job:
    """What is to be done.

    Attributes:
        network: with the weights to begin from, in float32 on the CPU.
        batches: of the training pictures.
        validate: the metrics of a network on the validation pictures.
        settings: every number.
        gains: of the loss.
        folder: the run's, where the checkpoints and metrics go.
        cfg: of a Darknet network.
        processes: those that share every batch.
    """

    network: Detector
    batches: Batches
    validate: Callable[[Detector], Metrics]
    settings: Settings
    gains: Gains
    folder: Path
    cfg: str | None = None
    processes: Processes = ALONE


class Watcher(Protocol):
    """Who looks on: shows progress, hands out the device, and may ask to stop."""

    def turn(self) -> AbstractContextManager[None]:
        """The device to ourselves for one batch."""

    def stopping(self) -> bool:
        """Whether to stop after the next step of the optimiser."""

    def batch_done(self, position: Position, steps: int) -> None:
        """A batch is done, of so many in this epoch."""

    def epoch_done(self, record: dict[str, Any], state: State) -> None:
        """An epoch is done, validated and on the disk."""


def train(job: Job, watcher: Watcher) -> Outcome:
    """Train a network to the end, or on from where its folder says that it stopped.

    Raises:
        OptionError: the network cannot be trained so, or its loss is no longer a number.
        DeviceError: out of memory; names a batch that fits.
        WorkspaceError: the disk is full. What was written before stays whole.
        DatasetError, ImageError: a picture is gone or broken.
    """
    loss = loss_of(job.network, job.gains, job.processes)
    watcher = together(watcher, job.processes)
    threads = _recorded_threads(job.folder)
    with deterministic(job.settings.device, threads):
        state = begin(job)
        while state.position.epoch < job.settings.epochs and not exhausted(state.position, job.settings):
            if not _epoch(job, state, loss, watcher):
                return "stopped"
            _finish_epoch(job, state, watcher)
            if watcher.stopping() and state.position.epoch < job.settings.epochs:
                return "stopped"
    return "finished" if state.position.epoch >= job.settings.epochs else "early"


def begin(job: Job) -> State:
    """The state at the first batch, or the one that the run's folder holds."""
    network = job.network.to(job.settings.device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = Average(network)
    with_shared_statistics(network, job.processes, job.settings.device)
    freeze(network, job.settings.freeze)
    scaler = torch.amp.GradScaler(
        torch.device(job.settings.device).type, enabled=job.settings.precision == "float16", init_scale=2.0**13
    )
    state = State(network, average, make_optimizer(network, job.settings), scaler, Position())
    if (job.folder / LAST).exists():
        checkpoint.restore(job.folder, state)
    if job.processes.first:
        keep_lines(job.folder / METRICS, state)
    state.replica = replica(network, job.processes, job.settings.device)
    return state


def exhausted(position: Position, settings: Settings) -> bool:
    """Whether the best epoch lies longer back than patience lasts."""
    return 0 < settings.patience < position.epoch - position.best_epoch


def keep_lines(path: Path, state: State) -> None:
    """Make the metrics say what the checkpoint says: later lines go, the checkpoint's own is there."""
    lines = workspace.read_lines(path)
    kept = [line for line in lines if _epoch_of(line) < state.position.epoch]
    own = state.metrics
    if own is not None and own["epoch"] not in map(_epoch_of, kept):
        kept.append(json.dumps(own))
    if kept != lines or (path.exists() and not path.read_bytes().endswith(b"\n")):
        workspace.write_bytes(path, "".join(f"{line}\n" for line in kept).encode())


def _epoch_of(line: str) -> float:
    """The epoch of a line of metrics; endless for a line that is none, so that it goes."""
    try:
        return int(json.loads(line)["epoch"])
    except (ValueError, KeyError, TypeError):
        return float("inf")


def _epoch(job: Job, state: State, loss: Loss, watcher: Watcher) -> bool:
    """The rest of an epoch; False when it was asked to stop, with everything on the disk."""
    settings, position = job.settings, state.position
    learning_mode(state.network, settings.freeze, freeze_statistics=settings.freeze_statistics)
    state.optimizer.zero_grad()
    began, before = time.monotonic(), position.seconds
    for batch in job.batches.epoch(position.epoch, position.step):
        now = moment(settings, position.batches, job.batches.steps)
        with (
            watcher.turn(),
            memory_problems(
                state.network,
                batch=settings.batch,
                size=settings.size,
                device=settings.device,
                search=job.processes.alone,
            ),
        ):
            values = learn(state, batch, now, loss, settings)
        pictures = len(batch.indices) * job.processes.world
        position.losses = [sum_ + value * pictures for sum_, value in zip(position.losses, values, strict=True)]
        position.pictures += pictures
        position.seconds = before + time.monotonic() - began
        watcher.batch_done(position, job.batches.steps)
        if watcher.stopping() and position.last_update == position.batches - 1 and position.step < job.batches.steps:
            save_last(job, state)
            return False
    return True


def _finish_epoch(job: Job, state: State, watcher: Watcher) -> None:
    """Validate, then write: the best network, the state, the line of metrics, in this order.

    Whenever the process dies, the files are those of one epoch: what was written ahead is written again, the same.
    """
    began = time.monotonic()
    metrics = from_first(lambda: job.validate(state.average.network), job.processes)
    state.metrics = record(job, state, metrics, time.monotonic() - began)
    position = state.position
    better = metrics.fitness >= position.best_fitness
    if better:
        position.best_fitness, position.best_epoch = metrics.fitness, position.epoch
    position.epoch, position.step = position.epoch + 1, 0
    position.losses, position.pictures, position.seconds = [0.0, 0.0, 0.0], 0, 0.0
    if better and job.processes.first:
        checkpoint.save_best(job.folder, state, facts(job), job.cfg)
    save_last(job, state)
    if job.processes.first:
        workspace.append_line(job.folder / METRICS, json.dumps(state.metrics))
    watcher.epoch_done(state.metrics, state)


def save_last(job: Job, state: State) -> None:
    """Write the state; of several processes, the first does, and none goes on before it is on the disk.

    One that did might read the state before, and wait for ever for steps that the others have behind them.
    """
    if job.processes.first:
        checkpoint.save_last(job.folder, state, facts(job), job.cfg)
    meet(job.processes)


def record(job: Job, state: State, metrics: Metrics, validation_seconds: float) -> dict[str, Any]:
    """One line of the metrics."""
    position = state.position
    last = moment(job.settings, max(position.batches - 1, 0), job.batches.steps)
    box, objectness, class_ = (value / max(position.pictures, 1) for value in position.losses)
    return {
        "epoch": position.epoch,
        "seconds": round(position.seconds + validation_seconds, 3),
        "images_per_second": round(position.pictures / max(position.seconds, 1e-9), 3),
        "loss_box": box,
        "loss_objectness": objectness,
        "loss_class": class_,
        "learning_rates": dict(last.learning_rates),
        "warmup": last.warmup,
        **asdict(metrics),
        "memory_bytes": memory_in_use(job.settings.device),
    }


def facts(job: Job) -> dict[str, Any]:
    """What a checkpoint says besides the state: how the network was trained, and with what."""
    return {
        "schedule": asdict(job.settings),
        "gains": asdict(job.gains),
        "size": [job.settings.size, job.settings.size],
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "code": __version__,
        "processes": job.processes.world,
    }


def _recorded_threads(folder: Path) -> int | None:
    """How many threads the run began with; None for one that has not begun."""
    from yolodash.models.saved import KEY, read_header

    if not (folder / LAST).exists():
        return None
    threads = json.loads(read_header(folder / LAST)["__metadata__"][KEY]).get("threads")
    return int(threads) if isinstance(threads, int) and threads > 0 else None
