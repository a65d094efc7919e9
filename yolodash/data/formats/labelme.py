"""LabelMe's JSON: a file a picture, beside it; shapes of points in pixels of the upright picture.

Rectangles, polygons, circles and masks have a tight box; points and lines have none.
Source: the files that labelme 5 writes, and its description at github.com/wkentaro/labelme.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from yolodash.data.dataset import Dataset, Problem
from yolodash.data.formats.coco import read_json
from yolodash.data.formats.entries import Entry, NamedBox, Telling, around, assembled, number, relative, whole_size
from yolodash.errors import N_, DatasetError

_WITHOUT_AREA = {"point", "points", "line", "linestrip"}


def read_labelme(files: list[Path], folder: Path) -> Dataset:
    """Open a folder of LabelMe's files.

    Raises:
        DatasetError: none of them can be read.
    """
    problems: list[Problem] = []
    entries = [entry for path in files if (entry := _entry(path, folder, problems)) is not None]
    return assembled("labelme", folder, entries, problems)


def is_labelme(content: Any) -> bool:
    """Is a JSON value of this form?"""
    return isinstance(content, dict) and isinstance(content.get("shapes"), list) and "imagePath" in content


def _entry(path: Path, folder: Path, problems: list[Problem]) -> Entry | None:
    telling = Telling(relative(path, folder), problems)
    try:
        content = read_json(path)
    except DatasetError as error:
        telling.broken(error, "unreadable")
        return None
    if not is_labelme(content):
        telling.tell("unreadable", N_("This file has no list of shapes"), N_("write it again"))
        return None
    boxes = tuple(
        box
        for place, shape in enumerate(content["shapes"], start=1)
        if (box := _box(shape, place, telling)) is not None
    )
    size = whole_size(content.get("imageHeight"), content.get("imageWidth"))
    return Entry(telling.file, str(content["imagePath"] or path.stem), boxes, size)


def _box(shape: Any, place: int, telling: Telling) -> NamedBox | None:
    name = str(shape.get("label") or "").strip() if isinstance(shape, dict) else ""
    kind = str(shape.get("shape_type") or "polygon") if isinstance(shape, dict) else ""
    if kind in _WITHOUT_AREA:
        telling.no_box(place, kind)
        return None
    points = _points(shape.get("points")) if isinstance(shape, dict) else []
    if kind == "circle" and len(points) == 2:
        (x, y), edge = points
        radius = math.dist((x, y), edge)
        points = [(x - radius, y - radius), (x + radius, y + radius)]
    box = around(points) if len(points) >= 2 else None
    if not name or box is None:
        telling.unusable(place)
        return None
    flags = shape.get("flags")
    return NamedBox(name, box, place, difficult=isinstance(flags, dict) and bool(flags.get("difficult")))


def _points(value: Any) -> list[tuple[float, float]]:
    if not isinstance(value, list):
        return []
    return [
        (number(point[0]), number(point[1])) if isinstance(point, list) and len(point) == 2 else (math.nan, math.nan)
        for point in value
    ]
