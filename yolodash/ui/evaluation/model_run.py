"""Run a model over a split of a data set, and keep what it found as a run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from yolodash import workspace
from yolodash.data.opening import open_dataset
from yolodash.errors import N_, OptionError
from yolodash.models import catalogue
from yolodash.structures import Thresholds
from yolodash.ui import messages
from yolodash.ui.evaluation import controls
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain

if TYPE_CHECKING:
    from yolodash.evaluation.running import ModelRun
    from yolodash.models.catalogue import InstalledModel

SPLITS = ("val", "test", "train", "all")


def show() -> None:
    """What to run on what; the button; then the bar, with a button that stops."""
    models = {model.name: model for model in catalogue.installed()}
    if not models:
        st.info(_("No model is in your workspace yet."), icon=":material/hub:")
        st.page_link("pages/models.py", label=_("Get one on the page Models"), icon=":material/hub:")
        return
    with st.container(border=True):
        left, middle, right = st.columns([2, 3, 1], gap="medium")
        model = left.selectbox(_("Model"), tuple(models), key="evaluate_model", persist_state="session")
        data = middle.selectbox(
            _("Data set: a name in the workspace, or a path on the server"),
            data_sets(),
            index=None,
            accept_new_options=True,
            placeholder=_("data.yaml, folder, COCO JSON, zip …"),
            key="evaluate_data",
            persist_state="session",
        )
        split = right.selectbox(_("Split"), SPLITS, key="evaluate_split", persist_state="session")
        nms = st.slider(_("NMS IoU threshold"), 0.05, 0.95, 0.6, 0.05, key="evaluate_nms", persist_state="session")
        st.caption(
            _(
                "A third threshold, which acts while the model runs: of its own boxes, those that overlap a better one "
                "more than this are dropped. The match IoU compares boxes with the truth, and is moved afterwards."
            )
        )
        start = st.button(
            _("Run the model"), type="primary", icon=":material/play_arrow:", disabled=not data, key="evaluate_run"
        )
    if start and data:
        with messages.shown():
            run(models[model], str(data), split, Thresholds(0.001, nms, 300, labels="all"))


def data_sets() -> list[str]:
    """The data sets in the workspace."""
    return sorted(path.name for path in workspace.folder("datasets").iterdir() if path.is_dir() and path.name[0] != ".")


def run(model: InstalledModel, data: str, split: str, thresholds: Thresholds) -> None:
    """Run, keep, and open; a click on anything else meanwhile stops it, and nothing is kept.

    Raises:
        YoloDashError: the model, the data set or the disk cannot be used.
    """
    bar = st.progress(0.0, text=_("Opening the data set …"))
    st.button(_("Stop"), icon=":material/stop:", key="evaluate_stop")
    dataset = open_dataset(data)
    from yolodash.data.fingerprint import fingerprint
    from yolodash.evaluation.report import report
    from yolodash.evaluation.running import pictures_of, run_model
    from yolodash.inference import cache
    from yolodash.runs.store import keep_evaluation

    pictures = pictures_of(dataset, split)
    bar.progress(0.0, text=_("Loading the model …"))
    detector = cache.loaded(model.files.weights, model.files.cfg, model.files.names)
    total, done, began = len(pictures.images), 0, time.monotonic()

    def progress(more: int) -> None:
        nonlocal done
        done += more
        bar.progress(min(done / total, 1.0), text=remaining(done, total, time.monotonic() - began))

    found: ModelRun = run_model(detector, pictures, thresholds, batch=4, progress=progress)
    name = free_name(f"{model.name} {dataset.root.name} {split}")
    options = {
        "weights": model.name,
        "split": split,
        "score_threshold": thresholds.score_threshold,
        "nms_iou_threshold": thresholds.nms_iou_threshold,
        "max_detections": thresholds.max_detections,
        "labels": thresholds.labels,
        "notes": [[note.message, note.values] for note in found.notes],
    }
    where = {"path": str(dataset.root.resolve()), "fingerprint": fingerprint(dataset, split)}
    numbers = report(found.truths, found.found, found.labels, "coco")
    keep_evaluation(name, found.truths, found.found, found.labels, numbers, options=options, data=where)
    controls.open_source(f"run:{name}")
    st.rerun()


def remaining(done: int, total: int, seconds: float) -> str:
    """How far it came, and how long the rest will take."""
    left = seconds / max(done, 1) * (total - done)
    said = _("{done} of {total} pictures").format(done=done, total=total)
    return said + " · " + _("about {seconds} s left").format(seconds=round(left)) if done < total else said


def free_name(wanted: str) -> str:
    """A name for a run that is not taken.

    Raises:
        OptionError: there are a thousand of this name.
    """
    base = workspace.safe_name(plain_name(wanted)) or "evaluation"
    for number in range(1, 1000):
        name = base if number == 1 else f"{base} {number}"
        if not (workspace.folder("runs") / name).exists():
            return name
    raise OptionError(N_("There are too many runs of this name"), fix=N_("delete some of them"), where=plain(base))


def plain_name(text: str) -> str:
    """Letters, digits, dots, dashes and blanks only."""
    return "".join(c if c.isalnum() or c in " .-_" else "-" for c in text)[:80].strip()
