"""A run is a folder; an evaluation that is kept is one whose work is done.

``run.json`` says what it is, ``state.json`` how far it came, ``events.log`` what happened; an evaluation adds
``report.json``, ``truths.npz`` and ``detections.npz``, from which every chart can be made again without torch.
"""

from __future__ import annotations

import shutil
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from yolodash import workspace
from yolodash.errors import N_, InputError
from yolodash.evaluation.report import Report, report_record
from yolodash.evaluation.tables import Found, Labels, Truths
from yolodash.runs.folders import Kind, about_run, appear
from yolodash.runs.folders import new_run_folder as new_run_folder  # the name that callers know it by
from yolodash.runs.state import read_json, read_state, write_state
from yolodash.structures import Thresholds


@dataclass(frozen=True)
class RunEntry:
    """A run as a list shows it."""

    name: str
    kind: str
    created: str
    state: str


@dataclass(frozen=True)
class KeptEvaluation:
    """An evaluation as it was kept.

    Attributes:
        name: of the run.
        created: when, ISO 8601.
        options: what it was made with: weights, thresholds, convention …
        data: ``path`` and ``fingerprint`` of the data set.
        report: the numbers, as ``evaluate --json`` gives them.
        truths, found, labels: the boxes.
    """

    name: str
    created: str
    options: dict[str, Any]
    data: dict[str, str]
    report: dict[str, Any]
    truths: Truths
    found: Found
    labels: Labels


def keep_evaluation(
    name: str,
    truths: Truths,
    found: Found,
    labels: Labels,
    report: Report,
    *,
    options: Mapping[str, Any],
    data: Mapping[str, str],
    command: Sequence[str] = (),
) -> Path:
    """Keep an evaluation as a run; it appears whole or not at all.

    Args:
        data: ``path`` and ``fingerprint`` (see ``data.fingerprint``).
        command: the words of the command that made it.

    Raises:
        WorkspaceError: the name is taken, or the disk cannot be written to.
    """
    place = new_run_folder(name)
    partial = workspace.make_folder(place.parent / f".{uuid.uuid4().hex}.part")
    try:
        about = about_run("evaluate", name, command=command, options=options, data=data)
        fill_evaluation(partial, truths, found, labels, report, about=about)
        write_state(partial, "finished")
        appear(partial, place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return place


def threshold_options(thresholds: Thresholds) -> dict[str, Any]:
    """The thresholds as an evaluation's options keep them, under their names everywhere."""
    return {
        "score_threshold": thresholds.score_threshold,
        "nms_iou_threshold": thresholds.nms_iou_threshold,
        "max_detections": thresholds.max_detections,
        "labels": thresholds.labels,
    }


def fill_evaluation(
    run: Path, truths: Truths, found: Found, labels: Labels, report: Report, *, about: Mapping[str, Any]
) -> None:
    """Write what an evaluation found into its run's folder; ``report.json``, which says that it is whole, last.

    Args:
        about: the content of ``run.json``, now that everything is known.
    """
    _write_arrays(run / "truths.npz", {**_columns(truths), **_label_columns(labels)})
    _write_arrays(run / "detections.npz", _columns(found))
    workspace.write_json(run / "run.json", dict(about))
    workspace.write_json(run / "report.json", report_record(report))


def list_runs(kind: Kind | None = None) -> tuple[RunEntry, ...]:
    """The runs in the workspace, the newest first; folders that are none are passed over."""
    entries = []
    for path in workspace.folder("runs").iterdir():
        about = read_json(path / "run.json")
        if about is None or path.name.startswith(".") or (kind is not None and about.get("kind") != kind):
            continue
        state = read_state(path).state
        entries.append(RunEntry(path.name, str(about.get("kind")), str(about.get("created")), state))
    return tuple(sorted(entries, key=lambda entry: (entry.created, entry.name), reverse=True))


def open_evaluation(name: str) -> KeptEvaluation:
    """An evaluation by the name of its run.

    Raises:
        WorkspaceError: it cannot be a name.
        InputError: there is no such evaluation, or its files are damaged.
    """
    path = workspace.inside(workspace.folder("runs"), name)
    about, report = read_json(path / "run.json"), read_json(path / "report.json")
    if about is None or report is None or about.get("kind") != "evaluate":
        raise InputError(N_("There is no evaluation of this name"), where=name, fix=N_("choose one of the runs"))
    try:
        columns = _read_arrays(path / "truths.npz")
        labels = Labels(
            tuple(columns.pop("class_ids").tolist()),
            tuple(columns.pop("class_names").tolist()),
            tuple(columns.pop("images").tolist()),
        )
        truths, found = Truths(**columns), Found(**_read_arrays(path / "detections.npz"))
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            N_("The boxes of this evaluation cannot be read"), where=name, fix=N_("evaluate again")
        ) from error
    options, data = dict(about.get("options") or {}), dict(about.get("data") or {})
    return KeptEvaluation(name, str(about.get("created")), options, data, report, truths, found, labels)


def _columns(table: Truths | Found) -> dict[str, np.ndarray[Any, Any]]:
    return {field.name: getattr(table, field.name) for field in fields(table)}


def _label_columns(labels: Labels) -> dict[str, np.ndarray[Any, Any]]:
    return {
        "class_ids": np.array(labels.class_ids, np.int64),
        "class_names": np.array(labels.class_names, np.str_),
        "images": np.array(labels.images, np.str_),
    }


def _write_arrays(path: Path, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    with workspace.writing(path) as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _read_arrays(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}
