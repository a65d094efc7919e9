"""The published networks n, s, m, l and x of each release: one list of layers, made deeper and wider by two numbers.

Source: the layer lists in the official checkpoints; multiples and anchors as published with each release.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from yolodash.errors import N_, OptionError
from yolodash.models.yolov5.plan import (
    C3,
    Activation,
    Block,
    Bottleneck,
    Concatenation,
    Convolution,
    CspBottleneck,
    Focus,
    Heads,
    Layer,
    Module,
    Normalisation,
    Plan,
    Pyramid,
    Upsample,
)
from yolodash.structures import Head, ImageSize

if TYPE_CHECKING:
    from yolodash.models.yolov5.architecture import YoloV5

Size = Literal["p", "n", "s", "m", "l", "x"]
MULTIPLES: Final[dict[str, tuple[float, float]]] = {
    "p": (0.33, 0.125),
    "n": (0.33, 0.25),
    "s": (0.33, 0.50),
    "m": (0.67, 0.75),
    "l": (1.0, 1.0),
    "x": (1.33, 1.25),
}
"""Depth and width of each size, as multiples of l's; p (pico) is our own, half as wide as the smallest published."""

ANCHORS: Final = (
    ((10.0, 13.0), (16.0, 30.0), (33.0, 23.0)),
    ((30.0, 61.0), (62.0, 45.0), (59.0, 119.0)),
    ((116.0, 90.0), (156.0, 198.0), (373.0, 326.0)),
)
"""Width and height in pixels, for the strides 8, 16 and 32."""

STRIDES: Final = (8, 16, 32)
RELEASES: Final = {
    "3.0": "3.0", "3.1": "3.1", "4.0": "4.0", "5.0": "4.0", "6.0": "6.0", "6.1": "6.0", "6.2": "6.0", "7.0": "6.0",
}  # fmt: skip
"""Each release, and the oldest one with its architecture."""


@dataclass(frozen=True)
class Style:
    """What the releases differ in.

    Attributes:
        stem_focus: Focus as the first layer, SPP before the last stage (else a 6×6 convolution, and SPPF after it).
        csp: BottleneckCSP (else C3).
        activation: of every block; BottleneckCSP's own stays LeakyReLU.
        depths: bottlenecks in the four stages of the backbone.
    """

    stem_focus: bool
    csp: bool
    activation: Activation
    depths: tuple[int, int, int, int]


_LEAKY = Activation("LeakyReLU", 0.1)
_STYLES: Final = {
    "3.0": Style(True, True, _LEAKY, (3, 9, 9, 3)),
    "3.1": Style(True, True, Activation("Hardswish"), (3, 9, 9, 3)),
    "4.0": Style(True, False, Activation("SiLU"), (3, 9, 9, 3)),
    "6.0": Style(False, False, Activation("SiLU"), (3, 6, 9, 3)),
}


class _Designer:
    """Makes the parts of one size in one style, following channels from layer to layer."""

    def __init__(self, style: Style, depth: float, width: float) -> None:
        self.style, self.depth, self.width = style, depth, width
        self.layers: list[Layer] = []
        self.channels: list[int] = []

    def scaled(self, channels: int) -> int:
        """Channels at this width: a multiple of 8, rounded up."""
        return math.ceil(channels * self.width / 8) * 8

    def block(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, padding: int | None = None) -> Block:
        """A block whose padding keeps the size, unless another is given."""
        pad = kernel // 2 if padding is None else padding
        convolution = Convolution(inputs, outputs, (kernel, kernel), stride, (pad, pad))
        return Block(convolution, Normalisation(), self.style.activation)

    def add(self, name: str, module: Module, channels: int, sources: tuple[int, ...]) -> None:
        """Append a layer."""
        self.layers.append(Layer(name, module, sources))
        self.channels.append(channels)

    @property
    def last(self) -> int:
        """The number of the last layer, or −1, the picture."""
        return len(self.layers) - 1

    def convolve(self, channels: int, kernel: int, stride: int, padding: int | None = None) -> None:
        """A numbered block."""
        inputs = self.channels[-1] if self.channels else 3
        outputs = self.scaled(channels)
        self.add("Conv", self.block(inputs, outputs, kernel, stride, padding), outputs, (self.last,))

    def focus(self, channels: int) -> None:
        """The stem of the releases until 5.0."""
        outputs = self.scaled(channels)
        self.add("Focus", Focus(self.block(12, outputs, 3)), outputs, (-1,))

    def stage(self, channels: int, depth: int, *, shortcut: bool = True) -> None:
        """A BottleneckCSP or a C3."""
        inputs, outputs = self.channels[-1], self.scaled(channels)
        hidden = outputs // 2
        bottleneck = Bottleneck(self.block(hidden, hidden), self.block(hidden, hidden, 3), shortcut)
        chain = (bottleneck,) * max(1, round(depth * self.depth))
        module: Module
        if self.style.csp:
            module = CspBottleneck(
                first=self.block(inputs, hidden),
                second=Convolution(inputs, hidden),
                third=Convolution(hidden, hidden),
                normalisation=Normalisation(),
                activation=_LEAKY,
                last=self.block(2 * hidden, outputs),
                bottlenecks=chain,
            )
        else:
            first, second = self.block(inputs, hidden), self.block(inputs, hidden)
            module = C3(first, second, self.block(2 * hidden, outputs), chain)
        self.add("BottleneckCSP" if self.style.csp else "C3", module, outputs, (self.last,))

    def pyramid(self, channels: int) -> None:
        """SPP or SPPF."""
        inputs, outputs = self.channels[-1], self.scaled(channels)
        windows = (5, 9, 13) if self.style.stem_focus else (5, 5, 5)
        module = Pyramid(
            self.block(inputs, inputs // 2),
            self.block(inputs // 2 * 4, outputs),
            windows,
            repeated=not self.style.stem_focus,
        )
        self.add("SPP" if self.style.stem_focus else "SPPF", module, outputs, (self.last,))

    def upsample(self) -> None:
        """Twice the size."""
        self.add("Upsample", Upsample(), self.channels[-1], (self.last,))

    def join(self, other: int) -> None:
        """Stack the last layer and another."""
        self.add("Concat", Concatenation(), self.channels[-1] + self.channels[other], (self.last, other))


def official_plan(size: str, classes: int, release: str) -> Plan:
    """The plan of a published network for this many classes.

    Raises:
        OptionError: no such size or release.
    """
    if size not in MULTIPLES or release not in RELEASES:
        raise OptionError(
            N_("There is no YOLOv5{size} of release {release}"),
            fix=N_("choose a size of {sizes} and a release of {releases}"),
            size=size,
            release=release,
            sizes=", ".join(MULTIPLES),
            releases=", ".join(RELEASES),
        )
    design = _Designer(_STYLES[RELEASES[release]], *MULTIPLES[size])
    _backbone(design)
    _neck(design)
    outputs = len(ANCHORS[0]) * (5 + classes)
    convolutions = tuple(Convolution(design.channels[layer], outputs, bias=True) for layer in (17, 20, 23))
    design.add("Detect", Heads(convolutions), outputs, (17, 20, 23))
    return Plan(tuple(design.layers))


def _backbone(design: _Designer) -> None:
    """Layers 0 to 9."""
    first, second, third, fourth = design.style.depths
    if design.style.stem_focus:
        design.focus(64)
    else:
        design.convolve(64, 6, 2, padding=2)
    for channels, depth in ((128, first), (256, second), (512, third)):
        design.convolve(channels, 3, 2)
        design.stage(channels, depth)
    design.convolve(1024, 3, 2)
    last: list[Callable[[], None]] = [lambda: design.pyramid(1024)]
    last.insert(1 if design.style.stem_focus else 0, lambda: _last_stage(design, fourth))
    for add in last:
        add()


def _last_stage(design: _Designer, depth: int) -> None:
    """The last stage has a shortcut only since it stands in front of the pooling."""
    design.stage(1024, depth, shortcut=not design.style.stem_focus)


def _neck(design: _Designer) -> None:
    """Layers 10 to 23: up to the fine grid, and down again."""
    for channels, other in ((512, 6), (256, 4)):
        design.convolve(channels, 1, 1)
        design.upsample()
        design.join(other)
        design.stage(channels, 3, shortcut=False)
    for channels, other in ((256, 14), (512, 10)):
        design.convolve(channels, 3, 2)
        design.join(other)
        design.stage(2 * channels, 3, shortcut=False)


def build(size: Size, classes: int, release: str = "6.0", names: tuple[str, ...] | None = None) -> YoloV5:
    """A published network with fresh weights.

    Args:
        size: n, s, m, l or x.
        classes: how many.
        release: any of ``RELEASES``; the network's own ``release`` is the oldest with its architecture.
        names: of the classes; without them ``class 0``, ``class 1``, …

    Raises:
        OptionError: no such size or release.
    """
    from yolodash.models.yolov5.architecture import YoloV5

    plan = official_plan(size, classes, release)
    heads = tuple(
        Head(kind="yolov5", anchors=anchors, stride=stride, classes=classes)
        for anchors, stride in zip(ANCHORS, STRIDES, strict=True)
    )
    named = names or tuple(f"class {number}" for number in range(classes))
    return YoloV5(plan, names=named, heads=heads, size=ImageSize(640, 640))
