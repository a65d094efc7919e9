"""The workspace's own form: ``annotations/STEM.json`` beside ``images/``, with ``classes.json`` and ``splits.json``.

The annotations are the truth of such a folder. ``data.yaml`` and ``labels/`` are derived from them for trainers, so
they are not another format beside this one, and not read here.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from yolodash.data.dataset import SPLITS, Dataset, LabelledImage, Problem, Row, annotations_from
from yolodash.data.images import image_size
from yolodash.data.sources import find_images
from yolodash.errors import N_, DatasetError, ImageError
from yolodash.structures import Annotations, ImageSize

LARGEST_JSON = 64 << 20
_WRITE_AGAIN = N_("restore the file from a version or a copy")


def looks_like_own(folder: Path) -> bool:
    """Is this a data set of the workspace?"""
    return (folder / "classes.json").is_file() and (folder / "annotations").is_dir() and (folder / "images").is_dir()


def read_own(folder: Path) -> Dataset:
    """Open a data set of the workspace.

    Raises:
        DatasetError: its ``classes.json`` cannot be read, without which no class has a meaning.
    """
    problems: list[Problem] = []
    names = _names(folder)
    splits = _splits(folder, problems)
    pictures = {path.stem: path for path in reversed(find_images([folder / "images"]).images)}
    truths = {path.stem: path for path in sorted((folder / "annotations").glob("*.json"))}
    images = [
        _labelled(stem, pictures.get(stem), truths.get(stem), tuple(splits.get(stem, ())), folder, names, problems)
        for stem in sorted(pictures.keys() | truths.keys())
    ]
    order = {split: place for place, split in enumerate(SPLITS)}
    images.sort(key=lambda image: order[image.splits[0]] if image.splits else len(order))
    return Dataset("yolodash", folder, names, tuple(images), tuple(problems))


def _names(folder: Path) -> dict[int, str]:
    """Names of the classes that are not deleted."""
    try:
        content = _read(folder / "classes.json")
        return {int(one["id"]): str(one["name"]) for one in content if not one.get("deleted")}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DatasetError(
            N_("The classes of this data set cannot be read"),
            where=f"{folder.name}/classes.json",
            fix=N_('let it be a list such as [{{"id": 0, "name": "cube"}}]'),
        ) from error


def _splits(folder: Path, problems: list[Problem]) -> dict[str, list[str]]:
    """The parts that each picture belongs to; none for those that no part names."""
    path = folder / "splits.json"
    if not path.exists():
        return {}
    result: dict[str, list[str]] = {}
    try:
        content = _read(path)
        for split in SPLITS:
            for stem in content.get(split, []):
                result.setdefault(str(stem), []).append(split)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        problems.append(_unreadable("splits.json", N_("This file does not say which picture belongs to which part")))
        return {}
    return result


def _labelled(
    stem: str,
    picture: Path | None,
    truth: Path | None,
    splits: tuple[str, ...],
    folder: Path,
    names: dict[int, str],
    problems: list[Problem],
) -> LabelledImage:
    """One picture with its boxes; what is wrong with it is told."""
    name = picture.relative_to(folder).as_posix() if picture else f"images/{stem}"
    if picture is None:
        fix = N_("put the picture back, or remove its annotation")
        problems.append(Problem("missing_image", name, 0, N_("The picture is not there"), fix, "error"))
    if truth is None:
        message, fix = N_("This picture has no annotation yet"), N_("annotate it, or mark it as holding nothing")
        problems.append(Problem("not_annotated", name, 0, message, fix, "note"))
        return LabelledImage(name, picture, annotations_from([], _size_of(picture, name, problems)), splits)
    return LabelledImage(name, picture, _annotations(truth, picture, name, folder, names, problems), splits)


def _annotations(
    truth: Path, picture: Path | None, name: str, folder: Path, names: dict[int, str], problems: list[Problem]
) -> Annotations:
    where = truth.relative_to(folder).as_posix()
    try:
        content = _read(truth)
        size = ImageSize(int(content["height"]), int(content["width"]))
        boxes = list(content["boxes"])
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        problems.append(_unreadable(where, N_("This is no annotation that can be read")))
        return annotations_from([], _size_of(picture, name, problems))
    actual = _size_of(picture, name, problems) if picture else size
    if actual != size and actual.width:
        message = N_("The annotation was made for another size of this picture: {stated}, not {actual}")
        sizes = {"stated": f"{size.width}×{size.height}", "actual": f"{actual.width}×{actual.height}"}
        problems.append(Problem("other_size", where, 0, message, N_("put the first picture back"), "warning", sizes))
    rows = [_row(box, number, where, names, problems) for number, box in enumerate(boxes, start=1)]
    return annotations_from([row for row in rows if row is not None], size)


def _row(box: Any, number: int, where: str, names: dict[int, str], problems: list[Problem]) -> Row | None:
    """One box, or None with the problem told."""

    def tell(kind: str, message: str, fix: str, **values: object) -> None:
        problems.append(Problem(kind, where, 0, message, fix, "error", {"number": number, **values}))

    try:
        class_id = int(box["class_id"])
        x1, y1, x2, y2 = (float(value) for value in box["box"])
        flags = set(box.get("flags") or ())
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        tell("broken_box", N_("Box {number} has no class and four numbers"), _WRITE_AGAIN)
        return None
    if not (math.isfinite(x1 + y1 + x2 + y2) and x2 > x1 and y2 > y1):
        tell("empty_box", N_("Box {number} has no area"), N_("draw it again or remove it"))
        return None
    if class_id not in names:
        message = N_("Box {number} is of class {class_id}, which is not among the classes or was deleted")
        tell("unknown_class", message, N_("give it another class, or take the class back"), class_id=class_id)
        return None
    return Row(class_id, (x1, y1, x2 - x1, y2 - y1), crowd="crowd" in flags, difficult="difficult" in flags)


def _size_of(picture: Path | None, name: str, problems: list[Problem]) -> ImageSize:
    """The size of a picture; 0×0 for one that is missing or broken."""
    if picture is None:
        return ImageSize(0, 0)
    try:
        return image_size(picture)
    except ImageError as error:
        problems.append(Problem("broken_image", name, 0, error.what, error.fix, "error", dict(error.values)))
        return ImageSize(0, 0)


def _read(path: Path) -> Any:
    if path.stat().st_size > LARGEST_JSON:
        raise ValueError("too large")
    return json.loads(path.read_bytes())


def _unreadable(where: str, message: str) -> Problem:
    return Problem("unreadable", where, 0, message, _WRITE_AGAIN, "error")
