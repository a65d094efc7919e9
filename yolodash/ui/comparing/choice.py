"""What is compared and by which number; the address repeats it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import streamlit as st

from yolodash.errors import YoloDashError
from yolodash.runs.comparison import Epoch, Metric
from yolodash.runs.folders import find_run
from yolodash.runs.metrics import read_metrics
from yolodash.runs.store import RunEntry, list_runs
from yolodash.runs.sweep import members_of
from yolodash.ui import state
from yolodash.ui.comparing.groups import metric_names
from yolodash.ui.i18n import _

T = TypeVar("T", bound=str)
Section = Literal["results", "start"]
View = Literal["seeds", "matrix", "curves", "cost"]
SEPARATOR = "|"
"""No name of a run can hold it."""
_RUNS = "compare_runs"
_NEXT = "compare_runs_next"
_SECTION = "compare_section"


@dataclass(frozen=True)
class Asked:
    """The names that were chosen, and how they are read."""

    names: tuple[str, ...]
    metric: Metric
    epoch: Epoch


def available() -> dict[str, RunEntry]:
    """Sweeps and trainings by their names, sweeps first; of trainings those that have an epoch and no sweep here."""
    entries = {entry.name: entry for entry in list_runs()}
    sweeps = {name: entry for name, entry in entries.items() if entry.kind == "sweep"}
    trained = {
        name: entry for name, entry in entries.items() if entry.kind == "train" and read_metrics(find_run(name))
    }  # fmt: skip
    return {**sweeps, **trained}


def choose(known: dict[str, RunEntry]) -> Asked:
    """Runs, metric and epoch, in the sidebar. At first the newest sweep, else the three newest trainings."""
    sweep = st.query_params.get("sweep")  # what a link from another page says
    if sweep in known:
        st.session_state[_RUNS] = [sweep]
    if _NEXT in st.session_state:
        st.session_state[_RUNS] = st.session_state.pop(_NEXT)
    if _RUNS not in st.session_state:
        asked = st.query_params.get("runs", "").split(SEPARATOR)
        st.session_state[_RUNS] = [name for name in asked if name in known] or first_choice(known)
    st.session_state[_RUNS] = [name for name in st.session_state[_RUNS] if name in known]
    chosen = st.multiselect(
        _("Runs and sweeps"),
        tuple(known),
        format_func=lambda name: named(known, name),
        key=_RUNS,
        placeholder=_("choose"),
        persist_state="session",
    )
    metric = state.choose(_("Number"), metric_names(), "compare_metric", name="metric", labelled=True)
    epochs: dict[Epoch, str] = {"last": _("last"), "best": _("best")}
    epoch = state.choose(_("Of which epoch"), epochs, "compare_epoch", name="epoch", labelled=True)
    state.mirror({"runs": SEPARATOR.join(chosen) if chosen and chosen != first_choice(known) else None, "sweep": None})
    return Asked(tuple(chosen), metric, epoch)


def named(known: dict[str, RunEntry], name: str) -> str:
    """A run's name; a sweep's says that it is one."""
    entry = known.get(name)
    return _("{name} (sweep)").format(name=name) if entry is not None and entry.kind == "sweep" else name


def first_choice(known: dict[str, RunEntry]) -> list[str]:
    """What the page begins with."""
    sweeps = [name for name, entry in known.items() if entry.kind == "sweep"]
    return sweeps[:1] or list(known)[:3]


def choose_section() -> Section:
    """Results, or the form that starts a sweep."""
    if st.session_state.pop(f"{_SECTION}_next", None) is not None:
        st.session_state[_SECTION] = "results"
    names: dict[Section, str] = {"results": _("Compare runs"), "start": _("Start a sweep")}
    return state.choose(_("Section"), names, _SECTION, name="section")


def show_next(name: str) -> None:
    """From the next run of the page on, show this sweep."""
    st.session_state[_NEXT] = [name]
    st.session_state[f"{_SECTION}_next"] = True


def choose_only(names: list[str]) -> None:
    """Compare these and no others."""
    st.session_state[_RUNS] = names


def sweeps_of(names: tuple[str, ...]) -> list[Path]:
    """The sweeps among the chosen."""
    found = []
    for name in names:
        try:
            found.append(find_run(name, "sweep"))
        except YoloDashError:
            continue
    return found


def begun(names: tuple[str, ...]) -> list[Path]:
    """The chosen runs and the members of the chosen sweeps, those that have an epoch."""
    runs: dict[Path, None] = {}
    for name in names:
        run = find_run(name)
        sweep = run in sweeps_of((name,))
        members = [member.run for member in members_of(run) if member.run is not None] if sweep else [run]
        runs.update(dict.fromkeys(one for one in members if read_metrics(one)))
    return list(runs)
