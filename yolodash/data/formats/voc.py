"""Pascal VOC's XML: a file a picture, corners in pixels. Read by defusedxml, so that no entity unfolds.

Corners are taken as they stand, min and max, as this data is commonly used; the ``voc`` convention counts pixels
inclusively itself.
"""

from __future__ import annotations

import math
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree as SafeTree
from defusedxml.common import DefusedXmlException

from yolodash.data.dataset import SPLITS, Dataset, LabelledImage, Problem, Row, annotations_from
from yolodash.data.images import image_size
from yolodash.data.sources import find_images
from yolodash.errors import N_, DatasetError, ImageError
from yolodash.structures import ImageSize

LARGEST_XML = 16 << 20


def read_voc(folder: Path) -> Dataset:
    """Open a folder of VOC XML, with its pictures anywhere below it.

    Raises:
        DatasetError: there is no XML of that kind.
    """
    problems: list[Problem] = []
    pictures = {path.stem: path for path in reversed(find_images([folder]).images)}
    roots = {path: _root(path, folder, problems) for path in sorted(folder.rglob("*.xml"))}
    objects = {path: _objects(root, path, folder, problems) for path, root in roots.items() if root is not None}
    ids = {name: i for i, name in enumerate(sorted({name for rows in objects.values() for name, *_ in rows}))}
    parts = _parts(folder)
    images = []
    for path, rows in objects.items():
        root = roots[path]
        picture = _picture(root, path, pictures, folder, problems) if root is not None else None
        size = _size(root, picture)
        boxes = [Row(ids[name], xywh, difficult=difficult) for name, xywh, difficult in rows]
        name = picture.relative_to(folder).as_posix() if picture else path.stem
        images.append(LabelledImage(name, picture, annotations_from(boxes, size), _splits(path, folder, parts)))
    if not images:
        raise DatasetError(
            N_("There is no VOC annotation in this folder"),
            where=folder.name,
            fix=N_("give the folder that holds the .xml files and the pictures"),
        )
    return Dataset("voc", folder, {i: name for name, i in ids.items()}, tuple(images), tuple(problems))


def looks_like_voc(path: Path) -> bool:
    """Does an XML file begin as VOC's do?"""
    with path.open("rb") as file:
        return b"<annotation" in file.read(2048)


def _root(path: Path, folder: Path, problems: list[Problem]) -> Element | None:
    where = path.relative_to(folder).as_posix()
    try:
        if path.stat().st_size > LARGEST_XML:
            raise ValueError("too large")
        root: Element = SafeTree.fromstring(path.read_bytes())
    except (OSError, ParseError, ValueError, LookupError, DefusedXmlException) as error:
        line = getattr(error, "position", (0, 0))[0]
        problems.append(
            Problem("unreadable", where, line, N_("This is no plain XML file"), N_("write it again"), "error")
        )
        return None
    return root if root.tag == "annotation" else None


def _objects(
    root: Element, path: Path, folder: Path, problems: list[Problem]
) -> list[tuple[str, tuple[float, float, float, float], bool]]:
    """Name, left, top, width, height and the difficult flag of every object that can be used."""
    where = path.relative_to(folder).as_posix()
    result = []
    for number, item in enumerate(root.findall("object"), start=1):
        name = (item.findtext("name") or "").strip()
        corners = [_number(item.findtext(f"bndbox/{key}")) for key in ("xmin", "ymin", "xmax", "ymax")]
        if not name or not all(math.isfinite(value) for value in corners):
            problems.append(
                Problem(
                    "not_numbers",
                    where,
                    0,
                    N_("Object {number} has no name or no whole bndbox"),
                    N_("give it a name, xmin, ymin, xmax and ymax"),
                    "error",
                    {"number": number},
                )
            )
            continue
        left, right = sorted((corners[0], corners[2]))
        top, bottom = sorted((corners[1], corners[3]))
        if (left, top) != (corners[0], corners[1]):
            problems.append(
                Problem(
                    "swapped_corners",
                    where,
                    0,
                    N_("Object {number} has min and max exchanged"),
                    N_("they were put in order"),
                    "warning",
                    {"number": number},
                )
            )
        difficult = (item.findtext("difficult") or "0").strip() not in ("0", "")
        result.append((name, (left, top, right - left, bottom - top), difficult))
    return result


def _picture(
    root: Element, path: Path, pictures: dict[str, Path], folder: Path, problems: list[Problem]
) -> Path | None:
    """The picture that an annotation belongs to: by its own name, else by the name that it states."""
    stated = (root.findtext("filename") or "").replace("\\", "/").rsplit("/", 1)[-1]
    found = pictures.get(path.stem) or pictures.get(Path(stated).stem)
    if found is None:
        problems.append(
            Problem(
                "missing_image",
                path.relative_to(folder).as_posix(),
                0,
                N_("{entry} is not there"),
                N_("put the picture beside its annotation"),
                "error",
                {"entry": stated or path.stem},
            )
        )
    return found


def _size(root: Element | None, picture: Path | None) -> ImageSize:
    """Of the picture itself where it can be read, else as the annotation states it, else 0 × 0."""
    if picture is not None:
        try:
            return image_size(picture)
        except ImageError:
            pass
    stated = [_number(root.findtext(f"size/{key}")) if root is not None else math.nan for key in ("height", "width")]
    return ImageSize(*(int(value) if math.isfinite(value) else 0 for value in stated))


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan


def _parts(folder: Path) -> dict[str, list[str]]:
    """The parts of each stem, as ``ImageSets/Main`` lists them; nothing where there are no lists."""
    result: dict[str, list[str]] = {}
    for split in SPLITS:
        for path in sorted(folder.rglob(f"ImageSets/Main/{split}.txt")):
            if path.stat().st_size <= LARGEST_XML:
                for line in path.read_bytes().decode("utf-8-sig", errors="replace").splitlines():
                    result.setdefault(line.strip(), []).append(split)
    return result


def _splits(path: Path, folder: Path, listed: dict[str, list[str]]) -> tuple[str, ...]:
    """The parts that an annotation belongs to: by the lists, else by the folders that it lies in, else train."""
    if path.stem in listed:
        return tuple(dict.fromkeys(listed[path.stem]))
    parts = path.relative_to(folder).parts
    return (next(({"valid": "val"}.get(p, p) for p in parts if p in ("train", "val", "valid", "test")), "train"),)
