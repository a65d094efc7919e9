"""Engines: one way to ask for a network that is ready to run, whatever runs it."""

from __future__ import annotations

from yolodash.inference.devices import resolve_device
from yolodash.inference.engines.engine import ENGINES, PRECISIONS, Engine, EngineName, Note, Precision
from yolodash.inference.engines.pytorch import TorchEngine
from yolodash.models.detector import Detector
from yolodash.structures import ImageSize

__all__ = ["ENGINES", "PRECISIONS", "Engine", "EngineName", "Note", "Precision", "engine_for"]


def engine_for(
    model: Detector,
    *,
    device: str = "auto",
    precision: str = "auto",
    engine: str = "auto",
    input_size: ImageSize | None = None,
) -> Engine:
    """The engine that runs a model (torch in float32 for now; the choice follows)."""
    return TorchEngine(model, device=resolve_device(device), precision="float32")
