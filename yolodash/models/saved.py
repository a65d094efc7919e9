"""Our own model files, ``.safetensors``: the tensors, and under the metadata key ``yolodash`` what network they are.

A run writes two: ``last.safetensors`` holds everything to go on from, ``best.safetensors`` the averaged weights in half
precision. Either is a model like any other; the averaged weights (``ema.*``) are taken where there are some.

Only JSON is read before the description is known to be good: no torch, nothing larger than the header.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from yolodash import workspace
from yolodash.errors import N_, ModelFileError
from yolodash.models.darknet.cfg import parse_cfg
from yolodash.models.darknet.plan import Plan as DarknetPlan
from yolodash.models.darknet.plan import plan_network, require_detector
from yolodash.models.yolov5.checkpoint import class_names
from yolodash.models.yolov5.plan import Plan, whole_stride
from yolodash.models.yolov5.plan import head_shapes as yolov5_head_shapes
from yolodash.models.yolov5.plan_record import heads_from, plan_from, to_record
from yolodash.models.yolov5.records import damaged
from yolodash.structures import Head, ImageSize

if TYPE_CHECKING:
    from torch import Tensor

    from yolodash.models.detector import Detector

FORMAT: Final = 1
KEY: Final = "yolodash"
CROP_CLASSIFIER: Final = "crop classifier"
"""What the architecture of ``models.classifier`` is called."""
LARGEST_HEADER = 64 << 20
LARGEST_SIDE = 8192
HALF_LIMIT = 65504.0
"""The largest number of half precision."""
PREFIXES: Final = ("ema.", "model.")
"""Whose tensors make the network, the first that the file has."""


@dataclass(frozen=True)
class SavedModel:
    """A file of ours as its header describes it.

    Attributes:
        path: of the file.
        metadata: the JSON under ``yolodash``.
        plan: of the network, of either family.
        heads: its outputs.
        names: of the classes.
        size: what it was trained at.
        shapes: of every tensor in the file, by name.
    """

    path: Path
    metadata: dict[str, Any]
    plan: Plan | DarknetPlan
    heads: tuple[Head, ...]
    names: tuple[str, ...]
    size: ImageSize
    shapes: Mapping[str, tuple[int, ...]]

    @property
    def prefix(self) -> str:
        """What the names of the network's tensors begin with."""
        return next((p for p in PREFIXES if any(name.startswith(p) for name in self.shapes)), PREFIXES[-1])


def description_of(model: Detector, *, cfg: str | None = None) -> dict[str, Any]:
    """What the metadata says of a network, so that it can be built again.

    Args:
        cfg: the text of a Darknet network's description.
    """
    from yolodash.models.yolov5.architecture import YoloV5

    if isinstance(model, YoloV5):
        architecture = {"kind": "yolov5", "plan": to_record(model.plan), "heads": to_record(model.heads)}
    elif cfg is not None:
        architecture = {"kind": "darknet", "cfg": cfg}
    else:
        raise ValueError("a Darknet network is described by its cfg")
    return {
        "format": FORMAT,
        "architecture": architecture,
        "names": list(model.names),
        "anchors": [[list(anchor) for anchor in anchors] for anchors in model.anchors],
        "size": [model.size.height, model.size.width],
    }


def save_weights(path: Path, model: Detector, metadata: Mapping[str, Any]) -> None:
    """Write a network as a model file: ``ema.*`` in half precision, and what ``description_of`` says of it.

    Raises:
        WorkspaceError: the disk is full, or cannot be written to.
    """
    write_tensors(path, {f"ema.{name}": halved(tensor) for name, tensor in model.state_dict().items()}, metadata)


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, Any]) -> None:
    """Write tensors and JSON about them, whole or not at all.

    Raises:
        WorkspaceError: the disk is full, or cannot be written to.
    """
    from safetensors.torch import save

    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    workspace.write_bytes(path, save(contiguous, {KEY: json.dumps(metadata, ensure_ascii=False)}))


def halved(tensor: Tensor) -> Tensor:
    """A tensor in half precision; left alone where that could not hold it."""
    if not tensor.is_floating_point() or (tensor.numel() and float(tensor.abs().max()) > HALF_LIMIT):
        return tensor
    return tensor.half()


def read_saved(path: Path) -> SavedModel:
    """Read and check what a file of ours says about its network. Loads no torch and no tensor.

    Raises:
        ModelFileError: it is a safetensors file of another program, or damaged.
    """
    header = read_header(path)
    metadata = _metadata(header, path)
    try:
        return _described(path, header, metadata)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        raise _damaged(path) from error
    except ModelFileError as error:
        error.where = path.name
        raise


def read_header(path: Path) -> dict[str, Any]:
    """A safetensors file's header: the description of its tensors.

    Raises:
        ModelFileError: the file is cut or damaged, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > LARGEST_HEADER:
                raise _damaged(path)
            header = json.loads(file.read(length))
            size = path.stat().st_size - 8 - length
    except OSError as error:
        raise ModelFileError(
            N_("The model file cannot be opened: {reason}"),
            where=path.name,
            fix=N_("check the path and that you may read the file"),
            reason=error.strerror or type(error).__name__,
        ) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error
    ends = [v.get("data_offsets", [0, 0])[1] for k, v in header.items() if k != "__metadata__" and isinstance(v, dict)]
    if not all(type(end) is int and end <= size for end in ends):
        raise _damaged(path)
    return dict(header)


def _metadata(header: dict[str, Any], path: Path) -> dict[str, Any]:
    try:
        found = json.loads(header["__metadata__"][KEY])
        if found["format"] == FORMAT:
            return dict(found)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelFileError(
            N_("This is a safetensors file: weights without the network that they belong to"),
            where=path.name,
            fix=N_("choose a YOLOv5 checkpoint (.pt) or Darknet weights (.weights)"),
        ) from error
    raise ModelFileError(
        N_("This model file was written by a newer YoloDash"),
        where=path.name,
        fix=N_("use that version, or train again"),
    )


def _described(path: Path, header: dict[str, Any], metadata: dict[str, Any]) -> SavedModel:
    architecture = metadata["architecture"]
    plan: Plan | DarknetPlan
    if architecture["kind"] == "yolov5":
        plan, heads = plan_from(architecture["plan"]), heads_from(architecture["heads"])
        _check_heads(plan, heads)
    elif architecture["kind"] == CROP_CLASSIFIER:
        raise ModelFileError(
            N_("This is a classifier of crops: it says what is in a box, and finds none"),
            fix=N_("choose a detector, such as scenes"),
        )
    else:
        plan = plan_network(parse_cfg(str(architecture["cfg"]), path.name))
        require_detector(plan)
        heads = plan.heads
    height, width = (int(side) for side in metadata["size"])
    if not (1 <= height <= LARGEST_SIDE and 1 <= width <= LARGEST_SIDE):
        raise ValueError("no size of an input")
    shapes = {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}
    names = class_names(metadata["names"], heads[0].classes)
    return SavedModel(path, metadata, plan, heads, names, ImageSize(height, width), shapes)


def _check_heads(plan: Plan, heads: tuple[Head, ...]) -> None:
    """Heads must be what the plan's last layer gives: so many numbers for so many anchors at that stride."""
    strides = [whole_stride(shape.stride) for shape in yolov5_head_shapes(plan)]
    for head, stride, convolution in zip(heads, strides, plan.heads.convolutions, strict=True):
        fits = head.kind == "yolov5" and head.stride == stride and head.classes == heads[0].classes >= 1
        sound = all(math.isfinite(side) and side > 0 for anchor in head.anchors for side in anchor)
        if not fits or not sound or convolution.outputs != len(head.anchors) * (5 + head.classes):
            raise ValueError("the heads do not fit the plan")


def build(saved: SavedModel, names: tuple[str, ...] | None = None) -> Detector:
    """The network with its weights, in evaluation mode, float32, on the CPU.

    Raises:
        ModelFileError: the tensors are not those of the network.
    """
    import torch
    from safetensors import SafetensorError, safe_open

    try:
        with torch.device("meta"):
            network = _network(saved, names)
        wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
        if any(saved.shapes.get(saved.prefix + name) != shape for name, shape in wanted.items()):
            raise _damaged(saved.path)
        with safe_open(saved.path, "pt") as file:
            tensors = {name: file.get_tensor(saved.prefix + name) for name in wanted}
    except (SafetensorError, OSError, RuntimeError, ValueError, ZeroDivisionError) as error:
        raise _damaged(saved.path) from error
    # copied, since sums can come out differently in memory that is aligned as the file happens to be
    state = {name: (t.float() if t.is_floating_point() else t).clone() for name, t in tensors.items()}
    network.load_state_dict(state, strict=True, assign=True)
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    return network.eval()


def _network(saved: SavedModel, names: tuple[str, ...] | None) -> Detector:
    from yolodash.models.darknet.network import DarknetNetwork
    from yolodash.models.yolov5.architecture import YoloV5

    if isinstance(saved.plan, Plan):
        return YoloV5(saved.plan, names=names or saved.names, heads=saved.heads, size=saved.size)
    return DarknetNetwork(saved.plan, names=names or saved.names, heads=saved.heads)


def _damaged(path: Path) -> ModelFileError:
    error = damaged()
    error.where = path.name
    return error
