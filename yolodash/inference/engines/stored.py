"""What engines keep in the workspace: exported networks and what was measured, both bounded."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import weakref
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import Any

import torch

from yolodash import workspace
from yolodash.errors import WorkspaceError
from yolodash.inference.devices import describe
from yolodash.models.detector import Detector
from yolodash.models.export import OPSET, Runner, raw_maps_onnx

MOST_EXPORTS = 12
MOST_EXPORT_BYTES = 2 * 2**30
MOST_RECORDS = 500
LIBRARIES = ("torch", "onnxruntime", "openvino")

_fingerprints: weakref.WeakKeyDictionary[Detector, tuple[int, str]] = weakref.WeakKeyDictionary()


def state_of(model: Detector) -> int:
    """A number that changes when a weight or statistic of this very model is replaced or written to."""
    tensors = (
        tensor
        for module in model.modules()  # parameters() and buffers() also make all the names, in ten times the time
        for tensor in chain(module._parameters.values(), module._buffers.values())
        if tensor is not None
    )
    return hash(tuple((tensor.data_ptr(), 0 if tensor.is_inference() else tensor._version) for tensor in tensors))


def fingerprint(model: Detector) -> str:
    """SHA-256 over a model's architecture and weights: the same in every process that loads the same file."""
    state = state_of(model)
    known = _fingerprints.get(model)
    if known is not None and known[0] == state:
        return known[1]
    digest = hashlib.sha256(f"{type(model).__qualname__} {model} {model.heads}".encode())
    for name, tensor in model.state_dict().items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    _fingerprints[model] = (state, digest.hexdigest())
    return digest.hexdigest()


def exported(model: Detector, load: Callable[[bytes], Runner]) -> bytes:
    """The model's raw maps as an ONNX file, from the workspace or made now and kept there.

    Args:
        model: stays as it is.
        load: the engine that the new file is checked with.
    """
    key = hashlib.sha256(f"{fingerprint(model)} {torch.__version__} {OPSET}".encode()).hexdigest()
    path = workspace.folder("devices") / "exports" / f"{key[:32]}.onnx"
    with contextlib.suppress(FileNotFoundError):
        data = path.read_bytes()
        os.utime(path)
        return data
    data = raw_maps_onnx(model.fused(), load)
    if len(data) <= MOST_EXPORT_BYTES:
        _keep(path, data)
        _prune(path.parent, MOST_EXPORTS, MOST_EXPORT_BYTES)
    return data


def record_path(model: Detector, device: str) -> Path:
    """Where measurements of this model on this device, with this processor and these libraries, are kept."""
    about = [fingerprint(model), device, str(describe(device)), platform.machine(), *map(_version, LIBRARIES)]
    key = hashlib.sha256("\n".join(about).encode()).hexdigest()
    return workspace.folder("devices") / "engines" / f"{key[:32]}.json"


def read_record(path: Path) -> list[dict[str, Any]]:
    """The measurements of a record; none where there is no record or it cannot be read."""
    try:
        said = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    measurements = said.get("measurements") if isinstance(said, dict) and said.get("format") == 1 else None
    return [entry for entry in measurements if isinstance(entry, dict)] if isinstance(measurements, list) else []


def write_record(path: Path, device: str, measurements: list[dict[str, Any]]) -> None:
    """Remember measurements for the next start."""
    value = {
        "format": 1,
        "device": str(describe(device)),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "measurements": measurements,
    }
    _keep(path, (json.dumps(value, indent=1) + "\n").encode())
    _prune(path.parent, MOST_RECORDS, 2**30)


def _keep(path: Path, data: bytes) -> None:
    """Write a file that only saves time: a full or read-only disk costs that time again, and nothing else."""
    with contextlib.suppress(WorkspaceError):
        workspace.write_bytes(path, data)


def _prune(folder: Path, most: int, most_bytes: int) -> None:
    """Delete what was used longest ago until the folder is within its bounds. Another process may do the same."""
    with contextlib.suppress(FileNotFoundError):
        files = sorted((path for path in folder.iterdir() if path.suffix != ".part"), key=lambda p: -p.stat().st_mtime)
        total = 0
        for number, path in enumerate(files):
            total += path.stat().st_size
            if number >= most or total > most_bytes:
                path.unlink(missing_ok=True)


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
