"""ONNX Runtime on the processor, in float32: optional, an extra package."""

from __future__ import annotations

from torch import Tensor

from yolodash.errors import N_, Note
from yolodash.inference.engines.engine import EngineName, Precision
from yolodash.inference.engines.stored import exported
from yolodash.models.detector import Detector
from yolodash.models.export import onnx_runner


class OnnxRuntimeEngine:
    """A detector in ONNX Runtime."""

    name: EngineName = "onnxruntime"
    precision: Precision = "float32"
    device = "cpu"

    def __init__(self, model: Detector) -> None:
        """Export the model, or take the file exported before.

        Raises:
            DeviceError: onnx or onnxruntime is not installed.
            ModelFileError: the network cannot be exported.
        """
        self.note = Note(
            N_("Runs in ONNX Runtime, {precision}, on {device}."), {"precision": "float32", "device": "cpu"}
        )
        self._run = onnx_runner(exported(model, onnx_runner))

    def __call__(self, batch: Tensor) -> tuple[Tensor, ...]:
        """Raw maps of a batch, float32 on the CPU (see ``Engine``)."""
        return self._run(batch)
