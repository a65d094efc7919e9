"""What a training will take, before it starts: what was measured, kept on disk, and the arithmetic on it.

Another process, ``yolodash.runs.estimating``, takes a few steps with the very network; this side asks for it and reads
what it wrote, and imports neither torch nor the training. What is measured does not depend on the batch: a ladder of
batches is climbed, so that other batches are read between its rungs.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from yolodash import __version__, workspace
from yolodash.errors import N_, DeviceError, YoloDashError
from yolodash.inference.devices import memory, processor_name
from yolodash.models.catalogue import locate
from yolodash.runs.config import Hyperparameters, TrainOptions
from yolodash.runs.launch import start_detached
from yolodash.runs.state import read_json
from yolodash.runs.told_errors import error_from

KEPT_PICTURES = 1 << 30
"""Bytes of decoded pictures that training keeps at most."""
SHARE_OF_FREE = 0.8
"""Of the free memory that a training may take: the rest is for pages, validation and whoever comes."""
LARGEST_BATCH = 256
STARTING_SECONDS = 120.0
"""How long a process may take until it holds its lock: on a busy machine torch alone takes a minute to load."""
_MATTER = ("weights", "cfg", "size", "freeze", "freeze_statistics", "optimizer", "precision", "device", "data")


@dataclass(frozen=True)
class Rung:
    """One batch of the ladder: how many pictures, the seconds of a step, and the bytes in use at most."""

    batch: int
    seconds: float
    bytes: int


@dataclass(frozen=True)
class Measured:
    """What a few steps showed.

    Attributes:
        device, precision: as decided, never ``auto``.
        rungs: by batch, one or more.
        prepare_seconds: to augment one picture, in one thread.
        validate_seconds: of one picture.
        startup_seconds: until the first step can be taken.
        memory_free: on the device when it was measured; None where nobody knows.
        full: the smallest batch for which the memory did not suffice, if that was found.
        devices: of this machine, as ``(name, description, total, free)``.
        scene_seconds: to draw a scene on all cores; 0 where the data is there already.
    """

    device: str
    precision: str
    rungs: tuple[Rung, ...]
    prepare_seconds: float
    validate_seconds: float
    startup_seconds: float
    memory_free: int | None = None
    full: int | None = None
    devices: tuple[tuple[str, str, int | None, int | None], ...] = ()
    scene_seconds: float = 0.0


@dataclass(frozen=True)
class Estimate:
    """Of one training: seconds in all and an epoch, bytes on the device, and whether they are free."""

    seconds: float
    epoch_seconds: float
    bytes: int
    free: int | None

    @property
    def fits(self) -> bool:
        """Whether the memory suffices, as far as anybody knows."""
        return self.free is None or self.bytes <= self.free


def key_of(options: TrainOptions, classes: int) -> str:
    """A name for everything that the measurement depends on."""
    parts: dict[str, Any] = {name: getattr(options, name) for name in _MATTER}
    parts |= {"classes": classes, "code": __version__, "processor": processor_name(), "cores": os.cpu_count()}
    parts["stamp"] = _stamp(options.weights)
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]


def _stamp(weights: str) -> list[int]:
    """Changes with the weights' file, where there is one yet."""
    if not weights or not _is_here(weights):
        return []
    try:
        found = locate(weights).weights.stat()
    except (YoloDashError, OSError):
        return []  # measuring will say it
    return [found.st_size, found.st_mtime_ns]


def _is_here(weights: str) -> bool:
    from yolodash.models.catalogue import find_entry, find_installed

    return find_entry(weights) is None or find_installed(weights) is not None


def folder() -> Path:
    """Where measurements are kept: what a device takes for a network."""
    return workspace.make_folder(workspace.folder("devices") / "estimates")


def begin(options: TrainOptions, classes: int) -> str:
    """Start to measure unless that is done, or is being done by anyone; gives the key."""
    key = key_of(options, classes)
    path = folder() / f"{key}.json"
    with workspace.locked(folder() / "start.lock"):
        if not path.exists() and not at_work(key):
            workspace.write_json(folder() / f"{key}.request", {"options": options.record(), "classes": classes})
            start_detached("yolodash.runs.estimating", [key], folder() / "estimating.log")
    return key


def at_work(key: str) -> bool:
    """Whether somebody measures this."""
    request = folder() / f"{key}.request"
    if not request.exists():
        return False
    with workspace.locked(folder() / f"{key}.lock", wait=False) as ours:
        return not ours or _is_young(request)


def _is_young(request: Path) -> bool:
    """Whether the process that shall measure may still be starting."""
    try:
        return time.time() - request.stat().st_mtime < STARTING_SECONDS
    except OSError:
        return False


def forget(key: str) -> None:
    """Let this be measured anew."""
    for suffix in (".json", ".request"):
        (folder() / f"{key}{suffix}").unlink(missing_ok=True)


def measured(key: str) -> Measured | None:
    """What was measured; None while it is not.

    Raises:
        YoloDashError: why it cannot be measured, which is why it cannot be trained.
    """
    record = read_json(folder() / f"{key}.json")
    if record is None:
        return None
    if "error" in record:
        raise error_from(record["error"])
    record["rungs"] = tuple(Rung(**rung) for rung in record["rungs"])
    record["devices"] = tuple(tuple(device) for device in record["devices"])
    return Measured(**record)


def estimate(found: Measured, options: TrainOptions, *, train: int, val: int) -> Estimate:
    """Time and memory of a training with so many pictures.

    Args:
        train, val: pictures to train and to validate with.
    """
    step = at_batch(found.rungs, options.batch)
    prepare = found.prepare_seconds * options.batch
    if found.device.startswith("cuda"):
        seconds = max(step.seconds, prepare / max(options.workers, 1)) if options.workers else step.seconds + prepare
        kept = 0
    else:  # workers and network share the cores
        seconds = step.seconds + prepare / (os.cpu_count() or 1)
        kept = min(KEPT_PICTURES, train * options.size**2 * 3)
    epoch = train / options.batch * seconds + val * found.validate_seconds
    total = found.startup_seconds + options.epochs * epoch
    return Estimate(total, epoch, step.bytes + kept, free_memory(found))


def free_memory(found: Measured) -> int | None:
    """What is free now on the processor, and was when measured on another device."""
    return memory()[1] if found.device == "cpu" else found.memory_free


def at_batch(rungs: Sequence[Rung], batch: int) -> Rung:
    """Seconds and bytes of a batch: on a line between its neighbours, or on through the last two."""
    batches = [rung.batch for rung in rungs]
    place = bisect_left(batches, batch)
    if place < len(rungs) and batches[place] == batch:
        return rungs[place]
    if len(rungs) == 1:
        return Rung(batch, rungs[0].seconds * batch / batches[0], rungs[0].bytes * max(1, batch // batches[0]))
    low, high = (rungs[i] for i in (min(max(place, 1), len(rungs) - 1) - 1, min(max(place, 1), len(rungs) - 1)))
    share = (batch - low.batch) / (high.batch - low.batch)
    seconds = low.seconds + share * max(high.seconds - low.seconds, 0)
    return Rung(batch, seconds, int(low.bytes + share * max(high.bytes - low.bytes, 0)))


def fitting_batch(found: Measured, options: TrainOptions, *, train: int, val: int) -> int:
    """The largest power of two that fits into the free memory and is no larger than there are pictures; 0 for none."""
    fits = 0
    batch = 1
    most = min(LARGEST_BATCH, max(train, 1), (found.full or LARGEST_BATCH + 1) - 1)
    while batch <= most:
        one = estimate(found, replace(options, batch=batch), train=train, val=val)
        if one.free is not None and one.bytes > SHARE_OF_FREE * one.free:
            break
        fits, batch = batch, batch * 2
    return fits


def warmup_batches(numbers: Hyperparameters, steps: int) -> int:
    """How many batches the warm-up lasts, as the training's own schedule has it (a test holds the two together)."""
    if numbers.warmup_epochs <= 0:
        return 0
    return max(round(numbers.warmup_epochs * steps), numbers.warmup_batches)


def warmup_epochs(options: TrainOptions, train: int) -> int:
    """How many of the epochs lie in the warm-up, at least in part; at most all."""
    steps = max(1, -(-train // options.batch))
    return min(options.epochs, math.ceil(warmup_batches(options.hyperparameters, steps) / steps))


def no_memory(device: str) -> DeviceError:
    """Not even one picture goes through the network and back."""
    return DeviceError(
        N_("Not enough memory on {device} for even one picture at a time"),
        fix=N_("take a smaller size or model, or another device"),
        device=device,
    )
