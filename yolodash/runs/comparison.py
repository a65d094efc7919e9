"""Runs side by side: what was done differently, what came of it, and how much of that is chance."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from yolodash.errors import N_, InputError
from yolodash.runs.folders import read_run
from yolodash.runs.metrics import best_of, read_metrics


@dataclass(frozen=True)
class RunResult:
    """One run.

    Attributes:
        name: of the run.
        options: as its ``run.json`` says.
        epochs: how many are done.
        last, best: metrics of the last and of the best epoch; None before the first.
        seconds: that it took; NaN where it does not say.
        fingerprint: of its validation data; empty where it is not known.
    """

    name: str
    options: Mapping[str, Any]
    epochs: int
    last: Mapping[str, Any] | None
    best: Mapping[str, Any] | None
    seconds: float
    fingerprint: str


@dataclass(frozen=True)
class Group:
    """Runs that differ in their seeds only.

    Attributes:
        options: what distinguishes them from the other groups.
        runs: their names.
        map50, map: means of their last epochs; ``map_spread`` is the standard deviation, NaN for one run.
    """

    options: dict[str, Any]
    runs: tuple[str, ...]
    map50: float
    map50_spread: float
    map: float
    map_spread: float


def result_of(run: Path) -> RunResult:
    """A run as a comparison needs it."""
    about, records = read_run(run), read_metrics(run)
    seconds = [record["seconds"] for record in records if isinstance(record.get("seconds"), int | float)]
    return RunResult(
        run.name,
        about.get("options") or {},
        len(records),
        records[-1] if records else None,
        best_of(records),
        sum(seconds) if seconds else math.nan,
        str((about.get("data") or {}).get("fingerprint") or ""),
    )


def compare_runs(runs: Sequence[Path]) -> tuple[RunResult, ...]:
    """The results of runs that saw the same validation data.

    Raises:
        InputError: they did not, or one has no epoch yet; numbers of different pictures cannot be compared.
    """
    results = tuple(result_of(run) for run in runs)
    for result in results:
        if result.last is None:
            raise InputError(
                N_("This run has no epoch yet"), where=result.name, fix=N_("wait for its first epoch to end")
            )
    known = {result.fingerprint for result in results}
    if len(known) > 1:
        first = results[0]
        other = next(result for result in results if result.fingerprint != first.fingerprint)
        raise InputError(
            N_("The runs {first} and {other} were validated on different data, so their numbers say nothing together"),
            fix=N_("evaluate both models on one data set: evaluate --weights NAME --data DATA"),
            first=first.name,
            other=other.name,
        )
    return results


def differing(results: Sequence[RunResult]) -> list[str]:
    """The options that are not the same in all runs, in their order."""
    names = dict.fromkeys(name for result in results for name in result.options)
    return [name for name in names if len({_key(result.options.get(name)) for result in results}) > 1]


def grouped(results: Sequence[RunResult]) -> tuple[Group, ...]:
    """Means over the seeds, in the order in which the groups come."""
    names = [name for name in differing(results) if name != "seed"]
    groups: dict[str, list[RunResult]] = {}
    for result in results:
        groups.setdefault(_key([result.options.get(name) for name in names]), []).append(result)
    return tuple(_group(members, names) for members in groups.values())


def _group(members: list[RunResult], names: list[str]) -> Group:
    options = {name: members[0].options.get(name) for name in names}
    numbers = [[float((member.last or {}).get(metric, math.nan)) for member in members] for metric in ("map50", "map")]
    (map50, map50_spread), (map_, map_spread) = ((fmean(values), _spread(values)) for values in numbers)
    return Group(options, tuple(member.name for member in members), map50, map50_spread, map_, map_spread)


def _spread(values: list[float]) -> float:
    return stdev(values) if len(values) > 1 else math.nan


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
