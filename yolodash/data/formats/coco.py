"""COCO's JSON: truth (images, annotations, categories) and results (a list of detections), as columns.

Numbers stay as the file has them, in float64. What cannot be used is said, with its place in the file.
Source: Lin et al., 2014, and the format's description at cocodataset.org.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolodash.errors import N_, DatasetError

LARGEST_FILE = 2 << 30


@dataclass(frozen=True)
class CocoTruth:
    """A COCO truth file as columns; rows in the order of the file.

    Attributes:
        image_ids, image_names: of the pictures.
        image_sizes: ``(I, 2)`` height and width, 0 where the file does not say.
        category_ids, category_names: of the classes; the ids may have gaps.
        annotation_image, annotation_category: ``(M,)`` ids.
        xywh: ``(M, 4)`` float64 left, top, width, height.
        area: ``(M,)`` float64, width × height where the file does not say.
        crowd: ``(M,)`` bool.
    """

    image_ids: tuple[int, ...]
    image_names: tuple[str, ...]
    image_sizes: NDArray[np.int64]
    category_ids: tuple[int, ...]
    category_names: tuple[str, ...]
    annotation_image: NDArray[np.int64]
    annotation_category: NDArray[np.int64]
    xywh: NDArray[np.float64]
    area: NDArray[np.float64]
    crowd: NDArray[np.bool_]


@dataclass(frozen=True)
class CocoResults:
    """A COCO results file as columns: ``(D,)`` ids and scores, ``(D, 4)`` left, top, width, height."""

    image: NDArray[np.int64]
    category: NDArray[np.int64]
    xywh: NDArray[np.float64]
    score: NDArray[np.float64]


def read_truth(path: Path) -> CocoTruth:
    """Read a truth file.

    Raises:
        DatasetError: it is no JSON, or not of this form; says which entry.
    """
    content = read_json(path)
    if not isinstance(content, dict) or not isinstance(content.get("annotations"), list):
        raise DatasetError(
            N_("This JSON has no list of annotations, so it is no COCO truth file"),
            where=path.name,
            fix=N_("give the file that holds 'images', 'annotations' and 'categories'"),
        )
    images, annotations, categories = (_objects(content, key, path) for key in ("images", "annotations", "categories"))
    xywh = _boxes(annotations, path)
    return CocoTruth(
        image_ids=tuple(_integers(images, "id", path).tolist()),
        image_names=tuple(str(image.get("file_name", image.get("id"))) for image in images),
        image_sizes=np.array([[image.get("height") or 0, image.get("width") or 0] for image in images], float)
        .reshape(-1, 2)
        .astype(np.int64),
        category_ids=tuple(_integers(categories, "id", path).tolist()),
        category_names=tuple(str(category.get("name", category.get("id"))) for category in categories),
        annotation_image=_integers(annotations, "image_id", path),
        annotation_category=_integers(annotations, "category_id", path),
        xywh=xywh,
        area=_areas(annotations, xywh, path),
        crowd=np.array([bool(annotation.get("iscrowd", 0)) for annotation in annotations], bool),
    )


def read_results(path: Path) -> CocoResults:
    """Read a results file: a list of detections, or an object whose ``annotations`` is one.

    Raises:
        DatasetError: it is no JSON, not of this form, or a score is no finite number; says which entry.
    """
    content = read_json(path)
    rows = _list_of_objects(content.get("annotations") if isinstance(content, dict) else content, path)
    score = _numbers(rows, "score", path)
    unusable = np.flatnonzero(~np.isfinite(score))
    if len(unusable):
        raise _bad_entry(path, int(unusable[0]), "score")
    return CocoResults(
        image=_integers(rows, "image_id", path),
        category=_integers(rows, "category_id", path),
        xywh=_boxes(rows, path),
        score=score,
    )


def read_json(path: Path) -> Any:
    """A JSON file, or a sentence that says what is wrong with it."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise DatasetError(N_("This file is too large to read"), where=path.name, fix=N_("split it"))
        with _no_collection(), path.open("rb") as file:
            return json.load(file)
    except FileNotFoundError as error:
        raise DatasetError(N_("There is no such file"), where=path.name, fix=N_("check the path")) from error
    except OSError as error:
        raise DatasetError(
            N_("This file cannot be read: {reason}"),
            where=path.name,
            fix=N_("check the path"),
            reason=str(error.strerror),
        ) from error
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise DatasetError(
            N_("This is not a whole JSON file"),
            where=f"{path.name}:{line}" if line else path.name,
            fix=N_("write it again; it may have been cut off"),
        ) from error


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the cycle collector, which walks over millions of new objects for nothing."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _objects(content: dict[str, Any], key: str, path: Path) -> list[dict[str, Any]]:
    return _list_of_objects(content.get(key, []), path, key)


def _list_of_objects(value: Any, path: Path, key: str = "detections") -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise DatasetError(
            N_("This JSON has no list of {key}"),
            where=path.name,
            fix=N_("give a COCO truth file, or a list of detections with image_id, category_id, bbox and score"),
            key=key,
        )
    return value


def _numbers(rows: Sequence[dict[str, Any]], key: str, path: Path) -> NDArray[np.float64]:
    """A column of numbers; the first row that has none is named."""
    try:
        return np.array([row[key] for row in rows], np.float64).reshape(len(rows))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _bad_entry(path, _first_unusable(rows, key, 1), key) from None


def _integers(rows: Sequence[dict[str, Any]], key: str, path: Path) -> NDArray[np.int64]:
    """A column of ids; whole numbers written as floats are taken as what they mean."""
    values = _numbers(rows, key, path)
    odd = np.flatnonzero(~(np.isfinite(values) & (values == np.round(values)) & (np.abs(values) < 2**53)))
    if len(odd):
        raise _bad_entry(path, int(odd[0]), key)
    return values.astype(np.int64)


def _boxes(rows: Sequence[dict[str, Any]], path: Path) -> NDArray[np.float64]:
    try:
        boxes = np.array([row["bbox"] for row in rows], np.float64).reshape(len(rows), 4)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _bad_entry(path, _first_unusable(rows, "bbox", 4), "bbox") from None
    unusable = np.flatnonzero(~np.isfinite(boxes).all(axis=1))
    if len(unusable):
        raise _bad_entry(path, int(unusable[0]), "bbox")
    return boxes


def _areas(rows: Sequence[dict[str, Any]], xywh: NDArray[np.float64], path: Path) -> NDArray[np.float64]:
    stated = [row.get("area") for row in rows]
    computed = xywh[:, 2] * xywh[:, 3]
    try:
        return np.array([c if s is None else s for s, c in zip(stated, computed, strict=True)], np.float64)
    except (TypeError, ValueError):
        raise _bad_entry(path, _first_unusable(rows, "area", 1), "area") from None


def _first_unusable(rows: Sequence[dict[str, Any]], key: str, size: int) -> int:
    for place, row in enumerate(rows):
        try:
            if np.asarray(row[key], np.float64).size != size:
                return place
        except (KeyError, TypeError, ValueError, OverflowError):
            return place
    return 0


def _bad_entry(path: Path, place: int, key: str) -> DatasetError:
    return DatasetError(
        N_("Entry {place} has no usable '{key}'"),
        where=path.name,
        fix=N_("mend or remove it; numbers must be finite, and a bbox is [x, y, width, height]"),
        place=place,
        key=key,
    )
