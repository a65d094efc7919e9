"""Writes checkpoints as YOLOv5's training does, from networks of ours: the same class names, made up for the test."""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn

from yolodash.models.layers import ConvolutionBlock
from yolodash.models.yolov5 import architecture
from yolodash.models.yolov5 import plan as plans
from yolodash.structures import Head, ImageSize

COMMON = ("Conv", "Focus", "Bottleneck", "BottleneckCSP", "C3", "SPP", "SPPF", "Concat", "C3TR", "AutoShape")
YOLO = (
    "Model",
    "DetectionModel",
    "SegmentationModel",
    "ClassificationModel",
    "Detect",
    "Segment",
    "Classify",
    "IDetect",
)
CLASSES = {
    name: type(name, (nn.Module,), {"__module__": module})
    for module, names in (("models.common", COMMON), ("models.yolo", YOLO), ("ultralytics.nn.tasks", ("U",)))
    for name in names
}


@contextmanager
def look_alikes() -> Iterator[None]:
    """The modules that the classes say they come from, there as long as something is being written."""
    made = {}
    for kind in CLASSES.values():
        for parent in _parents(kind.__module__):
            made.setdefault(parent, types.ModuleType(parent))
        setattr(made[kind.__module__], kind.__name__, kind)
    hidden = {name: sys.modules.pop(name) for name in made if name in sys.modules}
    sys.modules.update(made)
    try:
        yield
    finally:
        for name in made:
            del sys.modules[name]
        sys.modules.update(hidden)


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def made(kind: str, **parts: Any) -> nn.Module:
    """An instance of a look-alike class with these parts and attributes."""
    result = CLASSES[kind]()
    for name, value in parts.items():
        setattr(result, name, value)
    return result


def conv(block: ConvolutionBlock) -> nn.Module:
    parts: dict[str, Any] = {"conv": block.convolution, "act": block.activation}
    if isinstance(block.normalisation, nn.BatchNorm2d):
        parts["bn"] = block.normalisation
    return made("Conv", **parts)


def bottlenecks(chain: nn.Sequential) -> nn.Sequential:
    return nn.Sequential(
        *(made("Bottleneck", cv1=conv(part.first), cv2=conv(part.second), add=part.shortcut) for part in chain)
    )


def layer(module: nn.Module, name: str) -> nn.Module:
    """A numbered layer of ours as the file would hold it."""
    match module:
        case ConvolutionBlock():
            return conv(module)
        case architecture.Focus():
            return made("Focus", conv=conv(module.block))
        case architecture.CspBottleneck():
            return made(
                "BottleneckCSP",
                cv1=conv(module.first),
                cv2=module.second,
                cv3=module.third,
                cv4=conv(module.last),
                bn=module.normalisation,
                act=module.activation,
                m=bottlenecks(module.bottlenecks),
            )
        case architecture.C3():
            return made(
                "C3",
                cv1=conv(module.first),
                cv2=conv(module.second),
                cv3=conv(module.last),
                m=bottlenecks(module.bottlenecks),
            )
        case architecture.SpatialPyramidPooling():
            pools = [nn.MaxPool2d(window, 1, window // 2) for window in module.windows]
            pooling = pools[0] if name == "SPPF" else nn.ModuleList(pools)
            return made(name, cv1=conv(module.first), cv2=conv(module.last), m=pooling)
        case architecture.Concatenation():
            return made("Concat", d=1)
        case nn.Sequential():
            chain = bottlenecks(module)
            return chain[0] if len(chain) == 1 else chain
    return module


def network(model: architecture.YoloV5, *, kind: str = "DetectionModel", head: str = "Detect") -> nn.Module:
    """A whole network of ours as YOLOv5's own class would hold it."""
    layers = [
        layer(module, of_plan.name) for of_plan, module in zip(model.plan.layers[:-1], model.layers[:-1], strict=True)
    ]
    classes = model.heads[0].classes
    stride = torch.tensor([float(stride) for stride in model.strides])
    cells = torch.tensor(model.anchors) / stride[:, None, None]
    detect = made(head, m=nn.ModuleList(model.layers[-1]), nc=classes, no=classes + 5, nl=len(model.heads))
    detect.register_buffer("anchors", cells)
    detect.stride = stride
    layers.append(detect)
    for index, (module, of_plan) in enumerate(zip(layers, model.plan.layers, strict=True)):
        sources = [source - index if source == index - 1 else source for source in of_plan.sources]
        module.i, module.f = index, sources if len(sources) > 1 else sources[0]
        module.type = "models.common." + of_plan.name
    return made(kind, model=nn.Sequential(*layers), names=list(model.names), stride=stride, yaml={"nc": classes})


def save(content: object, path: Path, *, legacy: bool = False) -> Path:
    """Write a file as ``torch.save`` does, of today or of before release 1.6."""
    with look_alikes(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the legacy writer looks for the classes' source, which these do not have
        torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    return path


def tiny_plan(classes: int = 3, scales: int = 3, name: str = "Conv") -> plans.Plan:
    """The smallest network with a head at every stride from 8 on."""
    layers: list[plans.Layer] = []
    channels = 3
    for index in range(2 + scales):
        convolution = plans.Convolution(channels, 8, (3, 3), 2, (1, 1))
        block = plans.Block(convolution, plans.Normalisation(), plans.Activation())
        layers.append(plans.Layer(name, block, (index - 1,)))
        channels = 8
    heads = plans.Heads(tuple(plans.Convolution(8, 3 * (5 + classes), bias=True) for _ in range(scales)))
    layers.append(plans.Layer("Detect", heads, tuple(range(2, 2 + scales))))
    return plans.Plan(tuple(layers))


def tiny(classes: int = 3, scales: int = 3) -> architecture.YoloV5:
    """The smallest network with a head at every stride from 8 on, with anchors of its own."""
    strides = [8 * 2**scale for scale in range(scales)]
    heads = tuple(
        Head(
            "yolov5", tuple((stride * w, stride * h) for w, h in ((1.25, 2.0), (3.0, 1.5), (2.5, 2.5))), stride, classes
        )
        for stride in strides
    )
    names = tuple(f"thing {number}" for number in range(classes))
    return randomised(
        architecture.YoloV5(tiny_plan(classes, scales), names=names, heads=heads, size=ImageSize(640, 640))
    )


def randomised(model: architecture.YoloV5) -> architecture.YoloV5:
    """With statistics that are not those of a fresh network."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean = torch.randn(module.num_features)
            module.running_var = torch.rand(module.num_features) + 0.5
    return model
