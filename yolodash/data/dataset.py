"""A data set as it was found: pictures, boxes, names, and everything that is wrong with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from yolodash.errors import one_line
from yolodash.structures import Annotations, ImageSize

Format = Literal["yolo", "coco", "voc", "yolodash", "cvat", "labelme", "label_studio", "createml", "kitti"]
Severity = Literal["error", "warning", "note"]
SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Problem:
    """Something in a data set that cannot be used as it stands, or that its owner should know.

    Attributes:
        kind: a short name for this kind of problem, the same in every format.
        file: where, relative to the data set; ``line`` from 1, 0 where lines mean nothing.
        message, fix: gettext message ids; ``values`` fill their placeholders.
        severity: ``error`` something was left out, ``warning`` something was mended or is doubtful, ``note`` to know.
    """

    kind: str
    file: str
    line: int
    message: str
    fix: str
    severity: Severity
    values: dict[str, Any] = field(default_factory=dict)

    def sentence(self) -> str:
        """The message with its values, in English."""
        return self.message.format(**self._shown())

    def advice(self) -> str:
        """The fix with its values, in English."""
        return self.fix.format(**self._shown())

    def _shown(self) -> dict[str, str]:
        return {name: one_line(str(value)) for name, value in self.values.items()}


@dataclass(frozen=True)
class LabelledImage:
    """One picture and its truth.

    Attributes:
        name: unique within the data set, with forward slashes.
        path: of the file; None where it is missing.
        annotations: empty for a background picture.
        splits: which parts it belongs to; one picture can serve for training and validation, as in COCO128.
    """

    name: str
    path: Path | None
    annotations: Annotations
    splits: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """What ``open_dataset`` found.

    Attributes:
        format: how its labels are written.
        root: the folder that names are relative to.
        names: of the classes by id; ids keep their meaning, gaps included.
        images: in the order of splits and names.
        problems: everything that was not as it should be.
        polygon_lines: YOLO lines that held a polygon, of which the tight box was taken.
    """

    format: Format
    root: Path
    names: dict[int, str]
    images: tuple[LabelledImage, ...]
    problems: tuple[Problem, ...]
    polygon_lines: int = 0

    def split(self, name: str) -> tuple[LabelledImage, ...]:
        """The pictures of ``train``, ``val`` (also ``valid``), ``test`` or ``all``."""
        wanted = {"valid": "val"}.get(name, name)
        return tuple(image for image in self.images if wanted == "all" or wanted in image.splits)

    def boxes_per_class(self) -> dict[int, int]:
        """How many boxes each class has, classes without any included."""
        counts = Counter(int(i) for image in self.images for i in image.annotations.class_ids)
        return {i: counts.get(i, 0) for i in sorted(set(self.names) | set(counts))}


@dataclass(frozen=True)
class Row:
    """One box as a file states it: class, left, top, width, height in pixels, and the flags of its format."""

    class_id: int
    xywh: tuple[float, float, float, float]
    area: float | None = None
    crowd: bool = False
    difficult: bool = False


def annotations_from(rows: list[Row], size: ImageSize) -> Annotations:
    """The truth of one picture from its rows."""
    xywh = np.array([row.xywh for row in rows], np.float64).reshape(-1, 4)
    return Annotations(
        boxes=np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], axis=1),
        xywh=xywh,
        class_ids=np.array([row.class_id for row in rows], np.int64),
        areas=np.array([row.xywh[2] * row.xywh[3] if row.area is None else row.area for row in rows], np.float64),
        crowd=np.array([row.crowd for row in rows], bool),
        difficult=np.array([row.difficult for row in rows], bool),
        image_size=size,
    )
