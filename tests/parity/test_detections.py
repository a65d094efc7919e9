"""Real weights on real pictures: the same detections as the reference programs found.

Two differences are known and allowed for, and nothing else: see ``spared_by_the_program``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from yolodash.data.images import read_image
from yolodash.geometry.overlap import intersection_over_union
from yolodash.inference.prediction import predict
from yolodash.inference.selection import judge
from yolodash.models.detector import Detector
from yolodash.models.loading import load_model
from yolodash.structures import Candidates, Detections, Floats, Pairs, Resize, Thresholds

SCORE, NMS_IOU = 0.25, 0.45


@dataclass(frozen=True)
class Tolerance:
    """How close is the same: at least this overlap, at most this difference in score."""

    overlap: float
    score: float


YOLOV5 = Tolerance(overlap=0.99, score=0.005)
DARKNET = Tolerance(overlap=0.95, score=0.02)
YOLOV5_MODELS = ("yolov5n-v7.0", "yolov5n-dna-origami", "yolov5n-infrared-human", "yolov5n-six-crops")
DARKNET_FILES = (
    "yolov3-tiny__AlexeyAB_letterbox",
    "yolov3-tiny__AlexeyAB_stretch",
    "yolov3-tiny__pjreddie_letterbox",
    "yolo-lite-coco__AlexeyAB_letterbox",
    "yolo-lite-coco__AlexeyAB_stretch",
    "yolo-lite-coco__pjreddie_letterbox",
    "yolo-fastest-1.1-coco__AlexeyAB_letterbox",
    "yolo-fastest-1.1-coco__AlexeyAB_stretch",
)


@cache
def files_by_hash(folder: Path) -> dict[str, Path]:
    wanted = {".jpg", ".png", ".pt", ".weights", ".cfg"}
    found = (path for path in folder.rglob("*") if path.suffix in wanted and path.is_file())
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in found}


@cache
def loaded(weights: Path, cfg: Path | None) -> Detector:
    return load_model(weights, cfg=cfg)


REFERENCE: dict[str, Any] = {"device": "cpu", "precision": "float32", "engine": "torch"}


@cache
def candidates_of(weights: Path, cfg: Path | None, picture: Path, size: int | None, way: Resize) -> Candidates:
    return predict(loaded(weights, cfg), read_image(picture), size=size, resize=way, **REFERENCE)


def reference_boxes(found: list[dict[str, Any]], candidates: Candidates) -> Floats:
    """The program's boxes, clipped as ours are."""
    boxes = np.array([entry["box_xyxy_pixels"] for entry in found], dtype=np.float32).reshape(-1, 4)
    return np.clip(boxes, 0, clip_limit(candidates))


def unmatched(
    candidates: Candidates, theirs: list[dict[str, Any]], close: Tolerance, beta: float | None = None
) -> list[str]:
    """What one side found and the other did not; scores within the tolerance of the threshold may go either way."""
    selection = judge(candidates, Thresholds(SCORE - close.score, NMS_IOU))
    ours, boxes = selection.detections, reference_boxes(theirs, candidates)
    overlap = intersection_over_union(torch.from_numpy(ours.boxes), torch.from_numpy(boxes)).numpy()
    left = list(range(len(theirs)))
    problems: list[str] = []
    for row, score in enumerate(ours.scores):
        matches = [column for column in left if same(ours, row, theirs[column], overlap[row, column], close)]
        if matches:
            left.remove(matches[0])
        elif score > SCORE + close.score:
            problems.append(f"only ours: {candidates.names[ours.class_ids[row]]} {score:.3f}")
    for column in left:
        if not spared_by_the_program(candidates, selection.pairs, theirs[column], boxes[column], close, beta):
            problems.append(f"only theirs: {theirs[column]['name']} {theirs[column]['score']:.3f}")
    return problems


def spared_by_the_program(
    candidates: Candidates, pairs: Pairs, theirs: dict[str, Any], box: Floats, close: Tolerance, beta: float | None
) -> bool:
    """Whether we have the very same box and score, and only suppression went the other way, for one of two reasons.

    The overlap lies at the threshold, and the last bits of another JPEG decoder decide (yolo-lite on zidane.jpg:
    .4497 there, .4504 here). Or the cfg has ``nms_kind=greedynms`` with ``beta_nms``, for which that program takes
    (distance² / diagonal²)^beta off the overlap; we suppress by plain IoU for every network.
    """
    whole = np.clip(candidates.boxes[pairs.candidate], 0, clip_limit(candidates))
    near = intersection_over_union(torch.from_numpy(box)[None], torch.from_numpy(whole))[0].numpy()
    right = (near >= close.overlap) & (np.abs(pairs.scores - theirs["score"]) <= close.score)
    for row in np.flatnonzero(right & (pairs.class_ids == theirs["class"]) & (pairs.suppressor >= 0)):
        one, other = candidates.boxes[pairs.candidate[[row, pairs.suppressor[row]]]]
        if float(pairs.suppressor_iou[row]) - distance_penalty(one, other, candidates, beta) <= NMS_IOU + 0.001:
            return True
    return False


def distance_penalty(one: Floats, other: Floats, candidates: Candidates, beta: float | None) -> float:
    """(distance of the centres² / diagonal of the hull²)^beta, in shares of the picture; 0 without a beta."""
    if beta is None:
        return 0.0
    one, other = one / clip_limit(candidates), other / clip_limit(candidates)
    distance = (one[:2] + one[2:] - other[:2] - other[2:]) / 2
    hull = np.maximum(one[2:], other[2:]) - np.minimum(one[:2], other[:2])
    return float((distance @ distance / (hull @ hull)) ** beta)


def clip_limit(candidates: Candidates) -> Floats:
    size = candidates.image_size
    return np.array([size.width, size.height] * 2, dtype=np.float32)


def same(ours: Detections, row: int, theirs: dict[str, Any], overlap: float, close: Tolerance) -> bool:
    near = overlap >= close.overlap and abs(float(ours.scores[row]) - theirs["score"]) <= close.score
    return bool(near and ours.class_ids[row] == theirs["class"])


def yolov5_runs(folder: Path, model: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for path in sorted(folder.glob(f"{model}__*.json")):
        record = json.loads(path.read_text())
        if isinstance(record, dict) and "runs" in record:
            yield from ((record, run) for run in record["runs"])


@pytest.mark.parametrize("model", YOLOV5_MODELS)
def test_yolov5_finds_what_its_own_program_finds(model: str, assets: Path, asset: Callable[[str], Path]) -> None:
    files = files_by_hash(assets)
    problems: dict[str, list[str]] = {}
    runs = 0
    for record, run in yolov5_runs(asset("models/reference_outputs"), model):
        way: Resize = "rectangle" if "auto=True" in run["preprocess"] else "letterbox"
        picture = files[record["image_sha256"]]
        found = candidates_of(files[record["weights_sha256"]], None, picture, record["imgsz"], way)
        assert [found.network_size.height, found.network_size.width] == run["input_shape"][2:]
        problems[f"{picture.name} {way}"] = unmatched(found, run["detections"], YOLOV5)
        runs += 1
    assert runs >= 4
    assert not {name: wrong for name, wrong in problems.items() if wrong}


@pytest.mark.parametrize("name", DARKNET_FILES)
def test_darknet_networks_find_what_darknet_finds(name: str, assets: Path, asset: Callable[[str], Path]) -> None:
    files = files_by_hash(assets)
    record = json.loads(asset(f"models/reference_outputs/{name}.json").read_text())
    weights, cfg = files[record["weights_sha256"]], files[record["cfg_sha256"]]
    beta = re.search(r"^nms_kind=greedynms\s+beta_nms=(\S+)", cfg.read_text(), re.MULTILINE)
    problems: dict[str, list[str]] = {}
    for entry in record["images"]:
        picture = files[entry["image_sha256"]]
        found = candidates_of(weights, cfg, picture, None, record["resize"])
        problems[picture.name] = unmatched(found, entry["detections"], DARKNET, float(beta[1]) if beta else None)
    assert len(problems) == 5
    assert not {picture: wrong for picture, wrong in problems.items() if wrong}
