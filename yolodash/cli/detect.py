"""``detect SOURCE…``: run a detector on pictures and write down what it found."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yolodash import workspace
from yolodash.cli.models import write_json
from yolodash.data.images import encode_png, read_image
from yolodash.data.sources import find_images
from yolodash.errors import N_, OptionError, YoloDashError
from yolodash.inference.results import ImageFailure, ImageResult, ModelSummary, detect_json
from yolodash.models import catalogue
from yolodash.structures import Resize, Thresholds

if TYPE_CHECKING:
    from yolodash.models.detector import Detector


class LabelChoice(StrEnum):
    """One class a box, or every class above the threshold."""

    BEST = "best"
    ALL = "all"


class ResizeChoice(StrEnum):
    """How a picture comes into the network's size."""

    LETTERBOX = "letterbox"
    RECTANGLE = "rectangle"
    STRETCH = "stretch"


class PrecisionChoice(StrEnum):
    """The numbers that the network computes with."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"


class EngineChoice(StrEnum):
    """What runs the network."""

    AUTO = "auto"
    TORCH = "torch"
    ONNXRUNTIME = "onnxruntime"
    OPENVINO = "openvino"


def detect(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE…", help="Pictures, or folders of them.")],
    weights: Annotated[str, typer.Option(help="A model file, a run, or a name of the catalogue.")] = "yolov3-tiny",
    cfg: Annotated[Path | None, typer.Option(help="Darknet's .cfg, when it does not lie beside the weights.")] = None,
    names: Annotated[Path | None, typer.Option(help="Names of the classes, one a line.")] = None,
    size: Annotated[int | None, typer.Option(help="Side of the network's input; the model's own if not given.")] = None,
    score: Annotated[float, typer.Option(help="Score threshold.")] = 0.25,
    nms_iou: Annotated[float, typer.Option("--nms-iou", help="NMS IoU threshold.")] = 0.45,
    max_detections: Annotated[int, typer.Option("--max-detections", help="At most so many a picture.")] = 300,
    class_agnostic: Annotated[bool, typer.Option("--class-agnostic", help="Suppress across classes.")] = False,
    labels: Annotated[LabelChoice | None, typer.Option(help="The family's own if not given.")] = None,
    resize: Annotated[ResizeChoice | None, typer.Option(help="The family's own if not given.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda:0 …")] = "auto",
    precision: Annotated[PrecisionChoice, typer.Option()] = PrecisionChoice.AUTO,
    engine: Annotated[EngineChoice, typer.Option()] = EngineChoice.AUTO,
    draw: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the pictures with their boxes here.")] = None,
    json_file: Annotated[str | None, typer.Option("--json", metavar="FILE", help="JSON; - for stdout.")] = None,
) -> int:
    """Find objects in pictures.

    One bad picture stops nothing: it has its error in the JSON, in its place, and the exit code is 1 at the end.
    """
    thresholds = Thresholds(score, nms_iou, max_detections, class_agnostic, labels=labels.value if labels else None)
    _check(thresholds)
    found = find_images([Path(source) for source in sources])
    if found.skipped:
        typer.echo(f"{found.skipped} files that are no pictures were skipped", err=True)
    model = _load(weights, cfg, names)
    run = _Run(model, thresholds, size, resize.value if resize else None, device, precision, engine)
    entries = list(_progress(run.each(found.images, draw), len(found.images)))
    if json_file is not None:
        write_json(json_file, detect_json(_summary(model, weights, run.input_size()), thresholds, entries))
    else:
        _tell(entries, model.names)
    return int(any(isinstance(entry, ImageFailure) for entry in entries))


class _Run:
    """One detector with its settings, on one picture after another."""

    def __init__(
        self,
        model: Detector,
        thresholds: Thresholds,
        size: int | None,
        resize: Resize | None,
        device: str,
        precision: PrecisionChoice,
        engine: EngineChoice,
    ) -> None:
        self.model, self.thresholds, self.size, self.resize = model, thresholds, size, resize
        self.device, self.precision, self.engine = device, precision.value, engine.value

    def input_size(self) -> object:
        """The size that the network is given at most."""
        from yolodash.inference.preparation import input_size

        return input_size(self.model, self.size)

    def each(self, paths: Sequence[Path], draw: Path | None) -> Iterator[ImageResult | ImageFailure]:
        """The result of every picture, in order; a bad one gives its sentence."""
        for number, path in enumerate(paths):
            try:
                yield self.one(path, None if draw is None else draw / _drawn_name(number, path))
            except YoloDashError as error:
                yield ImageFailure(str(path), str(error))

    def one(self, path: Path, drawing: Path | None) -> ImageResult:
        """Read, predict, select, and draw if asked to."""
        from yolodash.drawing import draw_detections
        from yolodash.inference.prediction import predict_timed
        from yolodash.inference.selection import judge

        image = read_image(path)
        candidates, milliseconds = predict_timed(
            self.model,
            image,
            size=self.size,
            resize=self.resize,
            device=self.device,
            precision=self.precision,
            engine=self.engine,
        )
        start = time.perf_counter()
        detections = judge(candidates, self.thresholds).detections
        milliseconds = replace(milliseconds, select=1000 * (time.perf_counter() - start))
        if drawing is not None:
            workspace.write_bytes(drawing, encode_png(draw_detections(image, detections, self.model.names)))
        return ImageResult(str(path), candidates.image_size, detections, milliseconds)


def _load(weights: str, cfg: Path | None, names: Path | None) -> Detector:
    """The detector; a bad file is refused before torch is imported."""
    from yolodash.models.loading import load_model

    files = catalogue.locate(weights)
    return load_model(files.weights, cfg=cfg or files.cfg, names=names or files.names)


def _check(thresholds: Thresholds) -> None:
    for option, value in (("--score", thresholds.score_threshold), ("--nms-iou", thresholds.nms_iou_threshold)):
        if not 0 <= value <= 1:
            raise OptionError(
                N_("A threshold lies between 0 and 1, not at {value}"), where=option, fix=N_("mend it"), value=value
            )
    if thresholds.max_detections < 1:
        raise OptionError(N_("At least one detection has to be allowed"), where="--max-detections", fix=N_("mend it"))


def _summary(model: Detector, weights: str, size: object) -> ModelSummary:
    from yolodash.structures import ImageSize

    assert isinstance(size, ImageSize)
    return ModelSummary(Path(weights).name, model.family, model.names, size, model.parameter_count)


def _drawn_name(number: int, path: Path) -> str:
    """A file name for a drawn picture; numbered, so that two folders' pictures of one name both stay."""
    return workspace.safe_name(f"{number:05d}-{path.stem}.png")


def _progress(entries: Iterator[ImageResult | ImageFailure], count: int) -> Iterator[ImageResult | ImageFailure]:
    """A progress bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield from entries
        return
    with typer.progressbar(entries, length=count, file=sys.stderr, label="Detecting") as bar:
        yield from bar


def _tell(entries: Sequence[ImageResult | ImageFailure], names: Sequence[str]) -> None:
    """The result for a reader: a line a picture, and its errors on stderr."""
    for entry in entries:
        if isinstance(entry, ImageFailure):
            typer.echo(f"error: {entry.error}", err=True)
            continue
        counts: dict[str, int] = {}
        for class_id in entry.detections.class_ids.tolist():
            counts[names[class_id]] = counts.get(names[class_id], 0) + 1
        said = ", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing found"
        typer.echo(f"{entry.source}: {said}")
