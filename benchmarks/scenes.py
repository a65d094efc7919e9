"""How many scenes a minute the command renders, and how hard they are on several seeds.

    python -m benchmarks.scenes [--images 120] [--size 320x240] [--workers N] [--seeds 0]

The time is of a whole data set with its files, processes started included. ``--seeds 20`` also prints, for as many
seeds and 60 scenes of each, what share of the boxes is partly hidden or has a short side.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from yolodash.cli.scenes import parse_size, told
from yolodash.scenes.rendering import trace
from yolodash.scenes.sampling import sample_scene
from yolodash.scenes.truth import seen_blocks
from yolodash.scenes.writing import Hardness, SeriesOptions, hardness_of, scene_of, write_scenes

SCENES_OF_A_SEED = 60


def main() -> None:
    """Print pictures a minute, seconds for one, and how hard they are."""
    options = arguments()
    series = SeriesOptions(options.images, parse_size(options.size))
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        hardness = write_scenes(Path(folder) / "scenes", series, workers=options.workers)
        seconds = time.perf_counter() - start
    print(f"{options.images} pictures of {options.size}, {options.workers} processes, load {os.getloadavg()[0]:.1f}")
    print(f"{options.images / seconds * 60:.0f} pictures a minute")
    own = time.process_time()
    for index in range(8):
        scene_of(index, 1, series.size)
    print(f"one picture: {(time.process_time() - own) / 8:.2f} s of one processor")
    print(told(hardness))
    over_seeds(options.seeds)


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=120)
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seeds", type=int, default=0)
    return parser.parse_args()


def over_seeds(seeds: int) -> None:
    """A line for each seed: boxes, the share partly hidden, the share with a short side."""
    for seed in range(seeds):
        total = Hardness()
        for index in range(SCENES_OF_A_SEED):
            total += hardness_of(seen_blocks(trace(sample_scene(seed, index))))
        shares = (total.partly_hidden / total.boxes, total.small / total.boxes)
        print(f"seed {seed:3}: {total.boxes} boxes, {shares[0]:.1%} partly hidden, {shares[1]:.1%} small")


if __name__ == "__main__":
    main()
