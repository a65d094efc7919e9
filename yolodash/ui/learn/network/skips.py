"""Step: skip connections. The degradation problem, measured here: plain and residual networks of growing depth."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from yolodash.ui import state, tables
from yolodash.ui.evaluation import charts
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson

RESULT = Path(__file__).parent / "degradation.json"


def show() -> None:
    """The error against the depth, or the loss over the epochs; what was measured, and how."""
    st.subheader(_("Deeper is worse, unless layers may be skipped"), anchor=False)
    result = read()
    view = _choose()
    chart, words = st.columns([3, 2], gap="medium")
    with chart:
        figure = against_depth(result["points"]) if view == "depth" else over_epochs(result["points"])
        st.plotly_chart(figure, key=f"network_skips_{view}", config=charts.CONFIG, width="stretch")
    with words:
        lesson.formula(
            rf"\begin{{aligned}} &\text{{{_name(False)}: }} y = F(x) \\ &\text{{{_name(True)}: }} y = F(x) + x "
            r"\end{aligned}"
        )
        st.markdown(table(result["points"]))
        st.caption(_how(result))
    _below()


def _choose() -> str:
    labels = {"depth": _("Error against depth"), "epochs": _("Loss over the epochs")}
    return state.choose(_("Show"), labels, "curves")


def read() -> dict[str, Any]:
    """What ``scripts/degradation.py`` measured."""
    result: dict[str, Any] = json.loads(RESULT.read_text(encoding="utf-8"))
    return result


def means(points: list[dict[str, Any]], value: str) -> dict[bool, dict[int, float]]:
    """A value over the depth, without and with skips: the mean over the seeds."""
    found: dict[bool, dict[int, list[float]]] = {False: defaultdict(list), True: defaultdict(list)}
    for point in points:
        found[point["skips"]][point["depth"]].append(point[value])
    return {skips: {depth: mean(values) for depth, values in sorted(by.items())} for skips, by in found.items()}


def against_depth(points: list[dict[str, Any]]) -> go.Figure:
    """Training error, plain and residual; every seed as a small mark."""
    figure = go.Figure()
    for place, (skips, by_depth) in enumerate(means(points, "training_error").items()):
        name, colour = _name(skips), charts.COLOURS[1 - place]
        style = {"color": colour, "width": 3, "dash": "solid" if skips else "dash"}
        figure.add_scatter(
            x=list(by_depth), y=[100 * value for value in by_depth.values()], mode="lines+markers", name=name,
            line=style, marker={"size": 11, "symbol": "circle" if skips else "square"},
            hovertemplate="%{x}: %{y:.1f} %<extra>" + name + "</extra>",
        )  # fmt: skip
        single = [point for point in points if point["skips"] == skips]
        figure.add_scatter(
            x=[point["depth"] for point in single], y=[100 * point["training_error"] for point in single],
            mode="markers", marker={"size": 6, "color": colour, "symbol": "circle-open" if skips else "square-open"},
            showlegend=False, hoverinfo="skip",
        )  # fmt: skip
    figure = charts.finished(figure, _("Depth: layers with weights"), _("Training error, %"))
    figure.update_layout(height=360)
    figure.update_xaxes(tickvals=sorted({point["depth"] for point in points}))
    return figure


def over_epochs(points: list[dict[str, Any]]) -> go.Figure:
    """The training loss of every network of the first seed: the shallowest and the deepest, plain and residual."""
    depths = sorted({point["depth"] for point in points})
    figure = go.Figure()
    for point in points:
        if point["seed"] == min(one["seed"] for one in points) and point["depth"] in (depths[0], depths[-1]):
            skips, deep = point["skips"], point["depth"] == depths[-1]
            figure.add_scatter(
                x=list(range(1, len(point["losses"]) + 1)), y=point["losses"], mode="lines+markers",
                name=f"{_name(skips)} {point['depth']}",
                line={"color": charts.COLOURS[0 if skips else 1], "width": 3.5 if deep else 1.5,
                      "dash": "solid" if skips else "dash"},
                marker={"symbol": "circle" if skips else "square", "size": 8 if deep else 5},
            )  # fmt: skip
    figure = charts.finished(figure, _("Epoch"), _("Training loss"))
    figure.update_layout(height=360)
    return figure


def _name(skips: bool) -> str:
    return _("with skip connections") if skips else _("plain")


def table(points: list[dict[str, Any]]) -> str:
    """Training and test error by depth, as Markdown."""
    training, held = means(points, "training_error"), means(points, "held_error")
    rows = []
    for depth in sorted(training[False].keys() & training[True].keys()):
        shown = [
            f"{100 * training[skips][depth]:.1f}\u00a0% ({100 * held[skips][depth]:.0f})" for skips in (False, True)
        ]
        rows.append([str(depth), *shown])
    return tables.table([_("Depth"), _("plain"), _("with skip connections")], rows, ["---:"] * 3)


def _how(result: dict[str, Any]) -> str:
    plan, points = result["plan"], result["points"]
    return _(
        "Share of wrong answers on the {examples} pictures of the training (in brackets: on {held} others), mean of "
        "{seeds} starts. Six noisy figures of 16×16 pixels, {epochs} epochs, 12 maps a layer. "
        "`python scripts/degradation.py` measures it anew."
    ).format(
        examples=plan["examples"], held=plan["held"], epochs=plan["epochs"], seeds=len({one["seed"] for one in points})
    )


def _below() -> None:
    from yolodash.models import degradation

    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "network_skips",
            _("The deep plain network is worse on the very pictures that it was trained on. So it is"),
            {
                "over": _("overfitting: too many weights for so few pictures"),
                "train": _("harder to train: descent does not find what the layers could do"),
            },
            "train",
            _("Overfitting would show on other pictures only. Being worse in training is the degradation problem."),
        )
    with said:
        lesson.remark(
            _(
                "The skip adds no weights. With F(x) = 0 a pair of layers passes on what it gets, so deeper need never "
                "be worse. These networks are tiny; He et al. (2016) saw the same at 20 to 110 layers."
            )
        )
        lesson.show_code(degradation.Pair, degradation.network, degradation.measure)
