"""COCO's form, written: ``images/``, and in ``annotations/`` a JSON file a part."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from yolodash.data.dataset import SPLITS, Dataset, Problem
from yolodash.data.writing import Placed, Progress, class_names, copy_pictures, of_split, tell_flags


def write_coco(
    dataset: Dataset, pictures: Sequence[Placed], folder: Path, notes: list[Problem], progress: Progress
) -> int:
    """Write pictures and truth files; gives the number of boxes, each counted once.

    Class ids stay; ids of pictures and annotations begin at 1, since an annotation 0 reads as unmatched elsewhere.
    """
    tell_flags(dataset, notes, crowd=True, difficult=False)
    copy_pictures(pictures, lambda one: folder / "images" / one.file, progress)
    categories = [{"id": i, "name": name, "supercategory": ""} for i, name in class_names(dataset).items()]
    ids = {one.file: number for number, one in enumerate(pictures, start=1)}
    place = folder / "annotations"
    place.mkdir()
    for split in SPLITS:
        part = list(of_split(pictures, split))
        if part:
            content = _content(part, ids, categories)
            (place / f"instances_{split}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return sum(len(one.image.annotations.class_ids) for one in pictures)


def _content(part: Sequence[Placed], ids: dict[str, int], categories: list[dict[str, Any]]) -> dict[str, Any]:
    number = count(1)
    return {
        "info": {"description": "", "version": "1.0"},
        "licenses": [],
        "images": [
            {"id": ids[one.file], "file_name": one.file, "width": size.width, "height": size.height}
            for one in part
            for size in [one.image.annotations.image_size]
        ],
        "annotations": [
            {"id": next(number), "image_id": ids[one.file], **entry} for one in part for entry in _entries(one)
        ],
        "categories": categories,
    }


def _entries(one: Placed) -> list[dict[str, Any]]:
    truth = one.image.annotations
    columns = zip(
        truth.class_ids.tolist(), truth.xywh.tolist(), truth.areas.tolist(), truth.crowd.tolist(), strict=True
    )
    return [
        {"category_id": class_id, "bbox": xywh, "area": area, "iscrowd": int(crowd), "segmentation": []}
        for class_id, xywh, area, crowd in columns
    ]
