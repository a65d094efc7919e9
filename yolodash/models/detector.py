"""What every detector is, whatever its generation."""

from __future__ import annotations

import copy
from abc import abstractmethod

from torch import Tensor, nn

from yolodash.models.heads.decode import decode_rows
from yolodash.models.layers import ConvolutionBlock
from yolodash.structures import Family, Head, ImageSize, LayerDescription


class Detector(nn.Module):
    """A loaded network, with what its file says about it.

    Attributes:
        names: of the classes.
        family: the generation.
        release: the oldest official release with this architecture, or None.
        heads: one description an output; strides and anchors are read off them.
        size: the input size that the model was made for.
    """

    def __init__(
        self, *, names: tuple[str, ...], family: Family, release: str | None, heads: tuple[Head, ...], size: ImageSize
    ) -> None:
        super().__init__()
        self.names = names
        self.family: Family = family
        self.release = release
        self.heads = heads
        self.size = size

    @property
    def strides(self) -> tuple[int, ...]:
        """Network pixels per cell, one a head."""
        return tuple(head.stride for head in self.heads)

    @property
    def stride(self) -> int:
        """What the sides of the input must be whole multiples of."""
        return max(self.strides)

    @property
    def anchors(self) -> tuple[tuple[tuple[float, float], ...], ...]:
        """Anchors in network pixels: ``[head][anchor][width, height]``."""
        return tuple(head.anchors for head in self.heads)

    @property
    def parameter_count(self) -> int:
        """Learnable values, as loaded (unfused)."""
        return sum(parameter.numel() for parameter in self.parameters())

    @abstractmethod
    def forward(self, batch: Tensor) -> tuple[Tensor, ...]:
        """The heads' raw maps.

        Args:
            batch: ``(B, 3, H, W)`` float RGB in [0, 1], sides whole multiples of the largest stride.

        Returns:
            one ``(B, A, h, w, 5 + C)`` a head; v1 keeps its own flat ``(B, ·)``.
        """

    def describe(self, size: ImageSize) -> tuple[LayerDescription, ...]:
        """Every layer, with the shapes that it has for an input of this size. Does not run the network."""
        raise NotImplementedError

    def rows(self, batch: Tensor) -> Tensor:
        """Decoded rows: ``(B, N, 5 + C)`` cx, cy, w, h in network pixels, objectness, class probabilities."""
        size = ImageSize(batch.shape[-2], batch.shape[-1])
        return decode_rows(self(batch), self.heads, size)

    def fused(self) -> Detector:
        """A copy in evaluation mode, for inference, with each batch norm folded into the convolution before it."""
        result = copy.deepcopy(self).eval().requires_grad_(False)
        for module in result.modules():
            if isinstance(module, ConvolutionBlock):
                module.fold()
        return result
