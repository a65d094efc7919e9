"""Loaded models, once for the whole process and within a bound, whoever asks and however often."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yolodash.models.detector import Detector

MOST_MODELS = 8
MOST_BYTES = 2 * 2**30
"""Of the weights of all models together. The model asked for last always stays."""

FileKey = tuple[str, int, int]
Key = tuple[FileKey | None, ...]

_models: OrderedDict[Key, Future[Detector]] = OrderedDict()
_lock = threading.Lock()


def loaded(weights: Path, cfg: Path | None = None, names: Path | None = None) -> Detector:
    """The model of these files, loaded at most once as long as the files stay as they are.

    Several callers at once wait for one load. The model is shared: do not train or change it.

    Raises:
        ModelFileError: as ``load_model`` does; a failure is not remembered.
    """
    key = _key(weights, cfg, names)
    with _lock:
        future = _models.get(key)
        ours = future is None
        if future is None:
            future = _models[key] = Future()
        _models.move_to_end(key)
    if ours:
        _load(key, future, weights, cfg, names)
    return future.result()


def forget() -> None:
    """Let go of all models."""
    with _lock:
        _models.clear()
    _free_cuda_memory()


def size_in_bytes(model: Detector) -> int:
    """What a model's weights and statistics take in memory."""
    return sum(tensor.numel() * tensor.element_size() for tensor in model.state_dict().values())


def _load(key: Key, future: Future[Detector], weights: Path, cfg: Path | None, names: Path | None) -> None:
    """Load for all who wait."""
    from yolodash.models.loading import load_model

    try:
        model = load_model(weights, cfg=cfg, names=names)
    except BaseException as error:
        with _lock:
            if _models.get(key) is future:
                del _models[key]
        future.set_exception(error)
        return
    future.set_result(model)
    if _evict(key):
        _free_cuda_memory()


def _evict(newest: Key) -> int:
    """Drop what was asked for longest ago until the rest is within the bounds; gives the number dropped."""
    with _lock:
        sizes = {key: size_in_bytes(future.result()) for key, future in _models.items() if _is_there(future)}
        dropped = 0
        for key in list(sizes):
            if len(sizes) <= MOST_MODELS and sum(sizes.values()) <= MOST_BYTES:
                break
            if key != newest:
                del _models[key], sizes[key]
                dropped += 1
        return dropped


def _is_there(future: Future[Detector]) -> bool:
    return future.done() and future.exception() is None


def _free_cuda_memory() -> None:
    """Give back what PyTorch keeps for itself on GPUs after a model went."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _key(weights: Path, cfg: Path | None, names: Path | None) -> Key:
    """Which files, and their state. Files that a loader finds beside the weights by itself count too."""
    found = [suffix for suffix, given in ((".cfg", cfg), (".names", names)) if given is None]
    beside = [path for suffix in found if (path := Path(weights).with_suffix(suffix)).is_file()]
    return tuple(None if path is None else _file_key(Path(path)) for path in (weights, cfg, names, *beside))


def _file_key(path: Path) -> FileKey:
    try:
        status = path.stat()
    except OSError:
        return (str(path), -1, -1)  # the loader says what is wrong with it
    return (str(path.resolve()), status.st_size, status.st_mtime_ns)
