"""``models list|get|info|export``: published models, and what is inside a model file."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yolodash import workspace
from yolodash.models import catalogue

if TYPE_CHECKING:
    from yolodash.models.detector import Detector
    from yolodash.models.summary import Summary

app = typer.Typer(help="Published models, and what is inside a model file.", no_args_is_help=True)


class Format(StrEnum):
    """What ``export`` can write."""

    ONNX = "onnx"


Json = Annotated[str | None, typer.Option("--json", metavar="FILE", help="Write JSON to FILE; - for stdout.")]
Cfg = Annotated[Path | None, typer.Option("--cfg", help="Darknet's .cfg, when it does not lie beside the weights.")]
Names = Annotated[Path | None, typer.Option("--names", help="Names of the classes, one a line.")]


@app.command("list")
def list_models(json_file: Json = None) -> None:
    """The catalogue, and what lies in the workspace."""
    present = {model.name: model for model in catalogue.installed()}
    rows = [_bundled_row(model) for model in catalogue.usable() if model.origin == "bundled"]
    rows += [_entry_row(entry, present.pop(entry.name, None)) for entry in catalogue.entries()]
    rows += [_own_row(model) for model in present.values()]
    if json_file is not None:
        return write_json(json_file, {"models": rows})
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        typer.echo(
            f"{row['name']:<{width}}  {row['bytes'] / 1e6:7.1f} MB  {row['state']:<14}  {row['figures']}".rstrip()
        )
    return None


def _entry_row(entry: catalogue.Entry, model: catalogue.InstalledModel | None) -> dict[str, Any]:
    figures = entry.figures
    told = f"{figures.accuracy} {figures.measure} at {figures.size} ({figures.release})"
    state = "not fetched" if model is None else "verified" if model.verified else "not verified"
    size = model.bytes if model else entry.bytes[0]
    return {"name": entry.name, "origin": "catalogue", "state": state, "bytes": size, "figures": told}


def _bundled_row(model: catalogue.InstalledModel) -> dict[str, Any]:
    card = catalogue.card_of(model.name)
    told = f"{card.figures['map']} mAP50-95 on {card.evaluation['images']} rendered scenes"
    return {"name": model.name, "origin": "bundled", "state": "bundled", "bytes": model.bytes, "figures": told}


def _own_row(model: catalogue.InstalledModel) -> dict[str, Any]:
    return {"name": model.name, "origin": model.origin, "state": "uploaded", "bytes": model.bytes, "figures": ""}


@app.command()
def get(name: Annotated[str, typer.Argument(help="A model of the catalogue, such as yolov3-tiny.")]) -> None:
    """Fetch a model of the catalogue into the workspace."""
    files = located(name) if catalogue.find_entry(name) else catalogue.get(name)
    typer.echo(str(files.weights))


@app.command()
def info(file: str, cfg: Cfg = None, names: Names = None, json_file: Json = None) -> None:
    """Family, release, classes, parameters, strides, anchors and size of a model."""
    summary = _summary(file, cfg, names)
    if json_file is not None:
        return write_json(json_file, described(summary))
    release = f" (release {summary.release})" if summary.release else ""
    size = summary.size
    typer.echo(f"family      {summary.family}{release}")
    typer.echo(f"classes     {len(summary.names)}: {', '.join(summary.names[:8])}{' …' if summary.names[8:] else ''}")
    typer.echo(f"parameters  {summary.parameters:,}")
    typer.echo(f"operations  {summary.gflops:.1f} GFLOPs at {size.width}×{size.height}")
    for stride, anchors in zip(summary.strides, summary.anchors, strict=True):
        typer.echo(f"stride {stride:<4} anchors {', '.join(f'{w:g}×{h:g}' for w, h in anchors)}")
    return None


@app.command()
def export(
    file: str,
    cfg: Cfg = None,
    names: Names = None,
    format: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.ONNX,
    output: Annotated[Path | None, typer.Option("--output", help="Where to; NAME.onnx here without it.")] = None,
) -> None:
    """Write a model in another format, checked against our own output."""
    files = located(file)
    target = output or Path(files.weights.stem + ".onnx")
    model = _loaded(files, cfg, names)
    from yolodash.models.export import export_onnx

    agreement = export_onnx(model, target)
    told = f"boxes to {agreement.boxes:.1g} pixels, probabilities to {agreement.probabilities:.1g}"
    typer.echo(f"{target} agrees with PyTorch: {told}")


def _loaded(files: catalogue.ModelFiles, cfg: Path | None, names: Path | None) -> Detector:
    from yolodash.models.loading import load_model

    return load_model(files.weights, cfg=cfg or files.cfg, names=names or files.names)


def _summary(file: str, cfg: Path | None, names: Path | None) -> Summary:
    model = _loaded(located(file), cfg, names)
    from yolodash.models.summary import summarise

    return summarise(model)


def described(summary: Summary) -> dict[str, Any]:
    """The JSON of ``info``."""
    return {
        "family": summary.family,
        "release": summary.release,
        "classes": list(summary.names),
        "parameters": summary.parameters,
        "strides": list(summary.strides),
        "anchors": [[[float(w), float(h)] for w, h in anchors] for anchors in summary.anchors],
        "size": [summary.size.height, summary.size.width],
    }


def located(text: str) -> catalogue.ModelFiles:
    """The files that ``--weights`` means, fetched with a progress bar on a terminal if need be."""
    shown = [0]

    def progress(received: int, total: int | None) -> None:
        done = 100 * received // total if total else 0
        if done != shown[0]:
            shown[0] = done
            typer.echo(f"\r{text}: {received / 1e6:.1f} MB, {done} %", err=True, nl=False)

    files = catalogue.locate(text, progress=progress if sys.stderr.isatty() else None)
    if shown[0]:
        typer.echo(err=True)
    return files


def write_json(destination: str, value: Any) -> None:
    """A value as JSON to a file, or to the output for ``-``."""
    if destination == "-":
        typer.echo(json.dumps(value, ensure_ascii=False, indent=1))
    else:
        workspace.write_json(Path(destination), value)
