"""The curves of a training, epoch by epoch; those of other runs beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from yolodash.ui.evaluation.charts import COLOURS, DASHES, GREY, SYMBOLS
from yolodash.ui.i18n import _

Records = list[dict[str, Any]]
HEIGHT = 290
MOST_POINTS = 240
"""Of a line: more cannot be told apart, and every tab is sent them."""


def losses(name: str, records: Records, beside: Mapping[str, Records]) -> go.Figure:
    """The three terms."""
    lines = {"loss_box": _("box"), "loss_objectness": _("objectness"), "loss_class": _("class")}
    return drawn(name, records, beside, lines, _("Loss"))


def quality(name: str, records: Records, beside: Mapping[str, Records]) -> go.Figure:
    """mAP, precision and recall on the validation pictures."""
    lines = {"map50": "mAP50", "map": "mAP50–95", "precision": _("precision"), "recall": _("recall")}
    figure = drawn(name, records, beside, lines, "", others=2)
    return figure.update_yaxes(rangemode="tozero")


def rates(name: str, records: Records, beside: Mapping[str, Records]) -> go.Figure:
    """The learning rate of each group of weights."""
    groups = {"weights": _("weights"), "biases": _("biases"), "normalisation": _("normalisation")}
    known = list(dict.fromkeys(group for record in records for group in record.get("learning_rates") or {}))
    lines = {f"rate {group}": groups.get(group, group) for group in known}
    flat = [_with_rates(record) for record in records]
    others = {run: [_with_rates(record) for record in theirs] for run, theirs in beside.items()}
    return drawn(name, flat, others, lines, _("Learning rate"), others=1)


def speed(name: str, records: Records, beside: Mapping[str, Records]) -> go.Figure:
    """Pictures a second while it trains."""
    lines = {"images_per_second": _("pictures a second")}
    return drawn(name, records, beside, lines, _("Pictures a second")).update_yaxes(rangemode="tozero")


def _with_rates(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, **{f"rate {group}": value for group, value in (record.get("learning_rates") or {}).items()}}


def drawn(
    name: str,
    records: Records,
    beside: Mapping[str, Records],
    lines: Mapping[str, str],
    title: str,
    *,
    others: int | None = None,
) -> go.Figure:
    """A chart of some columns over the epochs, counted from 1.

    Args:
        beside: records of other runs; of them the first ``others`` columns are drawn, thin.
    """
    figure = go.Figure()
    for place, (column, label) in enumerate(lines.items()):
        _add(figure, records, column, label, place, 0)
    for row, (run, theirs) in enumerate(beside.items(), 1):
        for place, (column, label) in enumerate(list(lines.items())[:others]):
            _add(figure, theirs, column, f"{label} · {run}", place, row)
    _shade_warmup(figure, records)
    _finish(figure, name, title)
    return figure


def _add(figure: go.Figure, records: Records, column: str, label: str, place: int, run: int) -> None:
    """One line. Symbols tell the columns apart, dashes the runs; colour repeats it."""
    shown = [record for record in thinned(records) if record.get(column) is not None]
    if not shown:
        return
    figure.add_scatter(
        x=[record["epoch"] + 1 for record in shown],
        y=[record[column] for record in shown],
        name=label,
        mode="lines+markers",
        line={"width": 3 if run == 0 else 1.5, "dash": DASHES[run % len(DASHES)]},
        marker={"symbol": SYMBOLS[place % len(SYMBOLS)], "size": 7 if len(shown) < 40 else 4},
        marker_color=COLOURS[place % len(COLOURS)],
        line_color=COLOURS[place % len(COLOURS)],
        hovertemplate=f"{label.replace('%', '')}: %{{y:.4g}}<extra></extra>",
    )


def thinned(records: Records) -> Records:
    """Evenly fewer, the first and the last kept."""
    step = -(-len(records) // MOST_POINTS)
    return records if step <= 1 else [*records[:-1:step], records[-1]]


def _shade_warmup(figure: go.Figure, records: Sequence[dict[str, Any]]) -> None:
    warm = [record["epoch"] + 1 for record in records if record.get("warmup")]
    if warm:
        figure.add_vrect(
            x0=0.5, x1=max(warm) + 0.5, fillcolor=GREY, opacity=0.18, line_width=0, layer="below",
            annotation_text=_("warm-up"), annotation_position="top right",
        )  # fmt: skip


def _finish(figure: go.Figure, name: str, title: str) -> None:
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        font={"size": 15},
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 14}},
        showlegend=True,
        uirevision=name,
    )
    figure.update_xaxes(title={"text": _("Epoch"), "font": {"size": 15}}, tickfont={"size": 14}, tickformat="d")
    figure.update_yaxes(title={"text": title, "font": {"size": 15}}, tickfont={"size": 14})
