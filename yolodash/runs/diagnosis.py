"""Why a network that was trained finds nothing: the reasons that its own run gives, the gravest first.

Pure: from the lines of its metrics, its options, its state and, where the data set can be opened, what that holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from yolodash.data.health import Health, findings
from yolodash.errors import N_
from yolodash.runs.config import Hyperparameters
from yolodash.runs.state import RunState

Kind = Literal[
    "no_epoch", "lost", "random_frozen", "labels", "warmup", "fresh", "diverging", "high_rate", "low_rate", "frozen",
    "standstill", "rising", "few_steps", "unclear",
]  # fmt: skip
BACKBONE = 10
"""The first layers of a YOLOv5 that are its backbone."""
SENSIBLE_EPOCHS, EPOCHS_FROM_NOTHING, FEW_STEPS = 30, 100, 500
HIGH_RATE = {"sgd": 0.05, "adamw": 0.005}
LOW_RATE = {"sgd": 0.0005, "adamw": 0.00001}
USUAL_RATE = {"sgd": 0.01, "adamw": 0.001}
LOSSES = ("loss_box", "loss_objectness", "loss_class")


@dataclass(frozen=True)
class Reason:
    """Why nothing is found, and what to do: gettext message ids and their values.

    Attributes:
        kind: a short name, the same in every language.
        what: what the run shows.
        fix: what to do about it.
        values: for the placeholders of both.
    """

    kind: Kind
    what: str
    fix: str
    values: dict[str, Any] = field(default_factory=dict)

    def sentence(self) -> str:
        """In English."""
        return f"{self.what.format(**self.values)}: {self.fix.format(**self.values)}"


def diagnose(
    records: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
    state: RunState,
    health: Health | None = None,
) -> tuple[Reason, ...]:
    """Every reason that a run's own numbers give, the gravest first; at least one.

    Args:
        records: the lines of ``metrics.jsonl``.
        options: of ``run.json``.
        state: of ``state.json``.
        health: of its data set, where that is still there.
    """
    if _lost(records, state):
        first = [_lost_reason(options)]
    elif not records:
        return (Reason("no_epoch", N_("No epoch of this run is done"), N_("let it train, or go on with it")),)
    else:
        first = []
    steps = _steps_per_epoch(options, health)
    found = [
        *first,
        *_about_labels(health, "error"),
        *_about_freezing(options),
        *_about_length(records, options, steps),
        *_about_rate(records, options),
        *_about_labels(health, "warning"),
    ]
    unclear = Reason(
        "unclear",
        N_("Nothing in its numbers says why"),
        N_("look at the pictures that it trained on, with their boxes, on the page Runs"),
    )
    return tuple(found) or (unclear,)


def _lost(records: Sequence[Mapping[str, Any]], state: RunState) -> bool:
    """Whether the loss became no number: training ends then, and says so."""
    numbers = [record.get(name) for record in records for name in LOSSES]
    return "no longer a number" in state.message or any(isinstance(n, float) and not math.isfinite(n) for n in numbers)


def _lost_reason(options: Mapping[str, Any]) -> Reason:
    rate = _number(options, "learning_rate")
    return Reason(
        "lost",
        N_("The loss was no longer a number, so training ended: the steps were too large"),
        N_("train with a lower learning rate, such as {lower}"),
        {"lower": f"{rate / 10:.2g}"},
    )


def _about_labels(health: Health | None, severity: str) -> Iterator[Reason]:
    """What is wrong with the data set itself."""
    for one in findings(health) if health is not None else ():
        if one.severity == severity:
            yield Reason("labels", one.message, one.fix, dict(one.values))


def _about_freezing(options: Mapping[str, Any]) -> Iterator[Reason]:
    given = options.get("freeze")
    frozen = given if isinstance(given, int) else 0
    values = {"freeze": frozen}
    if frozen and not options.get("weights"):
        yield Reason(
            "random_frozen",
            N_("{freeze} layers were frozen with random weights: they never learn to see"),
            N_("begin from trained weights, or freeze nothing"),
            values,
        )
    elif frozen > BACKBONE:
        yield Reason(
            "frozen",
            N_("{freeze} layers were frozen, more than the 10 of YOLOv5's backbone: little is left that learns"),
            N_("freeze 10 layers or fewer"),
            values,
        )


def _about_length(
    records: Sequence[Mapping[str, Any]], options: Mapping[str, Any], steps: int | None
) -> Iterator[Reason]:
    """Too short, in whatever way."""
    count = len(records)
    if records and all(record.get("warmup") for record in records):
        yield _all_warmup(records, options, steps)
    elif _still_rising(records):
        before, last = _map50(records[2 * count // 3 - 1]), _map50(records[-1])
        yield Reason(
            "rising",
            N_("It was still getting better when it ended: mAP50 {before}, then {last} after {epochs} epochs"),
            N_("train for more epochs"),
            {"before": f"{before:.3f}", "last": f"{last:.3f}", "epochs": count},
        )
    elif steps is not None and count * steps < FEW_STEPS:
        yield Reason(
            "few_steps",
            N_("{steps} batches are all that it saw: {epochs} epochs of {each}"),
            N_("train for more epochs, or with a smaller batch"),
            {"steps": count * steps, "epochs": count, "each": steps},
        )
    if records and not options.get("weights") and count < EPOCHS_FROM_NOTHING:
        yield Reason(
            "fresh",
            N_("It began from random weights, and {epochs} epochs are few for that"),
            N_("begin from trained weights such as yolov5n, or train for some hundred epochs"),
            {"epochs": count},
        )


def _all_warmup(records: Sequence[Mapping[str, Any]], options: Mapping[str, Any], steps: int | None) -> Reason:
    """All epochs were warm-up, in which the learning rate has yet to rise."""
    reached = max((_rate(record) for record in records), default=0.0)
    hyper = _hyperparameters(options)
    length = max(hyper.warmup_epochs, hyper.warmup_batches / steps if steps else 0.0, len(records))
    return Reason(
        "warmup",
        N_("All {epochs} epochs were warm-up: the learning rate had only risen to {reached} of {full}"),
        N_("train for {more} epochs or more"),
        {
            "epochs": len(records),
            "reached": f"{reached:.2g}",
            "full": f"{hyper.learning_rate:.2g}",
            "more": max(SENSIBLE_EPOCHS, 3 * math.ceil(length)),
        },
    )


def _about_rate(records: Sequence[Mapping[str, Any]], options: Mapping[str, Any]) -> Iterator[Reason]:
    """A learning rate that is too high or too low, by itself or by what the loss did."""
    optimizer, rate = str(options.get("optimizer") or "sgd"), _number(options, "learning_rate")
    values = {"rate": f"{rate:.2g}", "usual": f"{USUAL_RATE.get(optimizer, 0.01):.2g}", "optimizer": optimizer.upper()}
    losses = [sum(float(record.get(name) or 0) for name in LOSSES) for record in records]
    third = max(len(losses) // 3, 1)
    begin, end = sum(losses[:third]) / third, sum(losses[-third:]) / third
    if rate > HIGH_RATE.get(optimizer, 0.05):
        message = N_("The learning rate {rate} is high for {optimizer}")
        yield Reason("high_rate", message, N_("take {usual}, and see whether the loss falls"), values)
    elif 0 < rate < LOW_RATE.get(optimizer, 0.0005):
        message = N_("The learning rate {rate} is so low that the weights hardly move")
        yield Reason("low_rate", message, N_("take {usual}"), values)
    if len(losses) >= 3 and 0 < 1.1 * begin < end:
        yield Reason(
            "diverging",
            N_("The loss rises, from {begin} to {end}: the steps are too large"),
            N_("train with a lower learning rate, such as {lower}"),
            {"begin": f"{begin:.3f}", "end": f"{end:.3f}", "lower": f"{rate / 10:.2g}"},
        )
    elif len(losses) >= 5 and 0 < 0.97 * begin < end:
        yield Reason(
            "standstill",
            N_("The loss hardly moves: {begin} at first, {end} at the end"),
            N_("freeze fewer layers, or take a higher learning rate"),
            {"begin": f"{begin:.3f}", "end": f"{end:.3f}"},
        )


def _still_rising(records: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the last third brought clearly more than all before."""
    values = [_map50(record) for record in records]
    before = values[: 2 * len(values) // 3]
    return bool(before) and values[-1] > max(1.1 * max(before), max(before) + 0.002)


def _steps_per_epoch(options: Mapping[str, Any], health: Health | None) -> int | None:
    batch = options.get("batch")
    if health is None or not isinstance(batch, int) or batch < 1 or not health.pictures.get("train"):
        return None
    return math.ceil(health.pictures["train"] / batch)


def _map50(record: Mapping[str, Any]) -> float:
    return float(record.get("map50") or 0)


def _rate(record: Mapping[str, Any]) -> float:
    rates = record.get("learning_rates")
    value = rates.get("weights") if isinstance(rates, Mapping) else None
    return float(value) if isinstance(value, int | float) else 0.0


def _hyperparameters(options: Mapping[str, Any]) -> Hyperparameters:
    """Those of the options; of an imported run the usual ones, as far as it does not say."""
    given = options.get("hyperparameters")
    if not isinstance(given, Mapping):
        return Hyperparameters()
    known = vars(Hyperparameters())
    said: dict[str, Any] = {k: v for k, v in given.items() if k in known and isinstance(v, int | float)}
    return Hyperparameters(**said)


def _number(options: Mapping[str, Any], name: str) -> float:
    return float(getattr(_hyperparameters(options), name))
