"""What a YOLOv5 checkpoint says of its network: layers, names, anchors, strides, input size. Runs and imports nothing.

Sources: the files themselves; the anchors are the Detect layer's buffer, in grid units, because AutoAnchor changes
only that; the batch normalisation's epsilon is an attribute in the file, and not PyTorch's default.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from yolodash.errors import N_, ModelFileError, one_line
from yolodash.models.yolov5 import plan as plans
from yolodash.models.yolov5.container import read_content, ultralytics_model
from yolodash.models.yolov5.modules import Weights, child, children, kind_of, read_plan, refuse_other_heads, tensor
from yolodash.models.yolov5.plan import Plan
from yolodash.models.yolov5.records import Record, Source, TensorRecord, damaged
from yolodash.structures import Head, ImageSize

LARGEST_SIZE = 8192
MOST_CLASSES = 20_000
MOST_ANCHORS = 1_000
_WRAPPERS: Final = {
    "DataParallel": "module",
    "DistributedDataParallel": "module",
    "AutoShape": "model",
    "DetectMultiBackend": "model",
}
_OTHER_MODELS: Final = {
    "SegmentationModel": "Segment",
    "ClassificationModel": "Classify",
}


@dataclass(frozen=True)
class Checkpoint:
    """A detector as its file describes it.

    Attributes:
        plan: its layers.
        heads: its outputs.
        names: of the classes.
        release: the oldest official release with this architecture, or None.
        size: what it was made for.
        weights: the tensor of every parameter and buffer, not read yet.
    """

    plan: Plan
    heads: tuple[Head, ...]
    names: tuple[str, ...]
    release: str | None
    size: ImageSize
    weights: Weights

    @property
    def parameter_count(self) -> int:
        """Learnable values: all but the statistics of the normalisations."""
        return sum(
            tensor.count
            for name, tensor in self.weights.items()
            if not name.endswith(("running_mean", "running_var", "num_batches_tracked"))
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Every weight, read from the file; floating-point ones as float32."""
        return {name: _as_float(record.read()) for name, record in self.weights.items()}


def read_checkpoint(source: Source) -> Checkpoint:
    """Read a checkpoint's description.

    Args:
        source: the open file.

    Raises:
        ModelFileError: it is not a YOLOv5 detector, and what it is instead.
    """
    content = read_content(source)
    model = _model(content)
    weights: Weights = {}
    plan = read_plan(_layers(model), weights)
    _refuse_too_much(weights, source)
    detect = children(_layers(model))[-1]
    heads = _heads(plan, detect)
    return Checkpoint(
        plan=plan,
        heads=heads,
        names=class_names(model.attribute("names"), heads[0].classes),
        release=plans.release(plan),
        size=_size(content, heads),
        weights=weights,
    )


def _model(content: object) -> Record:
    """The network in a checkpoint: the averaged one if there is one (``ema``), else ``model``."""
    found = content
    if isinstance(content, dict):
        average, model = content.get("ema"), content.get("model")
        found = average if isinstance(average, Record) else model
        if found is None or isinstance(found, dict):
            raise _no_network(content if found is None else found)
    if not isinstance(found, Record):
        raise _no_network({})
    for _ in range(len(_WRAPPERS)):
        inner = child(found, _WRAPPERS.get(kind_of(found), ""))
        found = found if inner is None else inner
    _refuse_other_models(found)
    return found


def _no_network(content: dict[object, object]) -> ModelFileError:
    tensors = sum(isinstance(value, TensorRecord) for value in content.values())
    nested = any(isinstance(content.get(name), dict) for name in ("state_dict", "model_state_dict"))
    if tensors or nested:
        return ModelFileError(
            N_("This is a plain state dict: weights without the network that they belong to"),
            fix=N_("choose the whole checkpoint that YOLOv5's training wrote (best.pt or last.pt)"),
        )
    return ModelFileError(
        N_("This PyTorch file holds no network under 'model' or 'ema'"),
        fix=N_("choose the checkpoint that YOLOv5's training wrote (best.pt or last.pt)"),
    )


def _refuse_other_models(model: Record) -> None:
    if model.kind.module.partition(".")[0] == "ultralytics":
        raise ultralytics_model()
    refuse_other_heads(_OTHER_MODELS.get(kind_of(model), ""))
    layers = child(model, "model")
    if layers is None or kind_of(layers) != "Sequential":
        raise ModelFileError(
            N_("This is a {kind}, not a YOLOv5 detector"),
            fix=N_("choose a YOLOv5 detection checkpoint, such as yolov5s.pt"),
            kind=repr(model.kind),
        )


def _layers(model: Record) -> Record:
    layers = child(model, "model")
    if layers is None:
        raise damaged()
    return layers


def _refuse_too_much(weights: Weights, source: Source) -> None:
    """Many tensors can share one storage; together they must not be more than the file."""
    if sum(record.storage.nbytes for record in weights.values()) > 2 * source.size:
        raise ModelFileError(
            N_("The file's tensors together are larger than the file"),
            fix=N_("use a checkpoint as YOLOv5's training writes it; this one was tampered with"),
        )


def _heads(plan: Plan, detect: Record) -> tuple[Head, ...]:
    """The outputs: strides from the layers, anchors from the buffer."""
    strides = [plans.whole_stride(shape.stride) for shape in plans.head_shapes(plan)]
    _check_strides(detect, strides)
    cells = _anchor_cells(detect, len(strides))
    classes = _class_count(plan, detect, cells.shape[1])
    return tuple(
        Head(kind="yolov5", anchors=tuple((float(w), float(h)) for w, h in of_head), stride=stride, classes=classes)
        for of_head, stride in zip(cells * np.array(strides)[:, None, None], strides, strict=True)
    )


def _anchor_cells(detect: Record, scales: int) -> NDArray[np.float64]:
    """``(scales, anchors, 2)`` width and height in cells."""
    buffer = tensor(detect, "_buffers", "anchors")
    if buffer is None or len(buffer.shape) != 3 or buffer.shape[::2] != (scales, 2) or buffer.count > MOST_ANCHORS:
        raise ModelFileError(
            N_("The Detect layer has no anchors for its {scales} scales: this is not a YOLOv5 detector"),
            fix=N_("choose a YOLOv5 detection checkpoint, such as yolov5s.pt; YOLOv8 and YOLOv5u have no anchors"),
            scales=scales,
        )
    cells = buffer.read().astype(np.float64)
    if not cells.size or not np.isfinite(cells).all() or not (cells > 0).all():
        raise damaged()
    return cells


def _class_count(plan: Plan, detect: Record, anchors: int) -> int:
    """How many classes, from the heads' own channels; the file's number must agree."""
    channels = {convolution.outputs for convolution in plan.heads.convolutions}
    classes, said = -1, detect.attribute("nc")
    if len(channels) == 1:
        numbers, rest = divmod(channels.pop(), anchors)
        classes = numbers - 5 if not rest else -1
    if not 1 <= classes <= MOST_CLASSES or said != classes:
        raise ModelFileError(
            N_("The Detect layer does not give 5 numbers and {classes} classes a box, as YOLOv5's does"),
            fix=N_("choose a YOLOv5 detection checkpoint; faces, poses and rotated boxes are other networks"),
            classes=said if type(said) is int and 0 <= said < MOST_CLASSES else "?",
        )
    return classes


def _check_strides(detect: Record, strides: list[int]) -> None:
    said = detect.attribute("stride")
    if isinstance(said, TensorRecord) and said.count == len(strides):
        said = said.read().reshape(-1).tolist()
    if isinstance(said, list) and said != strides:
        raise plans.does_not_fit(0, "Detect")


def class_names(given: object, count: int) -> tuple[str, ...]:
    """``count`` names from a list or a dict by number (either is found in files); ``class 3`` where one is missing."""
    by_number: dict[object, object] = {}
    if isinstance(given, dict):
        by_number = {int(n) if isinstance(n, str) and n.isdecimal() and len(n) < 9 else n: v for n, v in given.items()}
    elif isinstance(given, list | tuple):
        by_number = dict(enumerate(given))
    named = [by_number.get(number) for number in range(count)]
    return tuple(
        one_line(str(name)) if isinstance(name, str | int | float) and str(name).strip() else f"class {number}"
        for number, name in enumerate(named)
    )


def _size(content: object, heads: tuple[Head, ...]) -> ImageSize:
    """What it was trained at, as the training's options say; else 640, or 1280 for networks with a fourth scale."""
    largest = max(head.stride for head in heads)
    side = _trained_size(content) or (1280 if largest >= 64 else 640)
    side = max(1, math.ceil(side / largest)) * largest
    return ImageSize(side, side)


def _trained_size(content: object) -> int | None:
    options = content.get("opt") if isinstance(content, dict) else None
    options = options.state if isinstance(options, Record) else options
    if not isinstance(options, dict):
        return None
    for name in ("imgsz", "img_size"):
        value = options.get(name)
        value = value[0] if isinstance(value, list | tuple) and value else value
        if type(value) is int and 32 <= value <= LARGEST_SIZE:
            return value
    return None


def _as_float(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.float32) if array.dtype.kind == "f" else array
