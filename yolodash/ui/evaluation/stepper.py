"""How AP is made: down the ranked detections of one class, one at a time, until the curve is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from yolodash.evaluation.stepping import Step, steps
from yolodash.ui import state
from yolodash.ui.evaluation import charts, opened, thresholds
from yolodash.ui.evaluation.measured import Measured
from yolodash.ui.evaluation.source import Evaluated
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain

_RANK = "evaluate_rank"
_JUMP = "evaluate_jump"


def show(evaluated: Evaluated, measured: Measured, label: int, match_iou: float) -> None:
    """The picture of one step, the sentence about it, and the curve so far."""
    part = measured.scoring.of_class(label)
    count = part.stop - part.start
    name = plain(measured.labels.class_names[label])
    if count == 0 or measured.truths(label) == 0:
        st.info(_("There is nothing to step through: {name} has no detections or no truths.").format(name=name))
        return
    rank = choose_rank(count)
    walked = steps(measured.scoring, measured.match(match_iou), label, start=0, count=rank)
    step = walked[-1]
    picture, words = st.columns([1, 1], gap="medium")
    with picture:
        opened.draw([card(evaluated, measured, step, walked, label)], key="evaluate_step", single=True)
    with words:
        st.subheader(_("{rank} of {count}: {name}, score {score}").format(
            rank=rank, count=count, name=name, score=f"{step.score:.3f}"), anchor=False)  # fmt: skip
        st.markdown(sentence(step, match_iou))
        st.markdown(ratios(step))
        st.plotly_chart(curve_so_far(walked), key="evaluate_step_curve", config=charts.CONFIG, width="stretch")


def choose_rank(count: int) -> int:
    """Which detection of the ranking: back, on, and anywhere. The keys B and N do the same."""
    if _RANK not in st.session_state:
        st.session_state[_RANK] = state.from_address("rank", int, 1)
    rank = min(max(int(st.session_state[_RANK]), 1), count)
    st.session_state[_RANK] = st.session_state[_JUMP] = rank
    back, on, jump, match = st.columns([1.2, 1.2, 3, 2.4], vertical_alignment="bottom", gap="small")
    with match:
        thresholds.match_iou_slider()
    back.button(
        _("Back"), icon=":material/arrow_back:", disabled=rank == 1, key="step_back", shortcut="B",
        on_click=_go, args=(rank - 1,), width="stretch",
    )  # fmt: skip
    on.button(
        _("Next"), icon=":material/arrow_forward:", disabled=rank == count, key="step_on", shortcut="N",
        type="primary", on_click=_go, args=(rank + 1,), width="stretch",
    )  # fmt: skip
    if count > 1:
        jump.slider(_("Rank"), 1, count, key=_JUMP, on_change=lambda: _go(st.session_state[_JUMP]))
    state.mirror({"rank": None if rank == 1 else str(rank)})
    return rank


def _go(rank: int) -> None:
    st.session_state[_RANK] = rank


def sentence(step: Step, match_iou: float) -> str:
    """Why this one is true or false."""
    values = {"overlap": f"{step.overlap:.2f}", "threshold": f"{match_iou:.2f}", "truth": step.truth + 1}
    if step.outcome == "true":
        text = _("**True positive**: IoU {overlap} ≥ {threshold} with truth {truth}, which is not yet taken.")
    elif step.outcome == "ignored":
        text = _("**Neither true nor false**: it answers truth {truth}, which does not count.")
    elif step.truth < 0:
        text = _("**False positive**: it meets no truth of its class.")
    elif step.overlap < match_iou:
        text = _("**False positive**: the most it overlaps is truth {truth}, and IoU {overlap} < {threshold}.")
    elif step.taken_by:
        values["rank"] = step.taken_by
        text = _(
            "**False positive, a duplicate**: IoU {overlap} ≥ {threshold} with truth {truth}, but number {rank} has "
            "taken it."
        )
    else:
        text = _("**False positive**: truth {truth} (IoU {overlap}) is not for it to take.")
    return text.format(**values)


def ratios(step: Step) -> str:
    """Precision and recall after this step, as the fractions that they are."""
    true, counted, truths = step.true_so_far, step.counted_so_far, step.truths
    precision = f"{true}/{counted} = **{true / counted:.3f}**" if counted else "–"
    return f"{_('Precision')} {precision} · {_('Recall')} {true}/{truths} = **{true / truths:.3f}**"  # truths > 0 here


def card(
    evaluated: Evaluated, measured: Measured, step: Step, walked: tuple[Step, ...], label: int
) -> Mapping[str, Any]:
    """The step's picture: the detection, and the truths of its class, free or taken."""
    truths = measured.scoring.truths
    taken = {one.truth: one.rank for one in walked[:-1] if one.outcome == "true"}
    drawn = [
        _truth_box(evaluated, int(truth), taken.get(int(truth), 0))
        for truth in np.flatnonzero((truths.image == step.image) & (truths.label == label))
    ]
    kind = {"true": "TP", "false": "FP", "ignored": "taken"}[step.outcome]
    title = sentence(step, 0.0).replace("**", "")
    mine = {"id": "step", "kind": kind, "letter": f"{step.rank}", "box": [float(v) for v in step.box], "partner": None}
    overlap = f"IoU {step.overlap:.2f}" if step.truth >= 0 else ""
    mine |= {"what": _("detection {rank}").format(rank=step.rank), "numbers": overlap, "title": title}
    return opened.card(evaluated, step.image, [*drawn, mine])


def _truth_box(evaluated: Evaluated, truth: int, taken_by: int) -> dict[str, Any]:
    said = _("taken by {rank}").format(rank=taken_by) if taken_by else _("free")
    return {
        "id": f"truth:{truth}",
        "kind": "taken" if taken_by else "free",
        "letter": f"T{truth + 1}",
        "box": [float(value) for value in evaluated.truths.xywh[truth]],
        "partner": None,
        "what": _("truth {truth}").format(truth=truth + 1),
        "numbers": said,
        "title": _("truth {truth}").format(truth=truth + 1) + ", " + said,
    }


def curve_so_far(walked: tuple[Step, ...]) -> go.Figure:
    """The points of all steps so far, the newest large."""
    x = [one.true_so_far / one.truths for one in walked]
    y = [one.true_so_far / max(one.counted_so_far, 1) for one in walked]
    figure = go.Figure()
    figure.add_scatter(x=x, y=y, mode="lines+markers", marker={"size": 5}, line={"width": 2}, hoverinfo="skip")
    figure.add_scatter(
        x=x[-1:], y=y[-1:], mode="markers", marker={"size": 16, "symbol": "circle"},
        hovertemplate=_("precision %{y:.3f}, recall %{x:.3f}") + "<extra></extra>",
    )  # fmt: skip
    figure = charts.finished(figure, _("Recall"), _("Precision"), x_range=(0, 1.02), y_range=(0, 1.05), legend=False)
    figure.update_layout(height=235)
    return figure
