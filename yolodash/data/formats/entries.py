"""What the forms of annotation programs share: boxes by class name, pictures by a stated name, somewhere in a folder.

A form's reader tells of each picture what its file states, as an ``Entry``; here the picture is looked for, never
outside the folder, boxes are cut at its edges, and names become ids in alphabetical order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from yolodash.data.dataset import Dataset, Format, LabelledImage, Problem, Row, Severity, annotations_from
from yolodash.data.images import image_size
from yolodash.data.sources import find_images
from yolodash.errors import N_, DatasetError, ImageError, YoloDashError
from yolodash.structures import ImageSize

_EDGE = 1e-3
"""Pixels by which a box may reach over an edge without a word."""
UNKNOWN = ImageSize(0, 0)
_PARTS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test",
          "testing": "test"}  # fmt: skip


@dataclass(frozen=True)
class NamedBox:
    """A box as a program states it: the class's name, and corners in pixels in any order."""

    name: str
    corners: tuple[float, float, float, float]
    number: int
    crowd: bool = False
    difficult: bool = False


@dataclass(frozen=True)
class Entry:
    """A picture as a label file states it.

    Attributes:
        file: the label file, relative to the data set; ``line`` in it, 0 where lines mean nothing.
        picture: its name or path there.
        size: as stated, 0 × 0 where it is not.
        part: train, val or test, in any of their spellings; empty where the folders say it.
    """

    file: str
    picture: str
    boxes: tuple[NamedBox, ...]
    size: ImageSize = UNKNOWN
    part: str = ""


@dataclass
class Telling:
    """Where the problems of one label file go."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def tell(
        self, kind: str, message: str, fix: str, severity: Severity = "error", *, line: int = 0, **values: object
    ) -> None:
        """Note one."""
        self.problems.append(Problem(kind, self.file, line, message, fix, severity, dict(values)))

    def broken(self, error: YoloDashError, kind: str) -> None:
        """What reading a file raised."""
        self.problems.append(Problem(kind, self.file, 0, error.what, error.fix, "error", dict(error.values)))

    def unusable(self, number: int) -> None:
        """A box without a name or without finite numbers."""
        self.tell("not_numbers", N_("Box {number} has no class name or no finite numbers"),
                  N_("mend or remove it"), number=number)  # fmt: skip

    def no_box(self, number: int, shape: str) -> None:
        """A shape that has no area."""
        self.tell("no_box", N_("Shape {number} is a {shape}, which has no area, and was left out"),
                  N_("draw a rectangle or a polygon"), "warning", number=number, shape=shape)  # fmt: skip


class Pictures:
    """The pictures of a folder, found by what a label file calls them; nothing outside is ever looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.all = find_images([folder]).images
        self._by_name: dict[str, list[Path]] = {}
        for path in self.all:
            for name in (path.name.casefold(), path.stem.casefold()):
                self._by_name.setdefault(name, []).append(path)

    def find(self, stated: str, near: Path) -> Path | None:
        """The picture of this name; of several the one that shares most of the stated path, then of the label's.

        Args:
            near: the label file.
        """
        wanted = PurePosixPath(unquote(stated.replace("\\", "/")))
        found = self._by_name.get(wanted.name.casefold()) or self._by_name.get(wanted.stem.casefold()) or []
        return max(found, key=lambda path: (_tail(path, wanted), _shared(path, near)), default=None)


def _tail(path: Path, wanted: PurePosixPath) -> int:
    """How many parts agree, from the end."""
    agree = [a == b for a, b in zip(reversed(path.parts), reversed(wanted.parts), strict=False)]
    return agree.index(False) if False in agree else len(agree)


def _shared(path: Path, near: Path) -> int:
    """How many folders two files share, from the top."""
    agree = [a == b for a, b in zip(path.parts, near.parts, strict=False)]
    return agree.index(False) if False in agree else len(agree)


def assembled(
    form: Format, folder: Path, entries: Iterable[Entry], problems: list[Problem], names: Sequence[str] = ()
) -> Dataset:
    """A data set from what label files state.

    Args:
        names: of the classes in the order of the file, where it has one; else they are sorted.

    Raises:
        DatasetError: nothing was stated at all.
    """
    entries = list(entries)
    pictures = Pictures(folder)
    if not entries:
        raise DatasetError(
            N_("There is no picture in these labels that can be read"),
            where=folder.name,
            fix=N_("export them again, with the pictures beside them"),
        )
    used = {box.name for entry in entries for box in entry.boxes}
    ids = {name: i for i, name in enumerate(dict.fromkeys((*names, *sorted(used))))}
    images: dict[str, LabelledImage] = {}
    for entry in entries:
        image = _labelled(entry, pictures, ids, problems)
        if image.name in images:
            Telling(entry.file, problems).tell(
                "duplicate_image", N_("{entry} stands here more than once; its last boxes were taken"),
                N_("keep one of them"), "warning", entry=image.name,
            )  # fmt: skip
        images[image.name] = image
    return Dataset(form, folder, {i: name for name, i in ids.items()}, tuple(images.values()), tuple(problems))


def _labelled(entry: Entry, pictures: Pictures, ids: dict[str, int], problems: list[Problem]) -> LabelledImage:
    telling = Telling(entry.file, problems)
    path = pictures.find(entry.picture, pictures.folder / entry.file)
    size = entry.size
    if path is None:
        telling.tell("missing_image", N_("{entry} is not there"), N_("put the picture beside its annotation"),
                     entry=entry.picture)  # fmt: skip
    else:
        size = _size(path, entry, telling)
    rows = [row for box in entry.boxes if (row := _row(box, ids[box.name], size, telling)) is not None]
    name = path.relative_to(pictures.folder).as_posix() if path else entry.picture
    return LabelledImage(name, path, annotations_from(rows, size), (_part(entry, name),))


def _size(path: Path, entry: Entry, telling: Telling) -> ImageSize:
    """Of the picture itself; said where the labels were drawn on one of another size."""
    try:
        size = image_size(path)
    except ImageError as error:
        telling.broken(error, "broken_image")
        return entry.size
    if entry.size.width and entry.size != size:
        telling.tell(
            "other_size", N_("The labels were drawn on a picture of {stated} pixels, and this one has {found}"),
            N_("put the first picture back"), "warning",
            stated=f"{entry.size.width}×{entry.size.height}", found=f"{size.width}×{size.height}",
        )  # fmt: skip
    return size


def _row(box: NamedBox, class_id: int, size: ImageSize, telling: Telling) -> Row | None:
    """The box in order and inside the picture; None, and told, where nothing of it is left."""
    left, right = sorted((box.corners[0], box.corners[2]))
    top, bottom = sorted((box.corners[1], box.corners[3]))
    if right <= left or bottom <= top:
        telling.tell("empty_box", N_("Box {number} has no area"), N_("draw it again or remove it"), number=box.number)
        return None
    if size.width and (min(left, top) < -_EDGE or right > size.width + _EDGE or bottom > size.height + _EDGE):
        left, top, right, bottom = max(left, 0.0), max(top, 0.0), min(right, size.width), min(bottom, size.height)
        if right <= left or bottom <= top:
            telling.tell("outside_picture", N_("Box {number} lies outside the picture"),
                         N_("draw it again or remove it"), number=box.number)  # fmt: skip
            return None
        telling.tell("over_the_edge", N_("Box {number} reaches over the picture's edge"), N_("it was cut there"),
                     "warning", number=box.number)  # fmt: skip
    return Row(class_id, (left, top, right - left, bottom - top), crowd=box.crowd, difficult=box.difficult)


def _part(entry: Entry, name: str) -> str:
    """The part that is stated, else the one that a folder names, else train."""
    words = (entry.part, *PurePosixPath(name).parts[:-1], *PurePosixPath(entry.file).parts[:-1])
    return next((_PARTS[word.casefold()] for word in words if word.casefold() in _PARTS), "train")


def relative(path: Path, folder: Path) -> str:
    """A label file's name for messages."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def number(value: Any) -> float:
    """A finite number, or not a number: whatever stands there."""
    try:
        result = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return result if math.isfinite(result) else math.nan


def whole_size(height: Any, width: Any) -> ImageSize:
    """A stated size; 0 × 0 where it is none."""
    values = (number(height), number(width))
    sound = all(0 < value < 1e6 for value in values)
    return ImageSize(round(values[0]), round(values[1])) if sound else ImageSize(0, 0)


def around(points: Iterable[tuple[float, float]]) -> tuple[float, float, float, float] | None:
    """The tight box of some points; None where one is not finite or there are none."""
    listed = list(points)
    if not listed or not all(math.isfinite(x) and math.isfinite(y) for x, y in listed):
        return None
    xs, ys = zip(*listed, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def turned(
    corner: tuple[float, float], width: float, height: float, degrees: float, about: tuple[float, float]
) -> tuple[float, float, float, float] | None:
    """The tight box of a rectangle that was turned clockwise about a point, as the eye sees it.

    Args:
        corner: left and top before the turn.
    """
    angle = math.radians(degrees)
    cosine, sine = math.cos(angle), math.sin(angle)
    x, y = corner
    relative_to = [(a - about[0], b - about[1]) for a in (x, x + width) for b in (y, y + height)]
    return around((about[0] + a * cosine - b * sine, about[1] + a * sine + b * cosine) for a, b in relative_to)
