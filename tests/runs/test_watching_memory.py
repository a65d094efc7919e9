"""The memory that a video run needs does not grow with the video's length."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from yolodash.data.videos.writing import new_video

ROOT = Path(__file__).parents[2]
PROGRAM = """
import resource, sys
from pathlib import Path
from tiny_detector import TinyDetector
from yolodash.inference.looking import Look
from yolodash.runs import watching
from yolodash.structures import ImageSize, Thresholds

look = Look(TinyDetector("v5"), Thresholds(), ImageSize(64, 64), engine="torch", precision="float32")
watching.launch = lambda _run: 0
watching._look = lambda _options: look
run = watching.begin_video(sys.argv[2], Path(sys.argv[1]), watching.VideoOptions("tiny", "clip.mp4"))
watching.watch_run(run)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, watching.read_progress(run).done)
"""


def peak(path: Path, name: str, workspace: Path) -> tuple[int, int]:
    """Kilobytes of the run's own process at most, and how many frames it did."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "YOLODASH_HOME": str(workspace)}
    command = [sys.executable, "-c", PROGRAM, str(path), name]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    kilobytes, frames = done.stdout.split()
    return int(kilobytes), int(frames)


def film(folder: Path, seconds: int) -> Path:
    """So many seconds of noise."""
    random = np.random.default_rng(0)
    frames = [random.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(50)]
    path = folder / f"{seconds}.mp4"
    with new_video(path, rate=25) as writer:
        for number in range(25 * seconds):
            writer.write(frames[number % 50], number / 25)
    return path


@pytest.mark.slow
def test_ten_minutes_need_no_more_memory_than_ten_seconds(tmp_path: Path, workspace: Path) -> None:
    short, frames = peak(film(tmp_path, 10), "short", workspace)
    long, more = peak(film(tmp_path, 600), "long", workspace)
    assert (frames, more) == (250, 15_000)
    assert long <= 1.1 * short, f"{short} kB for ten seconds, {long} kB for ten minutes"
