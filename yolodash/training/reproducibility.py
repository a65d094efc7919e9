"""The same numbers in every repetition: seeds, deterministic algorithms, and the number of threads."""

from __future__ import annotations

import contextlib
import os
import random
import warnings
from collections.abc import Iterator

import numpy as np
import torch


def seed_everything(seed: int) -> None:
    """Give all generators of chance the same begin."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


@contextlib.contextmanager
def deterministic(device: str, threads: int | None = None) -> Iterator[None]:
    """Algorithms that give the same bits again, for the length of the block.

    Args:
        device: on a GPU a few operations have no such algorithm; those stay as they are, without a word.
        threads: of PyTorch; sums over other numbers of parts differ in their last bits. None leaves them.
    """
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    threads_before, benchmark = torch.get_num_threads(), torch.backends.cudnn.benchmark
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=device != "cpu")
    torch.backends.cudnn.benchmark = False
    torch.set_num_threads(threads or threads_before)  # said aloud, MKL keeps to it and takes no fewer when it is busy
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*does not have a deterministic implementation.*")
            yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
        torch.backends.cudnn.benchmark = benchmark
        if torch.get_num_threads() != threads_before:
            torch.set_num_threads(threads_before)
