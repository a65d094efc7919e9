"""What every engine is: a network made ready to run on one device, in one precision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from torch import Tensor

EngineName = Literal["torch", "onnxruntime", "openvino"]
Precision = Literal["float32", "bfloat16", "float16"]

ENGINES: tuple[EngineName, ...] = ("torch", "onnxruntime", "openvino")
PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Note:
    """One sentence about an engine: a gettext message id and what its placeholders stand for."""

    text: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)


class Engine(Protocol):
    """A network, ready to run.

    Attributes:
        name: what runs it.
        precision: of its arithmetic; what goes in and comes out is float32 always.
        device: where, ``cpu``, ``cuda:0``, ``mps``.
        note: which engine this is and why, for the page.
    """

    @property
    def name(self) -> EngineName: ...

    @property
    def precision(self) -> Precision: ...

    @property
    def device(self) -> str: ...

    @property
    def note(self) -> Note: ...

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
