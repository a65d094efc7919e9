"""One way to ask for an engine, and how ``auto`` decides."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from torch import Tensor

from yolodash import workspace
from yolodash.errors import N_, Note, OptionError
from yolodash.inference.devices import resolve_device
from yolodash.inference.engines import trial
from yolodash.inference.engines.engine import ENGINES, PRECISIONS, Engine, EngineName, Precision
from yolodash.inference.engines.pool import built
from yolodash.inference.engines.stored import fingerprint
from yolodash.inference.engines.trial import REFERENCE, Contender, Measurement
from yolodash.models.detector import Detector
from yolodash.structures import ImageSize

TRIAL_SECONDS = 3.0
"""How long the first ``auto`` of a model may take on a machine; what did not fit is tried at the next start."""

MOST_KNOWN = 100

_known_here: dict[tuple[str, str, tuple[Contender, ...], str], tuple[float, list[Measurement]]] = {}
"""By model, device, contenders and workspace: how many seconds this process tried, and what is known since."""
_trying = threading.Lock()


@dataclass(frozen=True)
class Chosen:
    """An engine, with the sentence that says why it was chosen."""

    engine: Engine
    note: Note

    @property
    def name(self) -> EngineName:
        """What runs it."""
        return self.engine.name

    @property
    def precision(self) -> Precision:
        """Of its arithmetic."""
        return self.engine.precision

    @property
    def device(self) -> str:
        """Where it runs."""
        return self.engine.device

    @property
    def at_once(self) -> int:
        """See ``Engine``."""
        return self.engine.at_once

    def __call__(self, batch: Tensor) -> tuple[Tensor, ...]:
        """Raw maps of a batch (see ``Engine``)."""
        return self.engine(batch)

    def each(self, batches: Sequence[Tensor]) -> list[tuple[Tensor, ...]]:
        """Raw maps of several batches (see ``Engine``)."""
        return self.engine.each(batches)


def engine_for(
    model: Detector,
    *,
    device: str = "auto",
    precision: str = "auto",
    engine: str = "auto",
    input_size: ImageSize | None = None,
    trial_seconds: float = TRIAL_SECONDS,
) -> Engine:
    """The engine that runs a model.

    ``engine="torch", precision="float32"`` is the reference. ``auto`` is what was found to be the fastest with the
    same detections (the rule is in ``agreement``). Where that is not known yet, it is tried, once a model, machine
    and set of libraries, and remembered in the workspace.

    Args:
        model: stays as it is. Engines are kept for it, and made anew when its weights change.
        device: ``auto``, ``cpu``, ``cuda:0``, ``mps``.
        precision: ``auto``, ``float32``, ``bfloat16``, ``float16``.
        engine: ``auto``, ``torch``, ``onnxruntime``, ``openvino``.
        input_size: to time ``auto`` on; None for the model's own.
        trial_seconds: how long to try at most; 0 answers at once, from what is remembered, else with the reference.

    Raises:
        OptionError: no such engine, precision or device.
        DeviceError: not on this machine, not installed, or out of memory.
        ModelFileError: this network cannot be exported to the engine that was asked for.
    """
    _check(engine, ("auto", *ENGINES), "engine")
    _check(precision, ("auto", *PRECISIONS), "precision")
    where = "cpu" if device == "auto" and engine in {"onnxruntime", "openvino"} else resolve_device(device)
    kinds = _allowed(where, engine, precision)
    if len(kinds) == 1:
        return built(model, where, *kinds[0])
    known = _known(model, where, kinds, input_size, trial_seconds)
    choice = trial.best(known, kinds)
    kind = (choice.engine, choice.precision) if choice is not None else kinds[0]
    return Chosen(built(model, where, *kind), _reason(where, kind, choice, known, kinds))


def _allowed(device: str, engine: str, precision: str) -> list[Contender]:
    """What the options leave to choose from; the first is the one to take when nothing is known."""
    if engine == "auto" and precision not in {"auto", "float32"}:
        engine = "torch"  # asked for by name, so without a trial
    if engine != "auto" and precision != "auto":
        return [(cast(EngineName, engine), cast(Precision, precision))]
    kinds = [
        kind for kind in trial.contenders(device) if engine in {"auto", kind[0]} and precision in {"auto", kind[1]}
    ]
    return kinds or [(cast(EngineName, engine), "float32")]


def _known(
    model: Detector, device: str, kinds: list[Contender], size: ImageSize | None, seconds: float
) -> list[Measurement]:
    """What is measured, after a trial if this process has not had one as long as this."""
    key = (fingerprint(model), device, tuple(kinds), str(workspace.home()))
    entry = _known_here.get(key)
    if entry is not None and seconds <= entry[0]:
        return entry[1]
    with _trying if seconds > 0 else contextlib.nullcontext():
        _known_here[key] = (seconds, trial.remembered(model, device))  # what others get until we are through
        known = trial.try_out(model, device, kinds, size, seconds)
        _known_here[key] = (seconds, known)
        while len(_known_here) > MOST_KNOWN:
            del _known_here[next(iter(_known_here))]
    return known


def _reason(
    device: str, kind: Contender, choice: Measurement | None, known: list[Measurement], kinds: list[Contender]
) -> Note:
    """Why this engine runs, in a sentence."""
    values: dict[str, object] = {"engine": kind[0], "precision": kind[1], "device": device}
    if choice is not None:
        values |= {"milliseconds": round(choice.milliseconds), "reference": round(choice.reference_milliseconds)}
        return Note(
            N_(
                "Runs in {engine}, {precision}, on {device}: {milliseconds} ms where PyTorch in float32 takes "
                "{reference} ms, with the same detections."
            ),
            values,
        )
    if {(m.engine, m.precision) for m in known} >= set(kinds) - {REFERENCE}:
        return Note(
            N_("Runs in {engine}, {precision}, on {device}: nothing else here is faster with the same detections."),
            values,
        )
    return Note(
        N_("Runs in {engine}, {precision}, on {device}: not all that is installed has been timed with this model yet."),
        values,
    )


def _check(value: str, choices: tuple[str, ...], option: str) -> None:
    if value not in choices:
        raise OptionError(
            N_("'{value}' is no {option}"),
            where=option,
            fix=N_("choose one of: {choices}"),
            value=value,
            option=option,
            choices=", ".join(choices),
        )
