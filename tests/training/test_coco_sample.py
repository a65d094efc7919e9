"""Training on from published weights, by the commands themselves: what was learned before is not lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from yolodash.runs.metrics import read_metrics

ROOT = Path(__file__).parents[2]
LOST_AT_MOST = 0.02


def yolodash(home: Path, *arguments: str) -> None:
    environment = {**os.environ, "YOLODASH_HOME": str(home), "OMP_WAIT_POLICY": "PASSIVE"}
    subprocess.run([sys.executable, "-m", "yolodash", *arguments], cwd=ROOT, env=environment, check=True)


@pytest.mark.slow
def test_three_epochs_on_a_part_of_coco_take_nothing_from_a_network_that_knows_coco(
    tmp_path: Path, asset: Callable[[str], Path]
) -> None:
    weights = str(asset("models/yolov5n-official-v7.0/yolov5n.pt"))
    data = str(asset("datasets/coco128_64/data.yaml"))
    report = tmp_path / "before.json"
    yolodash(
        tmp_path, "evaluate", "--weights", weights, "--data", data, "--convention", "yolov5", "--size", "640",
        "--batch", "16", "--json", str(report),
    )  # fmt: skip
    yolodash(tmp_path, "train", "--weights", weights, "--data", data, "--epochs", "3", "--name", "on")

    before, after = json.loads(report.read_text()), read_metrics(tmp_path / "runs" / "on")
    told = ", ".join(f"{one['map50']:.4f} / {one['map']:.4f}" for one in (before, *after))
    assert len(after) == 3
    assert after[-1]["map"] >= before["map"] - LOST_AT_MOST, told
    assert after[-1]["map50"] >= before["map50"] - LOST_AT_MOST, told
