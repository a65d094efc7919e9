"""How long a sweep may take, from what earlier runs took on this machine."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean
from typing import Any

from yolodash import workspace
from yolodash.runs.folders import find_run, read_run
from yolodash.runs.metrics import read_metrics
from yolodash.runs.store import list_runs
from yolodash.runs.sweep import Plan

START_SECONDS = 5.0
"""Of each run: a process begins, torch is loaded, pictures are opened."""
MOST_LOOKED_AT = 50


def estimated_seconds(plan: Plan) -> float | None:
    """From earlier runs of the same network on the same data at the same size; None where there are none."""
    known = [read_run(find_run(entry.name))["options"] | {"run": entry.name} for entry in list_runs("train")]
    seconds = 0.0
    cache: dict[tuple[str, str, int], float | None] = {}
    for _label, options in plan.members():
        key = (options.weights, options.data, options.size)
        if key not in cache:
            cache[key] = _seconds_per_epoch(*key, known)
        each = cache[key]
        if each is None:
            return None
        seconds += START_SECONDS + each * options.epochs
    return seconds


def _seconds_per_epoch(weights: str, data: str, size: int, known: list[dict[str, Any]]) -> float | None:
    """The mean epoch of the newest run that is like it."""
    for options in known[:MOST_LOOKED_AT]:
        same = options.get("size") == size and _same(str(options.get("data", "")), data)
        if not same or Path(str(options.get("weights", ""))).stem != Path(weights).stem:
            continue
        records = read_metrics(find_run(options["run"]))
        took = [record["seconds"] for record in records if isinstance(record.get("seconds"), int | float)]
        if took:
            return fmean(took)
    return None


def _same(kept: str, asked: str) -> bool:
    """Whether two ways to say it mean one data set."""
    return kept == asked or Path(kept) in (Path(asked).resolve(), workspace.home() / "datasets" / asked)
