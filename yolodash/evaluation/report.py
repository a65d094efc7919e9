"""All the numbers of one set of detections against its truth, and the matches that made them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yolodash.evaluation import curves, yolov5
from yolodash.evaluation.conventions import COCO_AREAS, CONVENTIONS, Convention, ConventionName
from yolodash.evaluation.curves import UNDEFINED
from yolodash.evaluation.matching import Match, Pairs, match, pair
from yolodash.evaluation.tables import Flags, Found, Indices, Labels, Numbers, Truths, found_from, truths_from
from yolodash.structures import Annotations, Detections

RECALL_LIMITS = (1, 10, 100)
"""Detections a picture and class at which COCO reads its average recall."""


@dataclass(frozen=True)
class ClassReport:
    """AP of one class; −1 where it has no truth that counts."""

    id: int
    name: str
    truths: int
    map: float
    map50: float


@dataclass(frozen=True)
class WorkingPoint:
    """Precision, recall and F1 of the detections of at least one score, at match IoU .5."""

    precision: float
    recall: float
    f1: float
    score_threshold: float


@dataclass(frozen=True)
class Report:
    """What ``evaluate`` found; −1 stands where the convention leaves a number undefined.

    ``map``: mean over the classes (and, in COCO's and YOLOv5's convention, over ten IoU thresholds) of AP.
    """

    convention: ConventionName
    map: float
    map50: float
    map75: float
    map_small: float
    map_medium: float
    map_large: float
    ar1: float
    ar10: float
    ar100: float
    working_point: WorkingPoint
    classes: tuple[ClassReport, ...]


def evaluate(
    detections_by_image: Mapping[str, Detections],
    annotations_by_image: Mapping[str, Annotations],
    *,
    convention: ConventionName = "coco",
    names: Mapping[int, str] | None = None,
    match_iou_threshold: float = 0.5,
    score_threshold: float | None = None,
) -> Report:
    """Precision, recall, AP and mAP of detections against annotations.

    Args:
        detections_by_image: by the picture's name, down to a score of .001 so that the curve is whole.
        annotations_by_image: by the same names; pictures that stand only here count, as pictures with nothing found.
        convention: whose definition of AP.
        names: of the classes by id; without it the ids of the annotations are used.
        match_iou_threshold: of ``voc`` and ``voc07``.
        score_threshold: where precision, recall and F1 are read; None for where F1 is best.
    """
    ids = sorted({int(i) for one in annotations_by_image.values() for i in one.class_ids} | set(names or {}))
    labels = Labels(
        class_ids=tuple(ids),
        class_names=tuple((names or {}).get(i, f"class {i}") for i in ids),
        images=tuple(sorted(annotations_by_image)),
    )
    truths, found = truths_from(annotations_by_image, labels), found_from(detections_by_image, labels)
    return report(truths, found, labels, convention, match_iou_threshold, score_threshold)


def report(
    truths: Truths,
    found: Found,
    labels: Labels,
    convention: ConventionName,
    match_iou_threshold: float = 0.5,
    score_threshold: float | None = None,
) -> Report:
    """The numbers of two tables (see ``evaluate``)."""
    thresholds = CONVENTIONS[convention].iou_thresholds or (match_iou_threshold, 0.5, 0.75)
    scoring = Scoring.of(truths, found, labels, convention, least=min(*thresholds, 0.5))
    return scored(scoring, match_iou_threshold, score_threshold)


def scored(scoring: Scoring, match_iou_threshold: float = 0.5, score_threshold: float | None = None) -> Report:
    """The numbers of truths and detections that have met (see ``evaluate``)."""
    rules = scoring.rules
    thresholds = rules.iou_thresholds or tuple(sorted({match_iou_threshold, 0.5, 0.75}))
    matches = {threshold: scoring.match(threshold) for threshold in thresholds}
    precisions = np.array([scoring.average_precisions(matches[threshold]) for threshold in thresholds])  # (T, C)
    wanted = [True] * len(thresholds) if rules.iou_thresholds else [t == match_iou_threshold for t in thresholds]
    per_class = mean_defined(precisions[wanted], axis=0)
    half = matches[0.5]
    return Report(
        convention=rules.name,
        map=mean_of_defined(precisions[wanted]),
        map50=mean_of_defined(precisions[thresholds.index(0.5)]),
        map75=mean_of_defined(precisions[thresholds.index(0.75)]) if 0.75 in thresholds else UNDEFINED,
        **scoring.by_size(thresholds),
        **scoring.average_recalls(matches),
        working_point=scoring.working_point(half, score_threshold),
        classes=scoring.class_reports(per_class, precisions[thresholds.index(0.5)]),
    )


def report_record(numbers: Report) -> dict[str, Any]:
    """The JSON of ``evaluate``; −1 where the convention says undefined."""
    record = asdict(numbers)
    classes, point = record.pop("classes"), record.pop("working_point")
    return {**record, **point, "classes": classes}


@dataclass(frozen=True)
class Scoring:
    """Truths and detections that have met, in one convention."""

    truths: Truths
    found: Found
    labels: Labels
    rules: Convention
    pairs: Pairs

    @classmethod
    def of(
        cls, truths: Truths, found: Found, labels: Labels, convention: ConventionName, *, least: float = 0.0
    ) -> Scoring:
        """Let truths and detections meet, once; any match IoU threshold of at least ``least`` can be asked for then."""
        rules = CONVENTIONS[convention]
        return cls(
            truths, found, labels, rules, pair(truths, found, most=rules.most, inclusive=rules.inclusive, least=least)
        )

    def ignored(self, area: str = "all") -> Flags:
        """``(M,)`` truths that do not count: crowds, difficult ones, and those of another size."""
        if not self.rules.areas[1:]:
            return self.truths.crowd | self.truths.difficult
        least, most = COCO_AREAS[area]
        return self.truths.crowd | (self.truths.area < least) | (self.truths.area > most)

    def match(self, threshold: float, area: str = "all") -> Match:
        """Who answers whom at one IoU threshold, for objects of one size."""
        found = match(self.pairs, self.truths, threshold, choice=self.rules.choice, ignored_truths=self.ignored(area))
        if area == "all":
            return found
        least, most = COCO_AREAS[area]
        outside = (found.truth < 0) & ((self.sizes < least) | (self.sizes > most))
        return Match(found.truth, found.ignored | outside, found.overlap)

    def truths_per_class(self, area: str = "all") -> Indices:
        """``(C,)`` truths that count."""
        return np.bincount(self.truths.label[~self.ignored(area)], minlength=len(self.labels.class_ids))

    @cached_property
    def borders(self) -> Indices:
        """``(C + 1,)`` where the detections of each class begin in ``pairs.order``."""
        return np.searchsorted(self.found.label[self.pairs.order], np.arange(len(self.labels.class_ids) + 1))

    @cached_property
    def scores(self) -> Numbers:
        """``(D,)`` score of each detection in ``pairs.order``."""
        return self.found.score[self.pairs.order]

    @cached_property
    def by_score(self) -> Indices:
        """``(D,)`` places in ``pairs.order`` by score alone, over all classes, the highest first."""
        return np.argsort(-self.scores, kind="stable")

    @cached_property
    def sizes(self) -> Numbers:
        """``(D,)`` width × height of each detection in ``pairs.order``."""
        xywh = self.found.xywh[self.pairs.order]
        return xywh[:, 2] * xywh[:, 3]

    def of_class(self, label: int) -> slice:
        """Where the detections of a class stand in ``pairs.order``."""
        return slice(int(self.borders[label]), int(self.borders[label + 1]))

    def average_precisions(self, matched: Match, area: str = "all") -> Numbers:
        """``(C,)`` AP of every class, −1 where no truth counts."""
        return self.average_precisions_of(matched, self.truths_per_class(area))

    def average_precisions_of(self, matched: Match, truths: Indices) -> Numbers:
        """``(C,)`` AP of every class for so many truths each ``(C,)``, −1 where there are none."""
        result = np.full(len(truths), UNDEFINED)
        for label in np.flatnonzero(truths):
            true, false = outcomes(matched, self.of_class(int(label)))
            result[label] = self.rules.average_precision(*curves.precision_recall(true, false, int(truths[label])))
        return result

    def by_size(self, thresholds: tuple[float, ...]) -> dict[str, float]:
        """mAP of small, medium and large objects, where the convention knows them."""
        result = dict.fromkeys(("map_small", "map_medium", "map_large"), UNDEFINED)
        for area in self.rules.areas[1:]:
            each = [self.average_precisions(self.match(threshold, area), area) for threshold in thresholds]
            result[f"map_{area}"] = mean_of_defined(np.array(each))
        return result

    def average_recalls(self, matches: Mapping[float, Match]) -> dict[str, float]:
        """Recall at 1, 10 and 100 detections a picture and class, averaged over classes and IoU thresholds."""
        if self.rules.name != "coco":
            return dict.fromkeys(("ar1", "ar10", "ar100"), UNDEFINED)
        truths = self.truths_per_class()
        label = self.found.label[self.pairs.order]
        result = {}
        for limit in RECALL_LIMITS:
            each = []
            for matched in matches.values():
                true = (matched.truth >= 0) & ~matched.ignored & (self.pairs.rank < limit)
                hits = np.bincount(label[true], minlength=len(truths))
                each.append(np.divide(hits, truths, out=np.full(len(truths), UNDEFINED), where=truths > 0))
            result[f"ar{limit}"] = mean_of_defined(np.array(each))
        return result

    def working_point(self, matched: Match, score_threshold: float | None) -> WorkingPoint:
        """Precision, recall and F1 at one score, over all classes together (YOLOv5: the mean over the classes)."""
        if self.rules.name == "yolov5":
            return WorkingPoint(*yolov5.working_point(self._ranked_classes(matched), score_threshold))
        scores = self.scores
        true, false = outcomes(matched, slice(None))
        truths = int(self.truths_per_class().sum())
        threshold = score_threshold
        if threshold is None:
            order = self.by_score
            threshold = curves.best_f1(scores[order], true[order], false[order], truths)
        kept = scores >= threshold
        hits, wrong = int((true & kept).sum()), int((false & kept).sum())
        precision = hits / (hits + wrong) if hits + wrong else 0.0
        recall = hits / truths if truths else 0.0
        f1 = float(curves.harmonic_mean(np.array([precision]), np.array([recall]))[0])
        return WorkingPoint(precision, recall, f1, threshold)

    def _ranked_classes(self, matched: Match) -> list[tuple[Numbers, Flags, int]]:
        """Scores, true positives and truths of each class that has truths."""
        truths = self.truths_per_class()
        parts = [(self.of_class(int(label)), int(truths[label])) for label in np.flatnonzero(truths)]
        return [(self.found.score[self.pairs.order[part]], outcomes(matched, part)[0], n) for part, n in parts]

    def class_reports(self, per_class: Numbers, at_half: Numbers) -> tuple[ClassReport, ...]:
        """One line a class, in the order of the labels."""
        lines = zip(
            self.labels.class_ids, self.labels.class_names, self.truths_per_class(), per_class, at_half, strict=True
        )
        return tuple(ClassReport(i, name, int(n), float(ap), float(ap50)) for i, name, n, ap, ap50 in lines)


def outcomes(matched: Match, part: slice) -> tuple[Flags, Flags]:
    """True and false positives among some detections, in their order."""
    answers, ignored = matched.truth[part], matched.ignored[part]
    return (answers >= 0) & ~ignored, (answers < 0) & ~ignored


def mean_defined(values: Numbers, axis: int) -> Numbers:
    """Mean along an axis of what is defined; −1 where nothing is."""
    defined = values > UNDEFINED
    total = np.where(defined, values, 0.0).sum(axis=axis)
    count = defined.sum(axis=axis)
    result: NDArray[np.float64] = np.divide(total, count, out=np.full(total.shape, UNDEFINED), where=count > 0)
    return result


def mean_of_defined(values: Numbers) -> float:
    """Mean of everything that is defined, or −1."""
    defined = values[values > UNDEFINED]
    return float(defined.mean()) if len(defined) else UNDEFINED
