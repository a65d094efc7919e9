"""Rendered scenes as a data set of the workspace, drawn by a process of its own, which may train on them afterwards.

``python -m yolodash.runs.making NAME`` does what ``datasets/.making/NAME.request`` asks for. Whoever looks reads
``NAME.json`` there; that the process lives, its lock says.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from yolodash import workspace
from yolodash.errors import N_, WorkspaceError, YoloDashError
from yolodash.runs.command_line import train_words
from yolodash.runs.config import TrainOptions, options_from
from yolodash.runs.creating import create_training
from yolodash.runs.folders import new_run_folder
from yolodash.runs.launch import launch, start_detached
from yolodash.runs.processes import lower_priority
from yolodash.runs.state import read_json, write_display
from yolodash.runs.told_errors import error_from, error_record
from yolodash.scenes.writing import SeriesOptions, check_options, write_scenes
from yolodash.structures import ImageSize

STARTING_SECONDS = 120.0
"""How long the process may take until it holds its lock, on a busy machine."""
_SECONDS = 0.5


@dataclass(frozen=True)
class Making:
    """How far it is.

    Attributes:
        name: of the data set.
        done, total: pictures.
        seconds: that it has taken.
        alive: whether anybody is at it.
        run: what was started on it afterwards; empty for nothing, or not yet.
        error: what went wrong.
    """

    name: str
    done: int
    total: int
    seconds: float
    alive: bool
    run: str = ""
    error: YoloDashError | None = None


def begin_making(
    name: str, series: SeriesOptions, *, training: TrainOptions | None = None, run: str | None = None
) -> None:
    """Start to draw scenes into the workspace; returns at once.

    Args:
        name: of the data set.
        series: what decides every byte of it.
        training: what to do with it afterwards; its ``data`` is filled in.
        run: what the training is called.

    Raises:
        OptionError: an option makes no sense.
        WorkspaceError: a name is taken or cannot be one, or the disk cannot be written to.
    """
    check_options(series)
    with workspace.locked(_folder() / "start.lock"):
        place = workspace.inside(workspace.folder("datasets"), name)
        found = making(name)
        if place.exists() or (found is not None and found.alive):
            raise WorkspaceError(
                N_("There is a data set of this name"), where=name, fix=N_("choose another name, or train on it")
            )
        if training is not None and run is not None:
            new_run_folder(run)
        asked = {
            "images": series.images,
            "size": [series.size.height, series.size.width],
            "seed": series.seed,
            "run": run,
        }
        asked["training"] = None if training is None else replace(training, data=str(place)).record()
        (_folder() / f"{name}.json").unlink(missing_ok=True)
        workspace.write_json(_folder() / f"{name}.request", asked)
        start_detached("yolodash.runs.making", [name], _folder() / "making.log")


def makings() -> list[Making]:
    """All that are at work, or ended badly and were not put away."""
    requests = sorted(_folder().glob("*.request"))
    return [found for request in requests if (found := making(request.stem)) is not None]


def making(name: str) -> Making | None:
    """How far one is; None where none was asked for, or it is done and put away."""
    request = read_json(_folder() / f"{name}.request")
    if request is None:
        return None
    alive = _alive(name)  # asked first: who ends in between has said how
    said = read_json(_folder() / f"{name}.json") or {}
    return Making(
        name,
        int(said.get("done", 0)),
        int(request.get("images", 1)),
        float(said.get("seconds", 0.0)),
        alive,
        str(said.get("run", "")),
        error_from(said["error"]) if isinstance(said.get("error"), dict) else None,
    )


def put_away(name: str) -> None:
    """Forget one that ended."""
    for suffix in (".request", ".json", ".lock"):
        (_folder() / f"{name}{suffix}").unlink(missing_ok=True)


def _folder() -> Path:
    return workspace.make_folder(workspace.folder("datasets") / ".making")


def _alive(name: str) -> bool:
    try:
        young = time.time() - (_folder() / f"{name}.request").stat().st_mtime < STARTING_SECONDS
    except OSError:
        return False
    if young and not (_folder() / f"{name}.json").exists():
        return True  # it may still be starting
    with workspace.locked(_folder() / f"{name}.lock", wait=False) as ours:
        return not ours


def _make(name: str) -> None:
    """Draw, and train if that was asked for."""
    request = read_json(_folder() / f"{name}.request") or {}
    shown, began, said = _folder() / f"{name}.json", time.monotonic(), 0.0

    def progress(done: int, of: int) -> None:
        nonlocal said
        if done == of or time.monotonic() - said > _SECONDS:
            said = time.monotonic()
            write_display(shown, {"done": done, "seconds": said - began})

    write_display(shown, {"done": 0, "seconds": 0.0})
    try:
        series = SeriesOptions(int(request["images"]), ImageSize(*request["size"]), int(request["seed"]))
        place = workspace.folder("datasets") / name
        write_scenes(place, series, progress=progress)
        run = ""
        if request["training"] is not None:
            options = options_from(request["training"])
            folder = create_training(options, request["run"], command=train_words(options, request["run"] or ""))
            launch(folder)
            run = folder.name
        write_display(shown, {"done": series.images, "seconds": time.monotonic() - began, "run": run})
    except YoloDashError as error:
        write_display(shown, {"done": 0, "seconds": time.monotonic() - began, "error": error_record(error)})
        raise


def main(arguments: list[str]) -> int:
    """The process's own."""
    (name,) = arguments
    with workspace.locked(_folder() / f"{name}.lock", wait=False) as ours:
        if not ours:
            return 1
        lower_priority()
        try:
            _make(name)
        except YoloDashError as error:
            sys.stderr.write(f"error: {error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
