"""How many pictures a second a network looks at, one by one or many at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median

import torch
from torch import Tensor, nn

BATCHES = (1, 2, 4, 8, 16)


@torch.inference_mode()
def pictures_per_second(
    network: nn.Module,
    example: tuple[Tensor, ...],
    batch: int,
    *,
    rounds: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """The median over a few passes; one pass before them does not count.

    Args:
        network: to call.
        example: what it is called with for one picture; it is repeated.
        batch: pictures a pass.
        rounds: passes that count.
        clock: seconds.
    """
    inputs = [part.expand(batch, *part.shape[1:]).contiguous() for part in example]
    network(*inputs)
    seconds = []
    for _ in range(rounds):
        start = clock()
        network(*inputs)
        if inputs[0].is_cuda:
            torch.cuda.synchronize()
        seconds.append(clock() - start)
    return batch / median(seconds)


def by_batch(
    network: nn.Module, example: tuple[Tensor, ...], batches: tuple[int, ...] = BATCHES
) -> Iterator[tuple[int, float]]:
    """Batch and pictures a second, one after another, so that progress can be shown."""
    for batch in batches:
        yield batch, pictures_per_second(network, example, batch)
