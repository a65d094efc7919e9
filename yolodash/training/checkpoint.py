"""The two files that a run writes: all that is needed to go on as if nothing had happened, and the best network.

``last.safetensors`` is one file with one rename, so it is always whole, and always of one moment.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.optim import Optimizer

from yolodash.errors import N_, ModelFileError
from yolodash.models.detector import Detector
from yolodash.models.saved import KEY, description_of, read_header, save_weights, write_tensors
from yolodash.training.averaging import Average
from yolodash.training.optimisation import optimizer_tensors, restore_optimizer

LAST, BEST = "last.safetensors", "best.safetensors"


@dataclass
class Position:
    """Where a training stands; everything that the next batch depends on besides tensors.

    Attributes:
        epoch: the one that is under way, from 0.
        step: how many of its batches are done.
        batches: done over the whole training.
        last_update: the batch, over the whole training, after which the weights moved last; −1 at the begin.
        losses: sums over the epoch's batches so far of the three terms × pictures.
        pictures: of the epoch so far.
        seconds: that the epoch took so far.
        best_fitness: of the best network so far, and its epoch.
        best_epoch: ″
    """

    epoch: int = 0
    step: int = 0
    batches: int = 0
    last_update: int = -1
    losses: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    pictures: int = 0
    seconds: float = 0.0
    best_fitness: float = -1.0
    best_epoch: int = 0


@dataclass
class State:
    """All that changes while a network learns.

    Attributes:
        network: the one that learns.
        average: the one that is kept.
        optimizer: with its memory.
        scaler: of half-precision gradients; does nothing in other precisions.
        position: see ``Position``.
        metrics: the last line of the metrics, which a checkpoint carries too.
        replica: what the batches go through, where several processes train; the network itself without.
    """

    network: Detector
    average: Average
    optimizer: Optimizer
    scaler: torch.amp.GradScaler
    position: Position
    metrics: dict[str, Any] | None = None
    replica: nn.Module | None = None


def save_last(folder: Path, state: State, facts: Mapping[str, Any], cfg: str | None = None) -> None:
    """Write ``last.safetensors``: ``model.*``, ``ema.*``, ``optimizer.*``, ``random.*``, and the rest as JSON.

    Args:
        facts: more to write down, such as the schedule.
        cfg: of a Darknet network.
    """
    tensors = {
        **_named("model.", state.network.state_dict()),
        **_named("ema.", state.average.network.state_dict()),
        **_named("optimizer.", optimizer_tensors(state.optimizer, state.network)),
        **_named("random.", random_states()),
    }
    write_tensors(folder / LAST, tensors, _metadata(state, facts, cfg))


def save_best(folder: Path, state: State, facts: Mapping[str, Any], cfg: str | None = None) -> None:
    """Write ``best.safetensors``: the averaged weights in half precision."""
    average = state.average.network
    save_weights(folder / BEST, average, _metadata(state, facts, cfg))


def restore(folder: Path, state: State) -> dict[str, Any]:
    """Put a run's last state back, bit for bit, into one that was made in the same way.

    Returns:
        the file's metadata.

    Raises:
        ModelFileError: the file is damaged or belongs to another network.
    """
    path = folder / LAST
    try:
        metadata: dict[str, Any] = json.loads(read_header(path)["__metadata__"][KEY])
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        _load(state.network, _part("model.", tensors))
        _load(state.average.network, _part("ema.", tensors))
        restore_optimizer(state.optimizer, state.network, _part("optimizer.", tensors))
        state.average.updates = int(metadata["updates"])
        state.position = Position(**metadata["position"])
        state.metrics = metadata["metrics"]
        if metadata["scaler"]:
            state.scaler.load_state_dict(metadata["scaler"])
        restore_random_states(_part("random.", tensors))
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelFileError(
            N_("The state of this run cannot be read, or belongs to another network"),
            where=path.name,
            fix=N_("train again; the best weights of the run are still there"),
        ) from error
    return metadata


def recorded_processes(path: Path) -> int:
    """How many processes shared the batches of a state; 0 where there is none."""
    if not path.exists():
        return 0
    return int(json.loads(read_header(path)["__metadata__"][KEY]).get("processes", 1))


def _metadata(state: State, facts: Mapping[str, Any], cfg: str | None) -> dict[str, Any]:
    return {
        **description_of(state.network, cfg=cfg),
        "epoch": state.position.epoch,
        "position": asdict(state.position),
        "updates": state.average.updates,
        "scaler": state.scaler.state_dict(),
        "metrics": state.metrics,
        **facts,
    }


def _named(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def _part(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _load(network: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Copied in place, so that the layout in memory stays as it is: other layouts can add up in another order."""
    network.load_state_dict(dict(tensors), strict=True)


def random_states() -> dict[str, Tensor]:
    """The states of all generators of chance in this process."""
    version, numbers, _ = random.getstate()
    _, keys, place, *_ = np.random.get_state(legacy=True)
    states = {
        "torch": torch.get_rng_state(),
        "python": torch.tensor([version, *numbers], dtype=torch.int64),
        "numpy": torch.from_numpy(np.append(keys, place).astype(np.int64)),
    }
    if torch.cuda.is_available() and torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        states |= {f"cuda{index}": state for index, state in enumerate(torch.cuda.get_rng_state_all())}
    return states


def restore_random_states(states: Mapping[str, Tensor]) -> None:
    """Put them back."""
    torch.set_rng_state(states["torch"])
    version, *numbers = states["python"].tolist()
    random.setstate((version, tuple(numbers), None))
    *keys, place = states["numpy"].tolist()
    np.random.set_state(("MT19937", np.array(keys, np.uint32), place, 0, 0.0))
    for name in sorted(states):
        if name.startswith("cuda") and torch.cuda.is_available():
            torch.cuda.set_rng_state(states[name], int(name.removeprefix("cuda")))
