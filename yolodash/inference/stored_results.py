"""What a network said of one picture, kept in a file, so that a page can show it before torch is loaded.

A safetensors file: the arrays of ``Candidates`` and ``Detections``, and JSON about the rest.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from yolodash import workspace
from yolodash.models.saved import KEY, read_saved
from yolodash.structures import Candidates, Detections, ImageSize, Milliseconds, Transform

_FLOATS: Final = ("boxes", "raw", "objectness", "class_probabilities")
_WHOLE: Final = ("scale", "row", "column", "anchor")
_FOUND: Final = ("boxes", "scores", "class_ids", "candidate_index")


@dataclass(frozen=True)
class StoredResult:
    """One run of a network on one picture.

    Attributes:
        candidates: every box.
        detections: what is left of them at the usual thresholds.
        milliseconds: that it took where it was made.
        parameters: learnable values of the model.
    """

    candidates: Candidates
    detections: Detections
    milliseconds: Milliseconds
    parameters: int


def write_result(path: Path, result: StoredResult, weights_sha256: str) -> None:
    """Keep a result, with the hash of the weights that made it.

    Raises:
        WorkspaceError: the disk is full, or cannot be written to.
    """
    candidates, detections = result.candidates, result.detections
    tensors = {name: np.ascontiguousarray(getattr(candidates, name)) for name in _FLOATS}
    tensors |= {name: getattr(candidates, name).astype(np.int16) for name in _WHOLE}
    tensors |= {f"found.{name}": np.ascontiguousarray(getattr(detections, name)) for name in _FOUND}
    about = {
        "format": 1,
        "weights_sha256": weights_sha256,
        "image_size": asdict(candidates.image_size),
        "network_size": asdict(candidates.network_size),
        "transform": asdict(candidates.transform),
        "family": candidates.family,
        "milliseconds": asdict(result.milliseconds),
        "parameters": result.parameters,
    }
    workspace.write_bytes(path, save(tensors, {KEY: json.dumps(about)}))


def read_result(path: Path, weights: Path, weights_sha256: str) -> StoredResult | None:
    """The kept result; None where there is none, or it is of other weights. Loads no torch.

    Args:
        path: of the result.
        weights: of the model, whose header says what its numbers mean.
        weights_sha256: of that file.
    """
    try:
        with safe_open(path, "numpy") as file:
            about = json.loads((file.metadata() or {})[KEY])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if about["weights_sha256"] != weights_sha256:
            return None
        return _result(arrays, about, weights)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError):
        return None  # it only saves time: the network runs instead


def _result(arrays: dict[str, Any], about: dict[str, Any], weights: Path) -> StoredResult:
    saved = read_saved(weights)
    candidates = Candidates(
        **{name: arrays[name] for name in _FLOATS},
        **{name: arrays[name].astype(np.int64) for name in _WHOLE},
        image_size=ImageSize(**about["image_size"]),
        network_size=ImageSize(**about["network_size"]),
        transform=Transform(**about["transform"]),
        family=about["family"],
        names=saved.names,
        heads=saved.heads,
    )
    detections = Detections(**{name: arrays[f"found.{name}"] for name in _FOUND})
    return StoredResult(candidates, detections, Milliseconds(**about["milliseconds"]), int(about["parameters"]))
