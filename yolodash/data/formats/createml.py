"""Create ML's JSON: a list of pictures, each box by its centre and size in pixels from the top left.

Source: Apple's description of an object detector's data source; Roboflow's export of the same form, a file a part.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from yolodash.data.dataset import Dataset, Problem
from yolodash.data.formats.coco import read_json
from yolodash.data.formats.entries import Entry, NamedBox, Telling, assembled, number, relative
from yolodash.errors import N_


def read_createml(files: list[Path], folder: Path) -> Dataset:
    """Open Create ML's files as one data set.

    Raises:
        DatasetError: a file is no whole JSON, or none names a picture.
    """
    problems: list[Problem] = []
    entries = [entry for path in files for entry in _entries(path, folder, problems)]
    return assembled("createml", folder, entries, problems)


def is_createml(content: Any) -> bool:
    """Is a JSON value of this form?"""
    return (
        isinstance(content, list)
        and bool(content)
        and all(isinstance(one, dict) and isinstance(_boxes_of(one), list) and bool(_name_of(one)) for one in content)
    )


def _name_of(one: dict[str, Any]) -> str:
    return str(one.get("image") or one.get("imagefilename") or "")


def _boxes_of(one: dict[str, Any]) -> Any:
    return one.get("annotations", one.get("annotation"))


def _entries(path: Path, folder: Path, problems: list[Problem]) -> list[Entry]:
    telling = Telling(relative(path, folder), problems)
    content = read_json(path)
    if not isinstance(content, list):
        telling.tell("unreadable", N_("This file is no list of pictures"), N_("export it again"))
        return []
    entries = []
    count = 0
    for place, one in enumerate(content, start=1):
        if not isinstance(one, dict) or not _name_of(one) or not isinstance(_boxes_of(one), list):
            telling.tell(
                "bad_entry", N_("Entry {place} names no picture or has no list of annotations"),
                N_("mend or remove it"), place=place,
            )  # fmt: skip
            continue
        boxes = []
        for annotation in _boxes_of(one):
            count += 1
            box = _box(annotation, count, telling)
            boxes += [box] if box is not None else []
        entries.append(Entry(telling.file, _name_of(one), tuple(boxes)))
    return entries


def _box(annotation: Any, place: int, telling: Telling) -> NamedBox | None:
    own = annotation if isinstance(annotation, dict) else {}
    name = str(own.get("label") or "").strip()
    stated = own.get("coordinates")
    coordinates = stated if isinstance(stated, dict) else {}
    x, y, width, height = (number(coordinates.get(key)) for key in ("x", "y", "width", "height"))
    if not name or math.isnan(x + y + width + height):
        telling.unusable(place)
        return None
    if width <= 0 or height <= 0:
        width = height = 0.0  # told as a box without area
    return NamedBox(name, (x - width / 2, y - height / 2, x + width / 2, y + height / 2), place)
