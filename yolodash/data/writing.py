"""A data set written in another form, whole or not at all, with a note about everything that the form cannot say.

Pictures are copied byte by byte; boxes go into the files with as many digits as give them back.
"""

from __future__ import annotations

import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from yolodash.data.dataset import Dataset, LabelledImage, Problem
from yolodash.errors import N_, OptionError, WorkspaceError
from yolodash.workspace import disk_error, make_folder, new_folder, safe_name, work_folder, writing

WrittenFormat = Literal["yolo", "coco", "voc"]
Progress = Callable[[int, int], None]
"""Called with how many pictures are done, of how many."""
LONGEST_STEM = 100


@dataclass(frozen=True)
class Placed:
    """A picture that is written, and where.

    Attributes:
        image: as it was read, its file there and its size known.
        file: its name in the new data set, unique up to its ending and its case.
        splits: at least one.
    """

    image: LabelledImage
    file: str
    splits: tuple[str, ...]

    @property
    def stem(self) -> str:
        """The name without its ending: what label files are called by."""
        return self.file.rpartition(".")[0]


@dataclass(frozen=True)
class Written:
    """What was written: how many pictures and boxes, and notes about what could not be."""

    images: int
    boxes: int
    notes: tuple[Problem, ...]


def write_dataset(dataset: Dataset, output: Path, form: str, *, progress: Progress | None = None) -> Written:
    """Write a data set in another form.

    Args:
        output: a folder that does not exist yet, or is empty.
        form: ``yolo``, ``coco`` or ``voc``.
        progress: told after every picture.

    Raises:
        OptionError: there is no such form.
        WorkspaceError: the output holds something, or cannot be written; what stood there stays.
    """
    write = _writer(form)
    notes: list[Problem] = []
    pictures = placed(dataset, notes)
    with new_folder(output) as folder:
        boxes = write(dataset, pictures, folder, notes, progress or (lambda _done, _all: None))
    return Written(len(pictures), boxes, tuple(notes))


def write_zip(
    dataset: Dataset, output: Path, form: str, *, progress: Progress | None = None, packed: Progress | None = None
) -> Written:
    """Write a data set in another form as one zip archive.

    Args:
        output: a file that does not exist yet.
        progress: told after every picture that is written; then it is packed with all else.
        packed: told how many files of how many are in the archive.

    Raises:
        OptionError: there is no such form.
        WorkspaceError: something lies there, or it cannot be written.
    """
    _writer(form)
    if output.exists():
        raise WorkspaceError(
            N_("There is something at this place already, and it stays untouched"),
            where=output,
            fix=N_("give a file that does not exist yet, or remove this one first"),
        )
    make_folder(output.parent)
    try:
        with work_folder(output) as temporary:
            written = write_dataset(dataset, temporary / output.stem, form, progress=progress)
            with writing(output) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                paths = sorted((Path(temporary) / output.stem).rglob("*"))
                for done, path in enumerate(paths, start=1):
                    archive.write(path, path.relative_to(temporary))
                    if packed is not None:
                        packed(done, len(paths))
    except OSError as error:
        raise disk_error(error, output) from error
    return written


def _writer(form: str) -> Callable[[Dataset, Sequence[Placed], Path, list[Problem], Progress], int]:
    if form == "yolo":
        from yolodash.data.formats.yolo_writing import write_yolo

        return write_yolo
    if form == "coco":
        from yolodash.data.formats.coco_writing import write_coco

        return write_coco
    if form == "voc":
        from yolodash.data.formats.voc_writing import write_voc

        return write_voc
    raise OptionError(
        N_("There is no form called '{form}'"),
        where="--to",
        fix=N_("choose one of: {forms}"),
        form=form,
        forms=", ".join(get_args(WrittenFormat)),
    )


def placed(dataset: Dataset, notes: list[Problem]) -> list[Placed]:
    """Every picture that can be written, under a name of its own; the others are told."""
    taken: set[str] = set()
    result: list[Placed] = []
    unsplit = 0
    for image in dataset.images:
        if image.path is None or not image.annotations.image_size.width:
            message, fix = N_("The picture is missing or broken, and was left out"), N_("put it back and write again")
            notes.append(Problem("left_out", image.name, 0, message, fix, "error"))
            continue
        unsplit += not image.splits
        result.append(Placed(image, _free_name(image.path, taken), image.splits or ("train",)))
    if unsplit:
        note = N_("{count} pictures belonged to no part and went to train")
        tell(notes, "unsplit", note, N_("split the data set first: dataset split"), count=unsplit)
    return result


def _free_name(path: Path, taken: set[str]) -> str:
    """The file's own name, made safe, and numbered where another picture has it."""
    stem = safe_name(path.stem)[:LONGEST_STEM]
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name.casefold())
    return name + path.suffix.lower()


def copy_pictures(pictures: Sequence[Placed], place: Callable[[Placed], Path], progress: Progress) -> None:
    """Copy every picture to its place, whose folder is made."""
    for done, one in enumerate(pictures, start=1):
        assert one.image.path is not None
        target = place(one)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(one.image.path, target)
        progress(done, len(pictures))


def of_split(pictures: Sequence[Placed], split: str) -> Iterator[Placed]:
    """The pictures of one part."""
    return (one for one in pictures if split in one.splits)


def class_names(dataset: Dataset) -> dict[int, str]:
    """The name of every class, those included that only boxes have."""
    return {i: dataset.names.get(i) or f"class {i}" for i in dataset.boxes_per_class()}


def tell(notes: list[Problem], kind: str, message: str, fix: str, **values: object) -> None:
    """Note something that is otherwise in the new data set than in the old one."""
    notes.append(Problem(kind, "", 0, message, fix, "note", dict(values)))


def tell_flags(dataset: Dataset, notes: list[Problem], *, crowd: bool, difficult: bool) -> None:
    """Note the flags that a form has no word for.

    Args:
        crowd, difficult: whether the form can say it.
    """
    counts = Counter[str]()
    for image in dataset.images:
        counts["crowd"] += int(image.annotations.crowd.sum())
        counts["difficult"] += int(image.annotations.difficult.sum())
    for flag, kept in (("crowd", crowd), ("difficult", difficult)):
        if counts[flag] and not kept:
            note = N_("{count} boxes are marked '{flag}', which this form cannot say")
            tell(notes, "lost_flag", note, N_("keep the original data set beside it"), count=counts[flag], flag=flag)
