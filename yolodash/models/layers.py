"""The block that every YOLO is made of: convolution, batch normalisation, activation."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn


class ConvolutionBlock(nn.Module):
    """A convolution, its batch normalisation (or none) and its activation.

    Attributes:
        convolution: with a bias only where there is no normalisation.
        normalisation: a ``BatchNorm2d``, or ``Identity`` where there is none or it has been folded in.
        activation: element by element; ``Identity`` for a linear layer.
    """

    def __init__(self, convolution: nn.Conv2d, normalisation: nn.Module, activation: nn.Module) -> None:
        super().__init__()
        self.convolution = convolution
        self.normalisation = normalisation
        self.activation = activation

    def forward(self, features: Tensor) -> Tensor:
        """``(B, C, h, w)`` → ``(B, C', h', w')``."""
        result: Tensor = self.activation(self.normalisation(self.convolution(features)))
        return result

    @torch.no_grad()
    def fold(self) -> None:
        """Fold the normalisation into the convolution, for inference: γ·(Wx − μ)/√(σ² + ε) + β is a convolution too."""
        if not isinstance(self.normalisation, nn.BatchNorm2d):
            return
        self.convolution = folded(self.convolution, self.normalisation)
        self.normalisation = nn.Identity()


def folded(convolution: nn.Conv2d, normalisation: nn.BatchNorm2d) -> nn.Conv2d:
    """One convolution that does what a convolution and a batch normalisation in evaluation mode do together."""
    mean, variance = normalisation.running_mean, normalisation.running_var
    if mean is None or variance is None:
        raise ValueError("a batch normalisation without running statistics cannot be folded")
    gain = normalisation.weight / torch.sqrt(variance + normalisation.eps)  # (C',)
    result = nn.Conv2d(
        convolution.in_channels,
        convolution.out_channels,
        (convolution.kernel_size[0], convolution.kernel_size[1]),
        stride=(convolution.stride[0], convolution.stride[1]),
        padding=(int(convolution.padding[0]), int(convolution.padding[1])),
        dilation=(convolution.dilation[0], convolution.dilation[1]),
        groups=convolution.groups,
        bias=True,
        device=convolution.weight.device,
        dtype=convolution.weight.dtype,
    )
    before = convolution.bias if convolution.bias is not None else torch.zeros_like(mean)
    result.weight.copy_(convolution.weight * gain[:, None, None, None])
    if result.bias is not None:
        result.bias.copy_((before - mean) * gain + normalisation.bias)
    return result.train(convolution.training)


def max_pool(features: Tensor, window: int, stride: int | tuple[int, int], padding: int = 0) -> Tensor:
    """The largest of every window, with a gradient that is added up in the same order every time.

    On a GPU, where channels lie last, PyTorch adds it up in an order by chance, and a run that was broken off would go
    on to other bits.

    Args:
        features: ``(B, C, h, w)``.
        window, stride, padding: in cells.
    """
    if features.is_cuda and features.requires_grad:
        features = features.contiguous()
    return F.max_pool2d(features, window, stride, padding)
