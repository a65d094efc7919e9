"""The page Metrics: every step says what it should, and the numbers in the browser are the package's own."""

from __future__ import annotations

import pytest
from pages_app import opened, sound, words

from yolodash.ui.learn.metrics.ranking import COUNT, average_precisions, read_marks


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("cases", "The truth is yellow"),
        ("ranking", "From the highest score down"),
        ("area", "the area under the curve"),
        ("mean", "mean over the classes"),
    ],
)
def test_every_step_opens_from_its_address(step: str, said: str) -> None:
    app = opened("learn_metrics", step=step)
    sound(app)
    assert said in words(app)
    assert len(app.radio) == 1


def test_a_wrong_answer_is_explained_and_a_right_one_too() -> None:
    app = opened("learn_metrics")
    app.radio[0].set_value("two").run()
    assert "duplicate" in app.warning[0].value
    app.radio[0].set_value("one").run()
    assert "duplicate" in app.success[0].value


def test_the_mean_is_the_mean_of_the_bars() -> None:
    app = opened("learn_metrics", step="mean")
    app.select_slider[0].set_value(0.75).run()
    sound(app)
    shown = app.latex[0].value.strip("$\n")
    values = [float(part) for part in shown.split("{")[3].split("}")[0].split(" + ")]
    assert shown.endswith(f"= {sum(values) / len(values):.3f}")


def test_marks_from_an_address_are_twelve_letters_or_passed_over() -> None:
    assert read_marks("T" * COUNT) == "T" * COUNT
    for text in ("T" * (COUNT - 1), "T" * COUNT + "\n", "<b>TTTTTTTTT", ""):
        with pytest.raises(ValueError, match=r"^"):
            read_marks(text)


def test_half_of_the_truths_and_nothing_false_is_half_an_area() -> None:
    found = average_precisions({"marks": "TTTTTFFFFFFF", "truths": "10"})
    assert found["voc"] == pytest.approx(0.5)
    assert found["coco"] == pytest.approx(51 / 101)
    assert found["yolov5"] > 0.6
