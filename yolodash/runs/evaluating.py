"""A model over a data set as a run: a process of its own does it, and any page can see how far it came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from yolodash.errors import N_, InputError
from yolodash.runs.folders import create_run, read_run
from yolodash.runs.launch import launch
from yolodash.runs.reporting import Watch, reported
from yolodash.runs.store import fill_evaluation, threshold_options
from yolodash.structures import Thresholds

BATCH = 4


def begin_evaluation(name: str, *, weights: str, data: str, split: str, thresholds: Thresholds) -> Path:
    """Make the run and start its worker; gives the run's folder at once.

    Args:
        weights: a model of the workspace by its name, or what ``--weights`` takes.
        data: what ``--data`` takes.

    Raises:
        WorkspaceError: the name is taken or cannot be one, or the disk cannot be written to.
    """
    options = {"weights": weights, "split": split, **threshold_options(thresholds)}
    run = create_run("evaluate", name, options=options, data={"path": data, "fingerprint": ""})
    launch(run)
    return run


def evaluate_run(run: Path) -> None:
    """Do what an evaluation's folder says; ``state.json`` tells how it ended, however it ends.

    Raises:
        YoloDashError: the model, the data set or the disk cannot be used.
        WorkspaceError: another process works on it.
    """
    reported(run, lambda: _evaluate(run))


def _evaluate(run: Path) -> None:
    """Run the model over the split and keep what it found in the run's folder."""
    from yolodash.data.fingerprint import fingerprint
    from yolodash.data.opening import open_dataset
    from yolodash.evaluation.report import report
    from yolodash.evaluation.running import pictures_of, run_model
    from yolodash.models import catalogue
    from yolodash.models.loading import load_model

    about = read_run(run)
    options, data = dict(about["options"]), dict(about["data"])
    dataset = open_dataset(data["path"])
    pictures = pictures_of(dataset, options["split"])
    installed = catalogue.find_usable(options["weights"])
    files = installed.files if installed is not None else catalogue.locate(options["weights"])
    model = load_model(files.weights, cfg=files.cfg, names=files.names)
    watch = Watch(run, len(pictures.images))
    found = run_model(model, pictures, _thresholds(options), batch=BATCH, progress=watch)
    options["notes"] = [[note.message, note.values] for note in found.notes]
    where = {"path": str(dataset.root.resolve()), "fingerprint": fingerprint(dataset, options["split"])}
    numbers = report(found.truths, found.found, found.labels, "coco")
    fill_evaluation(
        run, found.truths, found.found, found.labels, numbers, about={**about, "options": options, "data": where}
    )


def _thresholds(options: dict[str, Any]) -> Thresholds:
    try:
        return Thresholds(
            float(options["score_threshold"]),
            float(options["nms_iou_threshold"]),
            int(options["max_detections"]),
            labels=options["labels"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(N_("The options of this run cannot be read"), fix=N_("start a new run")) from error
