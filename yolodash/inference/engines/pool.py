"""The engines that are ready: a few at a time, each made once, whoever asks."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict

import torch

from yolodash.errors import N_, DeviceError
from yolodash.inference.engines.engine import Engine, EngineName, Precision
from yolodash.inference.engines.pytorch import TorchEngine
from yolodash.inference.engines.stored import state_of
from yolodash.models.detector import Detector

MOST_ENGINES = 6

Key = tuple[int, str, EngineName, Precision]
_ready: OrderedDict[Key, tuple[weakref.ref[Detector], int, Engine]] = OrderedDict()
_lock = threading.RLock()
_building = threading.RLock()


def built(model: Detector, device: str, engine: EngineName, precision: Precision) -> Engine:
    """The engine of exactly this kind for a model as it is now; made if need be.

    An engine goes with its model, and when ``MOST_ENGINES`` others were asked for since.

    Raises:
        DeviceError: this engine cannot run so, or is not installed.
        ModelFileError: the network cannot be exported for it.
    """
    key: Key = (id(model), device, engine, precision)
    found = _find(key, model)
    if found is not None:
        return found
    with _building:
        found = _find(key, model)
        if found is None:
            found = _make(model, device, engine, precision)
            _keep(key, model, found)
    return found


def discard(model: Detector, device: str, engine: EngineName, precision: Precision) -> None:
    """Let go of one engine."""
    with _lock:
        _ready.pop((id(model), device, engine, precision), None)
    _free_memory(device)


def ready_count() -> int:
    """How many engines are held."""
    return len(_ready)


def _find(key: Key, model: Detector) -> Engine | None:
    with _lock:
        entry = _ready.get(key)
        if entry is None or entry[0]() is not model or entry[1] != state_of(model):
            return None
        _ready.move_to_end(key)
        return entry[2]


def _keep(key: Key, model: Detector, engine: Engine) -> None:
    def forget(gone: weakref.ref[Detector]) -> None:
        with _lock:
            entry = _ready.get(key)
            if entry is not None and entry[0] is gone:
                del _ready[key]

    with _lock:
        _ready[key] = (weakref.ref(model, forget), state_of(model), engine)
        _ready.move_to_end(key)
        while len(_ready) > MOST_ENGINES:
            _ready.popitem(last=False)
    _free_memory(key[1])


def _free_memory(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


def _make(model: Detector, device: str, engine: EngineName, precision: Precision) -> Engine:
    if engine == "torch":
        return TorchEngine(model, device=device, precision=precision)
    if device != "cpu":
        raise DeviceError(
            N_("The engine {engine} runs on the processor only, not on {device}"),
            fix=N_("choose the device cpu, or the engine torch"),
            engine=engine,
            device=device,
        )
    if engine == "onnxruntime":
        if precision != "float32":
            raise DeviceError(
                N_("The engine {engine} runs in float32 only, not in {precision}"),
                fix=N_("choose the precision float32, or the engine torch"),
                engine=engine,
                precision=precision,
            )
        from yolodash.inference.engines.onnx_runtime import OnnxRuntimeEngine

        return OnnxRuntimeEngine(model)
    from yolodash.inference.engines.open_vino import OpenVinoEngine

    return OpenVinoEngine(model, precision=precision)
