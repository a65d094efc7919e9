"""A YOLOv5 network as a plan: what each layer is and where its input comes from, without weights and without torch.

The same plan comes from a checkpoint (``modules``) or from a published size (``official``), and ``architecture``
builds it. Channels and strides follow from it, so that a plan that does not fit together is refused before anything
is built.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from yolodash.errors import N_, ModelFileError

MOST_LAYERS = 500
MOST_CHANNELS = 16_384
ACTIVATIONS: Final = ("SiLU", "Hardswish", "LeakyReLU", "ReLU", "ReLU6", "Mish", "Identity")


@dataclass(frozen=True)
class Activation:
    """A function applied to every number; ``slope`` is LeakyReLU's, for negative ones."""

    name: str = "SiLU"
    slope: float = 0.0


@dataclass(frozen=True)
class Normalisation:
    """A batch normalisation's constants."""

    epsilon: float = 1e-3
    momentum: float = 0.03


@dataclass(frozen=True)
class Convolution:
    """A convolution alone; sides are (height, width)."""

    inputs: int
    outputs: int
    kernel: tuple[int, int] = (1, 1)
    stride: int = 1
    padding: tuple[int, int] = (0, 0)
    groups: int = 1
    dilation: int = 1
    bias: bool = False


@dataclass(frozen=True)
class Block:
    """Convolution, normalisation (None: folded in already) and activation."""

    convolution: Convolution
    normalisation: Normalisation | None
    activation: Activation

    @property
    def inputs(self) -> int:
        """Channels in."""
        return self.convolution.inputs

    @property
    def outputs(self) -> int:
        """Channels out."""
        return self.convolution.outputs


@dataclass(frozen=True)
class Focus:
    """Every second pixel in four pictures, stacked, then a block: the stem until release 5.0."""

    block: Block


@dataclass(frozen=True)
class Bottleneck:
    """Two blocks, around which the input is added where ``shortcut`` says so."""

    first: Block
    second: Block
    shortcut: bool


@dataclass(frozen=True)
class Chain:
    """Bottlenecks one after another."""

    bottlenecks: tuple[Bottleneck, ...]


@dataclass(frozen=True)
class CspBottleneck:
    """BottleneckCSP, until release 3.1: two ways, of which one passes through bottlenecks, normalised together."""

    first: Block
    second: Convolution
    third: Convolution
    normalisation: Normalisation
    activation: Activation
    last: Block
    bottlenecks: tuple[Bottleneck, ...]


@dataclass(frozen=True)
class C3:
    """CSP with three blocks, since release 4.0."""

    first: Block
    second: Block
    last: Block
    bottlenecks: tuple[Bottleneck, ...]


@dataclass(frozen=True)
class Pyramid:
    """Spatial pyramid pooling: maxima over windows of several sizes, side by side; SPPF pools one window repeatedly."""

    first: Block
    last: Block
    windows: tuple[int, ...]
    repeated: bool


@dataclass(frozen=True)
class Upsample:
    """Every pixel becomes 2×2."""


@dataclass(frozen=True)
class Concatenation:
    """Feature maps of the same size, stacked."""


@dataclass(frozen=True)
class MaximumPooling:
    """The maximum over a window."""

    window: int
    stride: int
    padding: int


@dataclass(frozen=True)
class ZeroPadding:
    """Zeros at left, right, top, bottom."""

    sides: tuple[int, int, int, int]


@dataclass(frozen=True)
class Heads:
    """Detect: one 1×1 convolution a scale, with a bias."""

    convolutions: tuple[Convolution, ...]


Module = (
    Block
    | Focus
    | Chain
    | CspBottleneck
    | C3
    | Pyramid
    | Upsample
    | Concatenation
    | MaximumPooling
    | ZeroPadding
    | Heads
)


@dataclass(frozen=True)
class Layer:
    """One numbered layer: its published name, what it is, and the layers that it reads (−1: the picture)."""

    name: str
    module: Module
    sources: tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """All layers in order; the last is the heads."""

    layers: tuple[Layer, ...]

    @property
    def heads(self) -> Heads:
        """The last layer."""
        last = self.layers[-1].module
        if not isinstance(last, Heads):
            raise ValueError("a plan ends with its heads")
        return last


@dataclass(frozen=True)
class Shape:
    """Of a feature map: channels, and input pixels per cell."""

    channels: int
    stride: Fraction


def shapes(plan: Plan) -> tuple[Shape, ...]:
    """The output of every layer but the heads, followed through the plan.

    Raises:
        ModelFileError: a layer does not fit what it reads.
    """
    found: list[Shape] = []
    for index, layer in enumerate(plan.layers[:-1]):
        read = [_source(found, source, index) for source in layer.sources]
        shape = _output(layer.module, read)
        if shape is None or shape.channels > MOST_CHANNELS or not 1 <= shape.stride <= 1024:
            raise does_not_fit(index, layer.name)
        found.append(shape)
    return tuple(found)


def head_shapes(plan: Plan) -> tuple[Shape, ...]:
    """What each head reads.

    Raises:
        ModelFileError: a layer does not fit what it reads.
    """
    found = list(shapes(plan))
    last = plan.layers[-1]
    read = tuple(_source(found, source, len(found)) for source in last.sources)
    convolutions = plan.heads.convolutions
    if [shape.channels for shape in read] != [convolution.inputs for convolution in convolutions]:
        raise does_not_fit(len(found), last.name)
    return read


def _source(found: list[Shape], source: int, index: int) -> Shape:
    if not -1 <= source < index:
        raise does_not_fit(index, "")
    return Shape(3, Fraction(1)) if source == -1 else found[source]


def _output(module: Module, read: list[Shape]) -> Shape | None:
    """The shape behind a module, or None where it does not fit."""
    if isinstance(module, Concatenation):
        same = len({shape.stride for shape in read}) == 1
        return Shape(sum(shape.channels for shape in read), read[0].stride) if same else None
    if len(read) != 1:
        return None
    channels, stride = read[0].channels, read[0].stride
    match module:
        case Upsample():
            return Shape(channels, stride / 2)
        case MaximumPooling():
            return Shape(channels, stride * module.stride)
        case ZeroPadding():
            return read[0]
        case Focus():
            fits = module.block.inputs == channels * 4
            return Shape(module.block.outputs, stride * 2 * module.block.convolution.stride) if fits else None
        case Block():
            fits = module.inputs == channels
            return Shape(module.outputs, stride * module.convolution.stride) if fits else None
        case Chain():
            return Shape(channels, stride) if _chain_fits(module.bottlenecks, channels) else None
        case Pyramid():
            joined = module.first.outputs * (len(module.windows) + 1)
            fits = module.first.inputs == channels and module.last.inputs == joined
            return Shape(module.last.outputs, stride) if fits else None
        case C3() | CspBottleneck():
            return Shape(module.last.outputs, stride) if _two_ways_fit(module, channels) else None
    return None


def _two_ways_fit(module: C3 | CspBottleneck, channels: int) -> bool:
    way = module.first.outputs
    other = module.second.outputs
    if isinstance(module, CspBottleneck):
        third = (module.third.inputs, module.third.outputs) == (way, way)
        fits = module.second.inputs == channels and third
    else:
        fits = module.second.inputs == channels
    return fits and (
        module.first.inputs == channels and module.last.inputs == way + other and _chain_fits(module.bottlenecks, way)
    )


def _chain_fits(bottlenecks: tuple[Bottleneck, ...], channels: int) -> bool:
    return all(
        (part.first.inputs, part.second.inputs, part.second.outputs) == (channels, part.first.outputs, channels)
        for part in bottlenecks
    )


def release(plan: Plan) -> str | None:
    """The oldest official release that built networks of these layers, or None."""
    names = {layer.name for layer in plan.layers}
    stem = plan.layers[0].module
    if isinstance(stem, Focus) and "SPP" in names:
        activation = stem.block.activation.name
        if "BottleneckCSP" in names and "C3" not in names:
            return {"LeakyReLU": "3.0", "Hardswish": "3.1"}.get(activation)
        return "4.0" if "C3" in names and "BottleneckCSP" not in names and activation == "SiLU" else None
    sixth = isinstance(stem, Block) and stem.convolution.kernel == (6, 6) and stem.activation.name == "SiLU"
    return "6.0" if sixth and {"C3", "SPPF"} <= names and "BottleneckCSP" not in names else None


def whole_stride(stride: Fraction) -> int:
    """A head's stride as the whole number that it must be."""
    if stride.denominator != 1:
        raise does_not_fit(0, "Detect")
    return math.floor(stride)


def does_not_fit(index: int, name: str) -> ModelFileError:
    """The error of a layer that does not fit the ones it reads."""
    return ModelFileError(
        N_("Layer {index} ({name}) does not fit the layers that it reads"),
        fix=N_("use a checkpoint as YOLOv5's training writes it; this one was changed or is damaged"),
        index=index,
        name=name,
    )
