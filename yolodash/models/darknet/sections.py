"""From a section of the cfg to a layer: one short function a kind, each checking that the shapes fit.

A function gets the section and the layers before it, and gives back where the layer's input comes from, its
specification and the shape of its output. Shapes are channels, height, width.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from yolodash.errors import N_
from yolodash.models.darknet import outputs
from yolodash.models.darknet.cfg import Section
from yolodash.models.darknet.specification import (
    ACTIVATIONS,
    AveragePool,
    Connected,
    Convolution,
    GaussianOutput,
    Local,
    MaxPool,
    Nothing,
    Output,
    Reorganisation,
    Route,
    ScaleChannels,
    Shape,
    Shortcut,
    Softmax,
    Specification,
    Upsample,
)

MOST_CHANNELS = 200_000
LARGEST_KERNEL = 127
LARGEST_STRIDE = 64


@dataclass(frozen=True)
class Layer:
    """One layer of a checked plan. A source of −1 is the picture."""

    index: int
    kind: str
    line: int
    sources: tuple[int, ...]
    specification: Specification
    shape: Shape


@dataclass
class Layers:
    """The layers so far, and the shape of the picture that they begin with."""

    picture: Shape
    done: list[Layer] = field(default_factory=list)

    def shape(self, index: int) -> Shape:
        """Of a layer's output; −1 is the picture."""
        return self.picture if index < 0 else self.done[index].shape

    def before(self, section: Section) -> tuple[int, Shape]:
        """Index and shape of the layer right before."""
        index = len(self.done) - 1
        self._refuse_output(section, index)
        return index, self.shape(index)

    def named(self, section: Section, option: str) -> tuple[int, ...]:
        """The layers that an option lists: from 0, or counted back from here when negative."""
        here = len(self.done)
        most = 10 * here + 10
        resolved = []
        for number in section.integers(option, least=-most, most=most):
            index = number if number >= 0 else here + number
            if not 0 <= index < here:
                raise section.error(
                    N_("layer {here} takes its input from layer {index}, which does not come before it"),
                    fix=N_("{option} counts from 0, or back from here when negative: correct this line"),
                    option=option,
                    here=here,
                    index=index,
                )
            self._refuse_output(section, index)
            resolved.append(index)
        if not resolved:
            raise section.error(N_("the option {option} names no layer"), fix=N_("correct this line"), option=option)
        return tuple(resolved)

    def _refuse_output(self, section: Section, index: int) -> None:
        if index >= 0 and isinstance(self.done[index].specification, Output | GaussianOutput):
            raise section.error(
                N_("[{section}] takes its input from the output layer {index}"),
                fix=N_("begin a new branch with [route], from a layer before the output"),
                index=index,
            )


Part = tuple[tuple[int, ...], Specification, Shape]


def layer_of(section: Section, layers: Layers) -> Layer:
    """The layer that a section describes.

    Raises:
        ModelFileError: for unknown sections, missing or absurd options, and shapes that do not fit.
    """
    make = _KINDS.get(section.kind)
    if make is None:
        raise section.error(
            N_("[{section}] is a section that YoloDash cannot compute"),
            fix=N_("known are: {known}"),
            known=", ".join(_KINDS),
        )
    sources, specification, shape = make(section, layers)
    return Layer(len(layers.done), section.kind, section.line, sources, specification, shape)


def _convolution(section: Section, layers: Layers) -> Part:
    section.refuse("antialiasing", "share_index", "assisted_excitation", "xnor", "binary", "deform", "dontload")
    section.refuse("dontloadscales", "rotate", "stretch", "stretch_sway", "sway", "coordconv", "flipped")
    source, (channels, height, width) = layers.before(section)
    filters = section.integer("filters", least=1, most=MOST_CHANNELS)
    size = section.integer("size", 1, least=1, most=LARGEST_KERNEL)
    groups = section.integer("groups", 1, least=1, most=MOST_CHANNELS)
    dilation = section.integer("dilation", 1, least=1, most=LARGEST_STRIDE) if size > 1 else 1
    padding = size // 2 if section.flag("pad") else section.integer("padding", 0, least=0, most=LARGEST_KERNEL)
    if channels % groups or filters % groups:
        raise section.error(
            N_("{channels} channels in and {filters} out cannot be divided into {groups} groups"),
            fix=N_("correct this line"),
            option="groups",
            channels=channels,
            filters=filters,
            groups=groups,
        )
    stride, padding = _strides(section), padding * dilation
    reach = 2 * padding - ((size - 1) * dilation + 1)
    shape = _fits(section, (filters, (height + reach) // stride[0] + 1, (width + reach) // stride[1] + 1))
    normalised = section.flag("batch_normalize")
    return (
        (source,),
        Convolution(channels, filters, size, stride, padding, dilation, groups, normalised, _activation(section)),
        shape,
    )


def _local(section: Section, layers: Layers) -> Part:
    source, (channels, height, width) = layers.before(section)
    filters = section.integer("filters", least=1, most=MOST_CHANNELS)
    size = section.integer("size", 1, least=1, most=LARGEST_KERNEL)
    stride = section.integer("stride", 1, least=1, most=LARGEST_STRIDE)
    padding = 1 if section.flag("pad") else 0
    if padding and size != 3:
        raise section.error(
            N_("[local] with pad=1 and size={size} has no meaning in Darknet; pad=1 goes with size=3"),
            fix=N_("correct this line"),
            option="pad",
            size=size,
        )
    rows, columns = ((side + 2 * padding - size) // stride + 1 for side in (height, width))
    shape = _fits(section, (filters, rows, columns))
    return (source,), Local(channels, filters, size, stride, padding, rows, columns, _activation(section)), shape


def _connected(section: Section, layers: Layers) -> Part:
    source, shape = layers.before(section)
    outputs_ = section.integer("output", least=1, most=10 * MOST_CHANNELS)
    normalised = section.flag("batch_normalize")
    return (source,), Connected(shape, outputs_, normalised, _activation(section)), (outputs_, 1, 1)


def _maxpool(section: Section, layers: Layers) -> Part:
    section.refuse("maxpool_depth", "antialiasing")
    source, (channels, height, width) = layers.before(section)
    stride = _strides(section)
    size = section.integer("size", stride[0], least=1, most=LARGEST_KERNEL)
    padding = section.integer("padding", size - 1, least=0, most=2 * (size - 1))
    rows, columns = ((side + padding - size) // step + 1 for side, step in zip((height, width), stride, strict=True))
    return (source,), MaxPool(size, stride, padding), _fits(section, (channels, rows, columns))


def _avgpool(section: Section, layers: Layers) -> Part:
    source, (channels, _, _) = layers.before(section)
    return (source,), AveragePool(), (channels, 1, 1)


def _upsample(section: Section, layers: Layers) -> Part:
    source, (channels, height, width) = layers.before(section)
    stride = section.integer("stride", 2, least=1, most=LARGEST_STRIDE)
    scale = section.number("scale", 1.0, least=-1000, most=1000)
    return (source,), Upsample(stride, scale), (channels, height * stride, width * stride)


def _route(section: Section, layers: Layers) -> Part:
    sources = layers.named(section, "layers")
    groups = section.integer("groups", 1, least=1, most=MOST_CHANNELS)
    group = section.integer("group_id", 0, least=0, most=groups - 1)
    shapes = [layers.shape(source) for source in sources]
    _same_area(section, sources, shapes)
    if any(channels % groups for channels, _, _ in shapes):
        raise section.error(
            N_("{channels} channels cannot be divided into {groups} groups"),
            fix=N_("correct this line"),
            option="groups",
            channels=", ".join(str(channels) for channels, _, _ in shapes),
            groups=groups,
        )
    total = sum(channels // groups for channels, _, _ in shapes)
    return sources, Route(groups, group), (total, *shapes[0][1:])


def _shortcut(section: Section, layers: Layers) -> Part:
    before, shape = layers.before(section)
    sources = (before, *layers.named(section, "from"))
    _same_area(section, sources, [layers.shape(source) for source in sources])
    words = {"per_layer": "per_feature"}
    kind = section.choice("weights_type", ("none", "per_feature", "per_layer", "per_channel"), "none")
    normalisation = section.choice("weights_normalization", ("none", "relu", "softmax"), "none")
    specification = Shortcut(
        channels=shape[0],
        sources=len(sources) - 1,
        weights=words.get(kind, kind),  # type: ignore[arg-type]  # one of the choices above
        normalisation=normalisation,  # type: ignore[arg-type]
        activation=_activation(section, "linear"),
    )
    return sources, specification, shape


def _scale_channels(section: Section, layers: Layers) -> Part:
    section.refuse("scale_wh")
    gate, gate_shape = layers.before(section)
    source, *others = layers.named(section, "from")
    shape = layers.shape(source)
    if others or gate_shape != (shape[0], 1, 1):
        raise section.error(
            N_("[scale_channels] needs one layer, and before it one value for each of that layer's channels"),
            fix=N_("correct this section"),
        )
    return (gate, source), ScaleChannels(_activation(section, "linear")), shape


def _reorg(section: Section, layers: Layers) -> Part:
    section.refuse("reverse", "flatten", "extra")
    source, (channels, height, width) = layers.before(section)
    stride = section.integer("stride", 1, least=1, most=LARGEST_STRIDE)
    if channels % stride**2 or height % stride or width % stride:
        raise section.error(
            N_("[reorg] with stride={stride} does not divide an input of {shape}"),
            fix=N_("correct this line, or make the network's width and height multiples of 32"),
            option="stride",
            stride=stride,
            shape=f"{channels}×{height}×{width}",
        )
    return (source,), Reorganisation(stride), (channels * stride**2, height // stride, width // stride)


def _softmax(section: Section, layers: Layers) -> Part:
    section.refuse("tree", "spatial")
    source, shape = layers.before(section)
    groups = section.integer("groups", 1, least=1, most=MOST_CHANNELS)
    if math.prod(shape) % groups:
        raise section.error(N_("[softmax] cannot be divided into its groups"), fix=N_("correct this section"))
    return (source,), Softmax(groups), shape


def _nothing(section: Section, layers: Layers) -> Part:
    source = len(layers.done) - 1
    return (source,), Nothing(), layers.shape(source)


def _output(section: Section, layers: Layers) -> Part:
    source, shape = layers.before(section)
    return (source,), outputs.output_of(section, shape, layers.picture), shape


def _strides(section: Section) -> tuple[int, int]:
    """Down and across."""
    both = section.integer("stride", 1, least=1, most=LARGEST_STRIDE)
    down = section.integer("stride_y", both, least=1, most=LARGEST_STRIDE)
    return down, section.integer("stride_x", both, least=1, most=LARGEST_STRIDE)


def _activation(section: Section, default: str = "logistic") -> str:
    return section.choice("activation", ACTIVATIONS, default)


def _fits(section: Section, shape: Shape) -> Shape:
    if min(shape) < 1:
        raise section.error(
            N_("nothing is left of the picture after [{section}]: the input is smaller than the kernel"),
            fix=N_("correct size, stride and padding, or the network's width and height"),
        )
    return shape


def _same_area(section: Section, sources: tuple[int, ...], shapes: list[Shape]) -> None:
    if len({shape[1:] for shape in shapes}) > 1:
        raise section.error(
            N_("[{section}] joins layers of different height and width: {shapes}"),
            fix=N_("correct the layer numbers, or make the network's width and height multiples of 32"),
            shapes=", ".join(f"{i}: {h}×{w}" for i, (_, h, w) in zip(sources, shapes, strict=True)),
        )


_KINDS: dict[str, Callable[[Section, Layers], Part]] = {
    "convolutional": _convolution,
    "local": _local,
    "connected": _connected,
    "maxpool": _maxpool,
    "avgpool": _avgpool,
    "upsample": _upsample,
    "route": _route,
    "shortcut": _shortcut,
    "scale_channels": _scale_channels,
    "reorg": _reorg,
    "softmax": _softmax,
    "dropout": _nothing,
    "cost": _nothing,
    "yolo": _output,
    "region": _output,
    "detection": _output,
    "Gaussian_yolo": _output,
}
