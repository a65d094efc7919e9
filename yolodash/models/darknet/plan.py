"""The whole network on paper: every layer's shape, how many values the weights file must hold, and whether this machine
should build it at all. Plain Python: torch is not imported, nothing is allocated.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path

from yolodash.errors import N_, ModelFileError, OptionError
from yolodash.models.darknet.cfg import Section, read_cfg
from yolodash.models.darknet.sections import Layer, Layers, layer_of
from yolodash.models.darknet.specification import (
    Connected,
    GaussianOutput,
    Local,
    Output,
    comparisons,
    in_words,
    learnable_count,
    multiply_adds,
    values_of,
)
from yolodash.structures import Family, Head, ImageSize, LayerDescription

MOST_VALUES = 500_000_000
"""2 GB of float32; the largest published detectors have 290 million."""

MOST_IN_A_LAYER = 2**27
MOST_AT_ONCE = 2**29
"""2 GB of feature maps alive at one time, for one picture."""

MOST_OPERATIONS = 2 * 10**12
"""Multiply-adds for one picture; the largest published detectors need a quarter of it."""

LONGEST_SIDE = 8192


@dataclass(frozen=True)
class Plan:
    """A checked network: the sections it comes from, the input size that the shapes hold for, the layers in order."""

    sections: tuple[Section, ...]
    size: ImageSize
    layers: tuple[Layer, ...]

    @property
    def file(self) -> str:
        """The name of the cfg."""
        return self.sections[0].file

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The output layers in the order of the cfg."""
        return tuple(layer.specification for layer in self.layers if isinstance(layer.specification, Output))

    @property
    def heads(self) -> tuple[Head, ...]:
        """What the output layers say about decoding."""
        return tuple(output.head for output in self.outputs)

    @property
    def value_count(self) -> int:
        """float32 values that the weights file must hold after its header."""
        return sum(block.count for layer in self.layers for block in values_of(layer.specification))

    @property
    def learnable_count(self) -> int:
        """As ``value_count``, without the running means and variances."""
        return sum(learnable_count(layer.specification) for layer in self.layers)

    @property
    def takes_one_size(self) -> bool:
        """Whether it has weights that are tied to positions."""
        return any(isinstance(layer.specification, Local | Connected) for layer in self.layers)

    @property
    def coarsest_stride(self) -> int:
        """What the sides of the input must be multiples of: pixels a cell where the map is smallest."""
        rows = [layer.shape[1] for layer in self.layers if layer.shape[1] > 1]
        return max((self.size.height // count for count in rows), default=1)

    def at(self, size: ImageSize) -> Plan:
        """The same network for an input of another size.

        Raises:
            OptionError: when it takes one size only.
            ModelFileError: when the maps of its branches no longer fit together, or it would become too large.
        """
        if size != self.size and self.takes_one_size:
            raise OptionError(
                N_("this network takes {height} × {width} pixels only: some of its layers are tied to positions"),
                fix=N_("leave the size away"),
                where="size",
                height=self.size.height,
                width=self.size.width,
            )
        return plan_network(list(self.sections), size)

    def describe(self) -> tuple[LayerDescription, ...]:
        """Every layer, for the inspector."""
        return tuple(
            LayerDescription(
                index=layer.index,
                kind=layer.kind,
                sources=layer.sources,
                shape=layer.shape,
                parameters=learnable_count(layer.specification),
                multiply_adds=multiply_adds(layer.specification, layer.shape),
                detail=in_words(layer.specification),
            )
            for layer in self.layers
        )

    def last_uses(self) -> dict[int, int]:
        """For every layer whose output is used (−1: the picture), the last layer that uses it."""
        return {source: layer.index for layer in self.layers for source in layer.sources}


def read_plan(path: Path) -> Plan:
    """Read and check a ``.cfg``.

    Raises:
        ModelFileError: with the line, when anything about it is unknown, inconsistent or absurd.
    """
    return plan_network(read_cfg(path))


def plan_network(sections: list[Section], size: ImageSize | None = None) -> Plan:
    """Lay out the layers one after the other, for the cfg's own input size or another."""
    net, *rest = sections
    size = size or ImageSize(_side(net, "height"), _side(net, "width"))
    net.integer("channels", 3, least=3, most=3)
    layers = Layers((3, size.height, size.width))
    values = operations = 0
    for section in rest:
        layer = layer_of(section, layers)
        layers.done.append(layer)
        values += sum(block.count for block in values_of(layer.specification))
        operations += multiply_adds(layer.specification, layer.shape) + comparisons(layer.specification, layer.shape)
        _refuse_absurd(section, layer, values, operations)
    plan = Plan(tuple(sections), size, tuple(layers.done))
    _refuse_crowd(plan, net)
    return plan


def require_detector(plan: Plan) -> None:
    """Stop at a network that is planned well but gives no boxes, or boxes of a kind that is not built."""
    kinds = {head.kind for head in plan.heads}
    if any(isinstance(layer.specification, GaussianOutput) for layer in plan.layers):
        raise ModelFileError(
            N_("the network ends in [Gaussian_yolo], whose boxes YoloDash cannot decode"),
            fix=N_("use a cfg with [yolo] layers and the weights that belong to it"),
            where=plan.file,
        )
    if not kinds:
        raise ModelFileError(
            N_("the network is a classifier or a backbone: it has no [yolo], [region] or [detection] layer"),
            fix=N_("choose the cfg of a detector"),
            where=plan.file,
        )
    if len(kinds) > 1 or (kinds != {"yolo"} and len(plan.heads) > 1) or len({h.classes for h in plan.heads}) > 1:
        raise ModelFileError(
            N_("the network's output layers do not belong together: they differ in kind or number of classes"),
            fix=N_("give every [yolo] layer the same classes; [region] and [detection] can be there once only"),
            where=plan.file,
        )


def family_of(plan: Plan) -> Family:
    """The generation: by the output layer; ``scale_x_y``, ``new_coords`` and Mish are what v4 added to v3's."""
    kind = plan.heads[0].kind
    if kind in {"detection", "region"}:
        return "yolov1" if kind == "detection" else "yolov2"
    stretched = any(head.scale_x_y != 1 or head.new_coords for head in plan.heads)
    mish = any(getattr(layer.specification, "activation", "") == "mish" for layer in plan.layers)
    return "yolov4" if stretched or mish else "yolov3"


def _side(net: Section, option: str) -> int:
    return net.integer(option, least=8, most=LONGEST_SIDE)


def _refuse_absurd(section: Section, layer: Layer, values: int, operations: int) -> None:
    if values > MOST_VALUES:
        raise section.error(
            N_("the network would have more than {most} values; the largest published detectors have 290 million"),
            fix=N_("correct filters, size or output of this section"),
            most=f"{MOST_VALUES:,}",
        )
    if prod(layer.shape) > MOST_IN_A_LAYER or operations > MOST_OPERATIONS:
        raise section.error(
            N_("the network is too large to run: this layer would give {shape} numbers for one picture"),
            fix=N_("make width and height in [net] smaller, or correct this section"),
            shape="×".join(str(side) for side in layer.shape),
        )


def _refuse_crowd(plan: Plan, net: Section) -> None:
    """Stop at feature maps that are small one by one but too many to be alive together."""
    last_use, alive = plan.last_uses(), 0
    for layer in plan.layers:
        alive += prod(layer.shape)
        if alive > MOST_AT_ONCE:
            raise net.error(
                N_("the network would keep more than {most} numbers in memory for one picture"),
                fix=N_("make width and height in [net] smaller"),
                most=f"{MOST_AT_ONCE:,}",
            )
        done = {layer.index, *layer.sources}
        alive -= sum(prod(plan.layers[i].shape) for i in done if i >= 0 and last_use.get(i, i) <= layer.index)
