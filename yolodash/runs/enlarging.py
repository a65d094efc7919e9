"""An enlarged data set as a run: a process of its own makes the pictures, and any page can see how far it came.

``python -m yolodash.runs.enlarging NAME`` does what the run's folder says: the result is a version of a data set of the
workspace, or, for data that lies elsewhere, a new data set. It needs no torch.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from yolodash import workspace
from yolodash.data.augment.enlarge import (
    Enlargement,
    check_enlargement,
    enlarge,
    enlarge_into,
    enlargement_from,
    planned,
    training_pictures,
)
from yolodash.data.fingerprint import fingerprint
from yolodash.data.opening import open_dataset
from yolodash.data.store.folders import find_stored, free_place
from yolodash.data.store.versions import new_version_folder
from yolodash.data.writing import placed
from yolodash.errors import N_, InputError, WorkspaceError
from yolodash.runs.folders import create_run, find_run, read_run
from yolodash.runs.launch import launch
from yolodash.runs.processes import lower_priority, said
from yolodash.runs.reporting import Watch, reported
from yolodash.runs.state import read_json

Into = Literal["version", "dataset"]
RESULT = "result.json"
"""What was made: pictures, boxes, new pictures, lost boxes."""


@dataclass(frozen=True)
class Result:
    """What a run made.

    Attributes:
        source: what ``--data`` takes to open it.
        images, boxes: in all; ``made`` of the pictures are new, which lost ``lost`` boxes.
    """

    source: str
    images: int
    boxes: int
    made: int
    lost: int


def begin_enlarging(
    run_name: str, data: str, wanted: Enlargement, *, into: Into, name: str, by: str, command: Sequence[str] = ()
) -> Path:
    """Make the run and start its worker; gives the run's folder at once.

    Args:
        data: what ``--data`` takes; for a version the name of a data set of the workspace.
        name: of the version or of the new data set.
        by: who asks.

    Raises:
        OptionError: a number makes no sense.
        WorkspaceError: a name is taken or cannot be one, or the disk cannot be written to.
    """
    check_enlargement(wanted)
    check_place(data, into, name)
    options = {**wanted.record(), "into": into, "name": name, "by": by}
    run = create_run(
        "augment", run_name, options=options, data={"path": data, "fingerprint": ""}, command=command, exist="rename"
    )
    launch(run)
    return run


def check_place(data: str, into: Into, name: str) -> Path:
    """Where the result will lie.

    Raises:
        WorkspaceError: the name is taken or cannot be one.
        DatasetError: there is no such data set of the workspace.
    """
    if into == "dataset":
        return free_place(name)
    place = workspace.inside(workspace.make_folder(find_stored(data) / "versions"), name)
    if place.exists():
        raise WorkspaceError(N_("There is a version of this name"), where=name, fix=N_("choose another name"))
    return place


def read_result(run: Path) -> Result | None:
    """What a run made; None while there is nothing."""
    try:
        return Result(**(read_json(run / RESULT) or {}))
    except TypeError:
        return None


def enlarge_run(run: Path) -> None:
    """Do what a run's folder says; ``state.json`` tells how it ended.

    Raises:
        YoloDashError: the data set or the disk cannot be used.
    """
    reported(run, lambda: _enlarge(run))


def _enlarge(run: Path) -> None:
    about = read_run(run)
    options, data = dict(about["options"]), str(about["data"]["path"])
    wanted = enlargement_from(options)
    into, name, by = _place_of(options)
    dataset = open_dataset(data)
    training_pictures(dataset)
    watch = Watch(run, planned(placed(dataset, []), wanted.copies))
    where = {"path": str(dataset.root.resolve()), "fingerprint": fingerprint(dataset, "train")}
    workspace.write_json(run / "run.json", {**about, "data": where})
    if into == "version":
        recipe = {"augment": wanted.record(), "run": run.name, "source": where["fingerprint"]}
        with new_version_folder(dataset.root, name, by=by, recipe=recipe) as folder:
            made = enlarge_into(dataset, folder, wanted, linked=True, progress=lambda _done, _of: watch(1))
        source = str(dataset.root / "versions" / name)
    else:
        made = enlarge(dataset, free_place(name), wanted, progress=lambda _done, _of: watch(1))
        source = name
    result = Result(source, made.images, made.boxes, made.made, made.lost)
    workspace.write_json(run / RESULT, asdict(result))


def _place_of(options: dict[str, Any]) -> tuple[str, str, str]:
    try:
        return str(options["into"]), str(options["name"]), str(options["by"])
    except KeyError as error:
        raise InputError(N_("The options of this run cannot be read"), fix=N_("start a new run")) from error


def main(arguments: list[str]) -> int:
    """The worker's own process."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m yolodash.runs.enlarging NAME\n")
        return 2
    lower_priority()
    return said(lambda: enlarge_run(find_run(arguments[0], "augment")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
