"""Write a detector as ONNX, checked against our own output before the file gets its name.

PyTorch's exporter by tracing is used: the newer one takes sixteen times as long (16 s against 1 s for a YOLOv5s) and
needs two more packages, and the version of torch is pinned.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor, nn
from torch.jit import TracerWarning  # type: ignore[attr-defined]

from yolodash import workspace
from yolodash.errors import N_, DeviceError, ModelFileError
from yolodash.models.detector import Detector
from yolodash.structures import ImageSize

OPSET = 18
BOX_TOLERANCE = 0.02
PROBABILITY_TOLERANCE = 1e-4
RAW_TOLERANCE = 1e-3
INPUT = "images"

Runner = Callable[[Tensor], tuple[Tensor, ...]]
"""Runs a batch ``(B, 3, H, W)`` through an exported network."""

_exporting = threading.Lock()


@dataclass(frozen=True)
class Agreement:
    """How far an exported file's rows lie from our own, at most.

    Attributes:
        boxes: in network pixels; relative to the network's side for numbers larger than it.
        probabilities: of objectness and class probabilities.
    """

    boxes: float
    probabilities: float


def export_onnx(model: Detector, path: Path, *, size: ImageSize | None = None, dynamic: bool = True) -> Agreement:
    """Write ``(B, 3, H, W)`` RGB in [0, 1] → decoded rows ``(B, N, 5 + C)`` as an ONNX file.

    The rows are cx, cy, w, h in network pixels, objectness, class probabilities. The file's metadata holds names,
    strides, anchors, family, release and size.

    Args:
        model: stays as it is; the file holds it with its batch norms folded.
        path: of the file; replaced whole, or left as it was.
        size: that the file is made for; None for the model's own.
        dynamic: whether the file takes any batch and any size of whole strides.

    Returns:
        the largest differences found in ONNX Runtime.

    Raises:
        DeviceError: onnx or onnxruntime is not installed.
        ModelFileError: the network cannot be exported, or what came out disagrees with it.
        WorkspaceError: the disk.
    """
    required("onnx", "onnx onnxruntime")
    required("onnxruntime", "onnx onnxruntime")
    size = size or model.size
    network = model.fused()
    data = _with_metadata(_traced(_Rows(network), size, ["rows"], dynamic), network, size)
    with _as_a_sentence():
        run = onnx_runner(data)
        agreements = [_row_agreement(network, run, batch) for batch in check_batches(network, size, dynamic)]
    agreement = Agreement(max(a.boxes for a in agreements), max(a.probabilities for a in agreements))
    if not (agreement.boxes <= BOX_TOLERANCE and agreement.probabilities <= PROBABILITY_TOLERANCE):
        raise disagreement(max(agreement.boxes, agreement.probabilities))
    workspace.write_bytes(path, data)
    return agreement


def raw_maps_onnx(network: Detector, load: Callable[[bytes], Runner]) -> bytes:
    """An ONNX file that gives the heads' raw maps, for an engine; any batch and size.

    Args:
        network: with its batch norms folded.
        load: the engine that will run it, which has to agree with PyTorch to ``RAW_TOLERANCE``.

    Raises:
        DeviceError, ModelFileError: as ``export_onnx``.
    """
    required("onnx", "onnx onnxruntime")
    data = _traced(_Maps(network), network.size, [f"raw_{index}" for index in range(len(network.heads))], True)
    with _as_a_sentence(), torch.inference_mode():
        run = load(data)
        difference = max(
            largest_difference(theirs, ours)
            for batch in check_batches(network, network.size, True)
            for theirs, ours in zip(run(batch), network(batch), strict=True)
        )
    if not difference <= RAW_TOLERANCE:
        raise disagreement(difference)
    return data


def check_batches(model: Detector, size: ImageSize, dynamic: bool) -> Iterator[Tensor]:
    """Noise to compare on: one picture of the file's size and, if it takes any, two of another height and width."""
    generator = torch.Generator().manual_seed(0)
    yield torch.rand(1, 3, size.height, size.width, generator=generator)
    if dynamic and takes_any_size(model):
        stride = max(model.strides)
        height = (3 if size.height != 3 * stride else 2) * stride
        width = (4 if size.width != 4 * stride else 5) * stride
        yield torch.rand(2, 3, height, width, generator=generator)


def takes_any_size(model: Detector) -> bool:
    """v1 has weights for each position, so it takes one size only."""
    return all(head.kind != "detection" for head in model.heads)


def largest_difference(ours: Tensor, theirs: Tensor) -> float:
    """Of two outputs, relative where they are larger than 1; infinite where one is no number and the other is."""
    if ours.shape != theirs.shape:
        return float("inf")
    difference = (ours - theirs).abs() / theirs.abs().clamp(min=1)
    same = (ours == theirs) | (ours.isnan() & theirs.isnan())
    return float(difference.nan_to_num(nan=float("inf")).masked_fill(same, 0).max())


def onnx_runner(data: bytes, threads: int | None = None) -> Runner:
    """An ONNX file, run by ONNX Runtime on the processor.

    Args:
        threads: for each call; None for as many as PyTorch uses. Several calls may run at once.
    """
    runtime = required("onnxruntime", "onnx onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads or torch.get_num_threads()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # others want the processor, too
    session = runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])

    def run(batch: Tensor) -> tuple[Tensor, ...]:
        return tuple(map(torch.from_numpy, session.run(None, {INPUT: batch.contiguous().numpy()})))

    return run


def required(module: str, packages: str) -> ModuleType:
    """Import an optional package, or say how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise DeviceError(
            N_("The package {module} is not installed"),
            fix=N_("run: pip install {packages}"),
            module=module,
            packages=packages,
        ) from error


def disagreement(difference: float) -> ModelFileError:
    """The sentence for an exported network that says something else than ours."""
    return ModelFileError(
        N_("The exported network differs from the original by {difference}"),
        fix=N_("use the engine torch; nothing was written"),
        difference=f"{difference:.2g}",
    )


class _Rows(nn.Module):
    """A detector that answers with decoded rows."""

    def __init__(self, network: Detector) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Tensor) -> Tensor:
        return self.network.rows(batch)


class _Maps(nn.Module):
    """A detector that answers with raw maps."""

    def __init__(self, network: Detector) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Tensor) -> tuple[Tensor, ...]:
        result: tuple[Tensor, ...] = self.network(batch)
        return result


def _traced(module: _Rows | _Maps, size: ImageSize, outputs: list[str], dynamic: bool) -> bytes:
    """The ONNX file of a network, as bytes."""
    free = {0: "batch", 2: "height", 3: "width"} if takes_any_size(module.network) else {0: "batch"}
    axes = {INPUT: free, **{output: {0: "batch"} for output in outputs}} if dynamic else None
    file = io.BytesIO()
    with _exporting, torch.no_grad(), _without_notices(), _as_a_sentence():
        torch.onnx.export(
            module.eval(),
            (torch.zeros(1, 3, size.height, size.width),),
            file,  # type: ignore[arg-type]  # this exporter takes a file object, as its documentation says
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=outputs,
            dynamic_axes=axes,
        )
    return file.getvalue()


@contextlib.contextmanager
def _as_a_sentence() -> Iterator[None]:
    """Exporter and runtime have no family of errors of their own: whatever they say ends in one of ours."""
    try:
        yield
    except DeviceError:
        raise
    except Exception as error:
        raise ModelFileError(
            N_("This network cannot be written as ONNX: {reason}"),
            fix=N_("use the engine torch"),
            reason=(str(error).strip() or type(error).__name__).splitlines()[0],
        ) from error


@contextlib.contextmanager
def _without_notices() -> Iterator[None]:
    """Silence what the tracing exporter says of its own age, and of sizes that it may freeze: those we check."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="You are using the legacy TorchScript", category=DeprecationWarning)
        warnings.filterwarnings("ignore", message="The feature will be removed", category=DeprecationWarning)
        warnings.filterwarnings("ignore", category=TracerWarning)
        yield


def _with_metadata(data: bytes, model: Detector, size: ImageSize) -> bytes:
    """The same file, with what a program needs to use it."""
    onnx = required("onnx", "onnx onnxruntime")
    file = onnx.load_from_string(data)
    about = {
        "names": list(model.names),
        "strides": list(model.strides),
        "anchors": [[list(anchor) for anchor in head] for head in model.anchors],
        "family": model.family,
        "release": model.release,
        "size": [size.height, size.width],
        "rows": "cx, cy, w, h in network pixels, objectness, class probabilities",
    }
    onnx.helper.set_model_props(file, {key: json.dumps(value, ensure_ascii=False) for key, value in about.items()})
    with _as_a_sentence():
        onnx.checker.check_model(file)
    result: bytes = file.SerializeToString()
    return result


@torch.inference_mode()
def _row_agreement(model: Detector, run: Runner, batch: Tensor) -> Agreement:
    """How far the file's rows lie from ours on one batch."""
    theirs, ours = run(batch)[0], model.rows(batch)
    if theirs.shape != ours.shape:
        return Agreement(float("inf"), float("inf"))
    side = max(batch.shape[-2:])
    return Agreement(
        largest_difference(theirs[..., :4] / side, ours[..., :4] / side) * side,
        largest_difference(theirs[..., 4:], ours[..., 4:]),
    )
