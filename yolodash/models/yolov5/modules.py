"""From the inert records of a checkpoint's module tree to a plan of its layers, and the tensor of every weight.

The tensors are collected under the names that ``architecture`` gives its own parameters.
"""

from __future__ import annotations

from typing import Final

from yolodash.errors import N_, ModelFileError
from yolodash.models.yolov5.plan import (
    ACTIVATIONS,
    C3,
    MOST_LAYERS,
    Activation,
    Block,
    Bottleneck,
    Chain,
    Concatenation,
    Convolution,
    CspBottleneck,
    Focus,
    Heads,
    Layer,
    MaximumPooling,
    Module,
    Normalisation,
    Plan,
    Pyramid,
    Upsample,
    ZeroPadding,
)
from yolodash.models.yolov5.records import Record, TensorRecord, damaged

Weights = dict[str, TensorRecord]
MOST_PARTS = 100
LARGEST_STEP = 64
_YOLOV9 = N_("This is a YOLOv9 model, not a YOLOv5 detector")
_HEADS_OF_OTHERS: Final = {
    "Segment": N_("This is a segmentation model (-seg), not a YOLOv5 detector"),
    "Classify": N_("This is a classifier (-cls), not a YOLOv5 detector"),
    "IDetect": N_("This is a YOLOv7 model, not a YOLOv5 detector"),
    "IAuxDetect": N_("This is a YOLOv7 model, not a YOLOv5 detector"),
    "IKeypoint": N_("This is a pose model, not a YOLOv5 detector"),
    "DDetect": _YOLOV9,
    "DualDDetect": _YOLOV9,
}


def read_plan(layers: Record, weights: Weights) -> Plan:
    """The plan of a checkpoint's numbered layers; fills ``weights``.

    Args:
        layers: the Sequential that holds them.
        weights: what to fill: our parameter name → tensor.

    Raises:
        ModelFileError: a layer is of a kind that no official detector has, or is not whole.
    """
    records = children(layers)
    if not 2 <= len(records) <= MOST_LAYERS:
        raise damaged()
    refuse_other_heads(kind_of(records[-1]))
    read = [
        Layer(_name(record), _module(record, f"layers.{index}.", weights), _sources(record, index))
        for index, record in enumerate(records)
    ]
    if not isinstance(read[-1].module, Heads) or any(isinstance(layer.module, Heads) for layer in read[:-1]):
        raise unknown_layer(len(read) - 1, read[-1].name)
    return Plan(tuple(read))


def refuse_other_heads(kind: str) -> None:
    """Refuse what is known not to detect as YOLOv5 does."""
    if kind in _HEADS_OF_OTHERS:
        fix = N_("choose a YOLOv5 detection checkpoint, such as yolov5s.pt")
        raise ModelFileError(_HEADS_OF_OTHERS[kind], fix=fix)


def kind_of(record: Record) -> str:
    """The bare name of its class."""
    return record.kind.name.rpartition(".")[2]


def children(record: Record) -> list[Record]:
    """The modules that a container holds, in order."""
    modules = record.attribute("_modules")
    if not isinstance(modules, dict):
        raise damaged()
    found = [module for module in modules.values() if isinstance(module, Record)]
    if len(found) != len(modules):
        raise damaged()
    return found


def child(record: Record, name: str) -> Record | None:
    """One module of a module, or None."""
    modules = record.attribute("_modules")
    found = modules.get(name) if isinstance(modules, dict) else None
    return found if isinstance(found, Record) else None


def _need(record: Record, name: str) -> Record:
    found = child(record, name)
    if found is None:
        raise ModelFileError(
            N_("A {kind} layer of the file lacks its part {part}"),
            fix=N_("use a checkpoint as YOLOv5's training writes it"),
            kind=kind_of(record),
            part=name,
        )
    return found


def tensor(record: Record, group: str, name: str) -> TensorRecord | None:
    """A parameter (group ``_parameters``) or buffer (``_buffers``) of a module, or None."""
    tensors = record.attribute(group)
    found = tensors.get(name) if isinstance(tensors, dict) else None
    return found if isinstance(found, TensorRecord) else None


def _name(record: Record) -> str:
    """The layer's published name; of a chain, that of its links."""
    kind = kind_of(record)
    return kind_of(children(record)[0]) if kind == "Sequential" and children(record) else kind


def _sources(record: Record, index: int) -> tuple[int, ...]:
    """What a layer reads, as numbers of layers; the file counts back from it with negative ones."""
    given = record.attribute("f")
    numbers = given if isinstance(given, list | tuple) else [given]
    if not numbers or len(numbers) > MOST_PARTS:
        raise damaged()
    sources = []
    for number in numbers:
        if type(number) is not int or not -1 <= (source := number if number >= 0 else index + number) < index:
            raise damaged()
        sources.append(source)
    return tuple(sources)


def _module(record: Record, prefix: str, weights: Weights) -> Module:
    match kind_of(record):
        case "Conv" | "DWConv":
            return _block(record, prefix, weights)
        case "Focus":
            return Focus(_block(_need(record, "conv"), f"{prefix}block.", weights))
        case "Bottleneck":
            return Chain((_bottleneck(record, f"{prefix}0.", weights),))
        case "Sequential":
            return Chain(_chain(record, prefix, weights))
        case "BottleneckCSP":
            return _csp_bottleneck(record, prefix, weights)
        case "C3":
            return _c3(record, prefix, weights)
        case "SPP" | "SPPF":
            return _pyramid(record, prefix, weights)
        case "Upsample":
            return _upsample(record)
        case "Concat":
            return _concatenation(record)
        case "MaxPool2d":
            return MaximumPooling(_step(record, "kernel_size"), _step(record, "stride"), _step(record, "padding", 0))
        case "ZeroPad2d":
            return _zero_padding(record)
        case "Detect":
            return _heads(record, prefix, weights)
    index = record.attribute("i")
    raise unknown_layer(index if isinstance(index, int) else 0, kind_of(record))


def _block(record: Record, prefix: str, weights: Weights) -> Block:
    convolution = _convolution(_need(record, "conv"), f"{prefix}convolution.", weights)
    normalisation = child(record, "bn")
    return Block(
        convolution,
        None
        if normalisation is None
        else _normalisation(normalisation, convolution.outputs, f"{prefix}normalisation.", weights),
        _activation(child(record, "act")),
    )


def _convolution(record: Record, prefix: str, weights: Weights) -> Convolution:
    weight, bias = tensor(record, "_parameters", "weight"), tensor(record, "_parameters", "bias")
    if kind_of(record) != "Conv2d" or weight is None or len(weight.shape) != 4 or 0 in weight.shape:
        raise damaged()
    if record.attribute("padding_mode") not in (None, "zeros"):
        raise damaged()
    outputs, inputs, height, width = weight.shape
    groups = _number(record, "groups", 1, most=weight.shape[0])
    if outputs % groups or (bias is not None and bias.shape != (outputs,)):
        raise damaged()
    weights[f"{prefix}weight"] = weight
    if bias is not None:
        weights[f"{prefix}bias"] = bias
    return Convolution(
        inputs=inputs * groups,
        outputs=outputs,
        kernel=(height, width),
        stride=_step(record, "stride"),
        padding=_pair(record, "padding"),
        groups=groups,
        dilation=_step(record, "dilation"),
        bias=bias is not None,
    )


def _normalisation(record: Record, channels: int, prefix: str, weights: Weights) -> Normalisation:
    epsilon, momentum = record.attribute("eps"), record.attribute("momentum")
    if kind_of(record) not in ("BatchNorm2d", "SyncBatchNorm") or not isinstance(epsilon, float):
        raise damaged()
    if not 0 < epsilon < 1 or not isinstance(momentum, float) or not 0 <= momentum <= 1:
        raise damaged()
    for group, name, shape in (
        ("_parameters", "weight", (channels,)),
        ("_parameters", "bias", (channels,)),
        ("_buffers", "running_mean", (channels,)),
        ("_buffers", "running_var", (channels,)),
        ("_buffers", "num_batches_tracked", ()),
    ):
        found = tensor(record, group, name)
        if found is None or found.shape != shape:
            raise damaged()
        weights[f"{prefix}{name}"] = found
    return Normalisation(epsilon, momentum)


def _activation(record: Record | None) -> Activation:
    name = "Identity" if record is None else kind_of(record)
    if name not in ACTIVATIONS:
        raise ModelFileError(
            N_("The file uses the activation {name}, which no official YOLOv5 release has"),
            fix=N_("use a model of the official releases 3.0 to 7.0"),
            name=name,
        )
    slope = record.attribute("negative_slope") if record is not None and name == "LeakyReLU" else 0.0
    if not isinstance(slope, float | int) or not -10 <= slope <= 10:
        raise damaged()
    return Activation(name, float(slope))


def _bottleneck(record: Record, prefix: str, weights: Weights) -> Bottleneck:
    if kind_of(record) != "Bottleneck":
        raise unknown_layer(0, kind_of(record))
    first = _block(_need(record, "cv1"), f"{prefix}first.", weights)
    second = _block(_need(record, "cv2"), f"{prefix}second.", weights)
    return Bottleneck(first, second, shortcut=record.attribute("add") is True)


def _chain(record: Record, prefix: str, weights: Weights) -> tuple[Bottleneck, ...]:
    parts = children(record)
    if not 1 <= len(parts) <= MOST_PARTS:
        raise damaged()
    return tuple(_bottleneck(part, f"{prefix}{number}.", weights) for number, part in enumerate(parts))


def _csp_bottleneck(record: Record, prefix: str, weights: Weights) -> CspBottleneck:
    second = _convolution(_need(record, "cv2"), f"{prefix}second.", weights)
    third = _convolution(_need(record, "cv3"), f"{prefix}third.", weights)
    joined = second.outputs + third.outputs
    return CspBottleneck(
        first=_block(_need(record, "cv1"), f"{prefix}first.", weights),
        second=second,
        third=third,
        normalisation=_normalisation(_need(record, "bn"), joined, f"{prefix}normalisation.", weights),
        activation=_activation(_need(record, "act")),
        last=_block(_need(record, "cv4"), f"{prefix}last.", weights),
        bottlenecks=_chain(_need(record, "m"), f"{prefix}bottlenecks.", weights),
    )


def _c3(record: Record, prefix: str, weights: Weights) -> C3:
    return C3(
        first=_block(_need(record, "cv1"), f"{prefix}first.", weights),
        second=_block(_need(record, "cv2"), f"{prefix}second.", weights),
        last=_block(_need(record, "cv3"), f"{prefix}last.", weights),
        bottlenecks=_chain(_need(record, "m"), f"{prefix}bottlenecks.", weights),
    )


def _pyramid(record: Record, prefix: str, weights: Weights) -> Pyramid:
    pools = _need(record, "m")
    repeated = kind_of(record) == "SPPF"
    windows = [_step(pool, "kernel_size") for pool in ([pools] * 3 if repeated else children(pools))]
    if not 1 <= len(windows) <= 8 or any(window % 2 == 0 for window in windows):
        raise damaged()
    return Pyramid(
        first=_block(_need(record, "cv1"), f"{prefix}first.", weights),
        last=_block(_need(record, "cv2"), f"{prefix}last.", weights),
        windows=tuple(windows),
        repeated=repeated,
    )


def _upsample(record: Record) -> Upsample:
    factor = record.attribute("scale_factor")
    if record.attribute("mode") != "nearest" or not (
        factor in (2, (2.0, 2.0), [2.0, 2.0]) and record.attribute("size") is None
    ):
        raise unknown_layer(0, kind_of(record))
    return Upsample()


def _concatenation(record: Record) -> Concatenation:
    if record.attribute("d") != 1:
        raise unknown_layer(0, kind_of(record))
    return Concatenation()


def _zero_padding(record: Record) -> ZeroPadding:
    sides = record.attribute("padding")
    if not isinstance(sides, tuple | list) or len(sides) != 4:
        raise damaged()
    left, right, top, bottom = (_within(side, 0, LARGEST_STEP) for side in sides)
    return ZeroPadding((left, right, top, bottom))


def _heads(record: Record, prefix: str, weights: Weights) -> Heads:
    parts = children(_need(record, "m"))
    if not 1 <= len(parts) <= 8:
        raise damaged()
    convolutions = [_convolution(part, f"{prefix}{number}.", weights) for number, part in enumerate(parts)]
    if any(part.kernel != (1, 1) or not part.bias or part.stride != 1 for part in convolutions):
        raise damaged()
    return Heads(tuple(convolutions))


def _number(record: Record, name: str, least: int, most: int) -> int:
    return _within(record.attribute(name), least, most)


def _step(record: Record, name: str, least: int = 1) -> int:
    """A stride, window or dilation: one number, the same in both directions."""
    height, width = _pair(record, name, least)
    if height != width:
        raise damaged()
    return height


def _pair(record: Record, name: str, least: int = 0) -> tuple[int, int]:
    value = record.attribute(name)
    if isinstance(value, tuple | list):
        if len(value) != 2:
            raise damaged()
        return _within(value[0], least, LARGEST_STEP), _within(value[1], least, LARGEST_STEP)
    number = _within(value, least, LARGEST_STEP)
    return number, number


def _within(value: object, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise damaged()
    return value


def unknown_layer(index: int, kind: str) -> ModelFileError:
    """The error of a layer that no official detector has."""
    return ModelFileError(
        N_("Layer {index} is a {kind}, which no official YOLOv5 detector of the releases 3.0 to 7.0 has"),
        fix=N_("use a model of the official architectures (n, s, m, l, x, or their P6 forms)"),
        index=index,
        kind=kind,
    )
