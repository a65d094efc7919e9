"""What a run measured: a line an epoch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from yolodash import workspace

METRICS = "metrics.jsonl"


def read_metrics(run: Path) -> list[dict[str, Any]]:
    """The lines of a run, in order; a line that is cut or none, or whose numbers are none, is left out."""
    records = []
    for line in workspace.read_lines(run / METRICS):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and _is_sound(record):
            records.append(record)
    return records


def _is_sound(record: dict[str, Any]) -> bool:
    """Whether a line has an epoch, and all its numbers are numbers."""
    rates = record.get("learning_rates", {})
    numbers = [value for name, value in record.items() if name not in ("learning_rates", "warmup")]
    sound = isinstance(rates, dict) and all(_is_number(value) for value in (*numbers, *rates.values()))
    return sound and isinstance(record.get("epoch"), int)


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def best_of(records: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The line of the best epoch, by a tenth mAP50 and nine tenths mAP50-95; of equals the last."""
    return max(reversed(records), key=fitness, default=None)


def fitness(record: dict[str, Any]) -> float:
    """What decides which epoch is best."""
    return 0.1 * float(record.get("map50", 0)) + 0.9 * float(record.get("map", 0))
