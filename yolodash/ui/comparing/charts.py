"""The pictures of a comparison. Letter, dash and symbol tell the groups apart; colour repeats it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

import plotly.graph_objects as go

from yolodash.runs.comparison import Epoch, Metric
from yolodash.ui.comparing.groups import Shown, duration, mean_and_spread, metric_names
from yolodash.ui.evaluation.charts import COLOURS, DASHES, GREY, SYMBOLS, finished
from yolodash.ui.i18n import _

MOST_POINTS = 400
"""Of one curve; more are thinned."""
Cell = tuple[str, float | None]
"""What stands in a cell of a matrix, and its shade from 0 to 1."""


def _style(place: int) -> dict[str, Any]:
    """Colour, dash and symbol of a group; together they repeat only after thirty groups."""
    return {
        "line": {"width": 3, "dash": DASHES[place % len(DASHES)], "color": COLOURS[place % len(COLOURS)]},
        "marker": {
            "size": 10,
            "symbol": SYMBOLS[(place + place // len(SYMBOLS)) % len(SYMBOLS)],
            "color": COLOURS[place % len(COLOURS)],
        },
    }


def seeds(groups: Sequence[Shown], metric: Metric, epoch: Epoch) -> go.Figure:
    """Each run a point, each group's mean a line with its spread: differences smaller than that are chance."""
    figure = go.Figure()
    for place, group in enumerate(groups):
        values = group.values(metric, epoch)
        known = [value for value in values if math.isfinite(value)]
        figure.add_scatter(
            x=[place + offset for offset in _beside(len(values))],
            y=values,
            mode="markers",
            name=group.title,
            marker={**_style(place)["marker"], "size": 12},
            customdata=[[run.name, run.options.get("seed", "–")] for run in group.runs],
            hovertemplate="%{customdata[0]}<br>" + _("seed") + " %{customdata[1]}: %{y:.4f}<extra></extra>",
        )
        if known:
            _mean_line(figure, place, known)
    figure = finished(figure, "", metric_names()[metric], legend=False)
    ticks = [f"<b>{group.letter}</b><br>{_broken(group.name)}" for group in groups]
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(len(groups))), ticktext=ticks, range=[-0.6, len(groups) - 0.1],
        zeroline=False, showgrid=False,
    )  # fmt: skip
    return figure


def _beside(count: int) -> list[float]:
    """Where the points of one group stand, so that equal ones do not hide each other."""
    step = min(0.16, 0.4 / max(count - 1, 1))
    return [step * (number - (count - 1) / 2) for number in range(count)]


def _mean_line(figure: go.Figure, place: int, values: list[float]) -> None:
    mean = fmean(values)
    figure.add_scatter(
        x=[place - 0.3, place + 0.3], y=[mean, mean], mode="lines", hoverinfo="skip",
        line={"width": 3, "color": COLOURS[place % len(COLOURS)]},
    )  # fmt: skip
    figure.add_scatter(
        x=[place + 0.3], y=[mean], mode="markers+text", text=[f"&nbsp;&nbsp;{mean:.3f}"], textposition="middle right",
        marker={"size": 1, "color": GREY}, hoverinfo="skip", textfont={"size": 15},
        error_y={"type": "data", "array": [stdev(values)], "thickness": 2, "width": 6, "color": GREY}
        if len(values) > 1 else None,
    )  # fmt: skip


def _broken(name: str) -> str:
    """A name in lines of one option each, so that neighbours do not run into each other."""
    return "<br>".join(part.strip() for part in name.split(","))


def curves(
    groups: Sequence[Shown], records: Mapping[str, list[dict[str, Any]]], column: str, title: str, *, time: bool
) -> go.Figure:
    """A number of each epoch, all runs over each other; the letter stands at the end of each line.

    Args:
        records: of each run, by its name.
        column: of the records.
        time: minutes along the bottom, not epochs.
    """
    figure = go.Figure()
    for place, group in enumerate(groups):
        for number, run in enumerate((*group.runs, *group.others)):
            x, y = _points(records.get(run.name, []), column, time)
            style = _style(place)
            figure.add_scatter(
                x=x, y=y, name=group.title, legendgroup=group.letter, showlegend=number == 0, mode="lines+markers+text",
                line={**style["line"], "width": 2.5}, marker={**style["marker"], "size": 7}, textfont={"size": 15},
                text=[""] * (len(x) - 1) + [group.letter] if number == 0 and x else None, textposition="middle right",
                cliponaxis=False, hovertemplate=f"{run.name}<br>%{{x:.4g}}: %{{y:.4f}}<extra></extra>",
            )  # fmt: skip
    return finished(figure, _("Minutes") if time else _("Epoch"), title)


def _points(records: list[dict[str, Any]], column: str, time: bool) -> tuple[list[float], list[float]]:
    """At most ``MOST_POINTS`` of them, the last one always."""
    x, y, minutes = [], [], 0.0
    for record in records:
        minutes += float(record.get("seconds") or 0) / 60
        value = record.get(column)
        if isinstance(value, int | float) and math.isfinite(value):
            x.append(minutes if time else record["epoch"] + 1.0)
            y.append(float(value))
    step = math.ceil(len(x) / MOST_POINTS) or 1
    kept = sorted({*range(0, len(x), step), len(x) - 1} - {-1})
    return [x[place] for place in kept], [y[place] for place in kept]


def cost(groups: Sequence[Shown], metric: Metric, epoch: Epoch) -> go.Figure:
    """What each run gave for its time: better is up, cheaper is left."""
    figure = go.Figure()
    for place, group in enumerate(groups):
        runs = [run for run in group.runs if math.isfinite(run.seconds)]
        figure.add_scatter(
            x=[run.seconds / 60 for run in runs],
            y=[run.value(metric, epoch) for run in runs],
            mode="markers+text",
            name=group.title,
            text=[group.letter for _run in runs],
            textposition="top center",
            textfont={"size": 15},
            marker={**_style(place)["marker"], "size": 13},
            customdata=[[run.name, duration(run.seconds / 60)] for run in runs],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}: %{y:.4f}<extra></extra>",
        )
    figure = finished(figure, _("Minutes of training"), metric_names()[metric])
    figure.update_xaxes(rangemode="tozero")
    return figure


def matrix(
    rows: Sequence[object],
    columns: Sequence[object],
    cells: Mapping[tuple[Any, Any], Cell],
    titles: tuple[str, str],
) -> go.Figure:
    """Rows and columns of a sweep; a shade repeats what the number in the cell says."""
    figure = go.Figure()
    texts = [[cells.get((row, column), ("", None))[0] for column in columns] for row in rows]
    shades = [[cells.get((row, column), ("", None))[1] for column in columns] for row in rows]
    figure.add_heatmap(
        z=shades, x=list(range(len(columns))), y=list(range(len(rows))), zmin=0, zmax=1, showscale=False,
        xgap=4, ygap=4, colorscale=[[0.0, "rgba(31,145,136,0.08)"], [1.0, "rgba(31,145,136,0.6)"]],
        hoverinfo="skip",
    )  # fmt: skip
    # Texts of their own: a heatmap's would be black on a cell that is see-through, whatever lies behind it.
    figure.add_scatter(
        x=[column for _row in rows for column in range(len(columns))],
        y=[row for row in range(len(rows)) for _column in columns],
        text=[text for line in texts for text in line], mode="text", textfont={"size": 17}, hoverinfo="skip",
    )  # fmt: skip
    figure = finished(figure, titles[1], titles[0], legend=False)
    figure.update_layout(height=max(230, 104 * len(rows) + 80))
    _outlined(figure, len(rows), len(columns))
    ticks = {"tickmode": "array", "showgrid": False, "zeroline": False}
    figure.update_xaxes(
        **ticks, tickvals=list(range(len(columns))), ticktext=[str(one) for one in columns],
        range=[-0.5, len(columns) - 0.5],
    )  # fmt: skip
    figure.update_yaxes(
        **ticks, tickvals=list(range(len(rows))), ticktext=[str(one) for one in rows], range=[len(rows) - 0.5, -0.5]
    )
    return figure


def _outlined(figure: go.Figure, rows: int, columns: int) -> None:
    """Every cell has an edge, also an empty one."""
    for row in range(rows):
        for column in range(columns):
            figure.add_shape(
                type="rect", x0=column - 0.48, x1=column + 0.48, y0=row - 0.46, y1=row + 0.46,
                line={"width": 1.5, "color": GREY, "dash": "dot"},
            )  # fmt: skip


def cell_of(group: Shown, metric: Metric, epoch: Epoch, low: float, high: float) -> Cell:
    """A group in a matrix: its letter, mean and spread; the shade is its place between the lowest and highest mean."""
    known = [value for value in group.values(metric, epoch) if math.isfinite(value)]
    if not known:
        return (f"<b>{group.letter}</b>", None)
    shade = (fmean(known) - low) / (high - low) if high > low else 0.5
    count = _("{count} seeds").format(count=len(known)) if len(known) > 1 else _("1 seed")
    return (f"<b>{group.letter}</b><br>{mean_and_spread(known)}<br><sub>{count}</sub>", shade)
