"""What the process keeps between reruns: decoded pictures and the candidates of pictures that are open.

Both caches are bounded by bytes and named by content, so tabs that look at the same share it. Torch is imported when
a network runs, never before.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
import streamlit as st

from yolodash.data.images import encode_jpeg, read_image, thumbnail
from yolodash.errors import N_
from yolodash.models.catalogue import InstalledModel, bundled
from yolodash.structures import Candidates, Image, Milliseconds, Resize
from yolodash.ui import turns
from yolodash.ui.pictures import Photo

if TYPE_CHECKING:
    from yolodash.inference.stored_results import StoredResult

T = TypeVar("T")
OnWait = Callable[[int], object]

PICTURE_BYTES = 384 * 2**20
PREVIEW = 1280
CANDIDATE_BYTES = 256 * 2**20
_RUNS = "network_runs"
_STORED = N_("This result comes with YoloDash, and was made on another machine: nothing had to run for it here.")


class Bounded(Generic[T]):
    """The values used last whose sizes sum to no more than a bound; the newest stays whatever its size."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[object, tuple[T, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: object) -> T | None:
        """The value, now the one used last; None if it is not kept."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: object, value: T, size: int) -> T:
        """Keep a value of so many bytes; those unused for longest go."""
        with self._lock:
            self._values[key] = (value, size)
            self._values.move_to_end(key)
            while len(self._values) > 1 and sum(bytes_ for _, bytes_ in self._values.values()) > self._limit:
                self._values.popitem(last=False)
        return value

    def forget(self, unwanted: Callable[[object], bool]) -> None:
        """Let go of every value whose key is unwanted."""
        with self._lock:
            for key in [key for key in self._values if unwanted(key)]:
                del self._values[key]


@dataclass(frozen=True)
class NetworkInput:
    """How a picture is brought into the network; None is the model's own way."""

    size: int | None = None
    resize: Resize | None = None


@dataclass(frozen=True)
class Prediction:
    """What one run of a network said, and how it went.

    Attributes:
        candidates: every box.
        milliseconds: preparation and network.
        note: which engine ran, a message id and its values.
        parameters: learnable values of the model.
    """

    candidates: Candidates
    milliseconds: Milliseconds
    note: tuple[str, dict[str, object]]
    parameters: int


@st.cache_resource(show_spinner=False)
def _pictures() -> Bounded[Image]:
    return Bounded(PICTURE_BYTES)


@st.cache_resource(show_spinner=False)
def _predictions() -> Bounded[Prediction]:
    return Bounded(CANDIDATE_BYTES)


def pixels(photo: Photo) -> Image:
    """A photo's pixels; the same array from run to run while it is kept.

    Raises:
        ImageError: it has gone, or cannot be decoded.
    """
    known = _pictures().get((photo.source, photo.id))
    if known is not None:
        return known
    image = read_image(photo.path(), name=photo.name)
    return _pictures().put((photo.source, photo.id), image, image.nbytes)


def forget_uploads(ids: Collection[str]) -> None:
    """Let go of all that is kept in memory of these uploads."""
    gone = {("upload", id_) for id_ in ids}
    _pictures().forget(lambda key: key in gone)
    _predictions().forget(lambda key: isinstance(key, tuple) and key[1:3] in gone)


def preview(photo: Photo) -> bytes:
    """A photo as a JPEG that fits the page, upright."""
    return encode_jpeg(thumbnail(pixels(photo), PREVIEW))


def known_prediction(model: InstalledModel, photo: Photo, network_input: NetworkInput) -> Prediction | None:
    """What the network said about this before, if it is still kept; runs nothing, and loads no torch."""
    key = _key(model, photo, network_input)
    known = _predictions().get(key)
    if known is None and (stored := stored_with_the_program(model, photo, network_input)) is not None:
        found = Prediction(stored.candidates, stored.milliseconds, (_STORED, {}), stored.parameters)
        known = _predictions().put(key, found, size_of(stored.candidates))
    return known


def stored_with_the_program(model: InstalledModel, photo: Photo, network_input: NetworkInput) -> StoredResult | None:
    """What comes with YoloDash: the bundled model's result on its own sample, where that is what is asked for."""
    if model.origin != "bundled" or photo.key != bundled.SAMPLE or network_input != NetworkInput():
        return None
    return _stored(str(model.files.weights), _stamp(model.files.weights))


@st.cache_resource(show_spinner=False, max_entries=2)
def _stored(weights: str, _stamped: tuple[int, int] | None) -> StoredResult | None:
    from yolodash.inference.stored_results import read_result
    from yolodash.models.catalogue.store import sha256_of

    path = Path(weights)
    return read_result(bundled.FOLDER / f"{bundled.SAMPLE}.safetensors", path, sha256_of(path))


def torch_is_loaded() -> bool:
    """Whether asking torch for something costs no seconds."""
    return "torch" in sys.modules


def prediction(
    model: InstalledModel, photo: Photo, network_input: NetworkInput, *, on_wait: OnWait | None = None
) -> Prediction:
    """What the network says about a photo; it runs only if that is not known.

    Args:
        on_wait: told how many jobs come before this one, while the device is busy.

    Raises:
        YoloDashError: the picture, the model, the size or the device cannot be used.
    """
    known = known_prediction(model, photo, network_input)
    if known is not None:
        return known
    result = run_network(model, pixels(photo), network_input, on_wait=on_wait)
    return _predictions().put(_key(model, photo, network_input), result, size_of(result.candidates))


def run_network(
    model: InstalledModel,
    image: Image,
    network_input: NetworkInput,
    *,
    interactive: bool = True,
    on_wait: OnWait | None = None,
) -> Prediction:
    """Wait for the device, and run a network on one picture. Every run is counted."""
    from yolodash.inference import cache
    from yolodash.inference.devices import require_memory, resolve_device
    from yolodash.inference.engines import engine_for
    from yolodash.inference.prediction import predict_timed

    require_memory()
    files = model.files
    detector = cache.loaded(files.weights, files.cfg, files.names)
    with turns.device(resolve_device(), interactive=interactive, on_wait=on_wait):
        note = engine_for(detector).note  # made ready here, so that the time of the run is the run's own
        count_run()
        candidates, milliseconds = predict_timed(detector, image, size=network_input.size, resize=network_input.resize)
    return Prediction(candidates, milliseconds, (note.text, note.values), detector.parameter_count)


def network_runs() -> int:
    """How often a network has run for this tab."""
    return int(st.session_state.get(_RUNS, 0))


def count_run() -> None:
    """One more."""
    st.session_state[_RUNS] = network_runs() + 1


def size_of(candidates: Candidates) -> int:
    """Bytes of all arrays of Candidates."""
    values = (getattr(candidates, field.name) for field in fields(candidates))
    return sum(value.nbytes for value in values if isinstance(value, np.ndarray))


def identity(model: InstalledModel) -> tuple[object, ...]:
    """What changes when any of a model's files does."""
    paths = [path for path in (model.files.weights, model.files.cfg, model.files.names) if path is not None]
    return tuple((str(path), _stamp(path)) for path in paths)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None  # loading it will say so
    return found.st_size, found.st_mtime_ns


def _key(model: InstalledModel, photo: Photo, network_input: NetworkInput) -> tuple[object, ...]:
    return (identity(model), photo.source, photo.id, network_input)
