"""Scoring files as they are: a COCO truth file and a COCO results file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yolodash.data.formats.coco import CocoResults, CocoTruth, read_results, read_truth
from yolodash.errors import N_, DatasetError
from yolodash.evaluation.tables import Flags, Found, Indices, Labels, Truths


@dataclass(frozen=True)
class ScoredFiles:
    """Two files as tables, and how many entries of each name a picture or class that the truth does not have."""

    labels: Labels
    truths: Truths
    found: Found
    truths_left_out: int
    detections_left_out: int


def read_files(truth: Path, detections: Path) -> ScoredFiles:
    """Read a truth file and a results file.

    Raises:
        DatasetError: one cannot be read, or the results belong to other pictures.
    """
    target, results = read_truth(truth), read_results(detections)
    if not target.image_ids:
        raise DatasetError(N_("The truth names no pictures"), where=truth.name, fix=N_("give a file with 'images'"))
    images = np.unique(np.asarray(target.image_ids, np.int64))
    categories = np.unique(np.asarray(target.category_ids, np.int64))
    names = dict(zip(target.category_ids, target.category_names, strict=True))
    pictures = dict(zip(target.image_ids, target.image_names, strict=True))
    labels = Labels(
        class_ids=tuple(categories.tolist()),
        class_names=tuple(names[i] for i in categories.tolist()),
        images=tuple(pictures[i] for i in images.tolist()),
    )
    found, missed = _found(results, images, categories)
    if len(results.image) and not np.isin(results.image, images).any():
        raise DatasetError(
            N_("None of these detections is of a picture in the truth"),
            where=detections.name,
            fix=N_("give the results for the same pictures; their image_id must be an id of the truth's images"),
        )
    truths, unknown = _truths(target, images, categories)
    return ScoredFiles(labels, truths, found, unknown, missed)


def _truths(target: CocoTruth, images: Indices, categories: Indices) -> tuple[Truths, int]:
    image, label, order, left_out = _placed(target.annotation_image, target.annotation_category, images, categories)
    table = Truths(
        image=image,
        label=label,
        xywh=target.xywh[order],
        area=target.area[order],
        crowd=target.crowd[order],
        difficult=np.zeros(len(order), bool),
    )
    return table, left_out


def _found(results: CocoResults, images: Indices, categories: Indices) -> tuple[Found, int]:
    image, label, order, left_out = _placed(results.image, results.category, images, categories)
    return Found(image=image, label=label, xywh=results.xywh[order], score=results.score[order]), left_out


def _placed(
    image_ids: Indices, category_ids: Indices, images: Indices, categories: Indices
) -> tuple[Indices, Indices, Indices, int]:
    """Place among pictures and classes, rows in picture order, and how many rows have no place."""
    image, known_image = _places(image_ids, images)
    label, known_label = _places(category_ids, categories)
    known = np.flatnonzero(known_image & known_label)
    order = known[np.argsort(image[known], kind="stable")]
    return image[order], label[order], order, len(image_ids) - len(order)


def _places(ids: Indices, among: Indices) -> tuple[Indices, Flags]:
    place = np.minimum(np.searchsorted(among, ids), max(len(among) - 1, 0))
    known = among[place] == ids if len(among) else np.zeros(len(ids), bool)
    return place, known
