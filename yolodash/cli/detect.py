"""``detect``: what a model finds on pictures."""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from yolodash.cli.models import located, write_json
from yolodash.errors import N_, ImageError, InputError, OptionError, one_line
from yolodash.structures import ImageSize, Labels, Resize, Thresholds

if TYPE_CHECKING:
    from yolodash.inference.results import FailedImage, ImageResult
    from yolodash.models.detector import Detector
    from yolodash.structures import Image


PrecisionOption = Literal["auto", "float32", "bfloat16", "float16"]
EngineOption = Literal["auto", "torch", "onnxruntime", "openvino"]


@dataclass(frozen=True)
class Run:
    """A model, and all that decides how it looks at pictures."""

    model: Detector
    thresholds: Thresholds
    size: ImageSize
    resize: Resize | None
    device: str
    precision: str
    engine: str


def parse_size(text: str) -> ImageSize:
    """``640`` for a square, or ``640x480`` for width × height."""
    found = re.fullmatch(r"(\d{1,6})(?:[x×](\d{1,6}))?", text.strip())
    if not found or int(found[1]) < 1 or int(found[2] or 1) < 1:
        raise typer.BadParameter("give a number such as 640, or width and height such as 640x480")
    width = int(found[1])
    return ImageSize(height=int(found[2] or width), width=width)


def detect(
    source: Annotated[list[str], typer.Argument(help="Pictures, or folders of pictures.")],
    weights: Annotated[str, typer.Option(help="A file, a run, or a model of the catalogue such as yolov3-tiny.")],
    cfg: Annotated[Path | None, typer.Option(help="Darknet's .cfg, when it does not lie beside the weights.")] = None,
    names: Annotated[Path | None, typer.Option(help="Names of the classes, one a line.")] = None,
    size: Annotated[
        ImageSize | None, typer.Option(parser=parse_size, metavar="SIZE", help="Of the network's input.")
    ] = None,
    score: Annotated[float, typer.Option(min=0, max=1, help="Score threshold.")] = 0.25,
    nms_iou: Annotated[float, typer.Option(min=0, max=1, help="NMS IoU threshold.")] = 0.45,
    max_detections: Annotated[int, typer.Option(min=1, help="At most so many a picture.")] = 300,
    class_agnostic: Annotated[bool, typer.Option("--class-agnostic", help="Suppress across classes.")] = False,
    classes: Annotated[str | None, typer.Option(help="Only these class ids or names, such as 0,dog.")] = None,
    labels: Annotated[Labels | None, typer.Option(help="One class a box, or all; the family's own.")] = None,
    resize: Annotated[Resize | None, typer.Option(help="The family's own.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda:0 …")] = "auto",
    precision: Annotated[PrecisionOption, typer.Option()] = "auto",
    engine: Annotated[EngineOption, typer.Option()] = "auto",
    draw: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the pictures with their boxes here.")] = None,
    json_file: Annotated[str | None, typer.Option("--json", metavar="FILE", help="- for stdout.")] = None,
) -> None:
    """Find objects on pictures."""
    pictures = _pictures(source)
    files = located(weights)
    from yolodash.inference.preparation import input_size
    from yolodash.inference.results import FailedImage, detect_record, model_facts
    from yolodash.models.loading import load_model

    model = load_model(files.weights, cfg=cfg or files.cfg, names=names or files.names)
    thresholds = Thresholds(
        score_threshold=score,
        nms_iou_threshold=nms_iou,
        max_detections=max_detections,
        class_agnostic=class_agnostic,
        classes=class_ids(classes, model.names),
        labels=labels,
    )
    run = Run(model, thresholds, input_size(model, size), resize, device, precision, engine)
    _make_ready(run)
    results = list(_with_progress(_results(run, pictures, draw), len(pictures)))
    if json_file != "-":
        _tell(results, model.names)
    if json_file is not None:
        facts = model_facts(model, files.weights.name, run.size)
        write_json(json_file, detect_record(facts, thresholds, results))
    if any(isinstance(result, FailedImage) for result in results):
        raise typer.Exit(1)


def _pictures(source: list[str]) -> tuple[Path, ...]:
    """The pictures that were meant; says how many other files the folders hold.

    Raises:
        InputError: there is none.
    """
    from yolodash.data.sources import find_images

    found = find_images(Path(text) for text in source)
    if found.skipped:
        typer.echo(f"skipped {found.skipped} files that are no pictures", err=True)
    if not found.images:
        raise InputError(
            N_("There are no pictures here"), where=", ".join(source), fix=N_("give files, or folders that hold some")
        )
    return found.images


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


def _results(run: Run, pictures: tuple[Path, ...], draw: Path | None) -> Iterator[ImageResult | FailedImage]:
    """One result a picture, in order; a picture that cannot be read is one too."""
    from yolodash.inference.results import FailedImage, unique_stems

    for path, stem in zip(pictures, unique_stems([path.name for path in pictures]), strict=True):
        try:
            yield _result(run, path, None if draw is None else draw / stem)
        except ImageError as error:
            typer.echo(f"error: {error}", err=True)
            yield FailedImage(str(path), str(error))


def _result(run: Run, path: Path, drawn: Path | None) -> ImageResult:
    """What is found on one picture."""
    from yolodash.data.images import read_image
    from yolodash.inference.devices import resolve_device
    from yolodash.inference.prediction import predict_timed
    from yolodash.inference.queue import turn
    from yolodash.inference.results import ImageResult
    from yolodash.inference.selection import judge

    image = read_image(path)
    with turn(resolve_device(run.device), "command", interactive=False):
        candidates, spent = predict_timed(
            run.model,
            image,
            size=run.size,
            resize=run.resize,
            device=run.device,
            precision=run.precision,
            engine=run.engine,
        )
    start = time.perf_counter()
    detections = judge(candidates, run.thresholds).detections
    spent = replace(spent, select=1000 * (time.perf_counter() - start))
    result = ImageResult(str(path), candidates.image_size, detections, spent)
    if drawn is not None:
        _save_drawing(image, result, run.model.names, drawn)
    return result


def _save_drawing(image: Image, result: ImageResult, names: tuple[str, ...], path: Path) -> None:
    """The picture with its boxes: a JPEG stays one, all else becomes PNG."""
    from yolodash import workspace
    from yolodash.data.images import encode_jpeg, encode_png
    from yolodash.drawing import draw_detections

    drawn = draw_detections(image, result.detections, names)
    jpeg = Path(result.source).suffix.lower() in {".jpg", ".jpeg"}
    data = encode_jpeg(drawn) if jpeg else encode_png(drawn)
    workspace.write_bytes(path.parent / f"{path.name}{'.jpg' if jpeg else '.png'}", data)


def _make_ready(run: Run) -> None:
    """Build the engine now, so that its making counts in no picture's time and what it lacks is said at once."""
    from yolodash.inference.engines import engine_for

    engine_for(run.model, device=run.device, precision=run.precision, engine=run.engine, input_size=run.size)


def _tell(results: list[ImageResult | FailedImage], names: tuple[str, ...]) -> None:
    """A line a picture; those that failed have had theirs on stderr."""
    from yolodash.inference.results import ImageResult

    for result in results:
        if isinstance(result, ImageResult):
            typer.echo(_line(result, names))


def _line(result: ImageResult, names: tuple[str, ...]) -> str:
    """A picture's result for people: how many of which class."""
    counts = Counter(names[class_id] for class_id in result.detections.class_ids)
    found = ", ".join(f"{count} {one_line(name)}" for name, count in counts.most_common()) or "nothing"
    return f"{one_line(result.source)}  {found}  ({result.milliseconds.forward:.0f} ms)"


def _with_progress(results: Iterable[ImageResult | FailedImage], count: int) -> Iterable[ImageResult | FailedImage]:
    """The results, with a bar on stderr if that is a terminal and there is more than one."""
    if count < 2 or not sys.stderr.isatty():
        yield from results
        return
    with typer.progressbar(results, length=count, file=sys.stderr) as bar:
        yield from bar
