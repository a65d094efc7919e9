"""What the commands that run a model have in common: their options, and the model opened by them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from yolodash.cli.models import located
from yolodash.errors import N_, OptionError
from yolodash.structures import ImageSize, Labels, Resize, Thresholds

if TYPE_CHECKING:
    from yolodash.inference.looking import Look
    from yolodash.models.catalogue import ModelFiles


def parse_size(text: str) -> ImageSize:
    """``640`` for a square, or ``640x480`` for width × height."""
    found = re.fullmatch(r"(\d{1,6})(?:[x×](\d{1,6}))?", text.strip())
    if not found or int(found[1]) < 1 or int(found[2] or 1) < 1:
        raise typer.BadParameter("give a number such as 640, or width and height such as 640x480")
    width = int(found[1])
    return ImageSize(height=int(found[2] or width), width=width)


WeightsOption = Annotated[str, typer.Option(help="A file, a run, or a model of the catalogue such as yolov3-tiny.")]
CfgOption = Annotated[Path | None, typer.Option(help="Darknet's .cfg, when it does not lie beside the weights.")]
NamesOption = Annotated[Path | None, typer.Option(help="Names of the classes, one a line.")]
SizeOption = Annotated[
    ImageSize | None, typer.Option(parser=parse_size, metavar="SIZE", help="Of the network's input.")
]
ScoreOption = Annotated[float, typer.Option(min=0, max=1, help="Score threshold.")]
NmsIouOption = Annotated[float, typer.Option(min=0, max=1, help="NMS IoU threshold.")]
MaxDetectionsOption = Annotated[int, typer.Option(min=1, help="At most so many a picture.")]
ClassAgnosticOption = Annotated[bool, typer.Option("--class-agnostic", help="Suppress across classes.")]
ClassesOption = Annotated[str | None, typer.Option(help="Only these class ids or names, such as 0,dog.")]
LabelsOption = Annotated[Labels | None, typer.Option(help="One class a box, or all; the family's own.")]
ResizeOption = Annotated[Resize | None, typer.Option(help="The family's own.")]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda:0 …")]
PrecisionOption = Annotated[Literal["auto", "float32", "bfloat16", "float16"], typer.Option()]
EngineOption = Annotated[Literal["auto", "torch", "onnxruntime", "openvino"], typer.Option()]


def open_look(
    weights: str,
    cfg: Path | None,
    names: Path | None,
    *,
    thresholds: Thresholds,
    classes: str | None,
    size: ImageSize | None,
    resize: Resize | None,
    device: str,
    precision: str,
    engine: str,
) -> tuple[ModelFiles, Look]:
    """The model that is meant, loaded and ready to look at pictures.

    Args:
        classes: as the option has it; they go into the thresholds.
    """
    files = located(weights)
    from yolodash.inference.looking import Look, make_ready
    from yolodash.inference.preparation import input_size
    from yolodash.models.loading import load_model

    model = load_model(files.weights, cfg=cfg or files.cfg, names=names or files.names)
    own = replace(thresholds, classes=class_ids(classes, model.names))
    look = Look(model, own, input_size(model, size), resize, device, precision, engine)
    make_ready(look)
    return files, look


def class_ids(text: str | None, names: tuple[str, ...]) -> tuple[int, ...] | None:
    """Ids or names, separated by commas; None for all."""
    if text is None:
        return None
    ids: list[int] = []
    for word in (part.strip() for part in text.split(",")):
        if word in names:
            ids.append(names.index(word))
        elif word.isdecimal():
            ids.append(int(word))
        else:
            raise OptionError(
                N_("The model has no class '{name}'"),
                where="--classes",
                fix=N_("give ids from 0 to {last}, or names of its classes"),
                name=word,
                last=len(names) - 1,
            )
    return tuple(ids)
