"""Pascal VOC's form, written: ``JPEGImages/``, ``Annotations/`` and the parts in ``ImageSets/Main/``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from yolodash.data.dataset import SPLITS, Dataset, Problem
from yolodash.data.writing import Placed, Progress, class_names, copy_pictures, of_split, tell, tell_flags
from yolodash.errors import N_

_WHOLE = 1e-6


def write_voc(
    dataset: Dataset, pictures: Sequence[Placed], folder: Path, notes: list[Problem], progress: Progress
) -> int:
    """Write pictures, a file of XML for each, and the lists of the parts; gives the number of boxes.

    Corners are min and max as they stand, in decimals where they are no whole pixels.
    """
    names = class_names(dataset)
    tell_flags(dataset, notes, crowd=False, difficult=True)
    unused = [names[i] for i, boxes in dataset.boxes_per_class().items() if not boxes]
    if unused:
        message = N_("{count} classes have no box, and VOC names a class only where there is one: {names}")
        tell(notes, "lost_class", message, N_("nothing to do"), count=len(unused), names=", ".join(unused))
    copy_pictures(pictures, lambda one: folder / "JPEGImages" / one.file, progress)
    (folder / "Annotations").mkdir()
    for one in pictures:
        tree = ElementTree(annotation(one, names))
        indent(tree)
        tree.write(folder / "Annotations" / f"{one.stem}.xml", encoding="utf-8", xml_declaration=True)
    lists = folder / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    for split in SPLITS:
        stems = [one.stem for one in of_split(pictures, split)]
        if stems:
            (lists / f"{split}.txt").write_text("".join(f"{stem}\n" for stem in stems), encoding="utf-8")
    return sum(len(one.image.annotations.class_ids) for one in pictures)


def annotation(one: Placed, names: dict[int, str]) -> Element:
    """The XML of one picture."""
    truth = one.image.annotations
    root = Element("annotation")
    _add(root, {"folder": "JPEGImages", "filename": one.file})
    _add(
        SubElement(root, "size"),
        {"width": str(truth.image_size.width), "height": str(truth.image_size.height), "depth": "3"},
    )
    _add(root, {"segmented": "0"})
    rows = zip(truth.class_ids.tolist(), truth.boxes.tolist(), truth.difficult.tolist(), strict=True)
    for class_id, corners, difficult in rows:
        item = SubElement(root, "object")
        _add(item, {"name": _printable(names[class_id]), "pose": "Unspecified", "truncated": "0"})
        _add(item, {"difficult": str(int(difficult))})
        keys = ("xmin", "ymin", "xmax", "ymax")
        _add(SubElement(item, "bndbox"), dict(zip(keys, map(_pixels, corners), strict=True)))
    return root


def _add(parent: Element, texts: dict[str, str]) -> None:
    for tag, text in texts.items():
        SubElement(parent, tag).text = text


def _pixels(value: float) -> str:
    """A whole number where it is one up to rounding, else in decimals."""
    return str(round(value)) if abs(value - round(value)) < _WHOLE else repr(value)


def _printable(text: str) -> str:
    """Characters that XML has no way to write become spaces."""
    return "".join(c if c.isprintable() else " " for c in text)
