"""Step: mAP. The AP of every class of a real evaluation, and their mean; then on to the stepper behind it."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from yolodash.evaluation import report
from yolodash.ui import entrance
from yolodash.ui.evaluation import charts, source
from yolodash.ui.i18n import _
from yolodash.ui.learn import lesson
from yolodash.ui.messages import plain

IOUS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))


def show() -> None:
    """A bar a class at one IoU threshold, their mean as a line; the mean of ten such means is COCO's mAP."""
    st.subheader(_("The mean over the classes, and with COCO over ten IoU thresholds too"), anchor=False)
    evaluated = source.sample("bundled")
    measured = source.measured(evaluated, evaluated.key, "coco")
    chart, words = st.columns([1, 1], gap="medium")
    with words:
        iou = st.select_slider(_("Match IoU threshold"), IOUS, key="metrics_iou", persist_state="session")
    names = [plain(name) for name in measured.labels.class_names]
    each = [measured.average_precision(iou, place) for place in range(len(names))]
    mean = measured.average_precision(iou, None)
    with chart:
        st.plotly_chart(bars(names, each, mean), key="metrics_mean", config=charts.CONFIG, width="stretch")
    with words:
        shown = " + ".join(f"{value:.3f}" for value in each)
        lesson.formula(rf"\text{{mAP}}_{{{iou:.2f}}} = \frac{{{shown}}}{{{len(each)}}} = {mean:.3f}", key="one")
        all_ = [measured.average_precision(one, None) for one in IOUS]
        lesson.formula(
            rf"\text{{mAP}}_{{.50:.95}} = \frac{{1}}{{10}} \sum_{{t = .50}}^{{.95}} \text{{mAP}}_t = "
            rf"{sum(all_) / 10:.3f}",
            key="all",
        )
    _below()


def bars(names: list[str], each: list[float], mean: float) -> go.Figure:
    """A bar a class, and the mean across."""
    figure = go.Figure()
    figure.add_bar(x=names, y=each, text=[f"{value:.3f}" for value in each], hoverinfo="skip")
    figure = charts.finished(figure, "", "AP", y_range=(0, 1.08), legend=False)
    across = {"xref": "paper", "x0": 0, "x1": 1, "y0": mean, "y1": mean}
    said = {"xref": "paper", "x": 1, "y": mean, "yanchor": "bottom", "showarrow": False}
    figure.update_layout(
        height=330,
        shapes=[{"type": "line", **across, "line": {"dash": "dash", "width": 2, "color": "#808495"}}],
        annotations=[{**said, "text": f"{_('mean')} {mean:.3f}"}],
    )
    return figure


def _below() -> None:
    asked, said = st.columns([1, 1], gap="medium")
    with asked:
        lesson.question(
            "metrics_mean",
            _("A data set has 990 cats and 10 dogs. How much does the AP of the dogs count in the mAP?"),
            {"little": _("one hundredth"), "half": _("as much as that of the cats")},
            "half",
            _("The mean is over the classes, not over the boxes: rare classes count as much as frequent ones."),
        )
    with said:
        entrance.page_link(
            "pages/evaluate.py",
            label=_("Step through the ranking on the page Evaluate"),
            icon=":material/query_stats:",
            query_params={"show": "stepper"},
        )
        lesson.remark(_("The lecture's mAP is the mean over classes. COCO's also averages ten IoU thresholds."))
        lesson.show_code(report.mean_of_defined)
