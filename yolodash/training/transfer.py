"""The network to begin from: weights that learned something else, with a head for other classes, or fresh ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import nn

from yolodash.errors import N_, OptionError
from yolodash.models.detector import Detector
from yolodash.models.yolov5.architecture import YoloV5
from yolodash.models.yolov5.plan import Convolution, Heads, Layer, Plan
from yolodash.structures import ImageSize

OBJECTS = 8
"""That a picture of ``PRIOR_SIDE`` pixels is expected to show, before anything is learned."""

PRIOR_SIDE = 640
CLASS_SHARE = 0.6
MOST_CLASSES = 20_000


def with_classes(model: Detector, names: Sequence[str], size: int) -> Detector:
    """A network for these classes: as it is where their number is the same, else with a fresh head.

    Args:
        model: stays as it is.
        names: of the classes to learn.
        size: side of the input that it will be trained at.

    Raises:
        OptionError: no classes, or the head of this generation cannot be exchanged.
    """
    if not 1 <= len(names) <= MOST_CLASSES:
        raise OptionError(
            N_("A network cannot be trained for {count} classes"),
            where="--data",
            fix=N_("name the classes in data.yaml"),
            count=len(names),
        )
    if len(names) == model.heads[0].classes:
        model.names = tuple(names)
        model.size = ImageSize(size, size)
        return model
    if not isinstance(model, YoloV5):
        raise OptionError(
            N_("The network has {classes} classes, the data set {count}"),
            where="--weights",
            fix=N_("give a --cfg whose [yolo] sections say classes={count}, or start from a YOLOv5"),
            classes=model.heads[0].classes,
            count=len(names),
        )
    return _rebuilt(model, tuple(names), size)


def _rebuilt(model: YoloV5, names: tuple[str, ...], size: int) -> YoloV5:
    """The same layers with another head; every tensor that still fits is taken over."""
    heads = tuple(replace(head, classes=len(names)) for head in model.heads)
    result = YoloV5(
        with_outputs(model.plan, heads_outputs(model, len(names))), names=names, heads=heads, size=ImageSize(size, size)
    )
    own = result.state_dict()
    result.load_state_dict(
        {name: tensor for name, tensor in model.state_dict().items() if own[name].shape == tensor.shape}, strict=False
    )
    set_priors(result)
    return result


def heads_outputs(model: YoloV5, classes: int) -> tuple[int, ...]:
    """Channels of each head's convolution for so many classes."""
    return tuple(len(head.anchors) * (5 + classes) for head in model.heads)


def with_outputs(plan: Plan, outputs: Sequence[int]) -> Plan:
    """A plan whose heads have other channels."""
    convolutions: tuple[Convolution, ...] = tuple(
        replace(convolution, outputs=count) for convolution, count in zip(plan.heads.convolutions, outputs, strict=True)
    )
    last: Layer = replace(plan.layers[-1], module=Heads(convolutions))
    return replace(plan, layers=(*plan.layers[:-1], last))


@torch.no_grad()
def set_priors(model: YoloV5) -> None:
    """Let a fresh head begin with what is probable: few objects, and the classes alike.

    Without it the first batches are spent on learning that nearly every cell is empty (Lin et al., 2017, section 4.1).
    """
    convolutions = model.layers[-1]
    assert isinstance(convolutions, nn.ModuleList)
    for convolution, head in zip(convolutions, model.heads, strict=True):
        bias = convolution.bias
        assert isinstance(bias, nn.Parameter)
        numbers = bias.view(len(head.anchors), -1)  # (A, 5 + C)
        numbers[:, 4] = math.log(OBJECTS / (PRIOR_SIDE / head.stride) ** 2)
        numbers[:, 5:] = math.log(CLASS_SHARE / (head.classes - 1 + 1e-5))
