"""Whether a data set is fit to train on: what it holds, and every reason why the result may disappoint.

Pure: from a ``Dataset`` and, where the pictures were looked at, their signatures. Each finding is a ``Problem``: a
sentence, and what to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from yolodash.data.box_sizes import GOOD_RECALL, Sizes, at_input, best_possible_recall, relative_sizes
from yolodash.data.dataset import SPLITS, Dataset, LabelledImage, Problem, Severity
from yolodash.data.likeness import Signature, alike, signatures
from yolodash.errors import N_, YoloDashError

FEW_TO_TRAIN, FEW_TO_VALIDATE, FEW_BOXES = 100, 20, 20
SMALL_SIDE = 8
"""Pixels of the input: a cell of the finest grid."""
MANY_SMALL = 0.1
MOST_NAMED = 5
PLACES = 32
"""Cells along each side of the map of places."""


@dataclass(frozen=True)
class ClassCount:
    """A class, and how many boxes of it each split has."""

    id: int
    name: str
    boxes: Mapping[str, int]


@dataclass(frozen=True)
class Leak:
    """Pictures of two splits that show the same: the names of each pair, and how many pairs have the same bytes."""

    splits: tuple[str, str]
    pairs: tuple[tuple[str, str], ...]
    identical: int


@dataclass(frozen=True)
class Health:
    """What a data set holds.

    Attributes:
        pictures: that are there, a split.
        backgrounds: of these, how many have no box.
        missing: pictures that labels or lists name and that are not there.
        classes: by id.
        sizes: ``(N, 2)`` width and height of the training boxes, as shares of their picture's longer side.
        problems: what the reader of the labels found.
        leaks, unreadable: known only after the pictures were looked at.
        looked: whether they were.
    """

    pictures: Mapping[str, int]
    backgrounds: Mapping[str, int]
    missing: int
    classes: tuple[ClassCount, ...]
    sizes: Sizes
    problems: tuple[Problem, ...] = ()
    leaks: tuple[Leak, ...] = ()
    unreadable: tuple[YoloDashError, ...] = ()
    looked: bool = False

    @property
    def can_train(self) -> bool:
        """Whether there are pictures to train and to validate with, and boxes to learn."""
        return bool(self.pictures["train"] and self.pictures["val"] and self.boxes("train"))

    def boxes(self, split: str) -> int:
        """How many boxes a split has."""
        return sum(one.boxes[split] for one in self.classes)


def counted(dataset: Dataset) -> Health:
    """What can be said without opening a picture."""
    parts = {split: [one for one in dataset.split(split) if one.path is not None] for split in SPLITS}
    boxes = {split: _boxes_per_class(parts[split]) for split in SPLITS}
    ids = sorted(set(dataset.names).union(*boxes.values()))
    classes = tuple(
        ClassCount(i, dataset.names.get(i, f"class {i}"), {split: boxes[split][i] for split in SPLITS}) for i in ids
    )
    return Health(
        pictures={split: len(part) for split, part in parts.items()},
        backgrounds={split: sum(not len(one.annotations.class_ids) for one in part) for split, part in parts.items()},
        missing=sum(one.path is None for one in dataset.images),
        classes=classes,
        sizes=relative_sizes(parts["train"]),
        problems=dataset.problems,
    )


def examined(dataset: Dataset, progress: Callable[[int, int], None] = lambda _done, _of: None) -> Health:
    """The same after every picture was opened, so that leaks between splits and broken files are known.

    Args:
        progress: told after each picture how many are done, of how many.
    """
    there = [image for image in dataset.images if image.path is not None]
    paths = [image.path for image in there if image.path is not None]
    found, errors = signatures(paths, lambda done: progress(done, len(paths)))
    return replace(counted(dataset), leaks=leaks(there, found), unreadable=tuple(errors), looked=True)


def leaks(pictures: list[LabelledImage], found: list[Signature | None]) -> tuple[Leak, ...]:
    """What each two splits share: one picture that belongs to both, or two that show the same."""
    result = []
    for first, second in combinations(SPLITS, 2):
        a, b = (
            [(picture.name, one) for picture, one in zip(pictures, found, strict=True) if split in picture.splits]
            for split in (first, second)
        )
        pairs = alike([one for _, one in a], [one for _, one in b])
        if pairs:
            names = tuple((a[pair.first][0], b[pair.second][0]) for pair in pairs)
            result.append(Leak((first, second), names, sum(pair.identical for pair in pairs)))
    return tuple(result)


def box_places(images: Iterable[LabelledImage], cells: int = PLACES) -> NDArray[np.float64]:
    """Where boxes lie: the share of all boxes that cover each cell of a picture, all pictures laid on each other.

    Args:
        images: of any sizes.
        cells: along each side.

    Returns:
        ``(cells, cells)`` from the top left, each in [0, 1]; a cell counts for a box that covers its centre.
    """
    steps = np.zeros((cells + 1, cells + 1))
    count = 0
    for image in images:
        size, boxes = image.annotations.image_size, image.annotations.boxes
        if not size.width or not len(boxes):
            continue
        shares = boxes / [size.width, size.height, size.width, size.height] * cells
        first = np.ceil(shares[:, :2] - 0.5).clip(0, cells).astype(int)
        last = np.ceil(shares[:, 2:] - 0.5).clip(0, cells).astype(int)
        for x, y, sign in ((first, first, 1), (last, first, -1), (first, last, -1), (last, last, 1)):
            np.add.at(steps, (y[:, 1], x[:, 0]), sign)
        count += len(boxes)
    return steps.cumsum(axis=0).cumsum(axis=1)[:cells, :cells] / max(count, 1)


def findings(health: Health) -> tuple[Problem, ...]:
    """Every reason for doubt, the gravest first; none where all is well."""
    found = [
        *_about_pictures(health),
        *_about_classes(health),
        *_about_leaks(health),
        *_about_files(health),
        *_of_the_reader(health.problems),
    ]
    order: tuple[Severity, ...] = ("error", "warning", "note")
    return tuple(sorted(found, key=lambda one: order.index(one.severity)))


def recall_of(health: Health, anchors: Sizes, size: int, largest_ratio: float = 4.0) -> float:
    """The share of training boxes for which an anchor can answer at an input of side ``size``: the best possible."""
    return best_possible_recall(at_input(health.sizes, size), anchors, largest_ratio)


def about_sizes(health: Health, anchors: Sizes, size: int, *, replaces: bool) -> tuple[Problem, ...]:
    """What the sizes of the boxes mean for a network.

    Args:
        anchors: ``(A, 2)`` of the network, in pixels of its input.
        size: side of the input.
        replaces: whether training takes other anchors where these fit badly, as YOLOv5's does.
    """
    found = []
    small = float(((health.sizes * size).max(axis=1) < SMALL_SIDE).mean()) if len(health.sizes) else 0.0
    if small > MANY_SMALL:
        found.append(
            _finding(
                "small_boxes",
                "warning",
                N_("{share} of the boxes are smaller than {side} pixels at this input size, too small to be seen"),
                N_("take a larger size"),
                share=f"{small:.0%}",
                side=SMALL_SIDE,
            )
        )
    recall = recall_of(health, anchors, size)
    if recall <= GOOD_RECALL:
        fix = (
            N_("nothing: training puts better ones in their place")
            if replaces
            else N_("take a YOLOv5, which adapts its anchors, or another input size")
        )
        message = N_("No anchor of the network comes near {share} of the boxes in shape and size")
        severity: Severity = "note" if replaces else "warning"
        found.append(_finding("anchors", severity, message, fix, share=f"{1 - recall:.1%}"))
    return tuple(found)


def _boxes_per_class(part: list[LabelledImage]) -> Counter[int]:
    return Counter(int(i) for image in part for i in image.annotations.class_ids)


def _finding(kind: str, severity: Severity, message: str, fix: str, **values: object) -> Problem:
    return Problem(kind, "", 0, message, fix, severity, values)


def _about_pictures(health: Health) -> list[Problem]:
    train, val = health.pictures["train"], health.pictures["val"]
    found = []
    if not train:
        fix = N_("name a folder or a list of pictures as 'train' in data.yaml")
        found.append(_finding("no_training", "error", N_("There are no pictures to train with"), fix))
    elif not health.boxes("train"):
        fix = N_("check that the label files lie where the pictures' names say")
        found.append(_finding("no_boxes", "error", N_("The pictures to train with have no boxes"), fix))
    elif train < FEW_TO_TRAIN:
        fix = N_(
            "expect it to know these by heart and to fail on others; some hundred pictures a class are a good start"
        )
        message = N_("Few pictures to train with: {count}")
        found.append(_finding("few_training", "warning", message, fix, count=train))
    if not val:
        fix = N_("set some pictures aside as 'val' in data.yaml: a tenth, which the network never trains on")
        found.append(_finding("no_validation", "error", N_("There are no pictures to validate with"), fix))
    elif val < FEW_TO_VALIDATE:
        fix = N_("read small differences in mAP as chance, or move more pictures to 'val'")
        message = N_("Few pictures to validate with: {count}")
        found.append(_finding("few_validation", "warning", message, fix, count=val))
    return found


def _about_classes(health: Health) -> list[Problem]:
    if not health.boxes("train"):
        return []
    unseen = [one for one in health.classes if not one.boxes["train"] and one.boxes["val"]]
    few = [one for one in health.classes if 0 < one.boxes["train"] < FEW_BOXES]
    unmeasured = [
        one for one in health.classes if one.boxes["train"] and not one.boxes["val"] and health.pictures["val"]
    ]
    empty = [one for one in health.classes if not any(one.boxes.values())]
    kinds: tuple[tuple[str, list[ClassCount], Severity, str, str], ...] = (
        ("unseen_classes", unseen, "warning", N_("Classes that are validated but never trained on: {names}"),
         N_("add pictures of them to 'train'")),
        ("few_boxes", few, "warning", N_("Classes with fewer than {few} boxes to learn from: {names}"),
         N_("add pictures of them, or expect them to be missed")),
        ("unmeasured_classes", unmeasured, "note", N_("Classes without a box to validate with: {names}"),
         N_("know that mAP says nothing about them")),
        ("empty_classes", empty, "note", N_("Classes without any box: {names}"),
         N_("leave them out of data.yaml if nothing of them will come")),
    )  # fmt: skip
    return [
        _finding(kind, severity, message, fix, names=_names(classes), few=FEW_BOXES)
        for kind, classes, severity, message, fix in kinds
        if classes
    ]


def _names(classes: list[ClassCount]) -> str:
    named = ", ".join(one.name for one in classes[:MOST_NAMED])
    return named + (f" … (+{len(classes) - MOST_NAMED})" if len(classes) > MOST_NAMED else "")


def _about_leaks(health: Health) -> list[Problem]:
    found = []
    for leak in health.leaks:
        first, second = leak.splits
        count = len({name for _, name in leak.pairs})
        severity: Severity = "warning" if first == "train" else "note"
        message = (
            N_("Pictures of '{second}' that are in '{first}' too, byte by byte: {count}, such as {example}")
            if leak.identical == len(leak.pairs)
            else N_("Pictures of '{second}' that are in '{first}' too, or nearly the same: {count}, such as {example}")
        )
        fix = N_("keep them in one of the two, else the numbers look better than the network is")
        example = " = ".join(dict.fromkeys(PurePosixPath(name).name for name in leak.pairs[0]))
        values = {"count": count, "first": first, "second": second, "example": example}
        found.append(_finding("leak", severity, message, fix, **values))
    return found


def _about_files(health: Health) -> list[Problem]:
    found = []
    if health.missing:
        message = N_("Pictures that are named but not there, and are left out: {count}")
        found.append(_finding("missing", "warning", message, N_("put them back where they were"), count=health.missing))
    if health.unreadable:
        message = N_("Pictures that cannot be read, at the first of which training stops: {count}, such as {example}")
        fix = N_("replace them, or take them and their labels out")
        example = health.unreadable[0].where
        count = len(health.unreadable)
        found.append(_finding("unreadable", "error", message, fix, count=count, example=example))
    return found


def _of_the_reader(problems: tuple[Problem, ...]) -> list[Problem]:
    """Of each kind of problem with the labels the first; ``count`` says how many there are."""
    counts = Counter(problem.kind for problem in problems)
    firsts: dict[str, Problem] = {}
    for problem in problems:
        firsts.setdefault(problem.kind, problem)
    return [
        replace(one, severity=_doubt(one.severity), values={**one.values, "count": counts[one.kind]})
        for one in firsts.values()
    ]


def _doubt(severity: Severity) -> Severity:
    """What a reader left out ends no training: it is a warning here."""
    return "warning" if severity == "error" else severity


def anchors_of(heads: tuple[tuple[tuple[float, float], ...], ...]) -> Sizes:
    """``(A, 2)`` from anchors as a summary of a network gives them: a head, an anchor, width and height."""
    return np.array([anchor for anchors in heads for anchor in anchors], np.float64).reshape(-1, 2)
