"""How long scoring takes at COCO's size: our whole command beside faster-coco-eval and pycocotools, files to numbers.

    python -m benchmarks.evaluate [--pictures 5000] [--rounds 3]

Random boxes (seed 3): 80 classes, about 7 truths and 100 detections a picture. Every contender is a process of its
own that reads the same two files; in every round each runs once, in turn. Both the clock and the processor's time
are told, for a busy machine stretches the one and not the other. At last, what a page waits for when a threshold moves.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from yolodash.evaluation.files import read_files
from yolodash.evaluation.points import counts_at, precision_recall_curve
from yolodash.evaluation.report import Scoring

ROOT = Path(__file__).parent.parent
CLASSES = 80
FOUND_PER_PICTURE = 100

PEER = """
import contextlib, io, sys
truth, found = sys.argv[1:]
with contextlib.redirect_stdout(io.StringIO()):
    {imports}
    target = COCO(truth)
    evaluation = Evaluation(target, target.loadRes(found), "bbox")
    evaluation.evaluate(); evaluation.accumulate(); evaluation.summarize()
print(float(evaluation.stats[0]))
"""
PEERS = {
    "faster-coco-eval": "from faster_coco_eval import COCO, COCOeval_faster as Evaluation",
    "pycocotools": "from pycocotools.coco import COCO; from pycocotools.cocoeval import COCOeval as Evaluation",
}
MODULES = {"faster-coco-eval": "faster_coco_eval", "pycocotools": "pycocotools"}


def main() -> None:
    """Write the files, let everyone score them, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        truth, found = Path(folder, "truth.json"), Path(folder, "found.json")
        write_case(truth, found, options.pictures)
        contenders = all_contenders(truth, found, Path(folder, "out.json"))
        best: dict[str, tuple[float, float]] = {}
        for _ in range(options.rounds):
            for name, command in contenders.items():
                best[name] = min(best.get(name, (1e9, 1e9)), timed(command))
        print_table(best, contenders, Path(folder, "out.json"))
        print_thresholds(truth, found)


def write_case(truth: Path, found: Path, pictures: int) -> None:
    """Two files as COCO's own would be."""
    random = np.random.default_rng(3)
    truths: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for image in range(1, pictures + 1):
        count = int(random.poisson(7.2))
        near = max(count, 1)
        boxes = np.concatenate([random.uniform(0, 400, (near, 2)), np.exp(random.uniform(2, 5.4, (near, 2)))], axis=1)
        labels = random.integers(1, CLASSES + 1, near)
        truths += [
            {"image_id": image, "category_id": int(label), "bbox": box.tolist(), "area": float(box[2] * box[3])}
            for box, label in zip(boxes[:count], labels[:count], strict=True)
        ]
        chosen = random.integers(0, near, FOUND_PER_PICTURE)
        noise = random.normal(0, 0.15, (FOUND_PER_PICTURE, 4))
        size = boxes[chosen, 2:]
        moved = np.concatenate([boxes[chosen, :2] + noise[:, :2] * size, size * np.exp(noise[:, 2:])], axis=1)
        right = random.random(FOUND_PER_PICTURE) < 0.7
        found_labels = np.where(right, labels[chosen], random.integers(1, CLASSES + 1, FOUND_PER_PICTURE))
        scores = random.random(FOUND_PER_PICTURE)
        results += [
            {"image_id": image, "category_id": int(label), "bbox": box.tolist(), "score": float(score)}
            for box, label, score in zip(moved, found_labels, scores, strict=True)
        ]
    images = [{"id": i, "file_name": f"{i}.jpg", "width": 640, "height": 480} for i in range(1, pictures + 1)]
    annotations = [{**row, "id": number, "iscrowd": 0} for number, row in enumerate(truths, start=1)]
    categories = [{"id": i, "name": f"class {i}"} for i in range(1, CLASSES + 1)]
    truth.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    found.write_text(json.dumps(results))
    print(f"{pictures} pictures, {len(truths)} truths, {len(results)} detections, {CLASSES} classes")


def all_contenders(truth: Path, found: Path, output: Path) -> dict[str, list[str]]:
    """The command line of each; a peer that is not installed is left out."""
    ours = [sys.executable, "-m", "yolodash", "evaluate", "--truth", str(truth), "--detections", str(found)]
    contenders = {"yolodash evaluate": [*ours, "--json", str(output)]}
    for name, imports in PEERS.items():
        if find_spec(MODULES[name]):
            contenders[name] = [sys.executable, "-c", PEER.format(imports=imports), str(truth), str(found)]
    return contenders


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, env=environment)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def print_table(best: dict[str, tuple[float, float]], contenders: dict[str, list[str]], output: Path) -> None:
    """The best round of each, and its mAP."""
    ours = best["yolodash evaluate"]
    print(f"\n{'':<20} {'clock s':>8} {'CPU s':>8} {'clock ×':>8} {'mAP':>14}")
    for name, (wall, cpu) in best.items():
        if name in PEERS:
            result = subprocess.run(contenders[name], check=True, capture_output=True, text=True).stdout.strip()
        else:
            result = str(json.loads(output.read_text())["map"])
        print(f"{name:<20} {wall:>8.2f} {cpu:>8.2f} {wall / ours[0]:>8.2f} {float(result):>14.11f}")


def print_thresholds(truth: Path, found: Path) -> None:
    """What a page waits for."""
    files = read_files(truth, found)
    scoring = Scoring.of(files.truths, files.found, files.labels, "coco")
    matched = scoring.match(0.5)
    precision_recall_curve(scoring, matched)  # what is made once
    print("\na threshold moves (truths and detections have met once before)")
    works: dict[str, Callable[[], object]] = {
        "match IoU: matches": lambda: scoring.match(0.6),
        "match IoU: AP of all classes": lambda: scoring.average_precisions(scoring.match(0.6)),
        "match IoU: matches, AP, curve, TP FP FN": lambda: everything(scoring, 0.6),
        "score: TP FP FN, P and R": lambda: counts_at(scoring, matched, 0.3),
    }
    for name, work in works.items():
        times = []
        for _ in range(7):
            start = time.perf_counter()
            work()
            times.append(1000 * (time.perf_counter() - start))
        print(f"{name:<42} {min(times):6.1f} ms")


def everything(scoring: Scoring, threshold: float) -> None:
    """All that stands beside the curve at a new match IoU."""
    matched = scoring.match(threshold)
    scoring.average_precisions(matched)
    precision_recall_curve(scoring, matched)
    counts_at(scoring, matched, 0.3)


if __name__ == "__main__":
    main()
