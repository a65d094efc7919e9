"""To go on with a run that stopped, failed or died: looked at first, then one worker, however often it is asked for."""

from __future__ import annotations

from pathlib import Path

from yolodash import workspace
from yolodash.errors import N_, InputError, OptionError
from yolodash.runs.config import options_from
from yolodash.runs.folders import read_run
from yolodash.runs.launch import LOG, launch
from yolodash.runs.state import is_alive, read_state, worked_on, write_state
from yolodash.runs.sweep import start_sweep

ONE_AT_A_TIME = "launch.lock"


def refuse_finished(run: Path) -> None:
    """Say what forbids to go on with a training.

    Raises:
        InputError, OptionError: its description cannot be read, it is no training, or it is finished.
        WorkspaceError: somebody works on it.
    """
    about = read_run(run)
    if about.get("kind") != "train" or about.get("imported"):
        raise InputError(
            N_("Only a training can be gone on with"), where=run.name, fix=N_("train from its best: --weights {name}"),
            name=run.name,
        )  # fmt: skip
    options_from(about["options"])
    if is_alive(run):
        raise worked_on(run)
    if read_state(run).state == "finished":
        raise OptionError(
            N_("This run is finished"),
            where=run.name,
            fix=N_("train on from its best: train --weights {name}"),
            name=run.name,
        )


def resume_run(run: Path) -> None:
    """Start the worker of a training, or of a sweep, that is to go on.

    Raises:
        WorkspaceError: somebody works on it, or its worker is on its way.
        InputError, OptionError: it cannot be gone on with.
    """
    with workspace.locked(run / ONE_AT_A_TIME, wait=False) as ours:
        state = read_state(run)
        if not ours or (state.state == "queued" and (run / LOG).exists()):
            raise worked_on(run)
        about = read_run(run)
        if about.get("kind") == "sweep":
            start_sweep(run)
            return
        refuse_finished(run)
        write_state(run, "queued", state.epoch, options_from(about["options"]).epochs)
        launch(run)
