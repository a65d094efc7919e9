"""Make what the page Evaluate opens with: 60 rendered scenes, their truth, and what the bundled detector finds in them.

    python scripts/evaluation_sample.py

Two sets of detections: the detector at its own input size, and the same one at a smaller size, to compare with. The
scenes are of a seed that its training never saw. Run it again whenever the bundled detector changes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from yolodash.data.images import encode_jpeg, read_image  # noqa: E402
from yolodash.models.catalogue import locate  # noqa: E402
from yolodash.scenes.blocks import SHAPES  # noqa: E402
from yolodash.scenes.rendering import Rendered, render  # noqa: E402
from yolodash.scenes.sampling import sample_scene  # noqa: E402
from yolodash.scenes.truth import seen_blocks, truth_of  # noqa: E402
from yolodash.structures import Detections, Image  # noqa: E402
from yolodash.ui.evaluation.source import SAMPLE, SAMPLES  # noqa: E402

SEED = 4
IMAGES = 60
QUALITY = 82
SCORE, NMS_IOU = 0.01, 0.6
"""As evaluations are made, without the tail of scores below .01: most of the bytes, and no part of the numbers."""


def scene(index: int) -> tuple[Rendered, dict[str, Any]]:
    """One picture, and its boxes as COCO writes them without their numbers."""
    one = sample_scene(SEED, index)
    rendered = render(one)
    seen = seen_blocks(rendered)
    truth = truth_of(one, seen)
    return rendered, {
        "boxes": truth.xywh.tolist(),
        "classes": truth.class_ids.tolist(),
        "visible": [round(block.visible, 4) for block in seen],
    }


def truth_record(pictures: list[dict[str, Any]]) -> dict[str, Any]:
    """The truth file."""
    annotations: list[dict[str, Any]] = []
    for index, picture in enumerate(pictures):
        for box, label, visible in zip(picture["boxes"], picture["classes"], picture["visible"], strict=True):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": index + 1,
                    "category_id": label,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": 0,
                    "visible": visible,
                }
            )
    return {
        "info": {"description": "Rendered scenes of YoloDash; made by scripts/evaluation_sample.py"},
        "images": [
            {"id": index + 1, "file_name": f"{index:03d}.jpg", "width": 320, "height": 240} for index in range(IMAGES)
        ],
        "categories": [{"id": label, "name": name} for label, name in enumerate(SHAPES)],
        "annotations": annotations,
    }


def draw() -> None:
    """Write the pictures and their truth anew."""
    (SAMPLE / "images").mkdir(parents=True, exist_ok=True)
    pictures = []
    for index in range(IMAGES):
        rendered, picture = scene(index)
        (SAMPLE / "images" / f"{index:03d}.jpg").write_bytes(encode_jpeg(rendered.image, QUALITY))
        pictures.append(picture)
    (SAMPLE / "truth.json").write_text(one_a_line(truth_record(pictures)), encoding="utf-8")


def detect() -> None:
    """Let the bundled detector look at the pictures as they are committed, and write what it finds."""
    for file, size in SAMPLES.values():
        rows = [row for index in range(IMAGES) for row in found_in(index, size)]
        (SAMPLE / file).write_text(one_a_line(rows), encoding="utf-8")
        print(f"{file}: {len(rows)} detections at {size} pixels")


def found_in(index: int, size: int) -> list[dict[str, Any]]:
    """The rows of one picture."""
    image = read_image(SAMPLE / "images" / f"{index:03d}.jpg")
    found = detections(image, size)
    return [
        row(index + 1, int(label), box, float(score))
        for box, label, score in zip(found.boxes, found.class_ids, found.scores, strict=True)
    ]


def detections(image: Image, size: int) -> Detections:
    """What the bundled detector finds, down to ``SCORE``, in the reference engine."""
    from yolodash.inference.cache import loaded
    from yolodash.inference.prediction import predict
    from yolodash.inference.selection import select

    model = loaded(locate("scenes").weights)
    candidates = predict(model, image, size=size, engine="torch", precision="float32")
    return select(candidates, score_threshold=SCORE, nms_iou_threshold=NMS_IOU, labels="all")


def row(image: int, label: int, box: np.ndarray, score: float) -> dict[str, Any]:
    """One detection as COCO's results have it."""
    left, top, right, bottom = (float(value) for value in box)
    sides = [left, top, right - left, bottom - top]
    return {
        "image_id": image,
        "category_id": label,
        "bbox": [round(side, 2) for side in sides],
        "score": round(score, 5),
    }


def one_a_line(record: object) -> str:
    """JSON with a row a line, so that a difference can be read."""
    return json.dumps(record).replace("}, {", "},\n{") + "\n"


def main() -> None:
    """Write everything anew."""
    draw()
    detect()
    size = sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file())
    print(f"{IMAGES} pictures, {size / 1e6:.2f} MB in {SAMPLE}")


if __name__ == "__main__":
    main()
