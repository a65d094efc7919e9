"""One door for every model file: looks at what the file is, not at what it is called.

Nothing is fetched here, and torch is imported only once a file has been found good.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from yolodash.errors import N_, ModelFileError
from yolodash.models.darknet.files import read_files
from yolodash.models.darknet.names import read_names
from yolodash.models.recognition import FileKind, recognise
from yolodash.models.saved import build as build_saved
from yolodash.models.saved import read_saved
from yolodash.models.yolov5.checkpoint import Checkpoint, read_checkpoint
from yolodash.models.yolov5.records import Source, open_source

if TYPE_CHECKING:
    from yolodash.models.detector import Detector


def load_model(weights: str | Path, *, cfg: str | Path | None = None, names: str | Path | None = None) -> Detector:
    """Load a detector from the file that a person has.

    Args:
        weights: a YOLOv5 checkpoint (``.pt``), Darknet weights, or what a run of ours wrote (``.safetensors``).
        cfg: Darknet's description of the network; without it the file of the same name beside the weights.
        names: the classes' names, one a line; without them the file's own.

    Returns:
        the network in evaluation mode, float32, on the CPU.

    Raises:
        ModelFileError: what the file is instead, and what to do.
    """
    path = Path(weights)
    match recognise(path):
        case FileKind.DARKNET:
            return _load_darknet(path, cfg, names)
        case FileKind.CHECKPOINT:
            return _load_yolov5(path, names)
        case FileKind.SAVED:
            return _load_saved(path, names)


def _load_yolov5(path: Path, names: str | Path | None) -> Detector:
    with open_source(path) as file:
        try:
            checkpoint = read_checkpoint(Source.of(file))
            given = None if names is None else _read_names(Path(names), len(checkpoint.names))
            return _network(checkpoint, given)
        except ModelFileError as error:
            error.where = error.where or path.name
            raise


def _load_saved(path: Path, names: str | Path | None) -> Detector:
    saved = read_saved(path)
    given = None if names is None else _read_names(Path(names), len(saved.names))
    return build_saved(saved, given)


def _network(checkpoint: Checkpoint, names: tuple[str, ...] | None) -> Detector:
    from yolodash.models.yolov5.architecture import network

    return network(checkpoint, names)


def _load_darknet(path: Path, cfg: str | Path | None, names: str | Path | None) -> Detector:
    description = Path(cfg) if cfg is not None else path.with_suffix(".cfg")
    if cfg is None and not description.is_file():
        raise ModelFileError(
            N_("Darknet weights need the network's description, and there is no {cfg} beside them"),
            where=path.name,
            fix=N_("give the .cfg file that the weights were trained with (--cfg)"),
            cfg=description.name,
        )
    files = read_files(path, description, None if names is None else Path(names))
    from yolodash.models.darknet.network import build

    return build(files)


def _read_names(path: Path, classes: int) -> tuple[str, ...]:
    """The names in a file, which must be as many as the model has classes."""
    found = read_names(path)
    if len(found) != classes:
        raise ModelFileError(
            N_("The names file has {found} names; the model has {classes} classes"),
            where=path.name,
            fix=N_("give the names file that belongs to this model, or none"),
            found=len(found),
            classes=classes,
        )
    return found
