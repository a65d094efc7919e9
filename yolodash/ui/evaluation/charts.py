"""The pictures that the server draws: what their points mean is in ``customdata``, so that a click can open it.

Each figure's points carry ``[request …]`` first and the number of boxes last; the hover says that number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from yolodash.evaluation import breakdown
from yolodash.evaluation.breakdown import Calibration, Part
from yolodash.evaluation.mistakes import FOREGROUND, Kind
from yolodash.ui.evaluation import curve
from yolodash.ui.evaluation.measured import Measured
from yolodash.ui.i18n import _

HEIGHT = 420
GREY = "#84908e"
BINS = 10
MOST_CELLS = 14
COLOURS = ("#1f9188", "#cf6a2b", "#6f7fe0", "#b75a97", "#7f9a3a", "#9a8566")
"""Middle tones, which can be seen on white and on black; dash and symbol say the same."""
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star")
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
    "toImageButtonOptions": {"format": "png", "scale": 2},
}


def precision_recall(measured: Measured, match_iou: float, label: int | None) -> go.Figure:
    """The curve, the area as the convention takes it, and where it reads the curve."""
    area, samples = curve.shaded(measured, match_iou, label)
    rows = curve.points(measured.ranking(match_iou, label))
    truths = measured.truths(label)
    custom = [["kind", match_iou, row[2], "", row[3], row[4], truths - row[3], truths + row[4]] for row in rows]
    name = "mAP" if label is None else "AP"
    figure = go.Figure()
    figure.add_scatter(
        x=[row[0] for row in area], y=[row[1] for row in area], fill="tozeroy", mode="lines", hoverinfo="skip",
        name=f"{name} {measured.average_precision(match_iou, label):.3f}", line={"width": 1},
    )  # fmt: skip
    figure.add_scatter(
        x=[row[0] for row in rows], y=[row[1] for row in rows], mode="lines+markers", name=_("after each detection"),
        marker={"size": 5}, line={"width": 3}, customdata=custom,
        hovertemplate=_("precision %{y:.3f}, recall %{x:.3f}") + "<br>"
        + "score ≥ %{customdata[2]:.4f}<br>%{customdata[4]} TP · %{customdata[5]} FP · %{customdata[6]} FN"
        + "<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[row[0] for row in samples], y=[row[1] for row in samples], mode="markers", hoverinfo="skip",
        name=_("read at these points"), marker={"symbol": "circle-open", "size": 9 if len(samples) < 20 else 5},
    )  # fmt: skip
    return finished(figure, _("Recall"), _("Precision"), x_range=(0, 1.02), y_range=(0, 1.05))


def against_score(measured: Measured, match_iou: float, score: float, label: int | None) -> go.Figure:
    """Precision, recall and F1 of the detections of at least each score."""
    ranking = measured.ranking(match_iou, label)
    steps = curve.SCORES[::4] if len(ranking.score) else curve.SCORES[:1]
    counts = [ranking.counts(float(step)) for step in steps]
    lines = (
        (_("Precision"), [count.precision if count.true + count.false else None for count in counts]),
        (_("Recall"), [count.recall for count in counts]),
        ("F1", [count.f1 for count in counts]),
    )
    custom = [
        ["point", match_iou, float(step), count.true, count.false, count.missed, count.boxes]
        for step, count in zip(steps, counts, strict=True)
    ]
    figure = go.Figure()
    for (name, values), dash, symbol in zip(lines, DASHES, SYMBOLS, strict=False):
        figure.add_scatter(
            x=steps,
            y=values,
            name=name,
            mode="lines+markers",
            line={"dash": dash, "width": 3},
            marker={"symbol": symbol, "size": 7},
            customdata=custom,
            unselected={"marker": {"opacity": 1}},
            hovertemplate=name + " %{y:.3f}<br>" + _counts_hover(),
        )
    figure.add_vline(x=score, line_dash="dash", line_width=2, line_color=GREY, annotation_text=_("score threshold"))
    return finished(figure, _("Score threshold"), "", x_range=(0, 1), y_range=(0, 1.02))


def _counts_hover() -> str:
    return _("score ≥ %{x:.2f}<br>%{customdata[3]} TP · %{customdata[4]} FP · %{customdata[5]} FN") + _opens(6)


def _opens(place: int) -> str:
    return "<br>" + _("click: open {count} boxes").format(count=f"%{{customdata[{place}]}}") + "<extra></extra>"


def cells(measured: Measured) -> list[tuple[str, tuple[int, ...]]]:
    """Rows and columns of the matrix: a name and the classes that it stands for, the background last.

    Of more classes than can be read, those with the most truths stand alone, and the rest share one row and column.
    """
    names = measured.labels.class_names
    background = (_("background"), (len(names),))
    if len(names) <= MOST_CELLS:
        return [*((name, (place,)) for place, name in enumerate(names)), background]
    order = np.argsort(-measured.scoring.truths_per_class(), kind="stable").tolist()
    alone, rest = order[: MOST_CELLS - 1], order[MOST_CELLS - 1 :]
    others = _("{count} other classes").format(count=len(rest))
    return [*((names[place], (place,)) for place in alone), (others, tuple(rest)), background]


def confusion_matrix(measured: Measured, match_iou: float, score: float) -> go.Figure:
    """Rows are truths, columns detections; the last of each is the background."""
    parts = cells(measured)
    whole = measured.confusion(match_iou, score).counts
    counts = np.array([[whole[np.ix_(rows, columns)].sum() for _name, columns in parts] for _name, rows in parts])
    names = [name for name, _places in parts]
    total = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)
    size = len(names)
    rows, columns = (part.ravel() for part in np.indices(counts.shape))
    custom = [
        ["cell", match_iou, score, int(row), int(column), names[row], names[column], int(counts[row, column])]
        for row, column in zip(rows, columns, strict=True)
    ]
    figure = go.Figure()
    figure.add_heatmap(z=share, x=list(range(size)), y=list(range(size)), **_matrix_style(), hoverinfo="skip")
    # Cells of a heatmap cannot be selected, so each has a marker of its own that can.
    figure.add_scatter(
        x=columns,
        y=rows,
        mode="markers+text",
        text=[str(value) if value else "·" for value in counts.ravel()],
        textfont={"size": 22 if size <= 6 else 16 if size <= 12 else 13},
        marker={"symbol": "square", "size": max(18, min(60, round(340 / size))), "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        customdata=custom,
        hovertemplate=_("truth %{customdata[5]}, detected as %{customdata[6]}") + _opens(7),
    )
    ticks = {"tickmode": "array", "tickvals": list(range(size)), "ticktext": names, "showgrid": False}
    figure = finished(figure, _("Detected as"), _("Truth"), legend=False)
    figure.update_layout(height=max(HEIGHT, 34 * size + 110))
    figure.update_xaxes(**ticks, range=[-0.5, size - 0.5], zeroline=False)
    figure.update_yaxes(**ticks, range=[size - 0.5, -0.5], zeroline=False)
    return figure


def _matrix_style() -> dict[str, Any]:
    """A shade that leaves black and white text readable: the share of each row."""
    scale = [[0.0, "rgba(31,145,136,0)"], [1.0, "rgba(31,145,136,0.6)"]]
    return {"colorscale": scale, "zmin": 0, "zmax": 1, "showscale": False, "xgap": 3, "ygap": 3}


def class_bars(measured: Measured, match_iou: float, score: float) -> go.Figure:
    """AP of each class at one match IoU, the best first."""
    each = measured.scoring.average_precisions(measured.match(match_iou))
    order = np.argsort(-each, kind="stable")
    order = order[each[order] >= 0]
    counts = [measured.ranking(match_iou, int(label)).counts(score) for label in order]
    custom = [
        ["class", match_iou, score, int(label), count.true, count.false, count.missed, count.boxes]
        for label, count in zip(order, counts, strict=True)
    ]
    names = [measured.labels.class_names[label] for label in order]
    figure = go.Figure()
    figure.add_bar(
        x=list(range(len(order))),
        y=each[order],
        text=[f"{value:.3f}" for value in each[order]] if len(order) <= 20 else None,
        textfont={"size": 18},
        textposition="outside",
        unselected={"marker": {"opacity": 1}},
        customdata=custom,
        hovertemplate="AP %{y:.3f}<br>"
        + _("score ≥ {score}").format(score=f"{score:.3f}")
        + "<br>%{customdata[4]} TP · %{customdata[5]} FP · %{customdata[6]} FN"
        + _opens(7),
    )
    figure = finished(figure, "", "AP", y_range=(0, 1.08), legend=False)
    figure.update_xaxes(tickmode="array", tickvals=list(range(len(order))), ticktext=names)
    return figure


def part_names() -> dict[str, str]:
    """Sizes and proportions, as they are called on the page."""
    return {
        "small": _("small<br>under 32² px"),
        "medium": _("medium"),
        "large": _("large<br>over 96² px"),
        "tall": _("tall<br>under 1 : 2"),
        "upright": _("upright"),
        "square": _("square"),
        "flat": _("flat"),
        "wide": _("wide<br>over 2 : 1"),
    }


def parts_of(measured: Measured, match_iou: float) -> tuple[Part, ...]:
    """The truths of each size, then those of each proportion."""
    return (*breakdown.by_size(measured.scoring, match_iou), *breakdown.by_aspect(measured.scoring, match_iou))


def size_bars(measured: Measured, match_iou: float) -> go.Figure:
    """The share of the truths that is found, by size and by proportions; all detections count, whatever their score."""
    found, names = parts_of(measured, match_iou), part_names()
    custom = [
        ["part", match_iou, number, part.found, part.truths, max(part.average_precision, 0), int(part.missed.sum())]
        for number, part in enumerate(found)
    ]
    figure = go.Figure()
    figure.add_bar(
        x=[names[part.name] for part in found],
        y=[max(part.recall, 0) for part in found],
        text=[f"{part.found}/{part.truths}" for part in found],
        textfont={"size": 17},
        textposition="outside",
        unselected={"marker": {"opacity": 1}},
        customdata=custom,
        hovertemplate=_("recall %{y:.3f}, mAP %{customdata[5]:.3f}<br>%{customdata[6]} missed") + _opens(6),
    )
    return finished(figure, "", _("Share found"), y_range=(0, 1.12), legend=False)


def against_iou(measured: Measured, match_iou: float, score: float, label: int | None) -> go.Figure:
    """AP at each match IoU threshold: of one class, or of all and their mean."""
    thresholds = np.array(curve.MATCH_IOUS)
    counted = np.flatnonzero(measured.scoring.truths_per_class()).tolist()
    single = [label] if label is not None else counted if len(counted) <= curve.CLASS_CURVES else []
    lines: list[int | None] = [*single] if label is not None else [None, *single]
    figure = go.Figure()
    for place, one in enumerate(lines):
        counts = [measured.ranking(float(iou), one).counts(score) for iou in thresholds]
        custom = [
            ["line", float(iou), score, -1 if one is None else one, c.true, c.false, c.missed, c.boxes]
            for iou, c in zip(thresholds, counts, strict=True)
        ]
        name = _("mean of the classes") if one is None else measured.labels.class_names[one]
        figure.add_scatter(
            x=thresholds,
            y=[max(measured.average_precision(float(iou), one), 0) for iou in thresholds],
            name=name,
            mode="lines+markers",
            line={"width": 4 if place == 0 else 2, "dash": DASHES[place % len(DASHES)]},
            marker={"symbol": SYMBOLS[place % len(SYMBOLS)], "size": 9},
            customdata=custom,
            unselected={"marker": {"opacity": 1}},
            hovertemplate="AP %{y:.3f}<br>IoU ≥ %{x:.2f}, "
            + _("score ≥ {score}").format(score=f"{score:.3f}")
            + "<br>%{customdata[4]} TP · %{customdata[5]} FP · %{customdata[6]} FN"
            + _opens(7),
        )
    figure.add_vline(x=match_iou, line_dash="dash", line_width=2, line_color=GREY, annotation_text=_("match IoU"))
    return finished(figure, _("Match IoU threshold"), "AP", x_range=(0, 1), y_range=(0, 1.02))


def reliability(measured: Measured, match_iou: float, label: int | None) -> Calibration:
    """The bins of the reliability diagram, of one class or of all."""
    matched = measured.match(match_iou)
    if label is not None:
        others = np.ones(len(matched.truth), bool)
        others[measured.scoring.of_class(label)] = False
        matched = replace(matched, ignored=matched.ignored | others)
    return breakdown.calibration(measured.scoring, matched, bins=BINS)


def calibration(measured: Measured, match_iou: float, label: int | None) -> go.Figure:
    """Of the detections of about each score, the share that is true: on the line, a score means what it says."""
    found = reliability(measured, match_iou, label)
    custom = [["bin", match_iou, one.least, one.most, one.true, one.count - one.true, one.count] for one in found.bins]
    share = [one.precision if one.count else None for one in found.bins]
    figure = go.Figure()
    figure.add_bar(
        x=(np.arange(BINS) + 0.5) / BINS,
        y=share,
        width=0.94 / BINS,
        name=_("share that is true"),
        text=[str(one.count) if one.count else "" for one in found.bins],
        textposition="outside",
        unselected={"marker": {"opacity": 1}},
        customdata=custom,
        hovertemplate=_("scores %{customdata[2]:.1f} to %{customdata[3]:.1f}: %{y:.0%} true")
        + "<br>%{customdata[4]} TP · %{customdata[5]} FP"
        + _opens(6),
    )
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name=_("a score that means what it says"), line={"dash": "dash", "width": 3},
        hoverinfo="skip",
    )  # fmt: skip
    return finished(figure, _("Score"), _("Share that is true"), x_range=(0, 1), y_range=(0, 1.1))


def mistake_names() -> dict[Kind, str]:
    """The six kinds, as they are called on the page."""
    return {
        "classification": _("Class wrong"),
        "localisation": _("Box off"),
        "both": _("Both wrong"),
        "duplicate": _("Duplicate"),
        "background": _("Background"),
        "missed": _("Missed"),
    }


def what_went_wrong(measured: Measured) -> go.Figure:
    """mAP that mending each kind of mistake would gain."""
    found, names = measured.mistakes, mistake_names()
    custom = [["mistake", FOREGROUND, number, one.map, one.count] for number, one in enumerate(found.mended)]
    figure = go.Figure()
    figure.add_bar(
        x=[f"<b>{names[one.kind]}</b><br>{one.count}" for one in found.mended],
        y=[one.gain for one in found.mended],
        text=[f"+{one.gain:.3f}" if one.gain >= 0 else f"−{-one.gain:.3f}" for one in found.mended],
        textfont={"size": 18},
        textposition="outside",
        unselected={"marker": {"opacity": 1}},
        cliponaxis=False,
        customdata=custom,
        hovertemplate=_("mAP {before} becomes %{{customdata[3]:.3f}}").format(before=f"{found.map:.3f}") + _opens(4),
    )
    figure = finished(figure, "", _("mAP gained by mending"), legend=False)
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(margin={"t": 34})
    return figure


def finished(
    figure: go.Figure,
    x_title: str,
    y_title: str,
    *,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    legend: bool = True,
) -> go.Figure:
    """Axes that can be read from the last row."""
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 10, "r": 10, "t": 34 if legend else 12, "b": 10},
        font={"size": 16},
        hoverlabel={"font": {"size": 15}},
        showlegend=legend,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 15}},
        colorway=COLOURS,
        clickmode="event+select",
        dragmode="zoom",
    )
    figure.update_xaxes(title={"text": x_title, "font": {"size": 17}}, tickfont={"size": 15}, range=x_range)
    figure.update_yaxes(title={"text": y_title, "font": {"size": 17}}, tickfont={"size": 15}, range=y_range)
    return figure
