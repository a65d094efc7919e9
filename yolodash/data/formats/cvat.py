"""CVAT for images 1.1: one XML of all pictures, shapes with corners in pixels. Read by defusedxml.

Boxes may be turned about their centre; of these, of polygons, ellipses and masks the tight box is taken.
Source: "XML annotation format", docs.cvat.ai.
"""

from __future__ import annotations

import math
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree as SafeTree
from defusedxml.common import DefusedXmlException

from yolodash.data.dataset import Dataset, Problem
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
from yolodash.errors import N_, DatasetError

LARGEST_XML = 128 << 20
_WITHOUT_AREA = {"polyline", "points", "tag", "skeleton", "cuboid"}
_SHAPES = {"box", "polygon", "ellipse", "mask", *_WITHOUT_AREA}

Corners = tuple[float, float, float, float]


def read_cvat(files: list[Path], folder: Path) -> Dataset:
    """Open CVAT's files as one data set.

    Raises:
        DatasetError: a file is no XML, is too large, or is CVAT's form for videos.
    """
    problems: list[Problem] = []
    entries: list[Entry] = []
    names: list[str] = []
    for path in files:
        root = _root(path)
        names += [name.strip() for label in root.iter("label") if (name := label.findtext("name"))]
        entries += [_entry(image, Telling(relative(path, folder), problems)) for image in root.iter("image")]
    return assembled("cvat", folder, entries, problems, names)


def looks_like_cvat(path: Path) -> bool:
    """Does an XML file begin as CVAT's do?"""
    with path.open("rb") as file:
        return b"<annotations" in file.read(2048)


def _root(path: Path) -> Element:
    try:
        if path.stat().st_size > LARGEST_XML:
            raise DatasetError(N_("This file is too large to read"), where=path.name, fix=N_("split it"))
        root: Element = SafeTree.fromstring(path.read_bytes())
    except (OSError, ParseError, ValueError, LookupError, DefusedXmlException) as error:
        line = getattr(error, "position", (0, 0))[0]
        where = f"{path.name}:{line}" if line else path.name
        raise DatasetError(N_("This is no plain XML file"), where=where, fix=N_("write it again")) from error
    if root.find("image") is None and root.find("track") is not None:
        raise DatasetError(
            N_("This is CVAT's form for videos"), where=path.name, fix=N_("export it as 'CVAT for images 1.1'")
        )
    return root


def _entry(image: Element, telling: Telling) -> Entry:
    shapes = [shape for shape in image if shape.tag in _SHAPES]
    boxes = tuple(
        box for place, shape in enumerate(shapes, start=1) if (box := _box(shape, place, telling)) is not None
    )
    size = whole_size(image.get("height"), image.get("width"))
    return Entry(telling.file, image.get("name", ""), boxes, size, image.get("subset", ""))


def _box(shape: Element, place: int, telling: Telling) -> NamedBox | None:
    if shape.tag in _WITHOUT_AREA:
        telling.no_box(place, shape.tag)
        return None
    name = shape.get("label", "").strip()
    corners = _corners(shape)
    if not name or corners is None:
        telling.unusable(place)
        return None
    return NamedBox(name, corners, place)


def _corners(shape: Element) -> Corners | None:
    """The tight box of a shape; None where a number is missing or not finite."""
    if shape.tag == "polygon":
        pairs = [text.split(",") for text in shape.get("points", "").split(";") if text]
        return around((number(pair[0]), number(pair[1])) if len(pair) == 2 else (math.nan, math.nan) for pair in pairs)
    if shape.tag == "mask":
        left, top, width, height = (number(shape.get(key)) for key in ("left", "top", "width", "height"))
        return around([(left, top), (left + width, top + height)])
    angle = number(shape.get("rotation", "0"))
    if shape.tag == "ellipse":
        x, y, across, down = (number(shape.get(key)) for key in ("cx", "cy", "rx", "ry"))
        return _ellipse((x, y), across, down, angle)
    left, top, right, bottom = (number(shape.get(key)) for key in ("xtl", "ytl", "xbr", "ybr"))
    if not angle:
        return around([(left, top), (right, bottom)])
    return turned((left, top), right - left, bottom - top, angle, ((left + right) / 2, (top + bottom) / 2))


def _ellipse(centre: tuple[float, float], half_width: float, half_height: float, degrees: float) -> Corners | None:
    """The tight box of a turned ellipse: √(a² cos² + b² sin²) to each side."""
    x, y = centre
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    across = math.hypot(half_width * cosine, half_height * sine)
    down = math.hypot(half_width * sine, half_height * cosine)
    return around([(x - across, y - down), (x + across, y + down)])
