"""No detections after training: why, from the run's own numbers, and the best boxes of low score."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from yolodash import workspace
from yolodash.data.health import Health, counted
from yolodash.data.images import encode_jpeg, read_image
from yolodash.data.opening import open_dataset
from yolodash.drawing import draw_boxes
from yolodash.errors import YoloDashError
from yolodash.models import catalogue
from yolodash.models.catalogue import InstalledModel
from yolodash.runs.diagnosis import Reason, diagnose
from yolodash.runs.folders import read_run
from yolodash.runs.metrics import read_metrics
from yolodash.runs.pictures import FOLDER, read_book
from yolodash.runs.state import read_state
from yolodash.structures import Candidates, Selection, Thresholds
from yolodash.ui import inputs, messages
from yolodash.ui.i18n import _
from yolodash.ui.messages import phrase

SCORE = Thresholds().score_threshold
MOST_PICTURES, MOST_BOXES, MOST_REASONS = 3, 3, 4
GOOD = 0.3
"""A run of this mAP50 finds things, whatever its pictures are."""


def show(run: Path) -> None:
    """For a run that finds nothing above .25 on its validation pictures: why, and its best boxes; else nothing."""
    with messages.shown():
        records, book = read_metrics(run), read_book(run)
        best = best_score(book)
        good = bool(records) and float(records[-1].get("map50") or 0) >= GOOD
        found = reasons_of(run)
        if good or (best is not None and best > SCORE) or found[0].kind == "no_epoch":
            return
        with st.container(border=True):
            title = _("It hardly finds anything: why?") if best is None else _("It finds nothing above {score}: why?")
            st.subheader(title.format(score=f"{SCORE:.2f}"), anchor=False)
            if book is not None and best:
                low_boxes(run, book, best)
            list_reasons(found)


def best_score(book: dict[str, Any] | None) -> float | None:
    """The highest score in the pictures of the last validation; None where there is none."""
    if book is None or not book["epochs"]:
        return None
    return max((float(box[5]) for boxes in book["epochs"][-1]["boxes"] for box in boxes), default=0.0)


def low_boxes(run: Path, book: dict[str, Any], best: float) -> None:
    """The pictures with their best boxes, the surest first, and the way to the slider."""
    pairs = list(zip(book["pictures"], book["epochs"][-1]["boxes"], strict=True))
    pairs.sort(key=lambda pair: -max((box[5] for box in pair[1]), default=0.0))
    for column, (picture, boxes) in zip(st.columns(MOST_PICTURES), pairs, strict=False):
        column.image(drawn(run / FOLDER / picture["file"], boxes[:MOST_BOXES], book["names"]), width="stretch")
    st.markdown(_("The best boxes have score **{score}**: here they are.").format(score=f"{best:.3f}"))
    label = _("Detect with the slider at {score}").format(score=f"{lower(best):.3g}")
    if st.button(label, icon=":material/tune:", key="nothing_found_detect"):
        open_detect(run, lower(best))


def open_detect(run: Path, score: float) -> None:
    """To the page Detect, with the run's model and a slider that lets its best boxes through."""
    model = catalogue.model_of_run(run.name)
    inputs.use_model(model)
    thresholds = replace(inputs.thresholds(), score_threshold=score)
    inputs.remember_thresholds(thresholds)
    st.switch_page("pages/detect_image.py", query_params={"model": model, "score": f"{score:.3g}"})


def drawn(path: Path, boxes: list[list[float]], names: list[str]) -> bytes:
    """A picture with its boxes and their scores, as JPEG."""
    labelled = [(tuple(box[:4]), int(box[4]), f"{names[int(box[4])]} {box[5]:.3f}") for box in boxes]
    return encode_jpeg(draw_boxes(read_image(path), labelled))


def reasons_of(run: Path) -> tuple[Reason, ...]:
    """Why, the gravest reason first."""
    about = read_run(run)
    return diagnose(read_metrics(run), about.get("options") or {}, read_state(run), health_of(about))


def list_reasons(found: tuple[Reason, ...]) -> None:
    """A line each, with what to do."""
    for reason in found[:MOST_REASONS]:
        st.markdown(f"- {said(reason)}")


def said(reason: Reason) -> str:
    """A reason in the session's language, as Markdown."""
    fix = phrase(reason.fix, reason.values)
    return f"**{phrase(reason.what, reason.values)}.** {fix[:1].upper()}{fix[1:]}."


def health_of(about: dict[str, Any]) -> Health | None:
    """What the run's data set holds, where it is still there; kept by the process."""
    data = about.get("data") or {}
    path = str((about.get("options") or {}).get("data") or data.get("path") or "")
    return _health(path, str(data.get("fingerprint") or "")) if path else None


@st.cache_data(show_spinner=False, max_entries=16, ttl=600)
def _health(path: str, fingerprint: str) -> Health | None:
    try:
        return counted(open_dataset(path))
    except (YoloDashError, OSError):
        return None  # the run's numbers say the rest


def lower(score: float) -> float:
    """A threshold that lets a score through, in two digits."""
    return max(float(f"{0.9 * score:.2g}"), 0.001)


def run_of(model: InstalledModel) -> Path | None:
    """The run that a model comes from; None where it comes from none."""
    run = model.files.weights.parent
    runs = workspace.home() / "runs"
    return run if run.parent == runs and (run / "run.json").is_file() else None


def on_detect(model: InstalledModel, candidates: Candidates, selection: Selection, thresholds: Thresholds) -> None:
    """On Detect, where a run's model finds nothing in the picture: how near it came, the slider, and why."""
    run = run_of(model)
    if run is None or len(selection.detections.scores) or not len(candidates.objectness):
        return
    with messages.shown(), st.container(border=True):
        best = highest(candidates)
        st.markdown(
            _("**Nothing above {threshold}.** The best box of this picture has score **{score}**.").format(
                threshold=f"{thresholds.score_threshold:.3g}", score=f"{best:.3g}"
            )
        )
        if 0.001 < best <= thresholds.score_threshold:
            moved = replace(thresholds, score_threshold=lower(best))
            st.button(
                _("Show it: slider to {score}").format(score=f"{moved.score_threshold:.3g}"), icon=":material/tune:",
                key="nothing_found_lower", on_click=inputs.remember_thresholds, args=(moved,),
            )  # fmt: skip
        with st.expander(_("Why does it find nothing?"), expanded=True, icon=":material/help:"):
            list_reasons(reasons_of(run))


def highest(candidates: Candidates) -> float:
    """The highest score of any pair."""
    return float((candidates.class_probabilities.max(axis=1) * candidates.objectness).max())
