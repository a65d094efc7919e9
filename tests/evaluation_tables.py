"""Hand-made tables for tests of evaluation: rows of picture, class, left, top, width, height (and score)."""

from __future__ import annotations

import numpy as np

from yolodash.evaluation.conventions import ConventionName
from yolodash.evaluation.report import Scoring
from yolodash.evaluation.tables import Found, Labels, Truths


def made(
    truth_rows: list[list[float]],
    found_rows: list[list[float]],
    *,
    pictures: int = 1,
    classes: int = 2,
    crowd: tuple[int, ...] = (),
) -> tuple[Truths, Found, Labels]:
    """Tables from rows ordered by picture; ``crowd`` lists the truths that are crowds."""
    truth, found = np.array(truth_rows, float).reshape(-1, 6), np.array(found_rows, float).reshape(-1, 7)
    crowds = np.isin(np.arange(len(truth)), crowd)
    return (
        Truths(
            image=truth[:, 0].astype(np.int64),
            label=truth[:, 1].astype(np.int64),
            xywh=truth[:, 2:],
            area=truth[:, 4] * truth[:, 5],
            crowd=crowds,
            difficult=np.zeros(len(truth), bool),
        ),
        Found(found[:, 0].astype(np.int64), found[:, 1].astype(np.int64), found[:, 2:6], found[:, 6]),
        Labels(tuple(range(classes)), tuple(f"thing {i}" for i in range(classes)), tuple(map(str, range(pictures)))),
    )


def scoring(
    truth_rows: list[list[float]],
    found_rows: list[list[float]],
    convention: ConventionName = "coco",
    **shape: int | tuple[int, ...],
) -> Scoring:
    """The same, met."""
    truths, found, labels = made(truth_rows, found_rows, **shape)  # type: ignore[arg-type]
    return Scoring.of(truths, found, labels, convention)


def random_scoring(seed: int, convention: ConventionName = "coco", pictures: int = 6, classes: int = 3) -> Scoring:
    """A few pictures with near misses, duplicates, wrong classes, crowds and equal scores."""
    random = np.random.default_rng(seed)
    truths, found = [], []
    for picture in range(pictures):
        for _ in range(int(random.integers(0, 6))):
            truths.append([picture, int(random.integers(classes)), *random.uniform([0, 0, 5, 5], [80, 80, 40, 40])])
    for row in truths:
        for _ in range(int(random.integers(0, 4))):
            label = row[1] if random.random() < 0.7 else int(random.integers(classes))
            box = np.array(row[2:]) + random.normal(0, random.choice([0, 1, 5]), 4)
            found.append([row[0], label, *box[:2], *np.maximum(box[2:], 1), round(float(random.random()), 2)])
    for picture in range(pictures):
        found.append([picture, int(random.integers(classes)), 300, 300, 10, 10, round(float(random.random()), 2)])
    found.sort(key=lambda row: row[0])
    crowd = tuple(np.flatnonzero(random.random(len(truths)) < 0.1).tolist())
    return scoring(truths, found, convention, pictures=pictures, classes=classes, crowd=crowd)
