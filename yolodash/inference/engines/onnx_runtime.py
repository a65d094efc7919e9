"""ONNX Runtime on the processor, in float32: optional, an extra package."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from yolodash.errors import N_, Note
from yolodash.inference.engines.engine import EngineName, Precision
from yolodash.inference.engines.stored import exported
from yolodash.models.detector import Detector
from yolodash.models.export import Runner, onnx_runner

MOST_AT_ONCE = 4
"""Pictures side by side; each takes the memory of a picture."""


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
        self.at_once = max(1, min(MOST_AT_ONCE, torch.get_num_threads()))
        self._run = onnx_runner(exported(model, onnx_runner))
        self._model = weakref.ref(model)
        self._side_by_side: tuple[Runner, ThreadPoolExecutor] | None = None
        self._making = threading.Lock()

    def __call__(self, batch: Tensor) -> tuple[Tensor, ...]:
        """Raw maps of a batch, float32 on the CPU (see ``Engine``)."""
        return self._run(batch)

    def each(self, batches: Sequence[Tensor]) -> list[tuple[Tensor, ...]]:
        """Raw maps of several batches, side by side (see ``Engine``).

        A thread for each picture gets more out of the processor than all threads for one after another, which wait for
        each other at every layer: 14.4 against 12.2 YOLOv5s a second at 384 × 640 on two cores.
        """
        if len(batches) < 2 or self.at_once < 2:
            return [self(batch) for batch in batches]
        run, threads = self._ready()
        return list(threads.map(run, batches))

    def _ready(self) -> tuple[Runner, ThreadPoolExecutor]:
        with self._making:
            if self._side_by_side is None:
                model = self._model()
                assert model is not None  # whoever asks holds it
                data = exported(model, onnx_runner)
                share = max(1, torch.get_num_threads() // self.at_once)
                self._side_by_side = onnx_runner(data, share), ThreadPoolExecutor(self.at_once, "onnxruntime")
            return self._side_by_side
