"""The glass box: whoever follows the numbers shown ends at the box that is drawn."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from tiny_detector import HEADS, random_candidates

from yolodash.errors import OptionError
from yolodash.inference.explanation import Condition, Explanation, account, explain, why_not
from yolodash.inference.selection import judge
from yolodash.structures import FATES, Candidates, Fate, ImageSize, Thresholds

KINDS = sorted(HEADS)


def worked_out(filled: str) -> float:
    """What a reader gets who types the formula with its numbers into a calculator."""
    iverson = re.sub(r"\[(\S+) = (\S+)\]", lambda found: f"*{int(found[1] == found[2])}", filled)
    python = iverson.replace("· *", "*").replace("−", "-").replace("·", "*").replace("²", "**2").replace("σ", "sigmoid")
    names = {"sigmoid": lambda t: 1 / (1 + math.exp(-t)), "exp": math.exp}
    return float(eval(python, {"__builtins__": {}}, names))


def by_hand(explanation: Explanation) -> dict[str, float]:
    return {step.symbol: worked_out(step.filled) for step in explanation.steps}


@pytest.mark.parametrize("kind", KINDS)
def test_the_box_worked_out_from_the_numbers_shown_is_the_drawn_box(kind: str) -> None:
    large = ImageSize(3000, 4000)
    for some in (random_candidates(kind, network=64), random_candidates(kind, seed=1, image=large)):
        for index in range(0, len(some.boxes), 5):
            explanation = explain(some, index)
            shown = by_hand(explanation)
            corners = [shown[name] for name in ("x1", "y1", "x2", "y2")]
            assert corners == pytest.approx(some.boxes[index].tolist(), abs=0.01)
            assert explanation.box == tuple(some.boxes[index].tolist())


@pytest.mark.parametrize("kind", KINDS)
def test_objectness_class_and_score_follow_from_the_numbers_shown(kind: str) -> None:
    some = random_candidates(kind, network=64)
    for index in range(len(some.boxes)):
        explanation = explain(some, index)
        shown = by_hand(explanation)
        assert shown["p_o"] == pytest.approx(some.objectness[index], abs=1e-5)
        assert shown["p_c"] == pytest.approx(explanation.class_probability, abs=1e-5)
        assert shown["score"] == pytest.approx(explanation.score, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_shows_the_value_that_its_numbers_give(kind: str) -> None:
    some = random_candidates(kind, network=64)
    for step in explain(some, len(some.boxes) // 2).steps:
        assert worked_out(step.filled) == pytest.approx(step.value, rel=1e-6, abs=1e-7)


def test_the_lines_name_the_rule_of_their_generation() -> None:
    formulas = {kind: {s.symbol: s.formula for s in explain(random_candidates(kind), 0).steps} for kind in KINDS}
    assert formulas["v1"]["b_w"] == "t_w² · W"
    assert formulas["v2"]["p_c"] == "exp(t_c − m) / Σ_k exp(t_k − m)"
    assert formulas["v3"]["b_x"] == "(σ(t_x) + c_x) · stride"
    assert formulas["v3"]["b_h"] == "p_h · exp(t_h)"
    assert formulas["v4"]["b_x"] == "(s · σ(t_x) − (s − 1) / 2 + c_x) · stride"
    assert formulas["v4-csp"]["b_w"] == "p_w · (2 · t_w)²"
    assert formulas["v5"]["b_y"] == "(2 · σ(t_y) − 0.5 + c_y) · stride"
    assert formulas["9000"]["score"] == "p_c"


def test_the_cell_of_a_candidate_holds_its_anchor_in_the_middle() -> None:
    some = random_candidates("v3")
    explanation = explain(some, 37)
    middle = [(explanation.cell[0] + explanation.cell[2]) / 2, (explanation.cell[1] + explanation.cell[3]) / 2]
    assert explanation.anchor_box is not None
    x1, y1, x2, y2 = explanation.anchor_box
    assert [(x1 + x2) / 2, (y1 + y2) / 2] == pytest.approx(middle)
    assert x2 - x1 == pytest.approx(explanation.anchor_size[0] / some.transform.scale_x)
    column = (explanation.cell[0] * some.transform.scale_x + some.transform.offset_x) / explanation.stride
    assert column == pytest.approx(explanation.column)


@pytest.mark.parametrize("kind", KINDS)
def test_what_would_let_a_candidate_through_does(kind: str) -> None:
    some = random_candidates(kind, network=64)
    thresholds = Thresholds(score_threshold=0.3, nms_iou_threshold=0.2, max_detections=4, classes=(0, 1, 2))
    selection = judge(some, thresholds)
    for index in range(0, len(some.boxes), 2):
        before = explain(some, index, thresholds, selection=selection)
        if before.condition is None:
            assert before.fate is Fate.KEPT or before.score <= 0 or before.objectness <= 0
            continue
        after = explain(some, index, eased(thresholds, before.condition), class_id=before.class_id)
        assert FATES.index(after.fate) > FATES.index(before.fate) or after.fate is Fate.KEPT


def eased(thresholds: Thresholds, condition: Condition) -> Thresholds:
    """Thresholds that meet a condition, and only just."""
    if condition.option == "classes":
        return replace(thresholds, classes=(*(thresholds.classes or ()), int(condition.value)))
    if condition.option == "max_detections":
        return replace(thresholds, max_detections=int(condition.value))
    if condition.option == "score_threshold":
        just_below = float(np.nextafter(np.float32(condition.value), np.float32(0)))
        return replace(thresholds, score_threshold=just_below)
    return replace(thresholds, nms_iou_threshold=condition.value)


@pytest.mark.parametrize("kind", KINDS)
def test_what_does_not_quite_meet_the_condition_does_not_let_it_through(kind: str) -> None:
    some = random_candidates(kind, network=64)
    thresholds = Thresholds(score_threshold=0.3, nms_iou_threshold=0.2)
    selection = judge(some, thresholds)
    for index in range(0, len(some.boxes), 2):
        before = explain(some, index, thresholds, selection=selection)
        if before.condition is None or before.condition.option != "score_threshold":
            continue
        after = explain(some, index, replace(thresholds, score_threshold=before.condition.value))
        assert after.fate in (Fate.BELOW_OBJECTNESS, Fate.BELOW_SCORE)


def test_the_suppressed_name_their_suppressor_and_it_names_them() -> None:
    some = random_candidates("v5")
    thresholds = Thresholds(score_threshold=0.05, nms_iou_threshold=0.2)
    selection = judge(some, thresholds)
    beaten = np.flatnonzero(selection.suppressor >= 0)
    assert len(beaten) > 10
    for index in beaten.tolist():
        loser = explain(some, index, thresholds, selection=selection)
        assert loser.suppressor is not None
        winner = explain(some, loser.suppressor.index, thresholds, selection=selection)
        assert (index, loser.suppressor.iou) in [(other.index, other.iou) for other in winner.suppressed]
        assert winner.rank is not None
        assert loser.rank is None


def test_the_ranks_of_the_kept_count_from_1() -> None:
    some = random_candidates("v3")
    thresholds = Thresholds(score_threshold=0.05, max_detections=20)
    found = judge(some, thresholds).detections
    pairs = zip(found.candidate_index.tolist(), found.class_ids.tolist(), strict=True)
    ranks = [explain(some, index, thresholds, class_id=class_id).rank for index, class_id in pairs]
    assert ranks == list(range(1, len(ranks) + 1))


@pytest.mark.parametrize(("index", "class_id"), [(-1, 0), (10**6, 0), (0, -1), (0, 99)])
def test_a_candidate_or_class_that_does_not_exist_is_refused(index: int, class_id: int) -> None:
    with pytest.raises(OptionError, match=r"There is no|has no"):
        str(explain(random_candidates("v5"), index, class_id=class_id))


@pytest.mark.parametrize("kind", KINDS)
def test_at_a_point_each_class_stands_once_by_its_best_pair(kind: str) -> None:
    some = random_candidates(kind)
    missed = why_not(some, Thresholds(), 80, 45)
    assert missed
    assert len({entry.class_id for entry in missed}) == len(missed)
    assert [entry.score for entry in missed] == sorted((entry.score for entry in missed), reverse=True)
    for entry in missed:
        x1, y1, x2, y2 = some.boxes[entry.index].tolist()
        assert entry.holds_point == (x1 <= 80 <= x2 and y1 <= 45 <= y2)
        told = explain(some, entry.index, class_id=entry.class_id)
        assert (told.fate, told.score, told.condition) == (entry.fate, entry.score, entry.condition)


def test_where_no_box_holds_the_point_the_cell_does() -> None:
    some = random_candidates("v5")
    nowhere = replace(some, boxes=some.boxes + np.float32(10_000))
    missed = why_not(nowhere, Thresholds(), 80, 45)
    assert missed
    for entry in missed:
        assert not entry.holds_point
        x1, y1, x2, y2 = explain(nowhere, entry.index).cell
        assert x1 <= 80 <= x2
        assert y1 <= 45 <= y2


def test_outside_of_everything_nothing_is_missed() -> None:
    assert why_not(random_candidates("v3"), Thresholds(), -1e6, -1e6) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_account_counts_every_candidate_once_and_says_where_they_come_from(kind: str) -> None:
    some = random_candidates(kind)
    told = account(some, judge(some, Thresholds()))
    assert sum(told.counts.values()) == told.total == len(some.boxes)
    assert set(told.counts) == set(Fate)
    assert eval(told.formula.replace("·", "*")) == told.total


def test_the_account_of_yolov3_at_416_is_the_lecture_s() -> None:
    some = random_candidates("v3", network=416)
    heads = [replace(some.heads[0], anchors=((1.0, 1.0),) * 3, stride=stride) for stride in (8, 16, 32)]
    full: Candidates = replace(some, heads=tuple(heads))
    assert account(full, judge(some, Thresholds())).formula == "(52·52 + 26·26 + 13·13)·3"
