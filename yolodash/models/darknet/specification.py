"""What a layer of a Darknet network is, as plain numbers: known before anything is allocated and before torch is there.

Every specification says which values the weights file holds for it, in the file's order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from yolodash.structures import Head

ACTIVATIONS = (
    "linear", "leaky", "relu", "relu6", "elu", "selu", "gelu", "mish", "swish", "logistic", "tanh", "loggy", "ramp",
    "relie", "hardtan",
)  # fmt: skip
"""Darknet's names of the functions that can follow a layer."""

Shape = tuple[int, int, int]
"""Channels, height, width."""


@dataclass(frozen=True)
class Values:
    """One block of the weights file: its name and its shape there."""

    name: str
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many float32 values."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Convolution:
    """``[convolutional]``."""

    channels: int
    filters: int
    size: int
    stride: tuple[int, int]
    padding: int
    dilation: int
    groups: int
    normalised: bool
    activation: str


@dataclass(frozen=True)
class Local:
    """``[local]``: a convolution with weights of its own at every position."""

    channels: int
    filters: int
    size: int
    stride: int
    padding: int
    rows: int
    columns: int
    activation: str


@dataclass(frozen=True)
class Connected:
    """``[connected]``: every output sees every input; ``inputs`` is the shape that it was made for."""

    inputs: Shape
    outputs: int
    normalised: bool
    activation: str


@dataclass(frozen=True)
class MaxPool:
    """``[maxpool]``: ``padding`` is the sum of both sides; the smaller half comes first."""

    size: int
    stride: tuple[int, int]
    padding: int


@dataclass(frozen=True)
class AveragePool:
    """``[avgpool]``: the mean of a whole channel."""


@dataclass(frozen=True)
class Upsample:
    """``[upsample]``: nearest neighbour, times ``scale``."""

    stride: int
    scale: float


@dataclass(frozen=True)
class Route:
    """``[route]``: one of ``groups`` slices of each source, joined."""

    groups: int
    group: int


@dataclass(frozen=True)
class Shortcut:
    """``[shortcut]``: the layer before, plus others; only the channels that both have are added."""

    channels: int
    sources: int
    weights: Literal["none", "per_feature", "per_channel"]
    normalisation: Literal["none", "relu", "softmax"]
    activation: str


@dataclass(frozen=True)
class ScaleChannels:
    """``[scale_channels]``: the second source, each channel times the first source's value for it."""

    activation: str


@dataclass(frozen=True)
class Reorganisation:
    """``[reorg]``: ``stride × stride`` pixels become channels, in Darknet's own order."""

    stride: int


@dataclass(frozen=True)
class Softmax:
    """``[softmax]``: over all channels, in ``groups`` parts."""

    groups: int


@dataclass(frozen=True)
class Nothing:
    """``[dropout]`` and ``[cost]``: they act in training only."""


@dataclass(frozen=True)
class Output:
    """``[yolo]``, ``[region]`` or ``[detection]``: gives what goes in as the raw map of its head.

    ``tree`` is the name of YOLO9000's tree file, which the head still lacks; empty where there is none.
    """

    head: Head
    tree: str = ""


@dataclass(frozen=True)
class GaussianOutput:
    """``[Gaussian_yolo]``: its size is known, its decode rule is not built."""


Specification = (
    Convolution
    | Local
    | Connected
    | MaxPool
    | AveragePool
    | Upsample
    | Route
    | Shortcut
    | ScaleChannels
    | Reorganisation
    | Softmax
    | Nothing
    | Output
    | GaussianOutput
)


def values_of(layer: Specification) -> tuple[Values, ...]:
    """What the weights file holds for a layer, in its order. Source: the layout that ``.weights`` files have."""
    match layer:
        case Convolution(channels, filters, size, groups=groups, normalised=normalised):
            weights = Values("weights", (filters, channels // groups, size, size))
            return (Values("biases", (filters,)), *_normalisation(filters, normalised), weights)
        case Connected(inputs, outputs, normalised):
            weights = Values("weights", (outputs, math.prod(inputs)))
            return (Values("biases", (outputs,)), weights, *_normalisation(outputs, normalised))
        case Local(channels, filters, size, rows=rows, columns=columns):
            weights = Values("weights", (rows * columns, filters, channels * size * size))
            return (Values("biases", (filters, rows, columns)), weights)
        case Shortcut(channels, sources, weights=kind) if kind != "none":
            return (Values("weights", (sources + 1, channels if kind == "per_channel" else 1)),)
        case _:
            return ()


def _normalisation(filters: int, normalised: bool) -> tuple[Values, ...]:
    names = ("scales", "means", "variances") if normalised else ()
    return tuple(Values(name, (filters,)) for name in names)


def learnable_count(layer: Specification) -> int:
    """Values that training moves by the gradient; running means and variances are not."""
    return sum(block.count for block in values_of(layer) if block.name not in {"means", "variances"})


def multiply_adds(layer: Specification, shape: Shape) -> int:
    """Multiplications followed by an addition, for one picture and a layer whose output has this shape."""
    match layer:
        case Convolution(channels, size=size, groups=groups):
            return math.prod(shape) * (channels // groups) * size * size
        case Local(channels, size=size):
            return math.prod(shape) * channels * size * size
        case Connected(inputs, outputs):
            return math.prod(inputs) * outputs
        case _:
            return 0


def comparisons(layer: Specification, shape: Shape) -> int:
    """What pooling does instead of multiplying, for one picture and an output of this shape."""
    return math.prod(shape) * layer.size**2 if isinstance(layer, MaxPool) else 0


def in_words(layer: Specification) -> str:
    """The numbers of a layer in the few words that fit a table."""
    match layer:
        case Convolution(size=size, stride=(stride, _), groups=groups, activation=activation):
            grouped = f", {groups} groups" if groups > 1 else ""
            return f"{size}×{size} / {stride}{grouped}, {activation}"
        case Local(size=size, stride=stride, activation=activation):
            return f"{size}×{size} / {stride}, {activation}"
        case Connected(activation=activation):
            return activation
        case MaxPool(size, (stride, _)):
            return f"{size}×{size} / {stride}"
        case Upsample(stride) | Reorganisation(stride):
            return f"× {stride}"
        case Route(groups, group) if groups > 1:
            return f"{group + 1} of {groups}"
        case Shortcut(activation=activation) | ScaleChannels(activation) if activation != "linear":
            return activation
        case Output(head):
            return f"{len(head.anchors)} × (5 + {head.classes}), stride {head.stride}"
        case _:
            return ""
