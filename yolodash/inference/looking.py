"""A model, and all that decides how it looks at one picture after another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from yolodash.inference.devices import resolve_device
from yolodash.inference.engines import engine_for
from yolodash.inference.engines.choice import TRIAL_SECONDS
from yolodash.inference.prediction import predict_timed
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
