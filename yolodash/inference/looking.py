"""A model, and all that decides how it looks at one picture after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yolodash.inference.devices import resolve_device
from yolodash.inference.engines import Engine, engine_for
from yolodash.inference.engines.choice import TRIAL_SECONDS
from yolodash.inference.prediction import candidates_from_maps, predict_timed
from yolodash.inference.preparation import prepare
from yolodash.inference.queue import turn
from yolodash.structures import Candidates, Image, ImageSize, Milliseconds, Resize, Thresholds

if TYPE_CHECKING:
    from yolodash.models.detector import Detector

LONGEST_TRIAL = 30.0


@dataclass(frozen=True)
class Look:
    """A model with its thresholds, the size of its input, and where and how it runs; see ``predict``."""

    model: Detector
    thresholds: Thresholds
    size: ImageSize
    resize: Resize | None = None
    device: str = "auto"
    precision: str = "auto"
    engine: str = "auto"


def make_ready(look: Look, trial_seconds: float = TRIAL_SECONDS) -> None:
    """Build the engine now, so that its making counts in no picture's time and what it lacks is said at once.

    Args:
        trial_seconds: how long to try which engine is the fastest, at most.

    Raises:
        DeviceError, OptionError: as ``predict``.
    """
    engine_for(
        look.model,
        device=look.device,
        precision=look.precision,
        engine=look.engine,
        input_size=look.size,
        trial_seconds=trial_seconds,
    )


def worth_trying(pictures: int) -> float:
    """For how many seconds to try engines before so many pictures: longer before long work."""
    return min(max(TRIAL_SECONDS, pictures / 20), LONGEST_TRIAL)


def look_at(look: Look, image: Image, owner: str) -> tuple[Candidates, Milliseconds]:
    """Every box that the model makes of a picture, and the time that it took; in the device's line.

    Args:
        image: ``(H, W, 3)`` uint8 RGB, upright.
        owner: who waits in the line.

    Raises:
        ImageError, DeviceError, OptionError: as ``predict``.
    """
    with turn(resolve_device(look.device), owner, interactive=False):
        return predict_timed(
            look.model,
            image,
            size=look.size,
            resize=look.resize,
            device=look.device,
            precision=look.precision,
            engine=look.engine,
        )


def at_once(look: Look) -> int:
    """How many pictures ``look_at_each`` is best given at a time. Its engine is ready already."""
    return _engine(look).at_once


def look_at_each(look: Look, images: Sequence[Image], owner: str, *, floor: float | None = None) -> list[Candidates]:
    """Every box that the model makes of some pictures, looked at together in one turn of the device.

    Args:
        images: ``(H, W, 3)`` uint8 RGB each, upright.
        owner: who waits in the line.
        floor: leave away every box whose objectness is no greater; None: keep all.

    Raises:
        ImageError, DeviceError, OptionError: as ``predict``.
    """
    if not images:
        return []
    prepared = [prepare(look.model, image, size=look.size, resize=look.resize) for image in images]
    with turn(resolve_device(look.device), owner, interactive=False):
        raw_maps = _engine(look).each([one.batch for one in prepared])
        pairs = zip(raw_maps, prepared, strict=True)
        return [candidates_from_maps(look.model, maps, one, floor) for maps, one in pairs]


def _engine(look: Look) -> Engine:
    return engine_for(look.model, device=look.device, precision=look.precision, engine=look.engine)
