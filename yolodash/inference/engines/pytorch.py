"""The engine that is always there: PyTorch, batch norms folded, channels last. In float32 it is the reference."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from yolodash.errors import N_, DeviceError, Note
from yolodash.inference.engines.engine import EngineName, Precision
from yolodash.models.detector import Detector
from yolodash.models.layers import ConvolutionBlock

_CAN_WRITE_OVER_THEIR_INPUT = (nn.SiLU, nn.LeakyReLU, nn.Mish, nn.ReLU, nn.Hardswish)


class TorchEngine:
    """A detector in PyTorch, on any device."""

    name: EngineName = "torch"
    at_once = 1

    def __init__(self, model: Detector, *, device: str = "cpu", precision: Precision = "float32") -> None:
        """Make a copy of the model ready; the model itself is left as it is."""
        self.device = device
        self.precision: Precision = precision
        self.note = Note(N_("Runs in PyTorch, {precision}, on {device}."), {"precision": precision, "device": device})
        self._type: torch.dtype = getattr(torch, precision)
        with out_of_memory(device):
            network = model.fused().to(device=device, dtype=self._type)
            self._network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        _activate_in_place(self._network)

    @torch.inference_mode()
    def __call__(self, batch: Tensor) -> tuple[Tensor, ...]:
        """Raw maps of a batch, float32 on the CPU (see ``Engine``)."""
        with out_of_memory(self.device):
            there = batch.to(self.device, self._type).contiguous(memory_format=torch.channels_last)
            return tuple(raw.to("cpu", torch.float32) for raw in self._network(there))

    def each(self, batches: Sequence[Tensor]) -> list[tuple[Tensor, ...]]:
        """One after another (see ``Engine``)."""
        return [self(batch) for batch in batches]


class out_of_memory:  # noqa: N801 - used as a statement: ``with out_of_memory(device):``
    """Turn the device's out-of-memory into a sentence."""

    def __init__(self, device: str) -> None:
        self.device = device

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, torch.OutOfMemoryError | MemoryError) or "not enough memory" in str(error):
            raise DeviceError(
                N_("Not enough memory on {device} for this network and picture"),
                fix=N_("choose a smaller size or model, or another device"),
                device=self.device,
            ) from error


def _activate_in_place(network: nn.Module) -> None:
    """Let activations write over the convolution's output, which nobody else reads: the same numbers, less memory."""
    for block in network.modules():
        if isinstance(block, ConvolutionBlock) and isinstance(block.activation, _CAN_WRITE_OVER_THEIR_INPUT):
            block.activation.inplace = True
