"""What a detector found, in the forms in which it is taken away: JSON, CSV, YOLO's text, COCO's JSON.

Every form carries the thresholds that made it. YOLO's label lines have no room for them, so they stand in a JSON
beside (``thresholds_json``).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from yolodash.structures import Detections, ImageSize, Milliseconds, Thresholds


@dataclass(frozen=True)
class ImageResult:
    """What was found in one picture.

    Attributes:
        source: its name as the user gave it.
        image_size: of the upright picture.
        detections: in pixels of it.
        milliseconds: where the time went.
    """

    source: str
    image_size: ImageSize
    detections: Detections
    milliseconds: Milliseconds


@dataclass(frozen=True)
class ImageFailure:
    """A picture that could not be read, and the sentence that says why."""

    source: str
    error: str


@dataclass(frozen=True)
class ModelSummary:
    """What a result says of the model that made it."""

    name: str
    family: str
    classes: tuple[str, ...]
    size: ImageSize
    parameters: int


def detect_json(
    model: ModelSummary, thresholds: Thresholds, images: Sequence[ImageResult | ImageFailure]
) -> dict[str, Any]:
    """The result of the command ``detect``, ready to be written as JSON."""
    return {
        "model": {
            "name": model.name,
            "family": model.family,
            "classes": list(model.classes),
            "size": [model.size.height, model.size.width],
            "parameters": model.parameters,
        },
        "thresholds": asdict(thresholds),
        "images": [image_json(image, model.classes) for image in images],
    }


def image_json(image: ImageResult | ImageFailure, names: Sequence[str]) -> dict[str, Any]:
    """One picture's entry."""
    if isinstance(image, ImageFailure):
        return {"source": image.source, "error": image.error}
    return {
        "source": image.source,
        "width": image.image_size.width,
        "height": image.image_size.height,
        "detections": detections_json(image.detections, names),
        "milliseconds": asdict(image.milliseconds),
    }


def detections_json(detections: Detections, names: Sequence[str]) -> list[dict[str, Any]]:
    """A list of detections, by score descending."""
    rows = zip(detections.class_ids.tolist(), detections.scores.tolist(), detections.boxes.tolist(), strict=True)
    return [{"class_id": i, "class_name": names[i], "score": score, "box": box} for i, score, box in rows]


def csv_text(thresholds: Thresholds, images: Sequence[ImageResult], names: Sequence[str]) -> str:
    """A line a detection, with the thresholds in columns of their own.

    A name that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["source", "class_id", "class_name", "score", "x1", "y1", "x2", "y2", "score_threshold", "nms_iou_threshold"]
    )
    for image in images:
        for row in detections_json(image.detections, names):
            writer.writerow(
                [
                    plain_cell(image.source),
                    row["class_id"],
                    plain_cell(row["class_name"]),
                    *(f"{value:.6g}" for value in (row["score"], *row["box"])),
                    thresholds.score_threshold,
                    thresholds.nms_iou_threshold,
                ]
            )
    return text.getvalue()


def plain_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def yolo_text(image: ImageResult, *, with_scores: bool = False) -> str:
    """YOLO's label lines: class, centre and size as shares of the picture, and the score if wanted."""
    size = np.array([image.image_size.width, image.image_size.height] * 2, np.float64)
    boxes = image.detections.boxes.astype(np.float64) / size
    centres, sides = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    lines = []
    for i, centre, side, score in zip(image.detections.class_ids, centres, sides, image.detections.scores, strict=True):
        numbers = [*centre, *side, *([score] if with_scores else [])]
        lines.append(" ".join([str(int(i)), *(f"{number:.6f}" for number in numbers)]))
    return "".join(line + "\n" for line in lines)


def thresholds_json(thresholds: Thresholds) -> str:
    """The thresholds alone, for the formats that have no room for them."""
    return json.dumps(asdict(thresholds), indent=1) + "\n"


def coco_json(thresholds: Thresholds, images: Sequence[ImageResult], names: Sequence[str]) -> dict[str, Any]:
    """COCO's form, scores included: pictures and annotations count from 1, categories keep the class ids."""
    annotations: list[dict[str, Any]] = []
    for number, image in enumerate(images, start=1):
        for row in detections_json(image.detections, names):
            x1, y1, x2, y2 = row["box"]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": row["class_id"],
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "iscrowd": 0,
                    "score": row["score"],
                }
            )
    return {
        "info": {"description": "Detections by YoloDash", "thresholds": asdict(thresholds)},
        "images": [
            {"id": n, "file_name": i.source, "width": i.image_size.width, "height": i.image_size.height}
            for n, i in enumerate(images, start=1)
        ],
        "annotations": annotations,
        "categories": [{"id": i, "name": name} for i, name in enumerate(names)],
    }
