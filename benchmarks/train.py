"""Pictures a second while training: ours beside plain PyTorch code of the same network and schedule.

    python -m benchmarks.train [--model n] [--size 320] [--batch 16] [--rounds 5] [--threads N]

Plain means what a good tutorial writes: float32, maps as they come (NCHW), a loss of one loop over the scales, SGD with
its three groups, averaged weights name by name, and pictures that are read, decoded and changed in the same process
when they are wanted. A round is an epoch of 64 pictures, which make up one step of the optimiser; in every round each
contender does one, in turn, so that whatever else the machine does falls on all of them alike. First both get the same
batches out of memory, then each has to make its own. Weights are random (seed 0), pictures are scenes.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from yolodash.data.augment.recipe import Recipe
from yolodash.data.batches import Batch, Batches
from yolodash.data.opening import open_dataset
from yolodash.evaluation.running import pictures_of
from yolodash.inference.devices import devices
from yolodash.losses.yolov5 import Gains
from yolodash.models.detector import Detector
from yolodash.models.yolov5.official import build
from yolodash.scenes.writing import SeriesOptions, write_scenes
from yolodash.structures import Head, ImageSize
from yolodash.training.averaging import averaging_decay
from yolodash.training.checkpoint import State
from yolodash.training.loop import Job, begin
from yolodash.training.reproducibility import deterministic
from yolodash.training.schedule import accumulation, moment
from yolodash.training.settings import Settings
from yolodash.training.step import learn, loss_of
from yolodash.training.transfer import set_priors
from yolodash.training.validation import Metrics

CLASSES = ("cube", "sphere", "cylinder")
PICTURES = 64
"""To train with; one more in eight each validates and tests."""
Step = Callable[[Batch], object]


def main() -> None:
    """Print the processor, the table, and where the time of ours goes."""
    options = arguments()
    if options.threads:
        torch.set_num_threads(options.threads)
    for device in devices():
        print(device)
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads\n")
    settings = Settings(epochs=1000, batch=options.batch, size=options.size, warmup_epochs=0)
    with tempfile.TemporaryDirectory() as folder, deterministic("cpu"):
        batches = made_batches(Path(folder), settings, options.workers)
        plain, ours = Plain(network(options.model), settings), Ours(network(options.model), settings, Path(folder))
        compare(options, settings, batches, plain, ours)


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="n", choices=("p", "n", "s", "m"))
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0, help="of PyTorch; 0: its own choice")
    parser.add_argument("--workers", type=int, default=2, help="threads that prepare our batches")
    return parser.parse_args()


def network(size: str) -> Detector:
    """A YOLOv5 with the same random weights every time."""
    torch.manual_seed(0)
    model = build(size, len(CLASSES), names=CLASSES)  # type: ignore[arg-type]
    set_priors(model)
    return model


def made_batches(folder: Path, settings: Settings, workers: int) -> Batches:
    """Ours, over scenes that are on the disk."""
    write_scenes(folder / "scenes", SeriesOptions(images=PICTURES * 5 // 4, size=ImageSize(480, 640), seed=0))
    pictures = pictures_of(open_dataset(folder / "scenes" / "data.yaml"), "train").images
    classes = {number: number for number in range(len(CLASSES))}
    return Batches(pictures, classes, size=settings.size, batch=settings.batch, recipe=Recipe(), workers=workers)


def one_by_one(batches: Batches) -> Batches:
    """The same pictures, each read, decoded, changed and put into its place when it is wanted."""
    return Batches(
        batches.pictures._pictures, batches.pictures._classes, size=batches.size, batch=batches.batch,
        recipe=batches.recipe, workers=0, memory=0,
    )  # fmt: skip


class Ours:
    """A training of ours, and a clock for each part of its step."""

    def __init__(self, model: Detector, settings: Settings, folder: Path) -> None:
        job = Job(model, None, lambda _: Metrics(0, 0, 0, 0), settings, Gains(), folder)  # type: ignore[arg-type]
        self.state, self.settings = begin(job), settings
        self.state.network.train()
        self.loss = loss_of(model, Gains())

    def __call__(self, batch: Batch) -> None:
        position = self.state.position
        learn(self.state, batch, moment(self.settings, position.batches, 100), self.loss, self.settings)


class Plain:
    """The same training, written down as simply as it goes."""

    def __init__(self, model: Detector, settings: Settings) -> None:
        self.model, self.settings, self.batches, self.updates = model.train(), settings, 0, 0
        self.averaged = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        biases = [one for name, one in model.named_parameters() if name.endswith("bias")]
        normalisation = [module.weight for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
        rest = {id(one) for one in biases + normalisation}
        weights = [one for one in model.parameters() if id(one) not in rest]
        groups: list[dict[str, Any]] = [
            {"params": weights, "weight_decay": settings.weight_decay},
            {"params": normalisation},
            {"params": biases},
        ]
        self.optimizer = torch.optim.SGD(groups, lr=settings.learning_rate, momentum=settings.momentum, nesterov=True)

    def __call__(self, batch: Batch) -> float:
        images = batch.images.contiguous().float() / 255
        maps = self.model(images)
        loss = plain_loss(maps, batch.targets, self.model.heads, self.settings.size)
        loss.backward()  # type: ignore[no-untyped-call]
        self.batches += 1
        if self.batches % accumulation(self.settings) == 0:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.clip)
            self.optimizer.step()
            self.optimizer.zero_grad()
            self.average()
        return loss.item()

    @torch.no_grad()
    def average(self) -> None:
        """Move the averaged weights a little."""
        self.updates += 1
        decay = averaging_decay(self.updates)
        for name, tensor in self.model.state_dict().items():
            if tensor.is_floating_point():
                self.averaged[name].mul_(decay).add_(tensor, alpha=1 - decay)


def plain_loss(maps: tuple[Tensor, ...], targets: Tensor, heads: tuple[Head, ...], size: int) -> Tensor:
    """YOLOv5's loss: for each scale, who answers, how well the boxes lie, and what the cells say."""
    total = torch.zeros(())
    gains = (0.05, (size / 640) ** 2, 0.5 * len(CLASSES) / 80)
    for raw, head, weight in zip(maps, heads, (4.0, 1.0, 0.4), strict=True):
        picture, anchor, row, column, truth = answering(raw, targets, head)
        wanted = torch.zeros(raw.shape[:4])
        if len(truth):
            own = raw[picture, anchor, row, column]
            centre = (own[:, :2].sigmoid() * 2 - 0.5 + torch.stack([column, row], 1)) * head.stride
            sides = (own[:, 2:4].sigmoid() * 2) ** 2 * torch.tensor(head.anchors)[anchor]
            overlap, complete = plain_overlaps(torch.cat([centre, sides], 1), truth[:, 2:6] * size)
            total = total + gains[0] * (1 - complete).mean()
            wanted[picture, anchor, row, column] = overlap.detach()
            classes = F.one_hot(truth[:, 1].long(), len(CLASSES)).float()
            total = total + gains[2] * F.binary_cross_entropy_with_logits(own[:, 5:], classes)
        total = total + gains[1] * weight * F.binary_cross_entropy_with_logits(raw[..., 4], wanted)
    return total * len(maps[0])


def answering(raw: Tensor, targets: Tensor, head: Head) -> tuple[Tensor, ...]:
    """Picture, anchor, row, column and target of every pair of an object and a prediction that answers for it."""
    rows, columns = raw.shape[2:4]
    sides = torch.tensor([columns, rows])
    ratio = targets[:, None, 4:6] * sides * head.stride / torch.tensor(head.anchors)
    target, anchor = (torch.maximum(ratio, 1 / ratio).amax(2) < 4).nonzero(as_tuple=True)
    place = targets[target, 2:4] * sides
    cell, inside = place.long(), place % 1
    found = []
    for step in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
        move = torch.tensor(step)
        near = ((inside - 0.5) * move).sum(1) > 0 if any(step) else torch.ones(len(target), dtype=torch.bool)
        moved = cell + move
        near &= ((moved >= 0) & (moved < sides)).all(1)
        found.append((targets[target, 0].long()[near], anchor[near], moved[near, 1], moved[near, 0], target[near]))
    picture, anchor, row, column, target = (torch.cat(parts) for parts in zip(*found, strict=True))
    return picture, anchor, row, column, targets[target]


def plain_overlaps(boxes: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and CIoU of each pair of boxes, cx, cy, w, h."""
    low, high = boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2
    other_low, other_high = others[:, :2] - others[:, 2:] / 2, others[:, :2] + others[:, 2:] / 2
    common = (torch.minimum(high, other_high) - torch.maximum(low, other_low)).clamp(min=0).prod(1)
    overlap = common / (boxes[:, 2:].prod(1) + others[:, 2:].prod(1) - common)
    hull = torch.maximum(high, other_high) - torch.minimum(low, other_low)
    distance = ((boxes[:, :2] - others[:, :2]) ** 2).sum(1) / (hull**2).sum(1)
    angles = [torch.atan(box[:, 2] / box[:, 3]) for box in (boxes, others)]
    aspect = 4 / math.pi**2 * (angles[0] - angles[1]) ** 2
    share = (aspect / (1 - overlap + aspect)).detach()
    return overlap, overlap - distance - share * aspect


@dataclass
class Taken:
    """Seconds of each contender in each round, by the clock and of the processor."""

    clock: list[float]
    processor: list[float]


def compare(options: argparse.Namespace, settings: Settings, batches: Batches, plain: Plain, ours: Ours) -> None:
    """Both tables, then the profile."""
    about = f"YOLOv5{options.model}, {settings.size} × {settings.size}, batch {settings.batch}"
    read = one_by_one(batches)
    kept = list(read.epoch(0))
    same = {"plain PyTorch": lambda turn: in_turn(plain, kept), "ours": lambda turn: in_turn(ours, kept)}
    table(f"{about}: the step alone", measure(same, options.rounds))
    whole = {
        "plain PyTorch, reads one by one": lambda turn: in_turn(plain, read.epoch(turn)),
        f"ours, {batches.workers} workers": lambda turn: in_turn(ours, batches.epoch(turn)),
    }
    table(f"{about}: with its pictures", measure(whole, options.rounds))
    profile(ours, batches, options.rounds)


def in_turn(step: Step, batches: Iterable[Batch]) -> None:
    """One step after another."""
    for batch in batches:
        step(batch)


def measure(contenders: dict[str, Callable[[int], None]], rounds: int) -> dict[str, Taken]:
    """Seconds of each contender; the order turns with the rounds, and a first round is not counted."""
    names = list(contenders)
    taken = {name: Taken([], []) for name in names}
    for turn in range(rounds + 1):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            clock, processor = time.perf_counter(), time.process_time()
            contenders[name](turn)
            if turn:
                taken[name].clock.append(time.perf_counter() - clock)
                taken[name].processor.append(time.process_time() - processor)
    return taken


def table(title: str, taken: dict[str, Taken]) -> None:
    """One line a contender; the ratios are medians over the rounds."""
    plain = next(iter(taken.values()))
    print(f"{title:<48}{'pictures/s':>12}{'of plain':>10}{'processor s':>13}{'of plain':>10}")
    for name, one in taken.items():
        faster = median(theirs / own for theirs, own in zip(plain.clock, one.clock, strict=True))
        less = median(own / theirs for theirs, own in zip(plain.processor, one.processor, strict=True))
        rate, seconds = PICTURES / median(one.clock), median(one.processor)
        print(f"{name:<48}{rate:>12.1f}{faster:>9.2f}×{seconds:>13.2f}{less:>10.2f}")
    print()


def profile(ours: Ours, batches: Batches, rounds: int) -> None:
    """Where the time of ours goes, by the clock, its pictures included."""
    parts = dict.fromkeys(("waiting for data", "forward", "loss", "backward, clipping", "optimiser", "average"), 0.0)
    undo = clocks(ours, parts)
    start = time.perf_counter()
    count = 0
    for turn in range(rounds):
        asked = time.perf_counter()
        for batch in batches.epoch(turn):
            parts["waiting for data"] += time.perf_counter() - asked
            ours(batch)
            count += 1
            asked = time.perf_counter()
    whole = time.perf_counter() - start
    for one in undo:
        one()
    parts["backward, clipping"] = whole - sum(parts.values())
    print(f"{'where the time of ours goes':<48}{'ms a batch':>12}{'share':>10}")
    for name, seconds in parts.items():
        print(f"{name:<48}{1000 * seconds / count:>12.1f}{seconds / whole:>10.1%}")


def clocks(ours: Ours, parts: dict[str, float]) -> list[Callable[[], None]]:
    """Let every part of the step add up its seconds; what is left of the whole is the way back."""

    def timed(name: str, function: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object) -> object:
            start = time.perf_counter()
            result = function(*arguments)
            parts[name] += time.perf_counter() - start
            return result

        return run

    state: State = ours.state
    places: list[tuple[object, str, str]] = [(ours, "loss", "loss"), (state.network, "forward", "forward")]
    places += [(state.optimizer, "step", "optimiser"), (state.average, "update", "average")]
    undo: list[Callable[[], None]] = []
    for owner, attribute, name in places:
        before = getattr(owner, attribute)
        setattr(owner, attribute, timed(name, before))
        undo.append(partial(setattr, owner, attribute, before))
    return undo


if __name__ == "__main__":
    main()
