"""Frames a second of the video pipeline on a 720p clip, beside the plain loop and the network alone, in one run.

    python -m benchmarks.video [CLIP] [--frames 60] [--size 640] [--rounds 3]

The network has YOLOv5s's architecture and size with random weights, which are as fast as trained ones. The plain loop
is what a script does: OpenCV reads, the network runs in float32 with torch, boxes are drawn, OpenCV writes mp4v. Ours
decodes, looks and encodes H.264 side by side. The network alone looks at one picture, one after another, and at as many
at once as its engine likes. These ways take turns, each in a process of its own, since how torch's
threads wait is settled for a whole process; the median of the rounds counts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch

from benchmarks.detect import quiet_model
from yolodash.data.videos.reading import open_video
from yolodash.data.videos.writing import new_video
from yolodash.drawing import draw_detections
from yolodash.inference.engines import engine_for
from yolodash.inference.looking import Look, at_once, look_at_each, make_ready
from yolodash.inference.prediction import predict
from yolodash.inference.selection import select
from yolodash.inference.video import WEAK, Behind, SeenFrame, drawn, watch
from yolodash.runs.launch import WAITING
from yolodash.structures import ImageSize, Thresholds

WIDTH, HEIGHT = 1280, 720
SCORE = 0.25
WARM = 5


def main() -> None:
    options = parsed()
    if options.way is not None:
        print(f"rate {measured(options.way, options)}")
        return
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["YOLODASH_HOME"] = temporary
        options.clip = options.clip or made_clip(Path(temporary) / "clip.mp4", options.frames)
        look = look_of(options)
        make_ready(look, trial_seconds=120)
        note = engine_for(look.model, input_size=look.size).note
        print(note.text.format(**note.values))
        rates: dict[str, list[float]] = {name: [] for name in WAYS}
        for _ in range(options.rounds):
            for name in WAYS:
                rates[name].append(in_a_process(name, options))
                print(f"  {name:17} {rates[name][-1]:7.2f}", flush=True)
    show({name: statistics.median(values) for name, values in rates.items()})


def in_a_process(way: str, options: argparse.Namespace) -> float:
    """Frames a second of one way; only the plain loop leaves torch as it comes."""
    words = [str(options.clip), "--frames", str(options.frames), "--size", str(options.size), "--way", way]
    environment = os.environ if way == PLAIN else {**os.environ, **WAITING}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.video", *words], env=environment, check=True, stdout=subprocess.PIPE
    )
    return float(done.stdout.split()[-1])


def measured(way: str, options: argparse.Namespace) -> float:
    """Run one way here; a few frames before count nothing."""
    look = look_of(options)
    with tempfile.TemporaryDirectory() as temporary:
        output = Path(temporary) / "out.mp4"
        WAYS[way](look, argparse.Namespace(**{**vars(options), "frames": WARM}), output)
        begin = time.perf_counter()
        frames = WAYS[way](look, options, output)
        return frames / (time.perf_counter() - begin)


def look_of(options: argparse.Namespace) -> Look:
    """The model and its input."""
    return Look(quiet_model(), Thresholds(SCORE), ImageSize(options.size, options.size))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("clip", nargs="?", type=Path)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--size", type=int, default=640)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=WAYS, help="only this, once, in this process")
    return parser.parse_args()


def show(rates: dict[str, float]) -> None:
    print(f"{torch.get_num_threads()} threads, {'CUDA' if torch.cuda.is_available() else 'no GPU'}")
    for name, rate in rates.items():
        print(f"{name:17} {rate:7.2f} frames a second")
    print(f"ours / plain loop    {rates['ours'] / rates['plain loop']:.2f}")
    print(f"ours / network alone {rates['ours'] / rates['network alone']:.2f}")
    print(f"ours / network, several at once {rates['ours'] / rates['network, several']:.2f}")


def made_clip(path: Path, frames: int) -> Path:
    """A pan over soft noise, as busy as a street."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 255, (90, 240, 3), np.uint8)
    large = cv2.resize(noise, (2 * WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    with new_video(path, rate=25) as writer:
        for number in range(frames):
            left = 8 * number % WIDTH
            writer.write(np.ascontiguousarray(large[:, left : left + WIDTH]), number / 25)
    return path


def plain(look: Look, options: argparse.Namespace, output: Path) -> int:
    """Read, look, draw, write; one after the other."""
    model = look.model
    capture = cv2.VideoCapture(str(options.clip))
    writer = cv2.VideoWriter(str(output), cv2.VideoWriter.fourcc(*"mp4v"), 25, (WIDTH, HEIGHT))
    count = 0
    while count < options.frames:
        read, frame = capture.read()
        if not read:
            break
        image = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        candidates = predict(model, image, size=options.size, engine="torch", precision="float32")
        found = select(candidates, score_threshold=SCORE, nms_iou_threshold=0.45)
        writer.write(cv2.cvtColor(draw_detections(image, found, model.names), cv2.COLOR_RGB2BGR))
        count += 1
    capture.release()
    writer.release()
    return count


def ours(look: Look, options: argparse.Namespace, output: Path) -> int:
    """The command's own way."""
    count = 0

    def write(seen: SeenFrame) -> None:
        writer.write(drawn(seen, look.model.names), seen.frame.seconds)

    with open_video(options.clip) as video, new_video(output, rate=25) as writer, Behind[SeenFrame](write) as line:
        for seen in watch(video.frames, look):
            line.put(seen)
            count += 1
            if count == options.frames:
                break
    return count


def alone(look: Look, options: argparse.Namespace, _output: Path) -> int:
    """One decoded frame, looked at again and again, one after another."""
    return _again(look, options, 1)


def together(look: Look, options: argparse.Namespace, _output: Path) -> int:
    """The same, as many at once as the engine likes."""
    return _again(look, options, at_once(look))


def _again(look: Look, options: argparse.Namespace, count: int) -> int:
    with open_video(options.clip) as video:
        image = next(video.frames).image
    for _ in range(0, options.frames, count):
        look_at_each(look, [image] * count, "benchmark", floor=WEAK)
    return len(range(0, options.frames, count)) * count


PLAIN = "plain loop"
WAYS: dict[str, Callable[[Look, argparse.Namespace, Path], int]] = {
    PLAIN: plain,
    "ours": ours,
    "network alone": alone,
    "network, several": together,
}

if __name__ == "__main__":
    main()
