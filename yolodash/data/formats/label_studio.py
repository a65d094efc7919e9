"""Label Studio's JSON: a list of tasks, boxes in percent of the picture, which may be turned about their left top.

Of a task's annotations the one marked as ground truth is taken, else the last that was not cancelled; predictions are
not truth and are passed over. The short form (JSON-MIN) is read too.
Source: "Label Studio Task Format" and "RectangleLabels", labelstud.io.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from yolodash.data.dataset import Dataset, Problem
from yolodash.data.formats.coco import read_json
from yolodash.data.formats.entries import (
    Entry,
    NamedBox,
    Telling,
    around,
    assembled,
    number,
    relative,
    turned,
    whole_size,
)
from yolodash.data.images import image_size
from yolodash.data.sources import find_images
from yolodash.errors import N_, ImageError
from yolodash.structures import ImageSize

_UPLOADED = re.compile(r"^[0-9a-f]{8}-(?=.)")
"""What Label Studio puts before the name of an uploaded file."""
_PICTURE = re.compile(r"\.(jpe?g|png|webp|gif|bmp|tiff?|avif)\b", re.IGNORECASE)
_LABELS = {"rectanglelabels", "polygonlabels", "ellipselabels", "brushlabels", "keypointlabels", "labels"}


def read_label_studio(files: list[Path], folder: Path) -> Dataset:
    """Open Label Studio's files as one data set.

    Raises:
        DatasetError: a file is no whole JSON, or none names a picture.
    """
    problems: list[Problem] = []
    there = {path.name: path for path in find_images([folder]).images}
    entries = [entry for path in files for entry in _entries(path, folder, there, problems)]
    return assembled("label_studio", folder, entries, problems)


def is_label_studio(content: Any) -> bool:
    """Is a JSON value of this form, long or short?"""
    if not isinstance(content, list) or not content or not isinstance(content[0], dict):
        return False
    first = content[0]
    long = isinstance(first.get("data"), dict) and any(key in first for key in ("annotations", "completions"))
    return long or ("annotation_id" in first and "annotator" in first)


def _entries(path: Path, folder: Path, there: dict[str, Path], problems: list[Problem]) -> list[Entry]:
    telling = Telling(relative(path, folder), problems)
    content = read_json(path)
    entries = []
    count = 0
    for place, task in enumerate(content if isinstance(content, list) else [], start=1):
        stated = _picture(task) if isinstance(task, dict) else ""
        if not stated:
            telling.tell("bad_entry", N_("Task {place} names no picture"), N_("mend or remove it"), place=place)
            continue
        name = _UPLOADED.sub("", stated) if stated not in there else stated
        results = _results(task, place, telling)
        size = _size(results, there.get(name))
        boxes = []
        for result in results:
            count += 1
            boxes += _boxes(result, count, size, telling)
        entries.append(Entry(telling.file, name, tuple(boxes), size))
    return entries


def _picture(task: dict[str, Any]) -> str:
    """The file name of a task's picture, from whatever address it has."""
    data = task.get("data")
    values = data if isinstance(data, dict) else task
    texts = [text for text in values.values() if isinstance(text, str) and _PICTURE.search(text)]
    chosen = values.get("image") if isinstance(values.get("image"), str) else next(iter(texts), "")
    parts = urlsplit(str(chosen))
    local = parse_qs(parts.query).get("d", [""])[0]  # /data/local-files/?d=folder/picture.jpg
    return (local or parts.path).replace("\\", "/").rsplit("/", 1)[-1]


def _results(task: dict[str, Any], place: int, telling: Telling) -> list[dict[str, Any]]:
    """The shapes of the annotation that counts."""
    if "data" not in task:
        lists = [value for value in task.values() if isinstance(value, list)]
        return [{"value": one, **one} for value in lists for one in value if isinstance(one, dict)]
    stated = task.get("annotations", task.get("completions"))
    made = [one for one in stated if isinstance(one, dict)] if isinstance(stated, list) else []
    valid = [one for one in made if not one.get("was_cancelled") and isinstance(one.get("result"), list)]
    if not valid:
        return []
    if len(valid) > 1:
        telling.tell(
            "several_annotations", N_("Task {place} has {count} annotations, of which one was taken"),
            N_("mark the right one as ground truth"), "warning", place=place, count=len(valid),
        )  # fmt: skip
    chosen = next((one for one in valid if one.get("ground_truth")), valid[-1])
    return [one for one in chosen["result"] if isinstance(one, dict) and isinstance(one.get("value"), dict)]


def _size(results: list[dict[str, Any]], picture: Path | None) -> ImageSize:
    """As stated by a shape, else of the picture itself: percents mean nothing without it."""
    stated = next((whole_size(one.get("original_height"), one.get("original_width")) for one in results), None)
    if stated is not None and stated.width:
        return stated
    try:
        return image_size(picture) if picture is not None else ImageSize(0, 0)
    except ImageError:
        return ImageSize(0, 0)


def _boxes(result: dict[str, Any], place: int, size: ImageSize, telling: Telling) -> list[NamedBox]:
    """A box for each label of a shape."""
    value = result["value"]
    names = [str(name).strip() for key in _LABELS for name in _list(value.get(key)) if str(name).strip()]
    kind = str(result.get("type") or next((key for key in _LABELS if key in value), ""))
    if not names and kind not in _LABELS:
        return []  # a choice, a rating or a text about the whole picture, or the bare half of a labelled shape
    if kind in ("keypointlabels", "brushlabels"):
        telling.no_box(place, kind.removesuffix("labels"))
        return []
    corners = _corners(value, size) if size.width and not number(result.get("image_rotation") or 0) else None
    if corners is None or not names:
        telling.unusable(place)
        return []
    return [NamedBox(name, corners, place) for name in names]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _corners(value: dict[str, Any], size: ImageSize) -> tuple[float, float, float, float] | None:
    """The tight box in pixels; the turn is made in pixels, since percents of width and height are not alike."""
    wide, high = size.width / 100, size.height / 100
    if "points" in value:
        points = [point for point in _list(value["points"]) if isinstance(point, list) and len(point) == 2]
        return around((number(x) * wide, number(y) * high) for x, y in points)
    x, y = number(value.get("x")) * wide, number(value.get("y")) * high
    if "radiusX" in value:
        across, down = number(value.get("radiusX")) * wide, number(value.get("radiusY")) * high
        return around([(x - across, y - down), (x + across, y + down)])
    width, height = number(value.get("width")) * wide, number(value.get("height")) * high
    angle = number(value.get("rotation") or 0)
    if math.isnan(x + y + width + height + angle):
        return None
    return turned((x, y), width, height, angle, (x, y))
