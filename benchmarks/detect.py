"""How long a YOLOv5s takes at 640, batch 1: plain PyTorch, ours, and the engines that are installed, side by side.

    python -m benchmarks.detect [--rounds 15] [--threads N]
    python -m benchmarks.detect --small     # the bundled yolov5p beside yolov5n, both at 320

Weights are random (seed 0): the time of a convolution does not depend on them. In every round each contender runs
once, in turn, and is compared with plain PyTorch of the same round, so that whatever else the machine does falls on
all of them alike.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from statistics import median
from typing import cast

import numpy as np
import torch

from yolodash.inference.devices import devices, resolve_device
from yolodash.inference.engines import engine_for
from yolodash.inference.prediction import candidates_from_maps
from yolodash.inference.preparation import prepare
from yolodash.inference.selection import select
from yolodash.models.detector import Detector
from yolodash.models.yolov5.official import Size, build
from yolodash.structures import ImageSize

SIZE = ImageSize(640, 640)
Run = Callable[[], object]


def main() -> None:
    """Print the processor, the table, and what surrounds the forward pass."""
    options = arguments()
    if options.threads:
        torch.set_num_threads(options.threads)
    for device in devices():
        print(device)
    with tempfile.TemporaryDirectory() as workspace:
        os.environ["YOLODASH_HOME"] = workspace
        if options.small:
            contenders = small_contenders()
            table(contenders, measure(contenders, options.rounds), "320 × 320, batch 1, torch, fused, float32")
            return
        model = quiet_model()
        contenders = all_contenders(model)
        table(contenders, measure(contenders, options.rounds), "YOLOv5s, 640 × 640, batch 1")
        surroundings(model, options.rounds)


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=0, help="of PyTorch and the engines; 0: PyTorch's own choice")
    parser.add_argument("--small", action="store_true", help="time yolov5p beside yolov5n at 320, in the same rounds")
    return parser.parse_args()


def quiet_model() -> Detector:
    """A YOLOv5s of random weights that, like a trained one, finds something in few cells only."""
    torch.manual_seed(0)
    model = build("s", 80).eval().requires_grad_(False)
    last = [module for module in model.modules() if isinstance(module, torch.nn.Conv2d) and module.bias is not None]
    for convolution in last:
        if convolution.out_channels == 3 * 85 and convolution.bias is not None:
            convolution.weight.mul_(20)
            convolution.bias.view(3, 85)[:, 4] -= 5
    return model


def all_contenders(model: Detector) -> dict[str, Run]:
    """Name and one run of each contender, plain PyTorch first."""
    batch = torch.rand(1, 3, SIZE.height, SIZE.width, generator=torch.Generator().manual_seed(0))
    on = resolve_device("auto")
    plain = model.to(on)
    there = batch.to(on)

    def run_plain() -> object:
        with torch.no_grad():
            return tuple(raw.cpu() for raw in plain(there))

    contenders: dict[str, Run] = {"plain PyTorch, float32, unfused": run_plain}
    ours = engine_for(model, input_size=SIZE, trial_seconds=600)
    contenders["ours (auto)"] = lambda: ours(batch)
    print(f"auto: {ours.note}\n")
    for name in ("torch", "onnxruntime", "openvino"):
        if find_spec(name) is not None:
            engine = engine_for(model, engine=name, precision="float32")
            label = "ours: torch, fused, channels last" if name == "torch" else name
            contenders[f"{label}, float32"] = lambda engine=engine: engine(batch)
    return contenders


def small_contenders() -> dict[str, Run]:
    """The bundled detector's network and the smallest published one, for as many classes; yolov5n first."""
    size = ImageSize(320, 320)
    batch = torch.rand(1, 3, size.height, size.width, generator=torch.Generator().manual_seed(0))
    contenders: dict[str, Run] = {}
    for name in ("n", "p"):
        model = build(cast(Size, name), 3).eval().requires_grad_(False)
        engine = engine_for(model, engine="torch", precision="float32")
        contenders[f"yolov5{name}, {model.parameter_count:,} parameters"] = lambda engine=engine: engine(batch)
    return contenders


def measure(contenders: dict[str, Run], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each contender, a number a round; the order turns with the rounds."""
    names = list(contenders)
    for run in contenders.values():
        run()
        run()
    times: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            times[name].append(milliseconds(contenders[name]))
    return times


def milliseconds(run: Run) -> float:
    """How long one run takes."""
    start = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - start)


def table(contenders: dict[str, Run], times: dict[str, list[float]], title: str) -> None:
    """One line a contender; the last column is its time as a share of the first one's."""
    plain, *_ = contenders
    print(f"{title:<42}{'median ms':>10}{'least ms':>10}{'of first':>10}")
    for name, taken in times.items():
        ratio = median(ours / theirs for ours, theirs in zip(taken, times[plain], strict=True))
        print(f"{name:<42}{median(taken):>10.1f}{min(taken):>10.1f}{ratio:>10.2f}")


def surroundings(model: Detector, rounds: int) -> None:
    """Preparation and selection, as shares of the forward pass of ours."""
    image = np.random.default_rng(0).integers(0, 256, (960, 1280, 3), dtype=np.uint8)
    engine = engine_for(model, input_size=SIZE)
    shares: dict[str, list[float]] = {"prepare": [], "candidates": [], "select": [], "forward": []}
    for _ in range(rounds + 1):
        start = time.perf_counter()
        prepared = prepare(model, image, size=SIZE, resize="letterbox")
        ready = time.perf_counter()
        maps = engine(prepared.batch)
        done = time.perf_counter()
        candidates = candidates_from_maps(model, maps, prepared)
        decoded = time.perf_counter()
        select(candidates, score_threshold=0.25, nms_iou_threshold=0.45)
        moments = (start, ready, done, decoded, time.perf_counter())
        for name, a, b in zip(("prepare", "forward", "candidates", "select"), moments, moments[1:], strict=False):
            shares[name].append(1000 * (b - a))
    forward = shares.pop("forward")[1:]
    print(f"\nbeside a forward pass of {median(forward):.1f} ms, for a picture of 1280 × 960:")
    for name, taken in shares.items():
        share = median(part / whole for part, whole in zip(taken[1:], forward, strict=True))
        print(f"{name:<42}{median(taken[1:]):>10.1f}{'':>10}{share:>10.1%}")


if __name__ == "__main__":
    main()
