"""What a neuron sees: the part of the input that can reach one cell of a feature map, from kernels and strides alone.

Along each side, cell ``i`` of a map sees the input's pixels from ``i · jump + low`` up to ``i · jump + high``. Kernels
widen the field, strides widen all that comes after them. It is the largest part that can count; what lies in its
middle counts more.

Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from torch import nn

from yolodash.models.classifier import CropClassifier
from yolodash.models.darknet import specification as spec
from yolodash.models.darknet.network import DarknetNetwork
from yolodash.models.yolov5 import plan as plans
from yolodash.models.yolov5.architecture import YoloV5


@dataclass(frozen=True)
class Field:
    """What the cells of a map see; of the input itself each sees its own pixel.

    Attributes:
        jump: pixels of the input from one cell to the next: the stride up to here.
        low, high: where the field of cell 0 begins and ends, in pixels; it can begin outside the picture.
    """

    jump: float = 1.0
    low: float = 0.0
    high: float = 1.0

    @property
    def size(self) -> float:
        """Pixels of the input along a side."""
        return self.high - self.low


def through(field: Field, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Field:
    """The field after a layer whose windows are ``kernel`` cells wide: a convolution or a pooling."""
    reach = dilation * (kernel - 1) - padding
    return Field(field.jump * stride, field.low - padding * field.jump, field.high + reach * field.jump)


def upsampled(field: Field, factor: int) -> Field:
    """After each cell was repeated: cells that share a source share its field, so the widest of them is meant."""
    jump = field.jump / factor
    return Field(jump, field.low - (factor - 1) * jump, field.high)


def joined(fields: Iterable[Field]) -> Field:
    """Of maps that are added, or laid on top of each other: the part that any of them sees."""
    known = list(fields)
    return Field(known[0].jump, min(field.low for field in known), max(field.high for field in known))


def seen_by(field: Field, row: int, column: int) -> tuple[float, float, float, float]:
    """What one cell sees: left, top, right, bottom in pixels of the input; may reach beyond it."""
    left, top = column * field.jump + field.low, row * field.jump + field.low
    return left, top, left + field.size, top + field.size


def fields_of(network: nn.Module) -> dict[str, Field]:
    """The field of every convolution block of a network that YoloDash knows, by the module's name.

    Blocks that see the whole picture, whatever its size (after a connected layer or a mean), are left out.
    """
    match network:
        case CropClassifier():
            return _of_classifier(network)
        case DarknetNetwork():
            return _of_darknet(network)
        case YoloV5():
            return _of_yolov5(network)
    return {}


def _of_classifier(network: CropClassifier) -> dict[str, Field]:
    found, field = {}, Field()
    for name, _stage in network.stages.named_children():
        field = found[f"stages.{name}.block"] = through(field, 3, padding=1)
        field = through(field, 2, 2)
    return found


def _of_darknet(network: DarknetNetwork) -> dict[str, Field]:
    found: dict[str, Field] = {}
    made: dict[int, Field | None] = {-1: Field()}
    for layer in network.plan.layers:
        sources = [made[source] for source in layer.sources]
        field = made[layer.index] = _after(layer.specification, sources)
        if isinstance(layer.specification, spec.Convolution) and field is not None:
            found[f"layers.{layer.index}.block"] = field
    return found


def _after(layer: spec.Specification, sources: list[Field | None]) -> Field | None:
    """The field after one Darknet layer; None where it is the whole picture."""
    known = [field for field in sources if field is not None]
    if len(known) < len(sources) or isinstance(layer, spec.Connected | spec.AveragePool):
        return None
    match layer:
        case spec.Convolution():
            return through(known[0], layer.size, layer.stride[0], layer.padding, layer.dilation)
        case spec.MaxPool():
            return through(known[0], layer.size, layer.stride[0], layer.padding // 2)
        case spec.Local():
            return through(known[0], layer.size, layer.stride, layer.padding)
        case spec.Upsample():
            return upsampled(known[0], layer.stride)
        case spec.Reorganisation():
            return through(known[0], layer.stride, layer.stride)
    return joined(known) if known else None


def _of_yolov5(network: YoloV5) -> dict[str, Field]:
    found: dict[str, Field] = {}
    made = {-1: Field()}
    for index, layer in enumerate(network.plan.layers):
        field = joined(made[source] for source in layer.sources)
        made[index] = _through_module(layer.module, field, f"layers.{index}", found)
    return found


def _through_module(module: plans.Module, field: Field, name: str, found: dict[str, Field]) -> Field:
    """The field after one YOLOv5 layer; its blocks are written down on the way."""
    match module:
        case plans.Block():
            field = found[name] = _convolved(field, module.convolution)
        case plans.Focus():
            field = found[f"{name}.block"] = _convolved(through(field, 2, 2), module.block.convolution)
        case plans.Chain():
            field = _chain(module.bottlenecks, field, name, found)
        case plans.C3() | plans.CspBottleneck():
            field = _cross_stage(module, field, name, found)
        case plans.Pyramid():
            field = _pyramid(module, field, name, found)
        case plans.Upsample():
            field = upsampled(field, 2)
        case plans.MaximumPooling():
            field = through(field, module.window, module.stride, module.padding)
        case plans.ZeroPadding():
            left = module.sides[0] * field.jump
            field = Field(field.jump, field.low - left, field.high - left)
    return field


def _cross_stage(module: plans.C3 | plans.CspBottleneck, field: Field, name: str, found: dict[str, Field]) -> Field:
    first = found[f"{name}.first"] = _convolved(field, module.first.convolution)
    inner = _chain(module.bottlenecks, first, f"{name}.bottlenecks", found)
    if isinstance(module, plans.C3):
        around = found[f"{name}.second"] = _convolved(field, module.second.convolution)
    else:
        inner, around = _convolved(inner, module.third), _convolved(field, module.second)
    last = found[f"{name}.last"] = _convolved(joined([inner, around]), module.last.convolution)
    return last


def _chain(bottlenecks: tuple[plans.Bottleneck, ...], field: Field, name: str, found: dict[str, Field]) -> Field:
    for number, part in enumerate(bottlenecks):
        first = found[f"{name}.{number}.first"] = _convolved(field, part.first.convolution)
        second = found[f"{name}.{number}.second"] = _convolved(first, part.second.convolution)
        field = joined([field, second]) if part.shortcut else second
    return field


def _pyramid(module: plans.Pyramid, field: Field, name: str, found: dict[str, Field]) -> Field:
    first = pooled = found[f"{name}.first"] = _convolved(field, module.first.convolution)
    ways = [first]
    for window in module.windows:
        pooled = through(pooled if module.repeated else first, window, padding=window // 2)
        ways.append(pooled)
    last = found[f"{name}.last"] = _convolved(joined(ways), module.last.convolution)
    return last


def _convolved(field: Field, convolution: plans.Convolution) -> Field:
    return through(field, convolution.kernel[0], convolution.stride, convolution.padding[0], convolution.dilation)
