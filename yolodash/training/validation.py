"""How good the averaged network is after an epoch, in YOLOv5's own convention and on its own rectangles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yolodash.evaluation.report import report
from yolodash.evaluation.running import ModelRun, Pictures, run_model
from yolodash.models.detector import Detector

MORE_WITHOUT_GRADIENTS = 2
"""Times as many pictures at once as in training, as YOLOv5's own does. It is not without effect: pictures of one batch
share a rectangle, so that which ones are together changes their padding."""


@dataclass(frozen=True)
class Metrics:
    """Means over the classes; precision and recall where F1 is best; −1 where there is no truth."""

    precision: float
    recall: float
    map50: float
    map: float

    @property
    def fitness(self) -> float:
        """What decides which epoch is best: a tenth mAP50, nine tenths mAP50-95, as in YOLOv5's training."""
        return 0.1 * self.map50 + 0.9 * self.map


def validate(
    network: Detector,
    pictures: Pictures,
    classes: dict[int, int],
    *,
    size: int,
    batch: int,
    device: str,
    seen: Callable[[ModelRun], None] | None = None,
) -> Metrics:
    """The metrics of a network on the pictures of a split.

    Args:
        classes: the data set's class id for each of the network's.
        size: of the network's input.
        seen: is shown what was found.
    """
    done = run_model(network, pictures, size=size, batch=batch, device=device, classes=classes)
    if seen is not None:
        seen(done)
    numbers = report(done.truths, done.found, done.labels, "yolov5")
    point = numbers.working_point
    return Metrics(point.precision, point.recall, numbers.map50, numbers.map)
