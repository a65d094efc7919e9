"""OpenVINO on the processor, in float32 or, with matrix units, bfloat16: optional, an extra package."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import torch
from torch import Tensor

from yolodash.errors import N_, Note
from yolodash.inference.engines.engine import EngineName, Precision
from yolodash.inference.engines.stored import exported
from yolodash.models.detector import Detector
from yolodash.models.export import Runner, required

PACKAGES = "onnx openvino"
_HINTS = {"float32": "f32", "bfloat16": "bf16", "float16": "f16"}


class OpenVinoEngine:
    """A detector in OpenVINO."""

    name: EngineName = "openvino"
    device = "cpu"
    at_once = 1

    def __init__(self, model: Detector, *, precision: Precision = "float32") -> None:
        """Export the model, or take the file exported before, and compile it for this processor.

        Raises:
            DeviceError: onnx or openvino is not installed.
            ModelFileError: the network cannot be exported.
        """
        self.precision: Precision = precision
        self.note = Note(N_("Runs in OpenVINO, {precision}, on {device}."), {"precision": precision, "device": "cpu"})
        self._run = openvino_runner(exported(model, openvino_runner), precision)

    def __call__(self, batch: Tensor) -> tuple[Tensor, ...]:
        """Raw maps of a batch, float32 on the CPU (see ``Engine``)."""
        return self._run(batch)

    def each(self, batches: Sequence[Tensor]) -> list[tuple[Tensor, ...]]:
        """One after another (see ``Engine``)."""
        return [self(batch) for batch in batches]


def openvino_runner(data: bytes, precision: Precision = "float32") -> Runner:
    """An ONNX file, run by OpenVINO with as many threads as PyTorch uses."""
    openvino = required("openvino", PACKAGES)
    core = openvino.Core()
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": _HINTS[precision],
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
    }
    request = core.compile_model(core.read_model(data, b""), "CPU", options).create_infer_request()
    one_at_a_time = threading.Lock()  # a request holds its own input and output

    def run(batch: Tensor) -> tuple[Tensor, ...]:
        with one_at_a_time:
            outputs = request.infer([batch.contiguous().numpy()])
            return tuple(torch.from_numpy(output.copy()) for output in outputs.values())

    return run
