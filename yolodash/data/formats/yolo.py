"""YOLO's labels: a ``data.yaml``, and beside every picture a text file with a line a box.

A line is ``class cx cy width height``, as shares of the picture; a sixth number is a confidence; more are the corners
of a polygon, of which the tight box is taken. Paths in the yaml are looked for in every place that such files are
found to mean: under ``path``, beside the yaml, beside its folder.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from yolodash.data.dataset import SPLITS, Dataset, LabelledImage, Problem, Row, annotations_from
from yolodash.data.images import image_size
from yolodash.data.sources import find_images
from yolodash.errors import N_, DatasetError, ImageError
from yolodash.structures import ImageSize

LARGEST_YAML = 1 << 20
LARGEST_LABEL_FILE = 16 << 20
_EDGE = 1e-6


def read_yolo(path: Path, *, confined: bool = False) -> Dataset:
    """Open a data set by its ``data.yaml``.

    Args:
        confined: take no path that leads out of the yaml's folder, for files from strangers.

    Raises:
        DatasetError: the yaml cannot be read, or none of its paths leads to a picture.
    """
    content = read_yaml(path)
    problems: list[Problem] = []
    names = class_names(content.get("names"), path)
    base = content.get("path")
    splits: dict[Path, list[str]] = {}
    for split in SPLITS:
        value = content.get(split, content.get("valid") if split == "val" else None)
        for picture in _pictures(value, str(base) if base else "", path, split, problems, confined):
            splits.setdefault(picture, []).append(split)
    if not splits:
        splits = _by_folder(path.parent)
    if not splits:
        raise DatasetError(
            N_("None of the paths in this file leads to a picture"),
            where=path.name,
            fix=N_("let train, val and test name folders with pictures, relative to the file itself"),
        )
    return _read(splits, path.parent, names, problems)


def read_yolo_folder(folder: Path) -> Dataset:
    """Open a folder of pictures with label files beside them or in ``labels/``; names from ``classes.txt``."""
    return _read(_by_folder(folder), folder, _names_file(folder), [])


def _by_folder(folder: Path) -> dict[Path, list[str]]:
    """The pictures below a folder, their split read off the names of the folders between."""
    words = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
    result = {}
    for picture in find_images([folder]).images:
        result[picture] = [next((words[part] for part in _parts(picture, folder) if part in words), "train")]
    return result


def _read(splits: dict[Path, list[str]], root: Path, names: dict[int, str], problems: list[Problem]) -> Dataset:
    images: list[LabelledImage] = []
    polygons = 0
    for picture, parts in splits.items():
        image, found = _labelled(picture, tuple(parts), root, names, problems)
        images.append(image)
        polygons += found
    return Dataset("yolo", root, names, tuple(images), tuple(problems), polygons)


def read_yaml(path: Path) -> dict[str, Any]:
    """A small yaml file without anchors or tags, as a mapping."""
    try:
        if path.stat().st_size > LARGEST_YAML:
            raise DatasetError(
                N_("This yaml file is too large"), where=path.name, fix=N_("it should hold paths and names")
            )
        content = yaml.load(path.read_bytes(), Loader=_PlainLoader)
    except OSError as error:
        raise DatasetError(N_("This file cannot be read"), where=path.name, fix=N_("check the path")) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise DatasetError(
            N_("This is no plain yaml file"),
            where=f"{path.name}:{mark.line + 1}" if mark else path.name,
            fix=N_("write 'train: …', 'val: …' and 'names: […]', without anchors, aliases or tags"),
        ) from error
    if not isinstance(content, dict):
        raise DatasetError(
            N_("This yaml file holds no 'train:', 'val:' and 'names:'"),
            where=path.name,
            fix=N_("give the data.yaml of a data set"),
        )
    return content


class _PlainLoader(yaml.SafeLoader):
    """Safe, and without aliases: a few of them can unfold to gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not taken", event.start_mark)
        return super().compose_node(parent, index)


def class_names(value: Any, path: Path) -> dict[int, str]:
    """Names as a list or as a mapping from ids, by id."""
    if value is None:
        return {}
    if isinstance(value, list):
        return {i: str(name) for i, name in enumerate(value)}
    if isinstance(value, dict):
        try:
            return {int(i): str(name) for i, name in value.items()}
        except (TypeError, ValueError):
            pass
    raise DatasetError(
        N_("The class names are neither a list nor a mapping from numbers"),
        where=f"{path.name}: names",
        fix=N_("write names: [cat, dog] or names: {{0: cat, 1: dog}}"),
    )


def _pictures(
    value: Any, base: str, yaml_path: Path, split: str, problems: list[Problem], confined: bool
) -> Iterator[Path]:
    """The pictures that one split of a yaml names: a folder, a list of pictures in a text file, or several of them."""
    for entry in value if isinstance(value, list) else [value]:
        if entry is None or not str(entry).strip():
            continue
        place = next(_places(str(entry), base, yaml_path, confined), None)
        if place is None:
            problems.append(
                Problem(
                    "missing_path",
                    yaml_path.name,
                    0,
                    N_("'{split}' names {entry}, which is not there"),
                    N_("let it name a folder relative to the yaml file"),
                    "warning" if split == "test" else "error",
                    {"split": split, "entry": str(entry)},
                )
            )
        elif place.is_dir():
            yield from find_images([place]).images
        else:
            yield from _listed(place, yaml_path, problems, confined)


def _places(entry: str, base: str, yaml_path: Path, confined: bool) -> Iterator[Path]:
    """Where a path of a yaml leads: the places tried in order, those alone that are there."""
    here, given = yaml_path.parent, Path(entry)
    inner = Path(*[part for part in given.parts if part not in ("..", given.anchor)])
    tried = [here / base / given] if base else []
    tried += [here / given, here.parent / given, here / inner]
    for place in tried:
        resolved = place.resolve()
        if resolved.exists() and not (confined and not resolved.is_relative_to(here.resolve())):
            yield resolved


def _listed(listing: Path, yaml_path: Path, problems: list[Problem], confined: bool) -> Iterator[Path]:
    """Pictures named in a text file, one a line, relative to it or to the yaml."""
    here = yaml_path.parent.resolve()
    for number, line in enumerate(_lines(listing, problems, here), start=1):
        text = line.strip()
        if not text:
            continue
        tried = [(folder / text).resolve() for folder in (listing.parent, here)]
        found = next((p for p in tried if p.is_file() and not (confined and not p.is_relative_to(here))), None)
        if found is None:
            problems.append(
                Problem(
                    "missing_image",
                    listing.name,
                    number,
                    N_("{entry} is not there"),
                    N_("remove the line or put the picture back"),
                    "error",
                    {"entry": text},
                )
            )
        else:
            yield found


def _labelled(
    picture: Path, splits: tuple[str, ...], root: Path, names: dict[int, str], problems: list[Problem]
) -> tuple[LabelledImage, int]:
    """One picture with its boxes, and how many polygons were among them."""
    name = _relative(picture, root)
    try:
        size = image_size(picture)
    except ImageError as error:
        problems.append(Problem("broken_image", name, 0, error.what, error.fix, "error", dict(error.values)))
        return LabelledImage(name, picture, annotations_from([], ImageSize(0, 0)), splits), 0
    label = label_path(picture)
    file = _relative(label, root) if label else name
    rows: list[Row] = []
    polygons = 0
    seen: set[str] = set()
    for number, line in enumerate(_lines(label, problems, root) if label else [], start=1):
        if not line.strip():
            continue
        place = _Place(file, number, problems)
        if " ".join(line.split()) in seen:
            place.tell("duplicate", N_("The same box stands here twice"), N_("remove one"), "warning")
            continue
        seen.add(" ".join(line.split()))
        row, polygon = parse_line(line, size, names, place)
        polygons += polygon
        rows += [row] if row else []
    return LabelledImage(name, picture, annotations_from(rows, size), splits), polygons


@dataclass(frozen=True)
class _Place:
    """A line of a label file, and where to say what is wrong with it."""

    file: str
    line: int
    problems: list[Problem]

    def tell(self, kind: str, message: str, fix: str, severity: Any = "error", **values: object) -> None:
        self.problems.append(Problem(kind, self.file, self.line, message, fix, severity, dict(values)))


def parse_line(line: str, size: ImageSize, names: dict[int, str], place: _Place) -> tuple[Row | None, bool]:
    """One line of a label file: the box, or None with the problem told; and whether it was a polygon."""
    try:
        numbers = [float(text) for text in line.replace(",", " ").split()]
    except ValueError:
        place.tell("not_numbers", N_("This line is not made of numbers"), N_("write: class cx cy width height"))
        return None, False
    polygon = len(numbers) >= 7 and len(numbers) % 2 == 1
    if len(numbers) not in (5, 6) and not polygon:
        place.tell(
            "wrong_columns",
            N_("This line has {count} numbers"),
            N_("a box has 5 numbers, a polygon a class and at least 3 corners"),
            count=len(numbers),
        )
        return None, False
    if not all(math.isfinite(number) for number in numbers) or numbers[0] != int(numbers[0]) or numbers[0] < 0:
        place.tell("not_finite", N_("A number is not finite, or the class is no whole number"), N_("mend the line"))
        return None, polygon
    if len(numbers) == 6:
        place.tell("confidence", N_("A sixth number is a confidence, not used"), N_("nothing to do"), "note")
    shares = _polygon_box(numbers[1:]) if polygon else (numbers[1], numbers[2], numbers[3], numbers[4])
    if names and int(numbers[0]) not in names:
        place.tell(
            "unknown_class",
            N_("Class {class_id} has no name; there are {count} names"),
            N_("add its name, or mend the class"),
            class_id=int(numbers[0]),
            count=len(names),
        )
    return _row(int(numbers[0]), shares, size, place), polygon


def _polygon_box(corners: list[float]) -> tuple[float, float, float, float]:
    xs, ys = corners[0::2], corners[1::2]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, max(xs) - min(xs), max(ys) - min(ys)


def _row(class_id: int, shares: tuple[float, float, float, float], size: ImageSize, place: _Place) -> Row | None:
    """The box in pixels; one that leaves the picture is cut at its edge, one that has no area is left out."""
    cx, cy, width, height = shares
    if width <= 0 or height <= 0:
        place.tell("empty_box", N_("The box has no area"), N_("remove the line or mend its width and height"))
        return None
    left, top, right, bottom = cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2
    if max(abs(value) for value in shares) > 2 or left >= 1 or top >= 1 or right <= 0 or bottom <= 0:
        place.tell(
            "outside_picture",
            N_("The box lies outside the picture; the numbers must be shares of it, between 0 and 1"),
            N_("divide pixels by the picture's width and height"),
        )
        return None
    if min(left, top) < -_EDGE or max(right, bottom) > 1 + _EDGE:
        place.tell("over_the_edge", N_("The box reaches over the picture's edge"), N_("it was cut there"), "warning")
        left, top, right, bottom = max(left, 0.0), max(top, 0.0), min(right, 1.0), min(bottom, 1.0)
        width, height = right - left, bottom - top
    return Row(class_id, (left * size.width, top * size.height, width * size.width, height * size.height))


def label_path(picture: Path) -> Path | None:
    """The label file of a picture: under ``labels/`` instead of ``images/``, or beside it; None where there is none."""
    parts = list(picture.with_suffix(".txt").parts)
    places = [picture.with_suffix(".txt")]
    if "images" in parts:
        last = len(parts) - 1 - parts[::-1].index("images")
        places.insert(0, Path(*parts[:last], "labels", *parts[last + 1 :]))
    places.append(picture.parent / "labels" / picture.with_suffix(".txt").name)
    return next((place for place in places if place.is_file()), None)


def _lines(path: Path, problems: list[Problem], root: Path) -> list[str]:
    """The lines of a text file, whatever its line ends and byte-order mark."""
    try:
        if path.stat().st_size > LARGEST_LABEL_FILE:
            raise ValueError("too large")
        return path.read_bytes().decode("utf-8-sig").splitlines()
    except (OSError, ValueError):
        problems.append(
            Problem(
                "unreadable",
                _relative(path, root),
                0,
                N_("This label file cannot be read as text"),
                N_("write it again as UTF-8 text"),
                "error",
            )
        )
        return []


def _names_file(folder: Path) -> dict[int, str]:
    for name in ("classes.txt", "obj.names", "labels/classes.txt"):
        path = folder / name
        if path.is_file() and path.stat().st_size <= LARGEST_YAML:
            lines = path.read_bytes().decode("utf-8-sig", errors="replace").splitlines()
            return {i: line.strip() for i, line in enumerate(lines) if line.strip()}
    return {}


def _parts(path: Path, root: Path) -> tuple[str, ...]:
    return PurePosixPath(_relative(path, root)).parts


def _relative(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return "/".join(path.parts[-3:])
