"""The page Loss: every step, and the X-ray of models of three generations."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pages_app import opened, sound, words
from tiny_detector import random_candidates

from yolodash.ui.learn.loss.later import box_terms
from yolodash.ui.learn.loss.lecture import TERMS, terms_of
from yolodash.ui.learn.loss.xray import raw_maps, shares


@pytest.mark.parametrize(
    ("step", "said"), [("lecture", "which term grows"), ("later", "three generations"), ("xray", "loss come from")]
)
def test_every_step_opens_from_its_address(step: str, said: str) -> None:
    app = opened("learn_loss", step=step)
    sound(app)
    assert said in words(app)
    assert len(app.radio) == 1


def test_the_lectures_terms_vanish_for_the_right_answer() -> None:
    box = "100,100,300,300"
    right = {"truth": box, "prediction": box, "confidence": "1", "elsewhere": "0", "probability": "1"}
    found = terms_of(right | {"coordinates": "5", "noobject": "0.5"})
    assert found == pytest.approx(dict.fromkeys(TERMS, 0.0), abs=1e-12)


def test_a_worked_example_of_the_five_terms() -> None:
    values = {
        "truth": "128,128,256,256", "prediction": "160,128,288,256", "confidence": "0.6", "elsewhere": "0.1",
        "probability": "0.7", "coordinates": "5", "noobject": "0.5",
    }  # fmt: skip
    found = terms_of(values)
    assert found["centre"] == pytest.approx(5 * (32 / 64) ** 2)
    assert found["size"] == pytest.approx(0)
    assert found["object"] == pytest.approx(0)  # IoU = 96 / 160 = .6
    assert found["no_object"] == pytest.approx(0.5 * 48 * 0.01)
    assert found["class"] == pytest.approx(0.3**2 + 2 * 0.15**2)


def test_the_same_box_costs_nothing_in_any_generation_but_the_entropy_of_its_place() -> None:
    v1, v3, v5 = box_terms({"truth": "100,100,200,220", "prediction": "100,100,200,220"})
    moved = box_terms({"truth": "100,100,200,220", "prediction": "104,100,204,220"})
    assert v1["value"] == pytest.approx(0)
    assert v5["value"] == pytest.approx(0, abs=1e-6)
    assert all(after["value"] > before["value"] for before, after in zip((v1, v3, v5), moved, strict=True))


@pytest.mark.parametrize("kind", ["v1", "v3", "v5"])
def test_the_xray_needs_no_network_and_costs_boxes_only_where_something_answers(kind: str) -> None:
    candidates = random_candidates(kind)
    targets = torch.tensor([[0.0, 1.0, 0.5, 0.5, 0.4, 0.5]])
    scales = shares(candidates, targets)
    assert sum(raw.numel() for raw in raw_maps(candidates)) == candidates.raw.size
    assert [scale["stride"] for scale in scales] == sorted(scale["stride"] for scale in scales)
    assert any(scale["answers"] for scale in scales)
    for scale in scales:
        mask = np.zeros(scale["box"].shape, bool)
        for row, column in scale["answers"]:
            mask[row, column] = True
        assert (scale["box"][~mask] == 0).all()
        assert (scale["objectness"] >= 0).all()
