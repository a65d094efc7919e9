"""``detect``: what a model finds on pictures."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yolodash.cli.looking import (
    CfgOption,
    ClassAgnosticOption,
    ClassesOption,
    DeviceOption,
    EngineOption,
    LabelsOption,
    MaxDetectionsOption,
    NamesOption,
    NmsIouOption,
    PrecisionOption,
    ResizeOption,
    ScoreOption,
    SizeOption,
    WeightsOption,
    open_look,
)
from yolodash.cli.models import write_json
from yolodash.errors import N_, ImageError, InputError, one_line
from yolodash.structures import Thresholds

if TYPE_CHECKING:
    from yolodash.inference.looking import Look
    from yolodash.inference.results import FailedImage, ImageResult
    from yolodash.structures import Image


def detect(
    source: Annotated[list[str], typer.Argument(help="Pictures, or folders of pictures.")],
    weights: WeightsOption,
    cfg: CfgOption = None,
    names: NamesOption = None,
    size: SizeOption = None,
    score: ScoreOption = 0.25,
    nms_iou: NmsIouOption = 0.45,
    max_detections: MaxDetectionsOption = 300,
    class_agnostic: ClassAgnosticOption = False,
    classes: ClassesOption = None,
    labels: LabelsOption = None,
    resize: ResizeOption = None,
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    engine: EngineOption = "auto",
    draw: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the pictures with their boxes here.")] = None,
    json_file: Annotated[str | None, typer.Option("--json", metavar="FILE", help="- for stdout.")] = None,
) -> None:
    """Find objects on pictures."""
    pictures = _pictures(source)
    thresholds = Thresholds(score, nms_iou, max_detections, class_agnostic, labels=labels)
    files, look = open_look(
        weights, cfg, names, thresholds=thresholds, classes=classes, size=size, resize=resize, device=device,
        precision=precision, engine=engine,
    )  # fmt: skip
    from yolodash.inference.results import FailedImage, detect_record, model_facts

    results = list(_with_progress(_results(look, pictures, draw), len(pictures)))
    if json_file != "-":
        _tell(results, look.model.names)
    if json_file is not None:
        facts = model_facts(look.model, files.weights.name, look.size)
        write_json(json_file, detect_record(facts, look.thresholds, results))
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


def _results(look: Look, pictures: tuple[Path, ...], draw: Path | None) -> Iterator[ImageResult | FailedImage]:
    """One result a picture, in order; a picture that cannot be read is one too."""
    from yolodash.inference.results import FailedImage, unique_stems

    for path, stem in zip(pictures, unique_stems([path.name for path in pictures]), strict=True):
        try:
            yield _result(look, path, None if draw is None else draw / stem)
        except ImageError as error:
            typer.echo(f"error: {error}", err=True)
            yield FailedImage(str(path), str(error))


def _result(look: Look, path: Path, drawn: Path | None) -> ImageResult:
    """What is found on one picture."""
    from yolodash.data.images import read_image
    from yolodash.inference.looking import look_at
    from yolodash.inference.results import ImageResult
    from yolodash.inference.selection import judge

    image = read_image(path)
    candidates, spent = look_at(look, image, "command")
    start = time.perf_counter()
    detections = judge(candidates, look.thresholds).detections
    spent = replace(spent, select=1000 * (time.perf_counter() - start))
    result = ImageResult(str(path), candidates.image_size, detections, spent)
    if drawn is not None:
        _save_drawing(image, result, look.model.names, drawn)
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
