"""What a run measured: a line an epoch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from yolodash import workspace

METRICS = "metrics.jsonl"


def read_metrics(run: Path) -> list[dict[str, Any]]:
    """The lines of a run, in order; a line that is cut or none is left out."""
    records = []
    for line in workspace.read_lines(run / METRICS):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and isinstance(record.get("epoch"), int):
            records.append(record)
    return records


def best_of(records: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The line of the best epoch, by a tenth mAP50 and nine tenths mAP50-95; of equals the last."""
    return max(reversed(records), key=fitness, default=None)


def fitness(record: dict[str, Any]) -> float:
    """What decides which epoch is best."""
    return 0.1 * float(record.get("map50", 0)) + 0.9 * float(record.get("map", 0))
