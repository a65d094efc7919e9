"""The trial: what is installed, timed against the reference on this machine, once a model, and remembered.

A contender runs alternately with the reference, so that whatever else the machine does slows both down.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from statistics import median
from typing import Any, Literal

from torch import Tensor

from yolodash.errors import DeviceError, ModelFileError
from yolodash.inference.devices import describe
from yolodash.inference.engines.agreement import HALF, SINGLE, Evidence, evidence, finds_the_same, photos
from yolodash.inference.engines.engine import ENGINES, PRECISIONS, Engine, EngineName, Precision
from yolodash.inference.engines.pool import built, discard
from yolodash.inference.engines.stored import read_record, record_path, write_record
from yolodash.models.detector import Detector
from yolodash.structures import ImageSize

ROUNDS = 3
MOST_ROUNDS = 15
SECONDS_OF_ROUNDS = 0.3
"""Of three runs at least; of more where they are so short that three say little."""

CLEARLY_SLOWER = 1.5
WORTH_IT = 0.95
"""A contender has to take less than this part of the reference's time to be preferred to it."""

GETTING_READY = {"torch": 0.1, "onnxruntime": 1.5, "openvino": 2.0}
"""Seconds that a small network takes to be exported and compiled, to judge whether a contender fits in the time."""

Contender = tuple[EngineName, Precision]
REFERENCE: Contender = ("torch", "float32")
Verdict = Literal["same", "differs", "slower", "unavailable"]


@dataclass(frozen=True)
class Measurement:
    """One contender beside the reference.

    Attributes:
        engine, precision: the contender.
        milliseconds, reference_milliseconds: medians of a run; 0 where it did not come to that.
        ratio: median of the pairs' own ratios.
        verdict: ``same`` detections, ``differs``, ``slower`` by so much that it was not looked at further, or
            ``unavailable`` for this network.
    """

    engine: EngineName
    precision: Precision
    milliseconds: float
    reference_milliseconds: float
    ratio: float
    verdict: Verdict


def contenders(device: str) -> list[Contender]:
    """What could run a model on a device, the reference first: from what is installed and what the device has."""
    kinds: list[Contender] = [REFERENCE]
    if device == "cpu":
        if find_spec("onnx") and find_spec("onnxruntime"):
            kinds.append(("onnxruntime", "float32"))
        if find_spec("onnx") and find_spec("openvino"):
            kinds.append(("openvino", "float32"))
            if describe(device).has_matrix_units:
                kinds.append(("openvino", "bfloat16"))
        kinds.append(("torch", "bfloat16"))
    else:
        kinds.append(("torch", "float16"))
        if device.startswith("cuda"):
            kinds.append(("torch", "bfloat16"))
    return kinds


def remembered(model: Detector, device: str) -> list[Measurement]:
    """What was measured before, on this machine with these libraries."""
    known = (_measurement(entry) for entry in read_record(record_path(model, device)))
    return [measurement for measurement in known if measurement is not None]


def try_out(
    model: Detector, device: str, kinds: list[Contender], size: ImageSize | None, seconds: float
) -> list[Measurement]:
    """Measure those contenders that have not been, as far as the time goes.

    Args:
        model: stays as it is.
        device: where.
        kinds: the contenders.
        size: of the network's input; None for the model's own.
        seconds: not to begin another one when it would probably end later than this.

    Returns:
        all that is known now; it is remembered for the next start too.
    """
    known = remembered(model, device)
    missing = [kind for kind in kinds if kind != REFERENCE and kind not in {(m.engine, m.precision) for m in known}]
    if not missing or seconds <= 0:
        return known
    deadline = time.monotonic() + seconds
    reference = built(model, device, *REFERENCE)
    first, *others = photos(model, size)
    run = _timed(reference, first.batch)[0]
    seen: list[Evidence] = []
    for kind in missing:
        likely = GETTING_READY[kind[0]] + run * (2 * ROUNDS + 1 + 2 * len(others))
        if time.monotonic() + likely > deadline:
            continue
        seen = seen or [evidence(model, photo, reference(photo.batch)) for photo in (first, *others)]
        known.append(_measure(model, device, kind, reference, seen))
    if seen:
        write_record(record_path(model, device), device, [asdict(measurement) for measurement in known])
    return known


def best(known: list[Measurement], kinds: list[Contender]) -> Measurement | None:
    """The fastest of these contenders that finds the same; None where none is worth leaving the reference for."""
    same = [m for m in known if m.verdict == "same" and (m.engine, m.precision) in kinds]
    limit = WORTH_IT if REFERENCE in kinds else math.inf
    return min((m for m in same if m.ratio < limit), key=lambda m: m.ratio, default=None)


def _measure(model: Detector, device: str, kind: Contender, reference: Engine, seen: list[Evidence]) -> Measurement:
    """One contender: a short look, then the photos, then the clock."""
    try:
        contender = built(model, device, *kind)
        slower = _ratio_on_a_small_input(model, contender, reference) if kind[1] != "float32" else 0.0
        if slower > CLEARLY_SLOWER:
            discard(model, device, *kind)
            return Measurement(*kind, 0.0, 0.0, slower, "slower")
        tolerance = SINGLE if kind[1] == "float32" else HALF
        same = all(finds_the_same(model, photo, contender(photo.prepared.batch), tolerance) for photo in seen)
    except (DeviceError, ModelFileError):
        return Measurement(*kind, 0.0, 0.0, 0.0, "unavailable")
    batch = seen[0].prepared.batch
    pairs: list[tuple[float, float]] = []
    while len(pairs) < ROUNDS or (len(pairs) < MOST_ROUNDS and sum(map(sum, pairs)) < SECONDS_OF_ROUNDS):
        pairs.append((_timed(contender, batch)[0], _timed(reference, batch)[0]))
    result = Measurement(
        *kind,
        1000 * median(ours for ours, _ in pairs),
        1000 * median(theirs for _, theirs in pairs),
        median(ours / theirs for ours, theirs in pairs),
        "same" if same else "differs",
    )
    if best([result], [REFERENCE, kind]) is None:
        discard(model, device, *kind)
    return result


def _ratio_on_a_small_input(model: Detector, contender: Engine, reference: Engine) -> float:
    """How many times slower a contender is on a sixteenth of the picture: emulated arithmetic shows there already."""
    batch = photos(model, _small_size(model))[0].batch
    _timed(contender, batch)
    return min(_timed(contender, batch)[0] / _timed(reference, batch)[0] for _ in range(2))


def _small_size(model: Detector) -> ImageSize:
    """A quarter of each side in whole strides; a network that takes one size only keeps it."""
    if any(head.kind == "detection" for head in model.heads):
        return model.size
    stride = max(model.strides)
    return ImageSize(*(max(1, side // 4 // stride) * stride for side in (model.size.height, model.size.width)))


def _timed(engine: Engine, batch: Tensor) -> tuple[float, tuple[Tensor, ...]]:
    """Seconds of one run, and what came out."""
    start = time.perf_counter()
    raw_maps = engine(batch)
    return time.perf_counter() - start, raw_maps


def _measurement(entry: dict[str, Any]) -> Measurement | None:
    """One entry of a record; None where it is not one of ours."""
    try:
        found = Measurement(**entry)
        whole = all(isinstance(n, float) for n in (found.milliseconds, found.reference_milliseconds, found.ratio))
    except TypeError:
        return None
    named = found.engine in ENGINES and found.precision in PRECISIONS
    return found if named and whole and found.verdict in {"same", "differs", "slower", "unavailable"} else None
