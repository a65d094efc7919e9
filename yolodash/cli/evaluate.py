"""``evaluate``: precision, recall, AP and mAP of a model on a data set, or of a results file against its truth."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from yolodash.cli.looking import parse_size
from yolodash.cli.models import located, write_json
from yolodash.errors import N_, OptionError, one_line
from yolodash.structures import ImageSize, Labels, Thresholds

if TYPE_CHECKING:
    from yolodash.evaluation.report import Report
    from yolodash.evaluation.tables import Found, Truths
    from yolodash.evaluation.tables import Labels as TableLabels

ConventionOption = Literal["coco", "voc", "voc07", "yolov5"]
SplitOption = Literal["train", "val", "valid", "test", "all"]


@dataclass(frozen=True)
class Scored:
    """What is scored: the tables, and what a kept run says about where they come from."""

    truths: Truths
    found: Found
    labels: TableLabels
    origin: dict[str, Any]
    data: Callable[[], dict[str, str]]


def evaluate(
    weights: Annotated[str | None, typer.Option(help="A file, a run, or a model of the catalogue.")] = None,
    data: Annotated[str | None, typer.Option(help="data.yaml, folder, COCO JSON, zip or a name.")] = None,
    split: Annotated[SplitOption, typer.Option(help="Which part of the data set.")] = "val",
    truth: Annotated[Path | None, typer.Option(metavar="COCO.json", help="Score files: the truth.")] = None,
    detections: Annotated[Path | None, typer.Option(metavar="RESULTS.json", help="Score files: the results.")] = None,
    convention: Annotated[ConventionOption, typer.Option(help="Whose definition of AP.")] = "coco",
    match_iou: Annotated[float, typer.Option(min=0, max=1, help="Match IoU threshold of voc and voc07.")] = 0.5,
    cfg: Annotated[Path | None, typer.Option(help="Darknet's .cfg, when it does not lie beside the weights.")] = None,
    names: Annotated[Path | None, typer.Option(help="Names of the model's classes, one a line.")] = None,
    score: Annotated[float, typer.Option(min=0, max=1, help="Score threshold, with --weights.")] = 0.001,
    nms_iou: Annotated[float, typer.Option(min=0, max=1, help="NMS IoU threshold, with --weights.")] = 0.6,
    max_detections: Annotated[int, typer.Option(min=1, help="At most so many a picture, with --weights.")] = 300,
    labels: Annotated[Labels, typer.Option(help="One class a box, or all, with --weights.")] = "all",
    size: Annotated[
        ImageSize | None, typer.Option(parser=parse_size, metavar="SIZE", help="Of the network's input.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Pictures at once.")] = 16,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda:0 …")] = "auto",
    score_at: Annotated[
        float | None, typer.Option(help="Score at which P, R and F1 are read; without it where F1 is best.")
    ] = None,
    save: Annotated[str | None, typer.Option(metavar="NAME", help="Keep it as a run of this name.")] = None,
    json_file: Annotated[str | None, typer.Option("--json", metavar="FILE", help="- for stdout.")] = None,
) -> None:
    """Score a model on a data set (--weights, --data), or results against their truth (--truth, --detections)."""
    _check_numbers(match_iou=match_iou, score_at=score_at)
    if save is not None:
        from yolodash.runs.store import new_run_folder

        new_run_folder(save)  # before the work, not after it
    if truth is not None and detections is not None and weights is None and data is None:
        scored = _from_files(truth, detections)
    elif weights is not None and data is not None and truth is None and detections is None:
        thresholds = Thresholds(score, nms_iou, max_detections, labels=labels)
        scored = _from_model(weights, cfg, names, data, split, thresholds, size, batch, device)
    else:
        raise typer.BadParameter("give --weights and --data, or --truth and --detections")
    from yolodash.evaluation.report import report, report_record

    numbers = report(scored.truths, scored.found, scored.labels, convention, match_iou, score_at)
    if save is not None:
        _keep(save, scored, numbers, match_iou)
    if json_file is not None:
        write_json(json_file, report_record(numbers))
    if json_file != "-":
        typer.echo(table(numbers))


def _check_numbers(**values: float | None) -> None:
    """Refuse what ``min`` and ``max`` let through: no number at all.

    Raises:
        OptionError: NaN or infinite.
    """
    for name, value in values.items():
        if value is not None and not math.isfinite(value):
            raise OptionError(
                N_("A threshold of {value} makes no sense"),
                where=f"--{name.replace('_', '-')}",
                fix=N_("give a number from 0 to 1"),
                value=value,
            )


def _from_files(truth: Path, detections: Path) -> Scored:
    """Two files as they are; what has no place in the truth is counted on stderr."""
    from yolodash.evaluation.files import read_files

    files = read_files(truth, detections)
    for count, name in ((files.truths_left_out, truth.name), (files.detections_left_out, detections.name)):
        if count:
            typer.echo(f"{name}: left out {count} boxes whose picture or class the truth does not list", err=True)
    origin = {"truth": str(truth), "detections": str(detections)}
    return Scored(files.truths, files.found, files.labels, origin, lambda: _fingerprint_of_file(truth))


def _fingerprint_of_file(truth: Path) -> dict[str, str]:
    from yolodash.data.fingerprint import fingerprint_of

    return {"path": str(truth.resolve()), "fingerprint": fingerprint_of({truth.name: truth})}


def _from_model(
    weights: str,
    cfg: Path | None,
    names: Path | None,
    data: str,
    split: str,
    thresholds: Thresholds,
    size: ImageSize | None,
    batch: int,
    device: str,
) -> Scored:
    """A model's detections on a split, with a bar on a terminal; what was left out is said on stderr."""
    files = located(weights)
    from yolodash.data.fingerprint import fingerprint
    from yolodash.data.opening import open_dataset
    from yolodash.evaluation.running import pictures_of, run_model
    from yolodash.models.loading import load_model
    from yolodash.runs.store import threshold_options

    dataset = open_dataset(data)
    pictures = pictures_of(dataset, split)
    model = load_model(files.weights, cfg=cfg or files.cfg, names=names or files.names)
    bar = typer.progressbar(length=len(pictures.images), label=f"{len(pictures.images)} pictures", file=sys.stderr)
    with bar if sys.stderr.isatty() else nullcontext() as shown:
        advance: Callable[[int], None] | None = shown.update if shown is not None else None
        done = run_model(model, pictures, thresholds, size=size, batch=batch, device=device, progress=advance)
    for note in done.notes:
        typer.echo(note.sentence(), err=True)
    origin = {"weights": files.weights.name, "split": split, "size": [done.size.height, done.size.width]}
    return Scored(
        done.truths,
        done.found,
        done.labels,
        {**origin, **threshold_options(thresholds)},
        lambda: {"path": str(dataset.root.resolve()), "fingerprint": fingerprint(dataset, split)},
    )


def _keep(name: str, scored: Scored, numbers: Report, match_iou: float) -> None:
    from yolodash.runs.store import keep_evaluation

    options = {**scored.origin, "convention": numbers.convention, "match_iou_threshold": match_iou}
    keep_evaluation(
        name,
        scored.truths,
        scored.found,
        scored.labels,
        numbers,
        options=options,
        data=scored.data(),
        command=sys.argv[1:],
    )


def table(numbers: Report) -> str:
    """The numbers for people."""
    point = numbers.working_point
    lines = [
        f"mAP      {numbers.map:.4f}   ({numbers.convention})",
        f"mAP50    {numbers.map50:.4f}   mAP75 {_shown(numbers.map75)}",
        f"P {point.precision:.4f}  R {point.recall:.4f}  F1 {point.f1:.4f}   at a score of {point.score_threshold:.4f}",
        "",
        f"{'class':<24} {'truths':>7} {'mAP':>7} {'mAP50':>7}",
    ]
    lines += [
        f"{one_line(line.name, 24):<24} {line.truths:>7} {_shown(line.map):>7} {_shown(line.map50):>7}"
        for line in numbers.classes
        if line.truths
    ]
    return "\n".join(lines)


def _shown(value: float) -> str:
    return "–" if value < 0 else f"{value:.4f}"
