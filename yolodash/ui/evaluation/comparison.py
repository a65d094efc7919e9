"""Two to four sets of detections on the same truth: their curves, and whether the difference is chance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from yolodash.errors import YoloDashError
from yolodash.evaluation.compare import Comparison, compare
from yolodash.evaluation.conventions import ConventionName
from yolodash.ui import messages
from yolodash.ui.evaluation import charts, curve, source
from yolodash.ui.evaluation.measured import Measured
from yolodash.ui.evaluation.source import Evaluated
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain

MOST = 3
"""Sets beside the first."""


def show(
    name: str,
    first: Evaluated,
    convention: ConventionName,
    label: int | None,
    match_iou: float,
    others: Mapping[str, Evaluated],
) -> None:
    """The difference to each of the others, by their names, in a sentence; then the curves."""
    mine = source.measured(first, first.key, convention)
    drawn: list[tuple[str, Measured]] = [(name, mine)]
    for its_name, other in others.items():
        theirs = source.measured(other, other.key, convention)
        try:
            found = difference(mine, theirs, first.key, other.key, convention)
        except YoloDashError as error:
            messages.show(error)
            continue
        st.markdown(said(name, its_name, found))
        drawn.append((its_name, theirs))
    if len(drawn) > 1:
        figure = curves_over_each_other(drawn, match_iou, label)
        st.plotly_chart(figure, key="evaluate_comparison", config=charts.CONFIG, width="stretch")


@st.cache_resource(show_spinner=False, max_entries=16)
def difference(
    _first: Measured, _second: Measured, first_key: str, second_key: str, convention: ConventionName
) -> Comparison:
    """The comparison of two sets, kept by the process."""
    return compare(_first.scoring, _second.scoring)


def said(first: str, second: str, found: Comparison) -> str:
    """The difference, its interval, and what that means."""
    numbers = _("{second}: mAP **{b}** · {first}: **{a}** · difference **{d}**, 95 % interval {low} to {high}.").format(
        first=plain(first), second=plain(second), a=f"{found.first:.3f}", b=f"{found.second:.3f}",
        d=f"{found.difference:+.3f}", low=f"{found.low:+.3f}", high=f"{found.high:+.3f}",
    )  # fmt: skip
    if not found.decided:
        return numbers + " " + _("The interval holds 0: on other pictures it could be the other way round.")
    better = second if found.difference > 0 else first
    return (
        numbers
        + " "
        + _("**{better}** is better, and not by the chance of these pictures.").format(better=plain(better))
    )


def curves_over_each_other(drawn: list[tuple[str, Measured]], match_iou: float, label: int | None) -> go.Figure:
    """Precision against recall of each set, with its AP."""
    figure = go.Figure()
    for place, (name, measured) in enumerate(drawn):
        rows = np.array(curve.points(measured.ranking(match_iou, label))).reshape(-1, 5)
        figure.add_scatter(
            x=rows[:, 0],
            y=rows[:, 1],
            name=f"{name} · {'mAP' if label is None else 'AP'} {measured.average_precision(match_iou, label):.3f}",
            mode="lines+markers",
            marker={"size": 5, "symbol": charts.SYMBOLS[place]},
            line={"width": 3, "dash": charts.DASHES[place]},
            customdata=rows[:, 2:],
            hovertemplate=_("precision %{y:.3f}, recall %{x:.3f}<br>score ≥ %{customdata[0]:.3f}")
            + "<br>%{customdata[1]:.0f} TP · %{customdata[2]:.0f} FP",
        )
    return charts.finished(figure, _("Recall"), _("Precision"), x_range=(0, 1.02), y_range=(0, 1.05))
