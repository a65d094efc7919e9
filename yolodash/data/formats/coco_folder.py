"""COCO as a data set: a truth file, or a folder of them (Roboflow's, COCO's own), with the pictures found."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

from yolodash.data.dataset import Dataset, LabelledImage, Problem, Row, annotations_from
from yolodash.data.formats.coco import read_json
from yolodash.data.images import image_size
from yolodash.errors import N_, DatasetError, ImageError
from yolodash.structures import ImageSize

_SPLIT_WORDS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}


def read_coco_dataset(paths: list[Path], root: Path) -> Dataset:
    """Open truth files as one data set; class ids keep their numbers, gaps included.

    Raises:
        DatasetError: a file is no COCO truth, or two files give one id two names.
    """
    names: dict[int, str] = {}
    images: list[LabelledImage] = []
    problems: list[Problem] = []
    for path in paths:
        content = read_json(path)
        if not is_truth(content):
            raise DatasetError(
                N_("This JSON has no list of annotations, so it is no COCO truth file"),
                where=path.name,
                fix=N_("give the file that holds 'images', 'annotations' and 'categories'"),
            )
        _take_names(content, names, path)
        images += _File(path, root, names, problems).images(content)
    return Dataset("coco", root, dict(sorted(names.items())), _together(images), tuple(problems))


def _together(images: list[LabelledImage]) -> tuple[LabelledImage, ...]:
    """One picture that several files list with the same boxes belongs to the parts of all of them."""
    result: dict[object, LabelledImage] = {}
    for place, image in enumerate(images):
        truth = image.annotations
        key = (image.path, truth.class_ids.tobytes(), truth.xywh.tobytes()) if image.path is not None else place
        known = result.get(key)
        parts = tuple(dict.fromkeys((*known.splits, *image.splits))) if known is not None else image.splits
        result[key] = replace(known or image, splits=parts)
    return tuple(result.values())


def is_truth(content: Any) -> bool:
    """Is a JSON value a COCO truth file?"""
    return isinstance(content, dict) and all(isinstance(content.get(key), list) for key in ("images", "annotations"))


def _take_names(content: dict[str, Any], names: dict[int, str], path: Path) -> None:
    for category in content.get("categories") or []:
        number = _whole(category.get("id")) if isinstance(category, dict) else None
        if number is None:
            continue
        name = str(category.get("name", f"class {number}"))
        if names.setdefault(number, name) != name:
            raise DatasetError(
                N_("Category {number} has one name in one file and another in the next"),
                where=path.name,
                fix=N_("open the files one by one, or give both the same categories"),
                number=number,
            )


class _File:
    """One truth file on its way into a data set: what is wrong in it is told where it stands."""

    def __init__(self, path: Path, root: Path, names: dict[int, str], problems: list[Problem]) -> None:
        self.path, self.root, self.names, self.problems = path, root, names, problems
        self.where = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        words = [*path.relative_to(root).parent.parts, *path.stem.replace("_", " ").replace("2017", " ").split()]
        self.split = next((_SPLIT_WORDS[word] for word in words if word in _SPLIT_WORDS), "train")

    def images(self, content: dict[str, Any]) -> list[LabelledImage]:
        """The file's pictures with their boxes."""
        entries = {}
        for place, entry in enumerate(content["images"]):
            number = _whole(entry.get("id")) if isinstance(entry, dict) else None
            if number is None:
                self.tell(
                    "bad_entry", N_("Picture {place} has no usable id"), N_("give it a whole number"), place=place
                )
            else:
                entries[number] = entry
        rows = self.rows(content["annotations"], set(entries))
        return [self.labelled(entry, rows.get(number, [])) for number, entry in entries.items()]

    def rows(self, annotations: list[Any], pictures: set[int]) -> dict[int, list[Row]]:
        """The usable boxes by picture."""
        result: dict[int, list[Row]] = defaultdict(list)
        for place, entry in enumerate(annotations):
            picture = _whole(entry.get("image_id")) if isinstance(entry, dict) else None
            if picture not in pictures or picture is None:
                self.tell(
                    "dangling_annotation",
                    N_("Annotation {place} belongs to no picture of this file"),
                    N_("remove it or add the picture"),
                    place=place,
                )
                continue
            row = self.row(entry, place)
            if row is not None:
                result[picture].append(row)
        return result

    def row(self, entry: dict[str, Any], place: int) -> Row | None:
        """One annotation as a box, or None with the reason told."""
        class_id = _whole(entry.get("category_id"))
        box = entry.get("bbox")
        numbers = [_finite(value) for value in box] if isinstance(box, list) and len(box) == 4 else []
        if class_id is None or len(numbers) != 4 or not all(math.isfinite(value) for value in numbers):
            self.tell(
                "bad_entry",
                N_("Annotation {place} has no usable category_id or bbox"),
                N_("a bbox is [x, y, width, height] in finite numbers"),
                place=place,
            )
            return None
        if class_id not in self.names:
            self.tell(
                "unknown_class",
                N_("Annotation {place} names category {class_id}, which the file does not list"),
                N_("add it to 'categories'"),
                place=place,
                class_id=class_id,
            )
        area = _finite(entry.get("area"))
        return Row(
            class_id,
            (numbers[0], numbers[1], numbers[2], numbers[3]),
            area=area if math.isfinite(area) else None,
            crowd=bool(entry.get("iscrowd", 0)),
        )

    def labelled(self, entry: dict[str, Any], rows: list[Row]) -> LabelledImage:
        """A picture of the file, found on disk where it can be."""
        stated = str(entry.get("file_name", entry.get("id")))
        found = self.find(stated)
        size = ImageSize(_whole(entry.get("height")) or 0, _whole(entry.get("width")) or 0)
        if found is None:
            self.tell("missing_image", N_("{entry} is not there"), N_("put the picture beside the file"), entry=stated)
        elif not (size.height and size.width):
            try:
                size = image_size(found)
            except ImageError as error:
                self.tell("broken_image", error.what, error.fix, **error.values)
        name = found.relative_to(self.root).as_posix() if found and found.is_relative_to(self.root) else stated
        return LabelledImage(name, found, annotations_from(rows, size), (self.split,))

    def find(self, stated: str) -> Path | None:
        """A picture by the name that the file gives it: beside it, in ``images``, or in a folder of the split."""
        here = self.path.parent
        folders = [
            here,
            here / "images",
            here.parent,
            here.parent / "images",
            here.parent / self.path.stem.split("_")[-1],
        ]
        for folder in folders:
            path = (folder / stated).resolve()
            if path.is_file() and path.is_relative_to(self.root.resolve()):
                return self.root / path.relative_to(self.root.resolve())
        return None

    def tell(self, kind: str, message: str, fix: str, **values: object) -> None:
        self.problems.append(Problem(kind, self.where, 0, message, fix, "error", dict(values)))


def _whole(value: Any) -> int | None:
    number = _finite(value)
    return int(number) if math.isfinite(number) and number == int(number) else None


def _finite(value: Any) -> float:
    try:
        return float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError):
        return math.nan
