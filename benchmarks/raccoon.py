"""What training gives on the raccoons, beside what YOLOv5's own program gave: same pictures, settings and seeds.

    YOLODASH_ASSETS=… python -m benchmarks.raccoon --home FOLDER [--only 30] [--threads 1]

Every run is the command line itself, ``train --img 320 --batch 16`` from the official ``yolov5n.pt``, in a workspace of
its own; one that is finished is read, one that was cut off goes on. The split: the annotations by name, every fifth
from the fifth on validates. Figures are those of the last epoch, in YOLOv5's convention.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from yolodash.runs.launch import WAITING
from yolodash.runs.metrics import read_metrics
from yolodash.runs.state import read_state

ROOT = Path(__file__).parent.parent
WEIGHTS = "models/yolov5n-official-v7.0/yolov5n.pt"
DATA = "datasets/raccoon_voc"
TOLERANCE = 0.02


@dataclass(frozen=True)
class Figures:
    """Precision, recall, mAP50 and mAP50-95 of one run."""

    precision: float
    recall: float
    map50: float
    map: float

    def __str__(self) -> str:
        return f"{self.precision:5.3f} {self.recall:5.3f} {self.map50:6.3f} {self.map:8.3f}"


@dataclass(frozen=True)
class Run:
    """One training, and what YOLOv5 7.0 gave for it."""

    epochs: int
    freeze: int
    seed: int
    theirs: Figures

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"raccoon-{self.epochs}-epochs-freeze-{self.freeze}-seed-{self.seed}"


RUNS = (
    Run(3, 0, 0, Figures(0.127, 0.190, 0.080, 0.026)),
    Run(30, 0, 0, Figures(0.930, 0.952, 0.959, 0.675)),
    Run(30, 0, 1, Figures(0.869, 0.976, 0.954, 0.661)),
    Run(30, 0, 2, Figures(0.983, 0.929, 0.964, 0.661)),
    Run(30, 10, 0, Figures(0.859, 0.881, 0.931, 0.569)),
    Run(30, 10, 1, Figures(0.827, 0.929, 0.916, 0.562)),
)


def main() -> None:
    """Split, train what is not trained yet, print the table."""
    options = arguments()
    assets = Path(os.environ["YOLODASH_ASSETS"])
    home = Path(options.home).resolve()
    os.environ["YOLODASH_HOME"] = str(home)
    split(assets / DATA, home / "raccoons")
    for run in RUNS:
        if not options.only or run.epochs in options.only:
            train(run, home, assets / WEIGHTS, options.threads)
    table([(run, done) for run in RUNS if (done := figures(run, home)) is not None])


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", required=True, help="a workspace for the split and the runs; kept")
    parser.add_argument("--only", type=int, nargs="*", help="runs of so many epochs alone")
    parser.add_argument("--threads", type=int, default=0, help="of PyTorch; 0: its own choice")
    return parser.parse_args()


def split(source: Path, target: Path) -> None:
    """Copy pictures and annotations as they are into ``train`` and ``val``."""
    annotations = sorted((source / "annotations").glob("*.xml"), key=lambda path: path.name)
    for number, annotation in enumerate(annotations):
        part = target / ("val" if number % 5 == 4 else "train")
        for file in (annotation, source / "images" / f"{annotation.stem}.jpg"):
            copy = part / file.parent.name / file.name
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)


def train(run: Run, home: Path, weights: Path, threads: int) -> None:
    """Do a run, or the rest of it."""
    folder = home / "runs" / run.name
    if folder.exists() and read_state(folder).state == "finished":
        return
    if folder.exists():
        command = ["--resume", run.name]
    else:
        command = [
            "--data", str(home / "raccoons"), "--weights", str(weights), "--img", "320", "--batch", "16",
            "--epochs", str(run.epochs), "--freeze", str(run.freeze), "--seed", str(run.seed), "--name", run.name,
        ]  # fmt: skip
    environment = {**WAITING, **os.environ, **({"OMP_NUM_THREADS": str(threads)} if threads else {})}
    subprocess.run([sys.executable, "-m", "yolodash", "train", *command], cwd=ROOT, env=environment, check=True)


def figures(run: Run, home: Path) -> Figures | None:
    """What the last epoch gave; None for a run that is not finished."""
    records = read_metrics(home / "runs" / run.name)
    if not records or records[-1]["epoch"] != run.epochs - 1:
        return None
    last = records[-1]
    return Figures(last["precision"], last["recall"], last["map50"], last["map"])


def table(rows: Sequence[tuple[Run, Figures]]) -> None:
    """Each run, ours beside theirs, and the means of those that differ by the seed alone."""
    columns = "    P     R  mAP50 mAP50-95"
    print(f"{'epochs':>6} {'freeze':>6} {'seed':>4}   {'ours':<28} {'YOLOv5 7.0':<28} difference")
    print(f"{'':21}{columns}  {columns}    mAP50 mAP50-95")
    for run, ours in rows:
        print(f"{run.epochs:6} {run.freeze:6} {run.seed:4}   {ours}  {run.theirs}  {_difference(ours, run.theirs)}")
    for epochs, freeze in dict.fromkeys((run.epochs, run.freeze) for run, _ in rows if run.epochs > 3):
        same = [(ours, run.theirs) for run, ours in rows if (run.epochs, run.freeze) == (epochs, freeze)]
        ours, theirs = average(one for one, _ in same), average(one for _, one in same)
        held = min(ours.map50 - theirs.map50, ours.map - theirs.map) >= -TOLERANCE
        verdict = f"within {TOLERANCE}" if held else f"MORE THAN {TOLERANCE} BELOW"
        print(
            f"{epochs:6} {freeze:6} mean   {ours}  {theirs}  {_difference(ours, theirs)}  {verdict} ({len(same)} seeds)"
        )


def average(several: Iterable[Figures]) -> Figures:
    """The mean of each figure."""
    parts = [(one.precision, one.recall, one.map50, one.map) for one in several]
    return Figures(*(mean(column) for column in zip(*parts, strict=True)))


def _difference(ours: Figures, theirs: Figures) -> str:
    return f"{ours.map50 - theirs.map50:+9.3f} {ours.map - theirs.map:+8.3f}"


if __name__ == "__main__":
    main()
