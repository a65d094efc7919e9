"""The name of the run, the same as a command, and the one button."""

from __future__ import annotations

import shlex
from pathlib import Path

import streamlit as st

from yolodash import workspace
from yolodash.errors import WorkspaceError, YoloDashError
from yolodash.models import catalogue
from yolodash.models.catalogue import ModelFiles
from yolodash.runs.command_line import train_words
from yolodash.runs.config import TrainOptions
from yolodash.runs.creating import create_training, suggested_name
from yolodash.runs.folders import new_run_folder
from yolodash.runs.launch import launch
from yolodash.runs.making import begin_making
from yolodash.ui import messages, state
from yolodash.ui.i18n import _
from yolodash.ui.messages import plain, sentence
from yolodash.ui.train.data import Data

_BEGUN = "train_begun"
_FAILED = "train_failed"
_NAME = "train_run_name"
RUNS_PAGE = "pages/runs.py"


def offered_name(options: TrainOptions, data: Data) -> str:
    """A name for the run that is free."""
    base = suggested_name(options if data.scenes is None else _on_scenes(options, data))
    taken = workspace.folder("runs")
    return next(name for n in range(1, 10_000) if not (taken / (name := base if n == 1 else f"{base}-{n}")).exists())


def _on_scenes(options: TrainOptions, data: Data) -> TrainOptions:
    """The options with the place where the scenes will lie."""
    from dataclasses import replace

    assert data.scenes is not None
    return replace(options, data=data.scenes.name)


def choose_name(options: TrainOptions, data: Data) -> str | None:
    """What the run is called; None, with a sentence below the field, for what cannot be."""
    state.offer(_NAME, offered_name(options, data))
    name = str(st.text_input(_("Name of the run"), key=_NAME, max_chars=100, persist_state="session")).strip()
    try:
        new_run_folder(name)
    except WorkspaceError as error:
        if st.session_state.get(_BEGUN) != name:
            st.caption(":material/error: " + sentence(error))
        return None
    return name


def commands(options: TrainOptions, data: Data, name: str) -> str:
    """The lines for a terminal that do the same."""
    lines = []
    if data.scenes is not None:
        series = data.scenes.series
        place = str(workspace.home() / "datasets" / data.scenes.name)
        size = f"{series.size.width}x{series.size.height}"
        words = ["scenes", place, "--images", str(series.images), "--size", size, "--seed", str(series.seed)]
        lines.append(shlex.join(["python", "-m", "yolodash", *words]))
        options = _on_scenes(options, data)
    lines.append(shlex.join(["python", "-m", "yolodash", *train_words(options, name)]))
    return "\n".join(lines)


def show(options: TrainOptions, data: Data, *, ready: bool) -> None:
    """Name, button and command."""
    name = choose_name(options, data)
    label = _("Train") if data.scenes is None else _("Make the scenes and train")
    st.button(
        label,
        type="primary",
        icon=":material/play_arrow:",
        key="train_start",
        width="stretch",
        disabled=name is None or not ready,
        on_click=begin,
        args=(options, data, name),
    )
    failed = st.session_state.pop(_FAILED, None)
    if failed is not None:
        messages.show(failed)
    with st.expander(_("The same as a command"), icon=":material/terminal:"):
        st.code(commands(options, data, name or "NAME"), language="sh", wrap_lines=True)


def begin(options: TrainOptions, data: Data, name: str) -> None:
    """Make the run and start it; a callback, so that nothing comes between the two.

    A name is taken by whoever comes first: a second click, or a second tab, finds it taken and starts nothing.
    """
    try:
        if data.scenes is not None:
            begin_making(data.scenes.name, data.scenes.series, training=options, run=name)
            st.session_state[_BEGUN] = ""
            return
        command = train_words(options, name)
        launch(create_training(options, name, command=command, find_weights=_fetched))
        st.session_state[_BEGUN] = name
    except YoloDashError as error:
        if (workspace.home() / "runs" / name).exists() and st.session_state.get(_BEGUN) == name:
            return  # the second click of two
        st.session_state[_FAILED] = error


def _fetched(weights: str) -> ModelFiles:
    """The weights, fetched behind a progress bar if need be."""
    if Path(weights).is_file() or catalogue.find_entry(weights) is None or catalogue.find_installed(weights):
        return catalogue.locate(weights)
    bar = st.progress(0.0, text=_("Looking for a source that answers …"))

    def progress(done: int, total: int | None) -> None:
        bar.progress(min(done / total, 1.0) if total else 0.0, text=_("{done} MB").format(done=f"{done / 1e6:.1f}"))

    found = catalogue.locate(weights, progress=progress)
    bar.empty()
    return found


def lead_on(run: str = "") -> None:
    """To the run that was begun, on the page that shows runs."""
    name = run or st.session_state.pop(_BEGUN, "")
    if not name:
        return
    st.session_state.pop(_NAME, None)
    if (Path(__file__).parents[3] / RUNS_PAGE).exists():
        st.switch_page(RUNS_PAGE, query_params={"run": name})
    st.success(_("{name} is on its way.").format(name=plain(name)))
