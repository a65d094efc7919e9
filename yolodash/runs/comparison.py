"""Runs side by side: what was done differently, what came of it, and how much of that is chance."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, Literal

from yolodash.errors import N_, InputError
from yolodash.runs.folders import read_run
from yolodash.runs.metrics import best_of, read_metrics
from yolodash.runs.state import read_state
from yolodash.runs.sweep import members_of

Metric = Literal["map50", "map", "precision", "recall"]
Epoch = Literal["last", "best"]
T_95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Student's t, two-sided 95 %, for 1 … 30 degrees of freedom; beyond them the last serves, which is a little wide."""


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
        state: as ``state.json`` says it, or ``died``.
    """

    name: str
    options: Mapping[str, Any]
    epochs: int
    last: Mapping[str, Any] | None
    best: Mapping[str, Any] | None
    seconds: float
    fingerprint: str
    state: str = ""

    def value(self, metric: Metric, epoch: Epoch = "last") -> float:
        """A metric of its last or best epoch; NaN where it is not known."""
        found = (self.last if epoch == "last" else self.best) or {}
        number = found.get(metric)
        return float(number) if isinstance(number, int | float) else math.nan


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
        read_state(run).state,
    )


def expanded(runs: Sequence[Path]) -> tuple[Path, ...]:
    """The runs, each once; a sweep stands for those of its runs that have an epoch.

    Raises:
        InputError: a run's description cannot be read, it is neither, or none of a sweep's runs has an epoch yet.
    """
    found: dict[Path, None] = {}
    for run in runs:
        kind = read_run(run).get("kind")
        if kind == "train":
            found[run] = None
            continue
        if kind != "sweep":
            raise InputError(N_("This run is no training"), where=run.name, fix=N_("choose trainings or sweeps"))
        begun = [member.run for member in members_of(run) if member.run is not None and read_metrics(member.run)]
        if not begun:
            raise InputError(
                N_("None of this sweep's runs has an epoch yet"), where=run.name, fix=N_("wait for the first to end")
            )
        found.update(dict.fromkeys(begun))
    return tuple(found)


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
    metrics: tuple[Metric, ...] = ("map50", "map")
    numbers = [[member.value(metric) for member in members] for metric in metrics]
    (map50, map50_spread), (map_, map_spread) = ((fmean(values), _spread(values)) for values in numbers)
    return Group(options, tuple(member.name for member in members), map50, map50_spread, map_, map_spread)


def _spread(values: list[float]) -> float:
    return stdev(values) if len(values) > 1 else math.nan


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


@dataclass(frozen=True)
class Difference:
    """How much higher a metric of the second group is than that of the first.

    Attributes:
        mean: second − first.
        spread: standard deviation of the differences of the pairs; NaN with one pair, or where there are none.
        low, high: 95 % interval by Student's t (Student, 1908; Welch, 1947, without pairs); NaN with one run a side.
        pairs: the difference of each seed, where both groups have the same seeds; else empty.
        seeds: how many runs the smaller group has.
    """

    mean: float
    spread: float
    low: float
    high: float
    pairs: dict[int, float]
    seeds: int

    @property
    def decided(self) -> bool:
        """Whether the interval lies on one side of 0."""
        return self.low > 0 or self.high < 0


def difference(
    first: Sequence[RunResult], second: Sequence[RunResult], metric: Metric, epoch: Epoch = "last"
) -> Difference:
    """The difference of two groups of runs, and how much of it may be the chance of the seeds.

    With the same seeds on both sides, each seed's two runs saw the same pictures in the same order, so their difference
    is taken first.
    """
    ours, theirs = _by_seed(first, metric, epoch), _by_seed(second, metric, epoch)
    paired = ours is not None and theirs is not None and ours.keys() == theirs.keys()
    if paired and ours is not None and theirs is not None:
        pairs = {seed: theirs[seed] - value for seed, value in ours.items()}
        mean, spread = fmean(pairs.values()), _spread(list(pairs.values()))
        half = quantile(len(pairs) - 1) * spread / math.sqrt(len(pairs))
        return Difference(mean, spread, mean - half, mean + half, pairs, len(pairs))
    one, other = ([run.value(metric, epoch) for run in group] for group in (first, second))
    mean, half = fmean(other) - fmean(one), _welch(one, other)
    return Difference(mean, math.nan, mean - half, mean + half, {}, min(len(one), len(other)))


def _by_seed(runs: Sequence[RunResult], metric: Metric, epoch: Epoch) -> dict[int, float] | None:
    """The metric of each seed; None where a seed comes twice or is not known."""
    seeds = [run.options.get("seed") for run in runs]
    if any(not isinstance(seed, int) for seed in seeds) or len(set(seeds)) < len(seeds):
        return None
    return {int(run.options["seed"]): run.value(metric, epoch) for run in runs}


def _welch(one: list[float], other: list[float]) -> float:
    """Half the 95 % interval of the difference of two means whose variances may differ."""
    if min(len(one), len(other)) < 2:
        return math.nan
    a, b = (stdev(values) ** 2 / len(values) for values in (one, other))
    if a + b == 0:
        return 0.0
    freedom = (a + b) ** 2 / (a**2 / (len(one) - 1) + b**2 / (len(other) - 1))
    return quantile(int(freedom)) * math.sqrt(a + b)


def quantile(freedom: int) -> float:
    """Student's t for a two-sided 95 % interval; NaN without a degree of freedom."""
    return T_95[min(freedom, len(T_95)) - 1] if freedom > 0 else math.nan
