"""Darknet's layers as torch modules. Each takes the list of its sources' outputs and gives one map.

Maps are ``(B, C, h, w)``; sources and attributes are those of ``specification``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from yolodash.errors import N_, OptionError
from yolodash.models.darknet import specification as spec
from yolodash.models.darknet.activations import activation
from yolodash.models.layers import ConvolutionBlock, max_pool

EPSILON = 1e-5
"""What keeps batch normalisation from dividing by zero: AlexeyAB's Darknet uses √(σ² + 1e-5)."""


class DarknetLayer(nn.Module):
    """What every layer has: sources in, one map out, and perhaps values from the weights file."""

    def blocks(self) -> dict[str, Tensor]:
        """The parameters and buffers that the weights file fills, by the names of ``specification.values_of``."""
        return {}


class Convolutional(DarknetLayer):
    """One convolution block, on the one source."""

    def __init__(self, layer: spec.Convolution) -> None:
        super().__init__()
        convolution = nn.Conv2d(
            layer.channels,
            layer.filters,
            layer.size,
            stride=layer.stride,
            padding=layer.padding,
            dilation=layer.dilation,
            groups=layer.groups,
            bias=not layer.normalised,
        )
        normalisation = nn.BatchNorm2d(layer.filters, eps=EPSILON) if layer.normalised else nn.Identity()
        self.block = ConvolutionBlock(convolution, normalisation, activation(layer.activation))

    def forward(self, sources: list[Tensor]) -> Tensor:
        """``(B, C, h, w)`` → ``(B, C', h', w')``."""
        result: Tensor = self.block(sources[0])
        return result

    def blocks(self) -> dict[str, Tensor]:
        """Of a block that is not folded."""
        return _blocks(self.block.convolution, self.block.normalisation)


class LocallyConnected(DarknetLayer):
    """A convolution whose weights differ from position to position, with a bias for every output value."""

    def __init__(self, layer: spec.Local) -> None:
        super().__init__()
        self.layer = layer
        biases, weights = (block.shape for block in spec.values_of(layer))
        self.weight = nn.Parameter(torch.zeros(weights))  # (L, C', C·k·k), L positions
        self.bias = nn.Parameter(torch.zeros(biases))  # (C', h', w')
        self.activation = activation(layer.activation)

    def forward(self, sources: list[Tensor]) -> Tensor:
        """``(B, C, h, w)`` → ``(B, C', h', w')``."""
        layer = self.layer
        patches = functional.unfold(sources[0], layer.size, padding=layer.padding, stride=layer.stride)  # (B, Ckk, L)
        if patches.shape[-1] != layer.rows * layer.columns:
            raise wrong_size()
        products = self.weight @ patches.permute(2, 1, 0)  # (L, C', B)
        values = products.permute(2, 1, 0).reshape(-1, *self.bias.shape)  # (B, C', h', w')
        result: Tensor = self.activation(values + self.bias)
        return result

    def blocks(self) -> dict[str, Tensor]:
        """Biases and weights."""
        return {"biases": self.bias, "weights": self.weight}


class Connected(DarknetLayer):
    """Every output is a weighted sum of every input."""

    def __init__(self, layer: spec.Connected) -> None:
        super().__init__()
        self.inputs = layer.inputs
        self.linear = nn.Linear(math.prod(layer.inputs), layer.outputs, bias=not layer.normalised)
        self.normalisation = nn.BatchNorm1d(layer.outputs, eps=EPSILON) if layer.normalised else nn.Identity()
        self.activation = activation(layer.activation)

    def forward(self, sources: list[Tensor]) -> Tensor:
        """``(B, C, h, w)`` → ``(B, C', 1, 1)``."""
        if tuple(sources[0].shape[1:]) != self.inputs:
            raise wrong_size()
        result: Tensor = self.activation(self.normalisation(self.linear(sources[0].flatten(1))))
        return result[:, :, None, None]

    def blocks(self) -> dict[str, Tensor]:
        """As of a convolution."""
        return _blocks(self.linear, self.normalisation)


class MaxPool(DarknetLayer):
    """The largest value of every window; beyond the border lies minus infinity, and mostly at the right and bottom."""

    def __init__(self, layer: spec.MaxPool) -> None:
        super().__init__()
        self.size, self.stride = layer.size, layer.stride
        self.before, self.after = layer.padding // 2, layer.padding - layer.padding // 2

    def forward(self, sources: list[Tensor]) -> Tensor:
        """``(B, C, h, w)`` → ``(B, C, h', w')``."""
        features = sources[0]
        if self.before == self.after and self.before <= self.size // 2:
            return max_pool(features, self.size, self.stride, self.before)
        sides = (self.before, self.after, self.before, self.after)
        padded = functional.pad(features, sides, value=-math.inf)
        return max_pool(padded, self.size, self.stride)


class AveragePool(DarknetLayer):
    """The mean of every channel."""

    def forward(self, sources: list[Tensor]) -> Tensor:
        """``(B, C, h, w)`` → ``(B, C, 1, 1)``."""
        return sources[0].mean(dim=(2, 3), keepdim=True)


class Upsample(DarknetLayer):
    """Every pixel becomes ``stride × stride`` equal ones."""

    def __init__(self, layer: spec.Upsample) -> None:
        super().__init__()
        self.stride, self.scale = layer.stride, layer.scale

    def forward(self, sources: list[Tensor]) -> Tensor:
        """``(B, C, h, w)`` → ``(B, C, s·h, s·w)``."""
        result = functional.interpolate(sources[0], scale_factor=float(self.stride), mode="nearest")
        return result if self.scale == 1 else result * self.scale


class Route(DarknetLayer):
    """Joins the channels of its sources, or of one slice of each."""

    def __init__(self, layer: spec.Route) -> None:
        super().__init__()
        self.groups, self.group = layer.groups, layer.group

    def forward(self, sources: list[Tensor]) -> Tensor:
        """``(B, C_i, h, w)`` each → ``(B, Σ C_i / groups, h, w)``."""
        parts = [source.chunk(self.groups, dim=1)[self.group] for source in sources]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)


class Shortcut(DarknetLayer):
    """Adds other layers to the one before, on the channels that both have."""

    def __init__(self, layer: spec.Shortcut) -> None:
        super().__init__()
        blocks = spec.values_of(layer)
        self.weight = nn.Parameter(torch.ones(blocks[0].shape)) if blocks else None  # (sources, C or 1)
        self.normalisation = layer.normalisation
        self.activation = activation(layer.activation)

    def forward(self, sources: list[Tensor]) -> Tensor:
        """``(B, C, h, w)`` and others of any channels → ``(B, C, h, w)``."""
        weights = self.normalised_weights()
        total = sources[0] if weights is None else sources[0] * weights[0]
        for index, other in enumerate(sources[1:], start=1):
            part = first_channels(other, total.shape[1])
            total = total + (part if weights is None else part * weights[index])
        result: Tensor = self.activation(total)
        return result

    def blocks(self) -> dict[str, Tensor]:
        """The weights, where the cfg asks for them."""
        return {} if self.weight is None else {"weights": self.weight}

    def normalised_weights(self) -> Tensor | None:
        """``(sources, C or 1, 1, 1)``, made to sum to 1 over the sources if the cfg says so.

        Source: Tan et al., 2020, "EfficientDet", section 3.3, with their ε of 1e-4.
        """
        if self.weight is None:
            return None
        weights: Tensor = self.weight
        if self.normalisation == "softmax":
            weights = weights.softmax(dim=0)
        elif self.normalisation == "relu":
            weights = weights.relu() / (weights.relu().sum(dim=0) + 1e-4)
        return weights[:, :, None, None]


class ScaleChannels(DarknetLayer):
    """Squeeze and excite: every channel of the second source times its gate, the first source."""

    def __init__(self, layer: spec.ScaleChannels) -> None:
        super().__init__()
        self.activation = activation(layer.activation)

    def forward(self, sources: list[Tensor]) -> Tensor:
        """``(B, C, 1, 1)`` and ``(B, C, h, w)`` → ``(B, C, h, w)``."""
        gate, features = sources
        result: Tensor = self.activation(gate * features)
        return result


class Reorganisation(DarknetLayer):
    """Halves the sides (at stride 2) and multiplies the channels, in Darknet's own order of the numbers.

    The numbers of a picture are read as if they were C/s² channels of s times the height and width; of those, each
    of the s·s positions within a block becomes a group of channels. Not what pixel-unshuffle does.
    """

    def __init__(self, layer: spec.Reorganisation) -> None:
        super().__init__()
        self.stride = layer.stride

    def forward(self, sources: list[Tensor]) -> Tensor:
        """``(B, C, h, w)`` → ``(B, C·s², h/s, w/s)``."""
        features, s = sources[0], self.stride
        batch, channels, rows, columns = features.shape
        blocks = features.reshape(batch, channels // s**2, rows, s, columns, s)  # (B, C/s², h, s, w, s)
        grouped = blocks.permute(0, 3, 5, 1, 2, 4)  # (B, s, s, C/s², h, w)
        return grouped.reshape(batch, channels * s**2, rows // s, columns // s)


class Softmax(DarknetLayer):
    """Over all channels, or over each of several groups of them."""

    def __init__(self, layer: spec.Softmax) -> None:
        super().__init__()
        self.groups = layer.groups

    def forward(self, sources: list[Tensor]) -> Tensor:
        """``(B, C, h, w)`` → the same shape."""
        features = sources[0]
        return features.reshape(features.shape[0], self.groups, -1).softmax(dim=-1).reshape(features.shape)


class Passing(DarknetLayer):
    """Gives its source on: dropout outside training, and the outputs, whose raw maps are what goes in."""

    def forward(self, sources: list[Tensor]) -> Tensor:
        """The source itself."""
        return sources[0]


def first_channels(features: Tensor, channels: int) -> Tensor:
    """The first channels of a map, with zeros where it has fewer."""
    missing = channels - features.shape[1]
    return features[:, :channels] if missing <= 0 else functional.pad(features, (0, 0, 0, 0, 0, missing))


def wrong_size() -> OptionError:
    """A network with connected or local layers takes one size only."""
    return OptionError(
        N_("this network has layers that are tied to one input size"),
        fix=N_("use the size that its cfg gives"),
        where="size",
    )


def _blocks(weighted: nn.Conv2d | nn.Linear, normalisation: nn.Module) -> dict[str, Tensor]:
    """Darknet's "biases" are the normalisation's shift where there is one."""
    blocks: dict[str, Tensor] = {"weights": weighted.weight}
    if isinstance(normalisation, nn.BatchNorm1d | nn.BatchNorm2d):
        means, variances = normalisation.running_mean, normalisation.running_var
        assert means is not None
        assert variances is not None
        blocks |= {"biases": normalisation.bias, "scales": normalisation.weight, "means": means, "variances": variances}
    elif weighted.bias is not None:
        blocks["biases"] = weighted.bias
    return blocks
