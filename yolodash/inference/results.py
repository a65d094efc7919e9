"""What was found on a picture, as files that other programs read. Each holds the thresholds that it was made with.

Numbers are written as the shortest decimals that read back as the same float32.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from yolodash.inference.selection import FAMILY_LABELS
from yolodash.structures import Detections, Family, ImageSize, Milliseconds, Thresholds

if TYPE_CHECKING:
    from yolodash.models.detector import Detector


@dataclass(frozen=True)
class ModelFacts:
    """What a result says about the model that made it."""

    name: str
    family: Family
    classes: tuple[str, ...]
    size: ImageSize
    parameters: int


@dataclass(frozen=True)
class ImageResult:
    """What was found on one picture.

    Attributes:
        source: the picture's path or name, as it was given.
        size: of the picture.
        detections: what was found.
        milliseconds: where the time went.
    """

    source: str
    size: ImageSize
    detections: Detections
    milliseconds: Milliseconds = field(default_factory=Milliseconds)


@dataclass(frozen=True)
class FailedImage:
    """A picture that could not be read, and the sentence that says why."""

    source: str
    error: str


def model_facts(model: Detector, name: str, size: ImageSize) -> ModelFacts:
    """What a result says about a model that ran at this input size."""
    return ModelFacts(name, model.family, model.names, size, model.parameter_count)


def thresholds_record(thresholds: Thresholds, family: Family) -> dict[str, Any]:
    """The thresholds as JSON, with the family's own ``labels`` filled in."""
    return {
        "score_threshold": thresholds.score_threshold,
        "nms_iou_threshold": thresholds.nms_iou_threshold,
        "max_detections": thresholds.max_detections,
        "class_agnostic": thresholds.class_agnostic,
        "classes": None if thresholds.classes is None else list(thresholds.classes),
        "labels": thresholds.labels or FAMILY_LABELS[family],
    }


def detect_record(
    model: ModelFacts, thresholds: Thresholds, results: Sequence[ImageResult | FailedImage]
) -> dict[str, Any]:
    """The JSON of ``detect``: the model, the thresholds, and an entry a picture in the order given."""
    return {
        "model": {
            "name": model.name,
            "family": model.family,
            "classes": list(model.classes),
            "size": [model.size.height, model.size.width],
            "parameters": model.parameters,
        },
        "thresholds": thresholds_record(thresholds, model.family),
        "images": [_image_record(result, model.classes) for result in results],
    }


def _image_record(result: ImageResult | FailedImage, names: tuple[str, ...]) -> dict[str, Any]:
    if isinstance(result, FailedImage):
        return {"source": result.source, "error": result.error}
    spent = result.milliseconds
    return {
        "source": result.source,
        "width": result.size.width,
        "height": result.size.height,
        "detections": detection_records(result.detections, names),
        "milliseconds": {
            "prepare": round(spent.prepare, 3),
            "forward": round(spent.forward, 3),
            "select": round(spent.select, 3),
        },
    }


def detection_records(detections: Detections, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """One entry a detection: class_id, class_name, score and box (x1, y1, x2, y2 in pixels of the picture)."""
    return [
        {
            "class_id": int(class_id),
            "class_name": names[class_id],
            "score": exact(score),
            "box": [exact(number) for number in box],
        }
        for class_id, score, box in zip(detections.class_ids, detections.scores, detections.boxes, strict=True)
    ]


def exact(number: np.float32) -> float:
    """A float32 as the shortest decimal that reads back as the same float32."""
    return float(str(np.float32(number)))


def csv_text(model: ModelFacts, thresholds: Thresholds, results: Sequence[ImageResult]) -> str:
    """One line a detection, the thresholds in columns of their own.

    A name that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    record = thresholds_record(thresholds, model.family)
    record["classes"] = "all" if record["classes"] is None else " ".join(map(str, record["classes"]))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(["source", "class_id", "class_name", "score", "x1", "y1", "x2", "y2", *record])
    for result in results:
        for found in detection_records(result.detections, model.classes):
            name = harmless(found["class_name"])
            row = [harmless(result.source), found["class_id"], name, found["score"], *found["box"]]
            table.writerow([*row, *record.values()])
    return text.getvalue()


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip().startswith(("=", "+", "-", "@")) or text.startswith(("\t", "\r", "\n")) else text


def yolo_text(result: ImageResult) -> str:
    """YOLO's label lines: class, centre x, centre y, width, height as shares of the picture, and the score."""
    size = np.array([result.size.width, result.size.height] * 2, dtype=np.float64)
    lines: list[str] = []
    found = result.detections
    for class_id, score, box in zip(found.class_ids, found.scores, found.boxes, strict=True):
        x1, y1, x2, y2 = (box.astype(np.float64) / size).tolist()
        numbers = " ".join(f"{number:.8f}" for number in ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1))
        lines.append(f"{class_id} {numbers} {exact(score)}\n")
    return "".join(lines)


def yolo_archive(model: ModelFacts, thresholds: Thresholds, results: Sequence[ImageResult]) -> bytes:
    """A zip of ``labels/STEM.txt``, one a picture, ``classes.txt`` and ``thresholds.json``.

    The format of the label lines takes no comments, so the thresholds lie beside them.
    """
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for stem, result in zip(unique_stems([result.source for result in results]), results, strict=True):
            archive.writestr(f"labels/{stem}.txt", yolo_text(result))
        archive.writestr("classes.txt", "".join(f"{' '.join(name.split())}\n" for name in model.classes))
        record = thresholds_record(thresholds, model.family)
        archive.writestr("thresholds.json", json.dumps(record, ensure_ascii=False, indent=1) + "\n")
    return data.getvalue()


def unique_stems(sources: Sequence[str]) -> list[str]:
    """A file name without its ending for each picture; those that would be equal get a number."""
    from yolodash.workspace import safe_name

    taken: Counter[str] = Counter()
    stems: list[str] = []
    for source in sources:
        stem = base = safe_name(PurePath(safe_name(source)).stem)
        while taken[stem.lower()]:
            taken[base.lower()] += 1
            stem = f"{base}-{taken[base.lower()]}"
        taken[stem.lower()] += 1
        stems.append(stem)
    return stems


def coco_results(results: Sequence[ImageResult], image_ids: Sequence[int] | None = None) -> list[dict[str, Any]]:
    """COCO's results list, as pycocotools' ``loadRes`` reads it; category ids are the class ids.

    Args:
        results: of the pictures.
        image_ids: one a picture; None to count from 1.
    """
    ids = range(1, len(results) + 1) if image_ids is None else image_ids
    return [
        {"image_id": image_id, "category_id": int(class_id), "bbox": _xywh(box), "score": exact(score)}
        for image_id, result in zip(ids, results, strict=True)
        for class_id, score, box in zip(
            result.detections.class_ids, result.detections.scores, result.detections.boxes, strict=True
        )
    ]


def coco_record(model: ModelFacts, thresholds: Thresholds, results: Sequence[ImageResult]) -> dict[str, Any]:
    """A whole COCO JSON: the thresholds under ``info``, pictures, categories, and annotations with their scores."""
    annotations = [
        {**found, "id": number, "area": found["bbox"][2] * found["bbox"][3], "iscrowd": 0}
        for number, found in enumerate(coco_results(results), start=1)
    ]
    return {
        "info": {
            "description": f"Detections of {model.name}",
            "thresholds": thresholds_record(thresholds, model.family),
        },
        "images": [
            {"id": number, "file_name": result.source, "width": result.size.width, "height": result.size.height}
            for number, result in enumerate(results, start=1)
        ],
        "categories": [{"id": number, "name": name} for number, name in enumerate(model.classes)],
        "annotations": annotations,
    }


def _xywh(box: np.ndarray[Any, np.dtype[np.float32]]) -> list[float]:
    x1, y1, x2, y2 = (exact(number) for number in box)
    return [x1, y1, x2 - x1, y2 - y1]
