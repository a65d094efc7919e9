"""What the page compares: groups of runs that differ in their seeds only, each with a letter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from yolodash.runs.comparison import Epoch, Metric, RunResult, differing, grouped
from yolodash.ui.i18n import _, ngettext

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_SAID = 3
"""Options that a group's name holds; what else differs stands in the table."""
_FIRST = ("weights", "cfg", "freeze", "epochs", "size", "batch", "optimizer", "schedule")


@dataclass(frozen=True)
class Shown:
    """Runs that differ in their seeds only.

    Attributes:
        letter: by which every picture and sentence calls them.
        name: what distinguishes them from the others, in words.
        options: the same as values.
        runs: those that count.
        others: those that are not finished and do not count, since finished ones are there.
    """

    letter: str
    name: str
    options: dict[str, Any]
    runs: tuple[RunResult, ...]
    others: tuple[RunResult, ...] = ()

    @property
    def title(self) -> str:
        """Letter and name."""
        return f"{self.letter} · {self.name}"

    def values(self, metric: Metric, epoch: Epoch) -> list[float]:
        """The metric of each run."""
        return [run.value(metric, epoch) for run in self.runs]

    def minutes(self) -> list[float]:
        """How long each run that says so took."""
        return [run.seconds / 60 for run in self.runs if math.isfinite(run.seconds)]


def groups_of(results: Sequence[RunResult]) -> tuple[Shown, ...]:
    """The groups, in the order of their options."""
    by_name = {result.name: result for result in results}
    names = sorted((name for name in differing(results) if name != "seed"), key=_place)
    found = grouped(results)
    ordered = sorted(found, key=lambda group: tuple(_sortable(group.options.get(name)) for name in names))
    shown = []
    for number, group in enumerate(ordered):
        runs = tuple(by_name[name] for name in group.runs)
        finished = tuple(run for run in runs if run.state == "finished") or runs
        left = tuple(run for run in runs if run not in finished)
        shown.append(Shown(letter(number), _name(group.options, names, runs), group.options, finished, left))
    return tuple(shown)


def letter(number: int) -> str:
    """A … Z, A2 … Z2 and so on."""
    turn, place = divmod(number, len(LETTERS))
    return LETTERS[place] + (str(turn + 1) if turn else "")


def option_names() -> dict[str, str]:
    """The options that people change, as the page calls them."""
    return {
        "weights": _("weights"),
        "cfg": _("network"),
        "freeze": _("freeze"),
        "epochs": _("epochs"),
        "size": _("size"),
        "batch": _("batch"),
        "optimizer": _("optimizer"),
        "schedule": _("schedule"),
        "data": _("data"),
    }


def option_text(name: str, value: object) -> str:
    """A value as it can be read: of a path the run's or file's name."""
    if name in ("weights", "cfg", "data") and isinstance(value, str) and value:
        path = Path(value)
        return path.parent.name if path.stem in ("best", "last", "data") and path.parent.name else path.stem
    return "–" if value in ("", None) else str(value)


def _name(options: dict[str, Any], names: Sequence[str], runs: Sequence[RunResult]) -> str:
    said = option_names()
    parts = [f"{said.get(name, name)} {option_text(name, options.get(name))}" for name in names[:MOST_SAID]]
    if parts:
        return ", ".join(parts)
    return (
        runs[0].name if len(runs) == 1 else ngettext("{count} run", "{count} runs", len(runs)).format(count=len(runs))
    )


def _place(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)


def _sortable(value: object) -> tuple[int, float, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return (1, 0.0, str(value))
    return (0, float(value), "")


def metric_names() -> dict[Metric, str]:
    """The metrics, as the page calls them."""
    return {"map": "mAP50-95", "map50": "mAP50", "precision": _("Precision"), "recall": _("Recall")}


def mean_and_spread(values: Sequence[float], digits: int = 3) -> str:
    """``.566 ± .005``; without a spread where there is one value, a dash where there is none."""
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return "–"
    mean = f"{fmean(known):.{digits}f}"
    return mean if len(known) == 1 else f"{mean} ± {stdev(known):.{digits}f}"


def duration(minutes: float) -> str:
    """Minutes as a person says them."""
    if not math.isfinite(minutes):
        return "–"
    if minutes < 2:
        return _("{count} s").format(count=round(minutes * 60))
    if minutes < 120:
        return _("{count} min").format(count=round(minutes))
    return _("{count} h").format(count=f"{minutes / 60:.1f}")
