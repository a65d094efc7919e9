"""KITTI's labels: a text file a picture, a line a box: its type, four numbers, and seven of the solid object.

``DontCare`` marks areas that nobody labelled; they are no objects and are left out.
Source: the object benchmark's readme (cvlibs.net): type, truncated, occluded, alpha, left, top, right, bottom,
height, width, length, x, y, z, rotation, and in results a score.
"""

from __future__ import annotations

import re
from pathlib import Path

from yolodash.data.dataset import SPLITS, Dataset, Problem
from yolodash.data.formats.entries import Entry, NamedBox, Pictures, Telling, assembled, number, relative
from yolodash.errors import N_

LARGEST_TEXT = 16 << 20
DONT_CARE = "DontCare"
_NUMBER = rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_LINE = re.compile(rb"\s*[^\s\d.+-]\S*(?:[ \t]+" + _NUMBER + rb"){14,15}[ \t]*(?:\r?\n|$)")
_COLUMNS = (15, 16)


def read_kitti(files: list[Path], folder: Path) -> Dataset:
    """Open a folder of KITTI's labels; pictures without a label file belong to it without boxes.

    Raises:
        DatasetError: there is nothing in it.
    """
    problems: list[Problem] = []
    parts = _parts(folder)
    pictures = Pictures(folder)
    entries: list[Entry] = []
    labelled: set[Path] = set()
    left_out = 0
    for path in files:
        boxes, without = _boxes(path, Telling(relative(path, folder), problems))
        left_out += without
        picture = pictures.find(path.stem, path)
        if picture is not None:
            labelled.add(picture)
        name = relative(picture, folder) if picture else path.stem
        entries.append(Entry(relative(path, folder), name, tuple(boxes), part=parts.get(path.stem, "")))
    if left_out:
        message = N_("{count} areas marked DontCare were left out")
        problems.append(Problem("dont_care", "", 0, message, N_("nothing to do"), "note", {"count": left_out}))
    entries += [Entry("", relative(picture, folder), ()) for picture in pictures.all if picture not in labelled]
    return assembled("kitti", folder, entries, problems)


def looks_like_kitti(path: Path) -> bool:
    """Does a text file begin as KITTI's labels do?"""
    with path.open("rb") as file:
        return _LINE.match(file.read(4096)) is not None


def _boxes(path: Path, telling: Telling) -> tuple[list[NamedBox], int]:
    """The boxes of a file, and how many areas it marks as not labelled."""
    try:
        if path.stat().st_size > LARGEST_TEXT:
            raise ValueError("too large")
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
    except (OSError, ValueError):
        telling.tell("unreadable", N_("This label file cannot be read as text"), N_("write it again as UTF-8 text"))
        return [], 0
    boxes: list[NamedBox] = []
    left_out = 0
    for place, line in enumerate(lines, start=1):
        words = line.split()
        if not words:
            continue
        if len(words) not in _COLUMNS:
            telling.tell("wrong_columns", N_("This line has {count} columns"), N_("a box has 15 of them"),
                         line=place, count=len(words))  # fmt: skip
            continue
        corners = tuple(number(word) for word in words[4:8])
        if words[0] == DONT_CARE:
            left_out += 1
        elif any(value != value for value in corners):
            telling.tell("not_numbers", N_("This line is not made of numbers"), N_("mend the line"), line=place)
        else:
            boxes.append(NamedBox(words[0], (corners[0], corners[1], corners[2], corners[3]), place))
    return boxes, left_out


def _parts(folder: Path) -> dict[str, str]:
    """The part of each stem, as ``ImageSets/*.txt`` lists them; nothing where there are no lists."""
    result: dict[str, str] = {}
    for split in SPLITS:
        for path in sorted(folder.rglob(f"ImageSets/{split}.txt")):
            if path.stat().st_size <= LARGEST_TEXT:
                for line in path.read_bytes().decode("utf-8-sig", errors="replace").splitlines():
                    result.setdefault(line.strip(), split)
    return result
