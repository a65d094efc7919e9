"""A small data set and a small network on disk, and the command that trains one on the other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import torch

from tests.yolov5_files import network, save, tiny
from yolodash.scenes.writing import SeriesOptions, write_scenes
from yolodash.structures import ImageSize

ROOT = Path(__file__).parent.parent


def small_data(folder: Path, images: int = 20) -> Path:
    """Scenes of 96 × 72 pixels: 16 to train with, 2 to validate with; gives their data.yaml."""
    write_scenes(folder / "scenes", SeriesOptions(images=images, size=ImageSize(72, 96), seed=3))
    return folder / "scenes" / "data.yaml"


def small_weights(folder: Path, classes: int = 3) -> Path:
    """A checkpoint of the smallest network, as YOLOv5's training writes them."""
    torch.manual_seed(11)
    return save({"model": network(tiny(classes=classes))}, folder / f"tiny{classes}.pt")


def environment(home: Path) -> dict[str, str]:
    """Of a command in a workspace; one thread, since small networks gain nothing from more."""
    return {**os.environ, "YOLODASH_HOME": str(home), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def command(home: Path, *words: object) -> subprocess.Popen[str]:
    """Start ``python -m yolodash …``."""
    return subprocess.Popen(
        [sys.executable, "-m", "yolodash", *map(str, words)],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def done(process: subprocess.Popen[str], code: int = 0) -> str:
    """What a command said, after it ended as it should."""
    said, _ = process.communicate(timeout=300)
    assert process.returncode == code, said
    return said
