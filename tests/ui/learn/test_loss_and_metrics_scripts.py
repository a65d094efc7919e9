"""What the browser computes on the pages Loss and Metrics is what the package computes, over a grid of cases."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scripts_in_node import call

from yolodash.ui.learn import loss, metrics, stage
from yolodash.ui.learn.loss.lecture import CELLS, CLASSES, SIDE, terms_of
from yolodash.ui.learn.metrics.ranking import CONVENTIONS, COUNT, average_precisions

STAGE = Path(stage.__file__).parent / "stage.js"


def test_average_precision_is_the_same_in_every_convention() -> None:
    random = np.random.default_rng(0)
    rankings = ["".join(random.choice(["T", "F"], COUNT)) for _ in range(40)] + ["T" * COUNT, "F" * COUNT]
    cases = [(marks, truths) for marks in rankings for truths in (1, 7, 12, 20)]
    scripts = [Path(metrics.__file__).parent / "scripts" / "shared.js"]
    points = "precisionRecall(marks, truthsOf(marks, truths))"
    function = f"((marks, truths, convention) => averagePrecision({points}, convention))"
    asked = [(marks, truths, convention) for (marks, truths), convention in product(cases, CONVENTIONS)]
    answers = call(scripts, function, asked)
    for (marks, truths, convention), answer in zip(asked, answers, strict=True):
        wanted = average_precisions({"marks": marks, "truths": str(truths)})[convention]
        assert answer == pytest.approx(wanted, abs=1e-9), (marks, truths, convention)


def test_the_five_terms_of_the_lecture_are_the_same() -> None:
    random = np.random.default_rng(1)
    scripts = [STAGE, Path(loss.__file__).parent / "scripts" / "lecture.js"]
    cases = []
    for _ in range(200):
        corners = np.sort(random.integers(0, SIDE, (2, 2, 2)), axis=1).reshape(2, 4)
        corners[:, 2:] += 4
        numbers = dict(zip(("confidence", "elsewhere", "probability"), random.random(3).round(2).tolist(), strict=True))
        numbers |= {"coordinates": float(random.integers(0, 11)), "noobject": 0.5}
        cases.append({"truth": corners[0].tolist(), "prediction": corners[1].tolist(), **numbers})
    grid = {"side": SIDE, "cells": CELLS, "classes": CLASSES}
    answers = call(scripts, "((values, grid) => lectureLoss(values, grid).terms)", [(case, grid) for case in cases])
    for case, answer in zip(cases, answers, strict=True):
        boxes = {name: ",".join(map(str, case[name])) for name in ("truth", "prediction")}  # type: ignore[arg-type]
        wanted = terms_of({name: str(value) for name, value in case.items()} | boxes)
        assert answer == pytest.approx(wanted, abs=1e-9), case
