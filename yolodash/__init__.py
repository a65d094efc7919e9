"""YoloDash: see what a detector sees.

    import yolodash

    model = yolodash.load_model("yolov5n.pt")
    candidates = yolodash.predict(model, image)  # the network runs here, once
    detections = yolodash.select(candidates, score_threshold=0.25, nms_iou_threshold=0.45)
    why = yolodash.explain(candidates, detections.candidate_index[0])
    report = yolodash.evaluate(detections_by_image, annotations_by_image, convention="coco")

The names are imported when they are first used, so that ``import yolodash`` costs nothing and does not load torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yolodash.evaluation.report import evaluate
    from yolodash.inference.explanation import explain
    from yolodash.inference.prediction import predict
    from yolodash.inference.selection import select
    from yolodash.models.loading import load_model

__version__ = "0.1.0"
__all__ = ["__version__", "evaluate", "explain", "load_model", "predict", "select"]

_HOME_OF = {
    "evaluate": "yolodash.evaluation.report",
    "explain": "yolodash.inference.explanation",
    "load_model": "yolodash.models.loading",
    "predict": "yolodash.inference.prediction",
    "select": "yolodash.inference.selection",
}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'yolodash' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)
