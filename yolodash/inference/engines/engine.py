"""What every engine is: a network made ready to run on one device, in one precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from yolodash.errors import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

EngineName = Literal["torch", "onnxruntime", "openvino"]
Precision = Literal["float32", "bfloat16", "float16"]

ENGINES: tuple[EngineName, ...] = ("torch", "onnxruntime", "openvino")
PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16", "float16")


class Engine(Protocol):
    """A network, ready to run. Any thread may call it."""

    @property
    def name(self) -> EngineName:
        """What runs it."""
        ...

    @property
    def precision(self) -> Precision:
        """Of its arithmetic; what goes in and comes out is float32 always."""
        ...

    @property
    def device(self) -> str:
        """Where: ``cpu``, ``cuda:0``, ``mps``."""
        ...

    @property
    def note(self) -> Note:
        """Which engine this is and why, for the page."""
        ...

    @property
    def at_once(self) -> int:
        """How many pictures it is best asked for at a time, where many wait."""
        ...

    def __call__(self, batch: Tensor) -> tuple[Tensor, ...]:
        """The heads' raw maps of a batch.

        Args:
            batch: ``(B, 3, H, W)`` float32 RGB in [0, 1] on the CPU, sides whole multiples of the largest stride.

        Returns:
            one a head, as the network's ``forward`` gives them, float32 on the CPU.

        Raises:
            DeviceError: out of memory.
        """
        ...

    def each(self, batches: Sequence[Tensor]) -> list[tuple[Tensor, ...]]:
        """The same for several batches, in their order; they may differ in size.

        Raises:
            DeviceError: out of memory.
        """
        ...
