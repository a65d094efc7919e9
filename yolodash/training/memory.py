"""What a training takes in memory, and the batch that fits when it was too large."""

from __future__ import annotations

import contextlib
import resource
import sys
from collections.abc import Iterator

import torch
from torch import nn

from yolodash.errors import N_, DeviceError


def memory_in_use(device: str) -> int:
    """The most bytes that this process had at once: on the GPU there, else in main memory."""
    if device.startswith("cuda"):
        return int(torch.cuda.max_memory_allocated(device))
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that the memory did not suffice, on any device."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "not enough memory" in str(error)


@contextlib.contextmanager
def memory_problems(network: nn.Module, *, batch: int, size: int, device: str, search: bool = True) -> Iterator[None]:
    """Turn the device's out-of-memory into a sentence that names a batch that fits.

    Args:
        search: whether to look for one; of several processes none can, since the others wait for its share.

    Raises:
        DeviceError: the memory did not suffice.
    """
    try:
        yield
        return
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    network.zero_grad(set_to_none=True)  # outside the handler: its traceback would keep the step's tensors alive
    fits = fitting_batch(network, batch=batch, size=size, device=device) if search else 0
    raise DeviceError(
        N_("Not enough memory on {device} for batches of {batch} pictures of {size} pixels"),
        fix=N_("take --batch {fits}, which fits, and resume or train again")
        if fits
        else N_("take a smaller size or model, or another device")
        if search
        else N_("take a smaller batch, size or model, or more devices"),
        device=device,
        batch=batch,
        size=size,
        fits=fits,
    )


def fitting_batch(network: nn.Module, *, batch: int, size: int, device: str) -> int:
    """The largest half, quarter, eighth … of a batch that goes through the network and back; 0 for none."""
    while batch > 1:
        batch //= 2
        try:
            maps = network(torch.zeros(batch, 3, size, size, device=device))
            sum(raw.float().mean() for raw in maps).backward()
            return batch
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        finally:
            network.zero_grad(set_to_none=True)
    return 0
