"""Why a network finds nothing, from lines of metrics as a training writes them."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from yolodash.data.health import ClassCount, Health
from yolodash.runs.config import Hyperparameters, TrainOptions
from yolodash.runs.diagnosis import diagnose
from yolodash.runs.state import RunState
from yolodash.training.schedule import moment
from yolodash.training.settings import Settings

OPTIONS = TrainOptions(data="d", weights="yolov5n.pt", batch=16)
FINISHED = RunState("finished")
PICTURES = 160


def records(epochs: int, values: list[float], losses: list[float], **numbers: Any) -> list[dict[str, Any]]:
    """Lines of a training of 160 pictures, with the schedule's own learning rates and warm-up."""
    known = {name: value for name, value in numbers.items() if name in Settings.__dataclass_fields__}
    settings = Settings(epochs=epochs, batch=16, **known)
    steps = PICTURES // settings.batch
    last = [moment(settings, (epoch + 1) * steps - 1, steps) for epoch in range(epochs)]
    return [
        {
            "epoch": epoch, "loss_box": losses[epoch], "loss_objectness": 0.02, "loss_class": 0.01, "map50": value,
            "map": value / 2, "warmup": now.warmup, "learning_rates": dict(now.learning_rates),
        }
        for epoch, (value, now) in enumerate(zip(values, last, strict=True))
    ]  # fmt: skip


def line(start: float, end: float, count: int) -> list[float]:
    return [start + (end - start) * place / max(count - 1, 1) for place in range(count)]


def kinds(found: list[dict[str, Any]], options: TrainOptions = OPTIONS, **more: Any) -> list[str]:
    return [reason.kind for reason in diagnose(found, options.record(), more.pop("state", FINISHED), **more)]


@pytest.fixture
def health() -> Health:
    """A data set of one batch an epoch."""
    pictures = {"train": 16, "val": 20, "test": 0}
    boxes = ClassCount(0, "raccoon", {"train": 40, "val": 30, "test": 0})
    return Health(pictures, {"train": 0, "val": 0, "test": 0}, 0, (boxes,), np.full((40, 2), 0.3, np.float32))


def test_the_labs_three_epochs_were_all_warm_up() -> None:
    lines = records(3, [0.0, 0.01, 0.08], line(0.12, 0.09, 3))
    first = diagnose(lines, OPTIONS.record(), FINISHED)[0]

    assert first.kind == "warmup"
    assert "All 3 epochs were warm-up" in first.sentence()
    reached = max(record["learning_rates"]["weights"] for record in lines)
    assert f"risen to {reached:.2g} of 0.01" in first.sentence()
    assert first.values["more"] >= 30


def test_a_small_data_set_has_a_longer_warm_up_and_is_told_so(health: Health) -> None:
    """A hundred batches at least: of one batch an epoch these are a hundred epochs."""
    first = diagnose(records(3, [0.0] * 3, [0.1] * 3), OPTIONS.record(), FINISHED, health)
    warmup = next(reason for reason in first if reason.kind == "warmup")

    assert warmup.values["more"] == 300


def test_a_run_without_an_epoch_says_that_and_no_more() -> None:
    assert kinds([], state=RunState("stopped")) == ["no_epoch"]


def test_a_loss_that_became_no_number_comes_first() -> None:
    state = RunState("failed", message="The loss is no longer a number in epoch 2, batch 3 — — lower the learning rate")

    assert kinds([], state=state)[0] == "lost"
    assert kinds(records(12, [0.0] * 12, [0.1] * 11 + [float("nan")]))[0] == "lost"


def test_what_still_rises_was_stopped_too_early() -> None:
    lines = records(30, line(0.0, 0.2, 30), line(0.12, 0.05, 30))

    assert kinds(lines) == ["rising"]


def test_few_batches_are_few_whatever_the_epochs(health: Health) -> None:
    lines = records(120, [0.01] * 120, line(0.12, 0.1, 120))

    assert "few_steps" in kinds(lines, health=health)
    assert "few_steps" not in kinds(lines)


@pytest.mark.parametrize(
    ("rate", "optimizer", "kind"),
    [(0.5, "sgd", "high_rate"), (0.01, "adamw", "high_rate"), (1e-5, "sgd", "low_rate"), (1e-7, "adamw", "low_rate")],
)
def test_a_learning_rate_that_is_no_sensible_one_is_named(rate: float, optimizer: Any, kind: str) -> None:
    options = replace(OPTIONS, optimizer=optimizer, hyperparameters=Hyperparameters(learning_rate=rate))

    assert kind in kinds(records(30, [0.01] * 30, line(0.12, 0.08, 30), learning_rate=rate), options)


def test_usual_rates_are_not_complained_about() -> None:
    lines = records(30, [0.01] * 30, line(0.12, 0.08, 30))
    adam = replace(OPTIONS, optimizer="adamw", hyperparameters=Hyperparameters(learning_rate=0.001))

    assert kinds(lines) == ["unclear"]
    assert kinds(lines, adam) == ["unclear"]


def test_a_loss_that_rises_and_one_that_stands_still_are_told_apart() -> None:
    assert "diverging" in kinds(records(30, [0.0] * 30, line(0.1, 0.3, 30)))
    assert "standstill" in kinds(records(30, [0.0] * 30, line(0.1, 0.0995, 30)))


def test_frozen_layers_are_named_where_they_are_random_or_too_many() -> None:
    lines = records(30, [0.0] * 30, line(0.12, 0.08, 30))

    assert "random_frozen" in kinds(lines, replace(OPTIONS, weights="", cfg="yolov5n", freeze=10))
    assert "frozen" in kinds(lines, replace(OPTIONS, freeze=24))
    assert kinds(lines, replace(OPTIONS, freeze=10)) == ["unclear"]


def test_random_weights_need_many_epochs() -> None:
    fresh = replace(OPTIONS, weights="", cfg="yolov5n")

    assert kinds(records(30, [0.0] * 30, line(0.12, 0.08, 30)), fresh) == ["fresh"]
    assert kinds(records(150, [0.0] * 150, line(0.12, 0.08, 150)), fresh) == ["unclear"]


def test_labels_are_looked_at_where_the_data_set_is_there(health: Health) -> None:
    none = replace(health, classes=tuple(replace(one, boxes={**one.boxes, "train": 0}) for one in health.classes))
    lines = records(30, [0.0] * 30, line(0.12, 0.08, 30))

    assert kinds(lines, health=none)[0] == "labels"
    told = [reason.sentence() for reason in diagnose(lines, OPTIONS.record(), FINISHED, none)]
    assert any("have no boxes" in sentence for sentence in told)


def test_an_imported_run_is_diagnosed_by_what_it_says() -> None:
    lines: list[dict[str, Any]] = [{"epoch": epoch, "map50": 0.0, "map": 0.0, "warmup": True} for epoch in range(3)]

    assert [reason.kind for reason in diagnose(lines, {"weights": "yolov5n.pt"}, FINISHED)] == ["warmup"]


def test_every_reason_has_a_value_for_every_placeholder() -> None:
    extremes = [
        replace(OPTIONS, freeze=24, hyperparameters=Hyperparameters(learning_rate=rate)) for rate in (0.0, 1e-9, 9.0)
    ]
    for options in extremes:
        for epochs in (1, 2, 3, 30):
            for reason in diagnose(records(epochs, [0.0] * epochs, [0.1] * epochs), asdict(options), FINISHED):
                assert reason.sentence()
