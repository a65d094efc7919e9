"""YOLO's form, written: ``data.yaml``, ``images/``, and in ``labels/`` a line a box."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from yolodash.data.dataset import SPLITS, Dataset, Problem
from yolodash.data.writing import Placed, Progress, class_names, copy_pictures, of_split, tell, tell_flags
from yolodash.errors import N_
from yolodash.structures import ImageSize

DIGITS = 12
"""After the point: a ten-thousandth of a pixel's millionth in the largest picture."""
_HEAD = """\
# Paths are relative to this file; a program that takes them as relative to itself needs the whole path of this folder
# in the next line.
"""


def write_yolo(
    dataset: Dataset, pictures: Sequence[Placed], folder: Path, notes: list[Problem], progress: Progress
) -> int:
    """Write pictures, labels and ``data.yaml``; gives the number of boxes.

    Class ids become 0, 1, 2 …, since a head has one output a class and no gaps.
    """
    names = class_names(dataset)
    numbers = {class_id: place for place, class_id in enumerate(names)}
    if any(class_id != place for class_id, place in numbers.items()):
        message = N_("The class ids had gaps and were numbered anew from 0")
        tell(notes, "renumbered", message, N_("go by the names in data.yaml"))
    tell_flags(dataset, notes, crowd=False, difficult=False)
    folders = all(len(one.splits) == 1 for one in pictures)
    copy_pictures(pictures, lambda one: folder / "images" / _below(one, folders), progress)
    written, left_out = write_labels(pictures, numbers, folder, folders)
    if left_out:
        message = N_("{count} boxes without area within the picture, or twice the same, were left out")
        tell(notes, "left_out_box", message, N_("nothing to do"), count=left_out)
    write_yaml(folder, pictures, names, folders)
    return written


def write_labels(pictures: Sequence[Placed], numbers: dict[int, int], folder: Path, folders: bool) -> tuple[int, int]:
    """Write ``labels/``, a file a picture; gives how many boxes were written, and how many left out.

    Args:
        numbers: from class ids to those in the files.
        folders: whether each part has a folder of its own.
    """
    written = left_out = 0
    for one in pictures:
        lines = label_lines(one, numbers)
        path = folder / "labels" / Path(_below(one, folders)).with_name(f"{one.stem}.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        written += len(lines)
        left_out += len(one.image.annotations.class_ids) - len(lines)
    return written, left_out


def _below(one: Placed, folders: bool) -> str:
    """Where a picture stands below ``images/``: in the folder of its part, if it belongs to one alone."""
    return f"{one.splits[0]}/{one.file}" if folders else one.file


def label_lines(one: Placed, numbers: dict[int, int]) -> list[str]:
    """The lines of one picture, boxes cut at its edge, none twice."""
    truth = one.image.annotations
    lines = [
        f"{numbers[int(class_id)]} {shares}"
        for class_id, xywh in zip(truth.class_ids, truth.xywh.tolist(), strict=True)
        if (shares := _shares(xywh, truth.image_size))
    ]
    return list(dict.fromkeys(lines))


def _shares(xywh: list[float], size: ImageSize) -> str:
    """``cx cy width height`` as shares of the picture; empty where no area lies in it."""
    left, top = max(xywh[0], 0.0), max(xywh[1], 0.0)
    right, bottom = min(xywh[0] + xywh[2], size.width), min(xywh[1] + xywh[3], size.height)
    if right <= left or bottom <= top:
        return ""
    values = (
        (left + right) / 2 / size.width,
        (top + bottom) / 2 / size.height,
        (right - left) / size.width,
        (bottom - top) / size.height,
    )
    return " ".join(f"{value:.{DIGITS}f}".rstrip("0").rstrip(".") for value in values)


def write_yaml(folder: Path, pictures: Sequence[Placed], names: dict[int, str], folders: bool) -> None:
    """Write ``data.yaml``, and lists of pictures where the parts have no folders of their own."""
    there = [split for split in SPLITS if any(of_split(pictures, split))]
    for split in there if not folders else ():
        lines = "".join(f"./images/{one.file}\n" for one in of_split(pictures, split))
        (folder / f"{split}.txt").write_text(lines, encoding="utf-8")
    content = {
        "path": ".",
        **{split: f"images/{split}" if folders else f"{split}.txt" for split in there},
        "nc": len(names),
        "names": dict(enumerate(names.values())),
    }
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    (folder / "data.yaml").write_text(_HEAD + text, encoding="utf-8")
