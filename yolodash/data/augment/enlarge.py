"""A data set enlarged: every training picture again, changed by chance, several times; all else as it was.

What is written has the workspace's own form, and opens and trains as it stands. The same data set, recipe and seed give
the same pictures and boxes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from yolodash import workspace
from yolodash.data.augment.boxes import clipped
from yolodash.data.augment.cutting import CutPolicy, Way
from yolodash.data.augment.recipe import VARIED, Recipe
from yolodash.data.augment.transforms import check_recipe
from yolodash.data.augment.varied import Source, Varied, draw_for, varied
from yolodash.data.dataset import SPLITS, Dataset, Problem
from yolodash.data.images import encode_jpeg, image_size, read_image
from yolodash.data.options import check_whole
from yolodash.data.store.classes import StoredClass, usual_colour
from yolodash.data.store.folders import write_frame
from yolodash.data.store.importing import truth_of
from yolodash.data.store.truth import StoredBox, Truth, truth_record
from yolodash.data.store.versions import write_derived
from yolodash.data.writing import Placed, class_names, placed, tell
from yolodash.errors import N_, DatasetError, ImageError, OptionError
from yolodash.structures import Image, ImageSize

MOST_COPIES = 100
MOST_PICTURES = 1_000_000
QUALITY = 95
SOURCE = "augment"
"""What boxes say of where they come from."""
KEPT_PICTURES = 16
"""Decoded, for mosaic and mixup."""
THREADS = min(4, os.cpu_count() or 1)
Progress = Callable[[int, int], None]
"""Called with how many pictures are written, of how many; what it raises ends the work."""


@dataclass(frozen=True)
class Enlargement:
    """What is asked for.

    Attributes:
        recipe: how strongly pictures are changed.
        seed: decides what is drawn.
        copies: of each training picture, beside itself.
        way: what happens to boxes that are cut; ``drop`` goes by the recipe's ``least_visible``.
    """

    recipe: Recipe = field(default_factory=lambda: VARIED)
    seed: int = 0
    copies: int = 2
    way: Way = "drop"

    @property
    def policy(self) -> CutPolicy:
        """What happens to boxes that are cut."""
        return CutPolicy(self.way, self.recipe.least_visible)

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {"recipe": asdict(self.recipe), "seed": self.seed, "copies": self.copies, "cut": self.way}


@dataclass(frozen=True)
class Enlarged:
    """What was written: pictures and boxes in all, how many pictures are new, how many boxes those lost, and notes."""

    images: int
    boxes: int
    made: int
    lost: int
    notes: tuple[Problem, ...]


def enlargement_from(record: Mapping[str, Any]) -> Enlargement:
    """An enlargement from its JSON.

    Raises:
        OptionError: it cannot be read, or makes no sense.
    """
    try:
        wanted = Enlargement(Recipe(**record["recipe"]), record["seed"], record["copies"], record["cut"])
    except (KeyError, TypeError) as error:
        raise OptionError(N_("This recipe cannot be read"), where="recipe", fix=N_("make the recipe anew")) from error
    check_enlargement(wanted)
    return wanted


def check_enlargement(wanted: Enlargement) -> None:
    """Refuse what makes no sense, in a sentence.

    Raises:
        OptionError: a number of the recipe, the seed, the copies or the way.
    """
    check_recipe(wanted.recipe)
    for name, value, low, high in (("copies", wanted.copies, 1, MOST_COPIES), ("seed", wanted.seed, 0, 2**63 - 1)):
        check_whole(name, value, low, high)
    if wanted.way not in get_args(Way):
        raise OptionError(
            N_("'{value}' is none of the choices"),
            where="--cut",
            fix=N_("choose one of: {choices}"),
            value=str(wanted.way),
            choices=", ".join(get_args(Way)),
        )


def enlarge(dataset: Dataset, output: Path, wanted: Enlargement, *, progress: Progress | None = None) -> Enlarged:
    """Write an enlarged data set into a folder, which appears whole or not at all.

    Args:
        output: a folder that does not exist yet, or is empty.
        progress: told after every picture.

    Raises:
        OptionError: a number makes no sense.
        DatasetError: there is nothing to train with.
        WorkspaceError: the output holds something, or cannot be written.
    """
    check_enlargement(wanted)
    training_pictures(dataset)
    with workspace.new_folder(output) as folder:
        made = enlarge_into(dataset, folder, wanted, progress=progress)
        write_derived(folder)
        (folder / "recipe.json").write_text(json.dumps(wanted.record(), indent=1) + "\n", encoding="utf-8")
    return made


def enlarge_into(
    dataset: Dataset, folder: Path, wanted: Enlargement, *, linked: bool = False, progress: Progress | None = None
) -> Enlarged:
    """Fill an empty folder with pictures, annotations, classes and splits.

    Args:
        linked: let originals be the same bytes on the disk, where it can: for what lies in the workspace already.
    """
    notes: list[Problem] = []
    pictures = placed(dataset, notes)
    total = planned(pictures, wanted.copies)
    names = class_names(dataset)
    write_frame(folder, [StoredClass(number, one, usual_colour(number)) for number, one in names.items()])
    _keep_classes(dataset, folder)
    parts, boxes, lost, done = {one.stem: list(one.splits) for one in pictures}, 0, 0, 0
    for one in pictures:
        boxes += _write_original(one, dataset, folder, linked)
        done = _told(progress, done, total)
    taken = {stem.casefold() for stem in parts}
    for copy in _copies(pictures, dataset, wanted, notes):
        stem = _free_stem(f"{copy.original.stem}-{copy.number}", taken)
        boxes += _write_copy(copy, folder, stem)
        parts[stem], lost = ["train"], lost + copy.made.lost
        done = _told(progress, done, total)
    listed = {split: sorted(stem for stem, own in parts.items() if split in own) for split in SPLITS}
    (folder / "splits.json").write_text(json.dumps(listed), encoding="utf-8")
    return Enlarged(len(parts), boxes, len(parts) - len(pictures), lost, tuple(notes))


def training_pictures(dataset: Dataset) -> tuple[Placed, ...]:
    """The pictures that are enlarged, in the order by which they are numbered.

    Raises:
        DatasetError: there are none.
    """
    found = tuple(one for one in placed(dataset, []) if is_enlarged(one, dataset))
    if not found:
        raise DatasetError(
            N_("There are no pictures to train on"), where=dataset.root.name, fix=N_("choose a split that has some")
        )
    return found


def is_enlarged(one: Placed, dataset: Dataset) -> bool:
    """Whether a picture is for training, and somebody said what is in it."""
    return "train" in one.splits and (dataset.format != "yolodash" or _own_truth(one, dataset).is_file())


def _own_truth(one: Placed, dataset: Dataset) -> Path:
    """Where a data set of the workspace says what is in a picture."""
    assert one.image.path is not None
    return dataset.root / "annotations" / f"{one.image.path.stem}.json"


def planned(pictures: Sequence[Placed], copies: int) -> int:
    """How many pictures there will be.

    Raises:
        OptionError: too many.
    """
    total = len(pictures) + copies * sum("train" in one.splits for one in pictures)
    if total > MOST_PICTURES:
        raise OptionError(
            N_("{images} is no number of pictures that can be written"),
            where="--copies",
            fix=N_("give a number from 1 to {most}"),
            images=total,
            most=max(1, MOST_PICTURES // max(len(pictures), 1) - 1),
        )
    return total


def _told(progress: Progress | None, done: int, total: int) -> int:
    if progress is not None:
        progress(done + 1, total)
    return done + 1


def _keep_classes(dataset: Dataset, folder: Path) -> None:
    """Of a data set of the workspace, its own colours and deleted classes."""
    if dataset.format == "yolodash":
        shutil.copyfile(dataset.root / "classes.json", folder / "classes.json")


def _write_original(one: Placed, dataset: Dataset, folder: Path, linked: bool) -> int:
    """A picture as it was; gives the number of its boxes."""
    assert one.image.path is not None
    _put(one.image.path, folder / "images" / one.file, linked)
    if dataset.format == "yolodash":
        if _own_truth(one, dataset).is_file():
            _put(_own_truth(one, dataset), folder / "annotations" / f"{one.stem}.json", linked)
        return len(one.image.annotations.class_ids)
    truth = truth_of(one, f"import {dataset.format}", "")
    _write_truth(folder, one.stem, truth)
    return len(truth.boxes)


def _put(source: Path, target: Path, linked: bool) -> None:
    if linked:
        try:
            os.link(source, target)
            return
        except OSError:  # the file system has no links, or this is another one
            pass
    shutil.copyfile(source, target)


@dataclass(frozen=True)
class _Copy:
    """A changed picture, encoded, and the pictures that its boxes come from."""

    original: Placed
    number: int
    made: Varied
    data: bytes
    sources: tuple[Placed, ...]


def _copies(pictures: Sequence[Placed], dataset: Dataset, wanted: Enlargement, notes: list[Problem]) -> Iterator[_Copy]:
    """Every copy in its order, made by several threads; pictures that cannot be read are told and left out."""
    training = [one for one in pictures if is_enlarged(one, dataset)]
    reader = _Reader(training)
    broken: set[str] = set()
    with ThreadPoolExecutor(THREADS, "enlarge") as pool:
        waiting: deque[Future[_Copy]] = deque()
        try:
            for index in range(len(training)):
                for number in range(1, wanted.copies + 1):
                    waiting.append(pool.submit(_copy, reader, training, wanted, index, number))
                while len(waiting) > 2 * THREADS:
                    yield from _ready(waiting.popleft(), broken)
            while waiting:
                yield from _ready(waiting.popleft(), broken)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    for name in sorted(broken):
        message = N_("The picture {name} cannot be read, and was not changed")
        tell(notes, "not_enlarged", message, N_("put another file in its place"), name=name)


def _ready(waiting: Future[_Copy], broken: set[str]) -> Iterator[_Copy]:
    try:
        yield waiting.result()
    except ImageError as error:
        broken.add(error.where)


def _copy(reader: _Reader, training: Sequence[Placed], wanted: Enlargement, index: int, number: int) -> _Copy:
    source = reader.source(index)
    drawn = draw_for(
        wanted.recipe, seed=wanted.seed, index=index, copy=number, pictures=len(training), size=source.size
    )
    made = varied(index, drawn, reader.pixels, reader.source, wanted.policy)
    data = encode_jpeg(made.image, QUALITY)
    return _Copy(training[index], number, made, data, tuple(training[place] for place in made.partners))


class _Reader:
    """Sizes, boxes and pixels of the training pictures by their numbers; the last pixels are kept."""

    def __init__(self, training: Sequence[Placed]) -> None:
        self._training = training
        self.source = lru_cache(maxsize=None)(self._source)
        self.pixels = lru_cache(maxsize=KEPT_PICTURES)(self._pixels)

    def _source(self, index: int) -> Source:
        one = self._training[index].image
        assert one.path is not None
        size = image_size(one.path)
        return Source(size, clipped(one.annotations.boxes, size))

    def _pixels(self, index: int) -> Image:
        path = self._training[index].image.path
        assert path is not None
        return read_image(path)


def _write_copy(copy: _Copy, folder: Path, stem: str) -> int:
    """A changed picture and its truth; gives the number of its boxes."""
    (folder / "images" / f"{stem}.jpg").write_bytes(copy.data)
    boxes, made = [], copy.made
    for place, (box, source, row) in enumerate(zip(made.boxes.tolist(), made.source, made.row, strict=True)):
        truth = copy.sources[int(source)].image.annotations
        flags = tuple(name for name in ("crowd", "difficult") if getattr(truth, name)[row])
        x1, y1, x2, y2 = box
        boxes.append(StoredBox(f"a{place}", int(truth.class_ids[row]), (x1, y1, x2, y2), flags, source=SOURCE))
    about = {"origin": copy.original.stem, "copy": copy.number, "partners": [one.stem for one in copy.sources[1:]]}
    size = ImageSize(made.image.shape[0], made.image.shape[1])
    _write_truth(folder, stem, Truth(1, size, "done", "", tuple(boxes), about))
    return len(boxes)


def _write_truth(folder: Path, stem: str, truth: Truth) -> None:
    """Not flushed one by one: the whole folder is, before it appears."""
    text = json.dumps(truth_record(truth), ensure_ascii=False)
    (folder / "annotations" / f"{stem}.json").write_text(text + "\n", encoding="utf-8")


def _free_stem(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted}-{number}"
    taken.add(name.casefold())
    return name
