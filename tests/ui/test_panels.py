"""The words of the glass box: numbers that can be relied on, and every gate named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from tiny_detector import random_candidates

from yolodash.inference.explanation import Condition, Overlap, explain, why_not
from yolodash.inference.selection import judge
from yolodash.structures import FATES, Fate, Thresholds
from yolodash.ui import panels

KINDS = ["v1", "v2", "9000", "v3", "v4", "v4-csp", "v5"]


@given(st.floats(1e-6, 1, allow_subnormal=False))
def test_a_shown_bound_is_on_the_safe_side_and_close(value: float) -> None:
    assert float(panels.down(value)) <= value <= float(panels.up(value)) * (1 + 1e-12)
    assert float(panels.up(value)) - float(panels.down(value)) <= value * 2e-3


@pytest.mark.parametrize("kind", KINDS)
def test_following_the_number_on_the_page_lets_the_pair_through_the_gate(kind: str) -> None:
    candidates = random_candidates(kind)
    thresholds = Thresholds(score_threshold=0.95, nms_iou_threshold=0.2, max_detections=1)
    followed = 0
    for missed in why_not(candidates, thresholds, 80, 45):
        condition = missed.condition
        if condition is None or condition.option not in ("score_threshold", "nms_iou_threshold"):
            continue
        value = float(panels.down(condition.value) if condition.relation == "below" else panels.up(condition.value))
        value -= 1e-9 if condition.relation == "below" else 0
        after = replace(thresholds, **{condition.option: value}, max_detections=10_000, labels="all")
        fate = explain(candidates, missed.index, after, class_id=missed.class_id).fate
        assert fate in (Fate.KEPT, Fate.SUPPRESSED), panels.missed_sentence(missed)
        assert fate is Fate.KEPT or missed.fate is not Fate.SUPPRESSED
        followed += 1
    assert followed or kind == "9000"


@pytest.mark.parametrize("fate", [fate for fate in FATES if fate is not Fate.KEPT])
def test_every_gate_has_a_sentence(fate: Fate) -> None:
    suppressor = Overlap(7, 0.5) if fate is Fate.SUPPRESSED else None
    text = panels.ended(fate, Condition("score_threshold", "below", 0.1), suppressor)

    assert text[0].isupper()
    assert text.count(".") >= 2


def page(kind: str, clicked: int) -> None:
    from tiny_detector import random_candidates

    from yolodash.inference.selection import judge
    from yolodash.structures import Thresholds
    from yolodash.ui import panels
    from yolodash.ui.overlay import Pick

    candidates = random_candidates(kind)
    selection = judge(candidates, Thresholds())
    index = int(selection.detections.candidate_index[0]) if clicked else -1
    panels.glass_box(candidates, selection, Thresholds(), Pick(80.0, 45.0, index, -1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("clicked", [1, 0])
def test_the_glass_box_opens_for_every_generation(kind: str, clicked: int) -> None:
    candidates = random_candidates(kind)
    if clicked and not len(judge(candidates, Thresholds()).detections.scores):
        pytest.skip("nothing is found here")
    app = AppTest.from_function(page, args=(kind, clicked), default_timeout=30).run()

    assert [element.value for element in app.exception] == []
    said = "\n".join(element.value for element in app.markdown)
    if clicked:
        assert "counted from 0" in said
        assert "**score**" in said or kind == "9000"
        assert "It is kept" in said
    else:
        assert "It would pass" in said or "It is kept" in said or "No threshold" in said
