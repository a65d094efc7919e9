"""Takes a few steps of a training and writes what they took: ``python -m yolodash.runs.estimating KEY``.

The steps are those of the training itself, with the same network, precision, device and priority; only the pictures
are noise, which costs a network as much as anything else. ``estimates`` asks for it and reads the answer.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from yolodash import workspace
from yolodash.data.batches import Batch, Batches
from yolodash.data.dataset import LabelledImage, Row, annotations_from
from yolodash.data.images import encode_jpeg
from yolodash.data.opening import open_dataset
from yolodash.errors import N_, DeviceError, YoloDashError
from yolodash.evaluation.running import Pictures
from yolodash.inference.devices import devices, memory, resolve_device
from yolodash.inference.queue import turn
from yolodash.runs.checking import refuse_size
from yolodash.runs.config import TrainOptions, options_from
from yolodash.runs.estimates import Measured, Rung, folder, no_memory
from yolodash.runs.processes import lower_priority
from yolodash.runs.state import read_json
from yolodash.runs.told_errors import error_record
from yolodash.runs.worker import class_ids, gains_from, settings_from
from yolodash.scenes.writing import scene_of
from yolodash.structures import ImageSize
from yolodash.training.beginning import starting_network
from yolodash.training.checkpoint import State
from yolodash.training.loop import Job, begin
from yolodash.training.memory import is_out_of_memory, memory_in_use
from yolodash.training.schedule import moment
from yolodash.training.settings import Settings
from yolodash.training.step import learn, loss_of
from yolodash.training.validation import Metrics, validate

LONGEST_STEP = 3.0
"""Seconds that a rung may be expected to take for a step."""
LEAST_RUNGS = 2
"""Of one alone nobody could tell what a picture takes and what the program."""
STEPS, RUNG_SECONDS = 3, 2.0
TALLEST = {"cpu": 16, "cuda": 128}
SHARE_OF_FREE = 0.7
SAMPLE, TO_VALIDATE = 12, 4
BOXES = 5


def measure(options: TrainOptions, classes: int, began: float) -> Measured:
    """Climb the ladder of batches with the network of a training.

    Args:
        classes: how many the data set has, where it cannot be opened yet.
        began: when this process began, as ``time.monotonic`` has it.

    Raises:
        YoloDashError: this training could not begin.
    """
    device = resolve_device(options.device)
    settings = replace(settings_from(options, device), workers=0)
    with tempfile.TemporaryDirectory() as temporary:
        training, validation = _pictures(options, classes, Path(temporary))
        ids = class_ids(training, validation)
        names = [training.names.get(i, f"class {i}") for i in ids]
        start = starting_network(options.weights, options.cfg, names, settings.size)
        refuse_size(start.network, settings.size)
        loss = loss_of(start.network, gains_from(options))
        batches = Batches(
            training.images, {i: place for place, i in enumerate(ids)},
            size=settings.size, batch=1, recipe=options.augment, seed=settings.seed,
        )  # fmt: skip
        free = _free(device)
        job = Job(start.network, batches, lambda _: Metrics(0, 0, 0, 0), settings, gains_from(options), Path(temporary))
        state = begin(job)
        ready = time.monotonic() - began
        rungs, full = climb(lambda batch: _rung(state, loss, replace(settings, batch=batch), len(ids)), device, free)
        if not rungs:
            raise no_memory(device)
        prepare = _seconds(lambda: [batches.example(0, index) for index in range(len(batches.pictures))])
        mapping = dict(enumerate(ids))
        validating = _seconds(
            lambda: validate(state.average.network, validation, mapping, size=settings.size, batch=4, device=device)
        )
    return Measured(
        device, settings.precision, tuple(rungs), prepare / len(batches.pictures),
        validating / len(validation.images), ready, free, full,
        tuple((one.name, one.description, one.memory_total, one.memory_free) for one in devices()),
        0.0 if options.data else _seconds(lambda: scene_of(0)) / (os.cpu_count() or 1),
    )  # fmt: skip


def climb(rung: Callable[[int], Rung | None], device: str, free: int | None) -> tuple[list[Rung], int | None]:
    """Batches of 1, 2, 4 … for as long as a step is short and the memory suffices.

    Args:
        rung: takes steps with a batch; None where the memory does not suffice.
        free: bytes on the device.

    Returns:
        the rungs, and the batch at which the memory ended, if it did.
    """
    rungs: list[Rung] = []
    batch, tallest = 1, TALLEST["cuda" if device.startswith("cuda") else "cpu"]
    while batch <= tallest:
        found = rung(batch)
        if found is None:
            return rungs, batch
        rungs.append(found)
        before = rungs[-2].bytes if len(rungs) > 1 else 0
        expected = found.bytes + 2 * (found.bytes - before)
        long = len(rungs) >= LEAST_RUNGS and 2 * found.seconds > LONGEST_STEP
        if long or (free is not None and expected > SHARE_OF_FREE * free):
            break
        batch *= 2
    return rungs, None


def _rung(state: State, loss: Any, settings: Settings, classes: int) -> Rung | None:
    """Seconds and memory of a step with this batch."""
    noise = _noise(settings, classes)
    now = moment(settings, 1000, 100)
    taken: list[float] = []
    try:
        while len(taken) <= STEPS and sum(taken) < RUNG_SECONDS:
            with turn(settings.device, "estimate", interactive=True):
                began = time.perf_counter()
                learn(state, noise, now, loss, settings)
                if settings.device.startswith("cuda"):
                    torch.cuda.synchronize(settings.device)
                taken.append(time.perf_counter() - began)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        state.network.zero_grad(set_to_none=True)
        gc.collect()
        return None
    steady = taken[1:] or taken  # the first step makes buffers
    return Rung(settings.batch, float(np.median(steady)), memory_in_use(settings.device))


def _noise(settings: Settings, classes: int) -> Batch:
    """A batch of noise with a few boxes a picture."""
    generator = torch.Generator().manual_seed(0)
    shape = (settings.batch, settings.size, settings.size, 3)
    images = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator).permute(0, 3, 1, 2)
    count = settings.batch * BOXES
    targets = torch.rand(count, 6, generator=generator) * 0.4 + 0.1
    targets[:, 0] = torch.arange(count) // BOXES
    targets[:, 1] = torch.arange(count) % classes
    return Batch(images, targets, tuple(range(settings.batch)), 0, 0)


def _seconds(work: Callable[[], object]) -> float:
    """How long something takes when it is done again."""
    work()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _free(device: str) -> int | None:
    return torch.cuda.mem_get_info(device)[0] if device.startswith("cuda") else memory()[1]


def _pictures(options: TrainOptions, classes: int, folder: Path) -> tuple[Pictures, Pictures]:
    """Some pictures of the data set to train and to validate with; noise in its place where there is none yet."""
    if options.data:
        dataset = open_dataset(options.data)
        parts = [[one for one in dataset.split(split) if one.path is not None] for split in ("train", "val")]
        if all(parts):
            names = dataset.names or {i: f"class {i}" for i in range(classes)}
            return Pictures(tuple(parts[0][:SAMPLE]), names), Pictures(tuple(parts[1][:TO_VALIDATE]), names)
    names = {i: f"class {i}" for i in range(classes)}
    made = tuple(_noisy_picture(folder, number, classes) for number in range(TO_VALIDATE))
    return Pictures(made, names), Pictures(made, names)


def _noisy_picture(folder: Path, number: int, classes: int) -> LabelledImage:
    """A picture as large as a rendered scene."""
    size = ImageSize(240, 320)
    pixels = np.random.default_rng(number).integers(0, 256, (size.height, size.width, 3), np.uint8)
    path = folder / f"{number}.jpg"
    path.write_bytes(encode_jpeg(pixels))
    rows = [Row(place % classes, (20.0 + 40 * place, 60.0, 40.0, 50.0)) for place in range(BOXES)]
    return LabelledImage(path.name, path, annotations_from(rows, size), ("train",))


def _bound_memory(device: str) -> None:
    """Let the system refuse memory to this process before it has to end others for want of it."""
    free = memory()[1]
    if device == "cpu" and free is not None and sys.platform == "linux":
        limit = memory_in_use("cpu") + int(0.9 * free)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def main(arguments: list[str]) -> int:
    """Measure what a request asks for, and write the answer or why there is none."""
    began = time.monotonic()
    key = arguments[0]
    with workspace.locked(folder() / f"{key}.lock", wait=False) as ours:
        request = read_json(folder() / f"{key}.request")
        if not ours or request is None:
            return 1
        lower_priority()
        try:
            options = options_from(request["options"])
            _bound_memory(resolve_device(options.device))
            record = asdict(measure(options, int(request["classes"]), began))
        except YoloDashError as error:
            record = {"error": error_record(error)}
        except Exception as error:
            record = {"error": error_record(_unforeseen(error))}
            workspace.write_json(folder() / f"{key}.json", record)
            raise
        workspace.write_json(folder() / f"{key}.json", record)
        (folder() / f"{key}.request").unlink(missing_ok=True)
    return 0


def _unforeseen(error: Exception) -> DeviceError:
    return DeviceError(
        N_("Time and memory could not be measured: {reason}"),
        fix=N_("start anyway, and watch the first epoch"),
        reason=f"{type(error).__name__}: {error}",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
