"""Make the pair of files that the page Evaluate opens with: 60 rendered scenes, their truth, two simulated detectors.

    python scripts/evaluation_sample.py

The detections come from no network: they are the truth with seeded noise (boxes that are off, missed, doubled, of
another class, or of nothing), with scores that mostly follow how good a box is. Everything follows from ``SEED``.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from yolodash.data.images import encode_jpeg  # noqa: E402
from yolodash.scenes.blocks import SHAPES  # noqa: E402
from yolodash.scenes.rendering import Rendered, render  # noqa: E402
from yolodash.scenes.sampling import sample_scene  # noqa: E402
from yolodash.scenes.truth import seen_blocks, truth_of  # noqa: E402

FOLDER = ROOT / "yolodash" / "ui" / "evaluation" / "sample"
SEED = 4
IMAGES = 60
QUALITY = 82


@dataclass(frozen=True)
class Simulated:
    """How a detector that does not exist behaves.

    Attributes:
        file: of its detections.
        seed: of its noise.
        jitter: how far a side is off, as a share of the box.
        missed: share of the truths that it does not find; small and hidden ones more often.
        confused: share of the boxes that get another class.
        doubled: share of the boxes that are given twice.
        background: boxes of nothing, a picture.
    """

    file: str
    seed: int
    jitter: float
    missed: float
    confused: float
    doubled: float
    background: float


DETECTORS = (
    Simulated("detections.json", 1, jitter=0.055, missed=0.10, confused=0.07, doubled=0.12, background=0.9),
    Simulated("detections_second.json", 2, jitter=0.085, missed=0.08, confused=0.10, doubled=0.06, background=0.7),
)


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


def simulate(detector: Simulated, pictures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results file of a detector that does not exist."""
    random = np.random.default_rng([SEED, detector.seed])
    rows: list[dict[str, Any]] = []
    for index, picture in enumerate(pictures):
        for box, label, visible in zip(picture["boxes"], picture["classes"], picture["visible"], strict=True):
            rows += _seen(detector, random, index + 1, np.array(box), int(label), float(visible))
        for _ in range(random.poisson(detector.background)):
            rows.append(_nothing(random, index + 1))
    return rows


def _seen(
    detector: Simulated, random: np.random.Generator, image: int, box: np.ndarray, label: int, visible: float
) -> list[dict[str, Any]]:
    """What the detector makes of one object: nothing, one box, or two."""
    hard = 1.0 - min(1.0, visible * min(1.0, float(box[2:].min()) / 40))
    if random.random() < detector.missed * (1 + 3 * hard):
        return []
    found = []
    for copy in range(1 + int(random.random() < detector.doubled)):
        noise = random.normal(0, detector.jitter * (1 + 1.5 * hard + 1.2 * copy), 4)
        confused = random.random() < detector.confused * (1 + hard)
        guess = (label + int(random.integers(1, 3))) % 3 if confused else label
        off = float(np.abs(noise).mean()) / 0.1
        score = 2.6 - 1.4 * off - 1.3 * hard - 1.6 * confused - 1.2 * copy + random.normal(0, 0.8)
        found.append(_row(image, guess, _moved(box, noise), score))
    return found


def _nothing(random: np.random.Generator, image: int) -> dict[str, Any]:
    """A box where no object is."""
    width, height = random.uniform(16, 70, 2)
    left, top = random.uniform(0, 320 - width), random.uniform(60, 240 - height)
    return _row(image, int(random.integers(3)), np.array([left, top, width, height]), random.normal(-1.5, 1.0))


def _moved(box: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """The box with its four sides moved, kept within the picture."""
    left, top, width, height = box
    x = np.clip([left + noise[0] * width, left + width + noise[2] * width], 0, 320)
    y = np.clip([top + noise[1] * height, top + height + noise[3] * height], 0, 240)
    return np.array([x.min(), y.min(), max(np.ptp(x), 2.0), max(np.ptp(y), 2.0)])


def _row(image: int, label: int, box: np.ndarray, score: float) -> dict[str, Any]:
    return {
        "image_id": image,
        "category_id": label,
        "bbox": [round(float(value), 2) for value in box],
        "score": round(float(1 / (1 + np.exp(-score))), 4),
    }


def main() -> None:
    """Write everything anew."""
    (FOLDER / "images").mkdir(parents=True, exist_ok=True)
    pictures = []
    for index in range(IMAGES):
        rendered, picture = scene(index)
        (FOLDER / "images" / f"{index:03d}.jpg").write_bytes(encode_jpeg(rendered.image, QUALITY))
        pictures.append(picture)
    (FOLDER / "truth.json").write_text(one_a_line(truth_record(pictures)), encoding="utf-8")
    for detector in DETECTORS:
        (FOLDER / detector.file).write_text(one_a_line(simulate(detector, pictures)), encoding="utf-8")
    size = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
    print(f"{IMAGES} pictures, {sum(len(one['boxes']) for one in pictures)} boxes, {size / 1e6:.2f} MB in {FOLDER}")


def one_a_line(record: object) -> str:
    """JSON with a row a line, so that a difference can be read."""
    return json.dumps(record).replace("}, {", "},\n{") + "\n"


if __name__ == "__main__":
    main()
