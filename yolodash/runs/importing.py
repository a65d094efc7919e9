"""Runs of the YOLOv5 repository as runs of ours: ``results.csv``, ``opt.yaml`` and ``best.pt``."""

from __future__ import annotations

import csv
import json
import shutil
import uuid
from io import StringIO
from pathlib import Path
from typing import Any

import yaml

from yolodash import workspace
from yolodash.errors import N_, InputError
from yolodash.models.loading import load_model
from yolodash.models.saved import description_of, save_weights
from yolodash.runs.folders import about_run, appear, new_run_folder
from yolodash.runs.metrics import METRICS
from yolodash.runs.state import write_state

LARGEST_FILE = 64 << 20
MOST_OPTIONS = 1000
_COLUMNS = {
    "train/box_loss": "loss_box",
    "train/obj_loss": "loss_objectness",
    "train/cls_loss": "loss_class",
    "metrics/precision": "precision",
    "metrics/recall": "recall",
    "metrics/mAP_0.5": "map50",
    "metrics/mAP_0.5:0.95": "map",
    "val/box_loss": "validation_loss_box",
    "val/obj_loss": "validation_loss_objectness",
    "val/cls_loss": "validation_loss_class",
}
_RATES = {"x/lr0": "biases", "x/lr1": "weights", "x/lr2": "normalisation"}
"""That program's groups; the first one begins at the bias rate of the warm-up."""


def import_run(folder: Path, name: str) -> Path:
    """Copy a run of the YOLOv5 repository into the workspace; it appears whole or not at all.

    Args:
        folder: with ``results.csv`` and, where they are, ``opt.yaml`` and ``best.pt`` or ``weights/best.pt``.
        name: of the new run.

    Raises:
        InputError: there is no ``results.csv``, or it cannot be read.
        ModelFileError: ``best.pt`` is no detector.
        WorkspaceError: the name is taken, or the disk cannot be written to.
    """
    place = new_run_folder(name)
    records = read_results(folder / "results.csv")
    options = read_options(folder / "opt.yaml")
    warmup = _warmup_epochs(options)
    for record in records:
        record["warmup"] = record["epoch"] < warmup
    partial = workspace.make_folder(place.parent / f".{uuid.uuid4().hex}.part")
    try:
        _import_weights(folder, partial)
        data = {"path": str(options.get("data", "")), "fingerprint": ""}
        about = about_run("train", name, command=[], options=_named_as_ours(options), data=data)
        workspace.write_json(partial / "run.json", {**about, "imported": "yolov5"})
        workspace.write_bytes(partial / METRICS, "".join(json.dumps(r) + "\n" for r in records).encode())
        epochs = options.get("epochs")
        write_state(partial, "finished", len(records), epochs if isinstance(epochs, int) else len(records), "imported")
        appear(partial, place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return place


def read_results(path: Path) -> list[dict[str, Any]]:
    """The lines of a ``results.csv`` under our names.

    Raises:
        InputError: it cannot be read, or has other columns.
    """
    text = _text(path)
    rows = [{(key or "").strip(): (value or "").strip() for key, value in row.items() if isinstance(value, str)}
            for row in csv.DictReader(StringIO(text))]  # fmt: skip
    try:
        return [_record(row) for row in rows if row.get("epoch")]
    except (KeyError, ValueError) as error:
        raise InputError(
            N_("These are no results of YOLOv5's training: {reason}"),
            where=path.name,
            fix=N_("give the folder of a run, with the results.csv that releases 6.0 and later write"),
            reason=str(error),
        ) from error


def _record(row: dict[str, str]) -> dict[str, Any]:
    record: dict[str, Any] = {"epoch": int(row["epoch"])}
    record |= {ours: float(row[theirs]) for theirs, ours in _COLUMNS.items() if theirs in row}
    if "map50" not in record or "map" not in record:
        raise KeyError("metrics/mAP_0.5")
    record["learning_rates"] = {ours: float(row[theirs]) for theirs, ours in _RATES.items() if theirs in row}
    return record


def read_options(path: Path) -> dict[str, Any]:
    """The mapping of an ``opt.yaml``; empty where there is none.

    Raises:
        InputError: it cannot be read.
    """
    if not path.is_file():
        return {}
    try:
        content = yaml.safe_load(_text(path))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(
            N_("The options of this run cannot be read"), where=path.name, fix=N_("take the file out of the folder")
        ) from error
    return dict(list(content.items())[:MOST_OPTIONS]) if isinstance(content, dict) else {}


def _named_as_ours(options: dict[str, Any]) -> dict[str, Any]:
    """That program's options, with those that both have under our names."""
    names = {"batch_size": "batch", "imgsz": "size", "img_size": "size"}
    result = {names.get(str(key), str(key)): _plain(value) for key, value in options.items()}
    if isinstance(result.get("freeze"), list):
        result["freeze"] = result["freeze"][0] if len(result["freeze"]) == 1 else len(result["freeze"])
    if "optimizer" in result:
        result["optimizer"] = str(result["optimizer"]).lower()
    if "cos_lr" in result:
        result["schedule"] = "cosine" if result["cos_lr"] else "linear"
    return result


def _plain(value: Any) -> Any:
    """A value that JSON can hold."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _warmup_epochs(options: dict[str, Any]) -> float:
    numbers = options.get("hyp")
    epochs = numbers.get("warmup_epochs") if isinstance(numbers, dict) else None
    return float(epochs) if isinstance(epochs, int | float) else 0.0


def _import_weights(folder: Path, run: Path) -> None:
    """``best.pt`` as our own file, where there is one."""
    best = next((path for path in (folder / "best.pt", folder / "weights" / "best.pt") if path.is_file()), None)
    if best is not None:
        model = load_model(best)
        save_weights(run / "best.safetensors", model, description_of(model))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(
            N_("There is no {name} that can be read"),
            where=str(path.parent),
            fix=N_("give the folder of a run of the YOLOv5 repository"),
            name=path.name,
        ) from error
    if len(data) > LARGEST_FILE:
        raise InputError(N_("The file is too large"), where=path.name, fix=N_("give the folder of a run"))
    return data.decode("utf-8-sig", errors="replace")
