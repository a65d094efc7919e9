"""The parts of the page Compare in their order: a picture, what it says, the numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from yolodash.errors import InputError, YoloDashError
from yolodash.runs.comparison import RunResult, compare_runs, result_of
from yolodash.runs.folders import find_run, read_run
from yolodash.runs.metrics import read_metrics
from yolodash.runs.state import AT_WORK, read_state
from yolodash.ui import messages, state
from yolodash.ui.comparing import charts, choice, differences, progress
from yolodash.ui.comparing.choice import Asked, View
from yolodash.ui.comparing.groups import (
    Shown,
    duration,
    groups_of,
    mean_and_spread,
    metric_names,
    option_names,
    option_text,
)
from yolodash.ui.evaluation.charts import CONFIG
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain
from yolodash.ui.run_monitor.words import state_name

LIVE_SECONDS = 4.0
MOST_GROUPS = 24


def results(asked: Asked) -> None:
    """Everything about the chosen runs; it looks again by itself while one of them is at work."""
    if not asked.names:
        st.info(_("Choose two runs or a sweep in the sidebar."), icon=":material/compare_arrows:")
        return
    live = any(read_state(find_run(name)).state in AT_WORK for name in asked.names)
    st.fragment(_shown, run_every=LIVE_SECONDS if live else None)(asked, live)


def _shown(asked: Asked, live: bool) -> None:
    with messages.shown():
        if live and not any(read_state(find_run(name)).state in AT_WORK for name in asked.names):
            st.rerun()  # the last look: from now on nothing changes
        for sweep in choice.sweeps_of(asked.names):
            progress.show(sweep)
        runs = choice.begun(asked.names)
        if not runs:
            st.caption(_("No epoch is done yet. The first numbers appear here by themselves."))
            return
        try:
            found = compare_runs(runs)
        except InputError as error:
            refused(error, [result_of(run) for run in runs])
            return
        compared(asked, found)


def refused(error: YoloDashError, found: Sequence[RunResult]) -> None:
    """Why these cannot be compared, which run saw which data, and what to do."""
    messages.show(error)
    by_data: dict[str, list[str]] = {}
    for result in found:
        data = read_run(find_run(result.name)).get("data") or {}
        place = str(data.get("path") or result.options.get("data") or "")
        by_data.setdefault(f"{result.fingerprint[:8] or '–'} {place}", []).append(result.name)
    for number, (data, names) in enumerate(by_data.items()):
        left, right = st.columns([5, 2], vertical_alignment="center")
        left.markdown(f"**{plain(', '.join(names))}**  \n:small[{plain(data)}]")
        if len(by_data) > 1:
            right.button(
                _("Compare only these"), key=f"compare_only_{number}", on_click=choice.choose_only, args=(names,)
            )
    st.page_link("pages/evaluate.py", label=_("Evaluate the models on one data set"), icon=":material/query_stats:")


def compared(asked: Asked, found: tuple[RunResult, ...]) -> None:
    """Picture and sentences side by side; below them the table."""
    every = groups_of(found)
    groups = every[:MOST_GROUPS]
    if len(every) > len(groups):
        st.caption(
            _("These runs make {count} groups; the first {shown} are shown. Choose fewer runs to see others.").format(
                count=len(every), shown=len(groups)
            )
        )
    picture, words = st.columns([3, 2], gap="medium")
    with picture:
        view = choose_view(groups)
        figure = drawn(view, asked, groups)
        st.plotly_chart(figure, key=f"compare_chart_{view}", config=CONFIG, width="stretch")
    with words:
        differences.show(groups, asked)
    table(groups, asked)
    every_run(groups, found)
    if any(not result.fingerprint for result in found):
        st.caption(_("Imported runs do not say which pictures they were validated on: see that they are the same."))


def choose_view(groups: Sequence[Shown]) -> View:
    """Which picture; the matrix is there where freeze and epochs both differ."""
    names: dict[View, str] = {
        "seeds": _("Each seed"), "matrix": _("Matrix"), "curves": _("Curves"), "cost": _("Cost in time")
    }  # fmt: skip
    usual: View = "matrix" if matrix_axes(groups) else "seeds"
    if usual == "seeds":
        del names["matrix"]
    return state.choose(_("Picture"), names, "compare_view", name="view", usual=usual, labelled=True)


def drawn(view: View, asked: Asked, groups: Sequence[Shown]) -> go.Figure:
    """One of the pictures."""
    if view == "matrix":
        return matrix_figure(groups, asked)
    if view == "cost":
        return charts.cost(groups, asked.metric, asked.epoch)
    if view == "curves":
        return curve_figure(groups, asked)
    return charts.seeds(groups, asked.metric, asked.epoch)


def curve_figure(groups: Sequence[Shown], asked: Asked) -> go.Figure:
    """The chosen number or a loss over the epochs, or over the minutes."""
    names = {asked.metric: metric_names()[asked.metric], "loss_box": _("box loss"),
             "loss_objectness": _("objectness loss"), "loss_class": _("class loss")}  # fmt: skip
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    column = left.selectbox(_("Curve"), tuple(names), format_func=names.__getitem__, key="compare_curve")
    time = right.toggle(_("against time"), key="compare_time")
    runs = [run.name for group in groups for run in (*group.runs, *group.others)]
    records = {name: read_metrics(find_run(name)) for name in runs}
    return charts.curves(groups, records, column, names[column], time=time)


def matrix_axes(groups: Sequence[Shown]) -> tuple[str, str] | None:
    """The two options of a matrix: exactly two that differ, each combination once."""
    names = list(groups[0].options) if groups else []
    ordered = [name for name in option_names() if name in names]
    if len(names) != 2 or len(ordered) != 2:
        return None
    rows, columns = ("freeze", "epochs") if set(ordered) == {"freeze", "epochs"} else (ordered[0], ordered[1])
    cells = {(str(group.options[rows]), str(group.options[columns])) for group in groups}
    return (rows, columns) if len(cells) == len(groups) else None


def matrix_figure(groups: Sequence[Shown], asked: Asked) -> go.Figure:
    """The groups as a matrix of the two options in which they differ."""
    axes = matrix_axes(groups)
    assert axes is not None, "offered only where there is one"
    means = [fmean(known) for group in groups
             if (known := [v for v in group.values(asked.metric, asked.epoch) if math.isfinite(v)])]  # fmt: skip
    low, high = (min(means), max(means)) if means else (0.0, 0.0)
    place = {group.letter: tuple(option_text(axis, group.options[axis]) for axis in axes) for group in groups}
    rows, columns = (list(dict.fromkeys(place[group.letter][side] for group in groups)) for side in (0, 1))
    columns = sorted(columns, key=lambda text: (not text.isdecimal(), int(text) if text.isdecimal() else 0, text))
    cells = {
        (place[group.letter][0], place[group.letter][1]): charts.cell_of(group, asked.metric, asked.epoch, low, high)
        for group in groups
    }
    names = option_names()
    return charts.matrix(rows, columns, cells, (names[axes[0]], names[axes[1]]))


def table(groups: Sequence[Shown], asked: Asked) -> None:
    """A line a group: what differs, the four numbers with their spread over the seeds, the time."""
    names = option_names()
    lines = []
    for group in groups:
        line: dict[str, object] = {"": group.letter}
        line |= {names.get(name, name): option_text(name, value) for name, value in group.options.items()}
        line[_("runs")] = str(len(group.runs)) + (f" (+{len(group.others)})" if group.others else "")
        for metric, name in metric_names().items():
            line[name] = mean_and_spread(group.values(metric, asked.epoch))
        minutes = group.minutes()
        line[_("time a run")] = duration(fmean(minutes)) if minutes else "–"
        lines.append(line)
    st.dataframe(pd.DataFrame(lines), hide_index=True, width="stretch", key="compare_table")
    st.caption(_("Mean ± standard deviation over the seeds. (+1): a run that is not finished, and does not count yet."))


def every_run(groups: Sequence[Shown], found: Sequence[RunResult]) -> None:
    """Run by run, folded."""
    with st.expander(_("Every run"), icon=":material/table_rows:"):
        lines = []
        for group in groups:
            for run in (*group.runs, *group.others):
                last, best = run.last or {}, run.best or {}
                numbers = {name: _number(last.get(metric)) for metric, name in metric_names().items()}
                lines.append(
                    {"": group.letter, _("run"): run.name, _("seed"): str(run.options.get("seed", "–")),
                     _("epochs done"): f"{run.epochs}/{run.options.get('epochs', run.epochs)}", **numbers,
                     _("best epoch"): str(best["epoch"] + 1) if "epoch" in best else "–",
                     _("time"): duration(run.seconds / 60), _("state"): state_name(run.state)}
                )  # fmt: skip
        st.dataframe(pd.DataFrame(lines), hide_index=True, width="stretch", key="compare_runs_table")
        words = " ".join(result.name for result in found)
        st.code(f"python -m yolodash runs compare {words}", language="shell", wrap_lines=True)


def _number(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, int | float) else "–"
