"""Scenes written to disk as a data set, whole or not at all, the same bytes for the same seed.

Pictures are JPEG of quality 95 without colour subsampling: a fifth of PNG's bytes, and no difference that an eye sees.
Truths carry no time: a time would be another one in every run. The files are written to a folder beside the output,
flushed together, and the folder is renamed last; so what stands at the output's name is complete.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from yolodash.errors import N_, DeviceError, OptionError
from yolodash.scenes.blocks import SHAPES, Scene
from yolodash.scenes.graph import annotation_of, graph_of, label_lines
from yolodash.scenes.questions import as_json, ask
from yolodash.scenes.rendering import Rendered, render
from yolodash.scenes.sampling import DEFAULT_SIZE, sample_scene
from yolodash.scenes.truth import PARTLY_HIDDEN, Seen, is_small, seen_blocks
from yolodash.structures import ImageSize
from yolodash.workspace import new_folder

SHORTEST_SIDE, LONGEST_SIDE = 32, 2048
MOST_IMAGES = 1_000_000
CLASS_COLOURS = ("#e6550d", "#3182bd", "#31a354")
QUALITY = 95
Progress = Callable[[int, int], None]
"""Called with how many pictures are done, of how many."""

_DATA_YAML = """\
# Written from annotations/ for trainers. Paths are relative to this file; a program that takes them as relative to
# itself needs the whole path of this folder in the next line.
path: .
train: train.txt
val: val.txt
test: test.txt
names:
"""


@dataclass(frozen=True)
class SeriesOptions:
    """What decides every byte of a data set of scenes."""

    images: int = 1000
    size: ImageSize = DEFAULT_SIZE
    seed: int = 0
    questions: bool = False


@dataclass(frozen=True)
class Hardness:
    """How hard a series is: counts of boxes, of those partly hidden, and of those with a short side."""

    boxes: int = 0
    partly_hidden: int = 0
    small: int = 0

    def __add__(self, other: Hardness) -> Hardness:
        return Hardness(self.boxes + other.boxes, self.partly_hidden + other.partly_hidden, self.small + other.small)


@dataclass(frozen=True)
class DrawnScene:
    """A scene, its picture, and the boxes of the blocks that can be seen."""

    scene: Scene
    rendered: Rendered
    seen: list[Seen]


def scene_of(index: int, seed: int = 0, size: ImageSize = DEFAULT_SIZE) -> DrawnScene:
    """One scene of a series, drawn."""
    scene = sample_scene(seed, index, size)
    rendered = render(scene)
    return DrawnScene(scene, rendered, seen_blocks(rendered))


def hardness_of(seen: list[Seen]) -> Hardness:
    """How hard one picture is."""
    return Hardness(len(seen), sum(one.visible < PARTLY_HIDDEN for one in seen), sum(map(is_small, seen)))


def split_of(index: int, images: int) -> str:
    """The part that a picture belongs to: the first 80 % train, the next 10 % val, the last 10 % test."""
    test = images // 10
    val = max(test, 1) if images > 1 else 0
    return "train" if index < images - val - test else "val" if index < images - test else "test"


def write_scenes(
    output: Path, options: SeriesOptions, *, progress: Progress | None = None, workers: int | None = None
) -> Hardness:
    """Render a series of scenes and write it as a data set.

    Args:
        output: a folder that does not exist yet, or is empty.
        options: how many, how large, which series, and whether with questions.
        progress: told after every picture.
        workers: processes; as many as there are processors, if None. The bytes do not depend on it.

    Raises:
        OptionError: an option makes no sense.
        WorkspaceError: the output holds something, or cannot be written.
    """
    check_options(options)
    with new_folder(output) as folder:
        return _write_all(folder, options, progress, workers)


def check_options(options: SeriesOptions) -> None:
    """Refuse what makes no sense, in a sentence."""
    if not 1 <= options.images <= MOST_IMAGES:
        raise OptionError(
            N_("{images} is no number of pictures that can be written"),
            where="--images",
            fix=N_("give a number from 1 to {most}"),
            images=options.images,
            most=MOST_IMAGES,
        )
    if not all(SHORTEST_SIDE <= side <= LONGEST_SIDE for side in (options.size.width, options.size.height)):
        raise OptionError(
            N_("Pictures of {width}×{height} cannot be drawn"),
            where="--size",
            fix=N_("give width and height from {shortest} to {longest} pixels, such as 320x240"),
            width=options.size.width,
            height=options.size.height,
            shortest=SHORTEST_SIDE,
            longest=LONGEST_SIDE,
        )
    if options.seed < 0:
        raise OptionError(N_("A seed cannot be negative"), where="--seed", fix=N_("give a whole number from 0"))


def _write_all(folder: Path, options: SeriesOptions, progress: Progress | None, workers: int | None) -> Hardness:
    for name in ("images", "annotations", "labels", "scenes"):
        (folder / name).mkdir(parents=True)
    hardness, questions = Hardness(), []
    for done, (one, asked) in enumerate(_drawn(folder, options, workers), start=1):
        hardness += one
        questions += asked
        if progress is not None:
            progress(done, options.images)
    if options.questions:
        _write(folder / "questions.jsonl", "".join(map(_line, questions)))
    _write_lists(folder, options)
    return hardness


def _drawn(folder: Path, options: SeriesOptions, workers: int | None) -> Iterator[tuple[Hardness, list[Any]]]:
    """Every picture in turn, drawn and written, by several processes where that pays."""
    workers = min(workers or (os.cpu_count() or 1), options.images)
    if workers == 1:
        yield from (_write_picture((folder, options, index)) for index in range(options.images))
        return
    jobs = [(folder, options, index) for index in range(options.images)]
    with ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
    ) as pool:
        try:
            yield from pool.map(_write_picture, jobs, chunksize=2)
        except BrokenProcessPool as error:
            raise DeviceError(
                N_("A process that draws pictures was ended from outside, as happens when memory runs out"),
                fix=N_("close other programs or draw smaller pictures, then try again"),
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _write_picture(job: tuple[Path, SeriesOptions, int]) -> tuple[Hardness, list[dict[str, Any]]]:
    """Draw one scene and write its four files; gives how hard it is, and its questions."""
    folder, options, index = job
    stem = f"{index:06d}"
    drawn = scene_of(index, options.seed, options.size)
    picture = Pillow.fromarray(drawn.rendered.image)
    picture.save(folder / "images" / f"{stem}.jpg", quality=QUALITY, subsampling=0)
    _write(folder / "annotations" / f"{stem}.json", _text(annotation_of(drawn.scene, drawn.seen, options.seed, index)))
    _write(folder / "scenes" / f"{stem}.json", _text(graph_of(drawn.scene, drawn.rendered, drawn.seen)))
    _write(folder / "labels" / f"{stem}.txt", label_lines(drawn.scene, drawn.seen))
    return hardness_of(drawn.seen), _questions(drawn, options, index) if options.questions else []


def _questions(drawn: DrawnScene, options: SeriesOptions, index: int) -> list[dict[str, Any]]:
    """Questions about a picture; none where a block is hidden so far that whoever looks would answer otherwise."""
    if len(drawn.seen) < len(drawn.scene.blocks):
        return []
    random = np.random.default_rng([options.seed, index, 1])
    return [{"image": f"{index:06d}.jpg"} | as_json(question) for question in ask(drawn.scene, random)]


def _write_lists(folder: Path, options: SeriesOptions) -> None:
    """Classes, splits, journal, and what trainers read."""
    classes = [
        {"id": number, "name": name, "colour": colour, "deleted": False}
        for number, (name, colour) in enumerate(zip(SHAPES, CLASS_COLOURS, strict=True))
    ]
    splits: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    for index in range(options.images):
        splits[split_of(index, options.images)].append(f"{index:06d}")
    made = {
        "event": "created",
        "by": "scenes",
        "images": options.images,
        "size": [options.size.height, options.size.width],
        "seed": options.seed,
    }
    _write(folder / "classes.json", _text(classes))
    _write(folder / "splits.json", _text(splits))
    _write(folder / "journal.jsonl", _line(made))
    for split, stems in splits.items():
        _write(folder / f"{split}.txt", "".join(f"./images/{stem}.jpg\n" for stem in stems))
    _write(folder / "data.yaml", _DATA_YAML + "".join(f"  {number}: {name}\n" for number, name in enumerate(SHAPES)))


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"
