"""A model over one split of a data set: its detections a picture, ready to be scored.

Of each picture only the detections stay, so that the memory is bounded whatever the data set's size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from yolodash.data.dataset import Dataset, LabelledImage
from yolodash.data.images import read_image
from yolodash.errors import N_, DatasetError, ImageError
from yolodash.evaluation.rectangles import prepare_rectangles
from yolodash.evaluation.tables import Found, Labels, Truths, found_from, truths_from
from yolodash.inference.devices import resolve_device
from yolodash.inference.engines import engine_for
from yolodash.inference.prediction import candidates_from_maps
from yolodash.inference.preparation import Prepared, input_size, prepare
from yolodash.inference.queue import turn
from yolodash.inference.selection import judge
from yolodash.structures import Detections, Image, ImageSize, Thresholds

if TYPE_CHECKING:
    from yolodash.models.detector import Detector

VALIDATION = Thresholds(score_threshold=0.001, nms_iou_threshold=0.6, max_detections=300, labels="all")
"""What YOLOv5's validation uses: low enough for the whole curve."""


@dataclass(frozen=True)
class Note:
    """Something that was left out, said so that nobody has to guess: a gettext message id and its values."""

    message: str
    values: dict[str, Any] = field(default_factory=dict)

    def sentence(self) -> str:
        """In English."""
        return self.message.format(**self.values)


@dataclass(frozen=True)
class Pictures:
    """The pictures of one split that are there, the classes by id, and what is missing."""

    images: tuple[LabelledImage, ...]
    names: Mapping[int, str]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class ModelRun:
    """Truth and detections of one split as tables.

    Attributes:
        truths, found, labels: pictures in the order of the split, without those that could not be read.
        size: of the network's input as asked for.
        notes: what was left out.
    """

    truths: Truths
    found: Found
    labels: Labels
    size: ImageSize
    notes: tuple[Note, ...]


def pictures_of(dataset: Dataset, split: str) -> Pictures:
    """The pictures of a split whose files are there.

    Raises:
        DatasetError: the split has none.
    """
    wanted = dataset.split(split)
    there = tuple(image for image in wanted if image.path is not None)
    if not there:
        parts = sorted({part for image in dataset.images for part in image.splits})
        raise DatasetError(
            N_("The split '{split}' has no pictures"),
            where=dataset.root.name,
            fix=N_("choose one of: {splits}"),
            split=split,
            splits=", ".join([*parts, "all"]),
        )
    notes = []
    if len(wanted) > len(there):
        notes.append(Note(N_("{count} pictures are missing and were left out"), {"count": len(wanted) - len(there)}))
    errors = sum(problem.severity == "error" for problem in dataset.problems)
    if errors:
        notes.append(Note(N_("{count} problems in the data set; 'dataset check' lists them"), {"count": errors}))
    return Pictures(there, dataset.names, tuple(notes))


def run_model(
    model: Detector,
    pictures: Pictures,
    thresholds: Thresholds = VALIDATION,
    *,
    size: ImageSize | int | None = None,
    batch: int = 16,
    device: str = "auto",
    classes: Mapping[int, int] | None = None,
    progress: Callable[[int], None] | None = None,
) -> ModelRun:
    """Run a model, in float32, over the pictures of a split.

    Args:
        model: YOLOv5 sees rectangles as in its own validation (see ``rectangles``), Darknet its letterboxed square.
        pictures: from ``pictures_of``.
        thresholds: low, so that the curve is whole.
        size: of the network's input; None for the model's own.
        batch: pictures at once.
        device: ``auto``, ``cpu``, ``cuda:0`` …
        classes: the data set's class id for each of the model's; None to go by their names.
        progress: called with how many more pictures are done.

    Raises:
        DatasetError: no class of the model is one of the data set, or no picture can be read.
        OptionError, DeviceError: as ``predict``.
    """
    mapping = class_mapping(model.names, pictures.names) if classes is None else dict(classes)
    network = input_size(model, size)
    found: dict[str, Detections] = {}
    notes = [*pictures.notes, *_about_classes(model.names, mapping, pictures.names)]
    ordered = sorted(pictures.images, key=_aspect)
    for start in range(0, len(ordered), batch):
        part = ordered[start : start + batch]
        chunk, images = _read(part, notes)
        prepared = _prepared(model, images, network)
        for one, detections in zip(chunk, _detect(model, prepared, thresholds, device), strict=True):
            found[one.name] = renamed(detections, mapping)
        if progress is not None:
            progress(len(part))
    return _tables(pictures, found, network, notes)


def _tables(pictures: Pictures, found: dict[str, Detections], size: ImageSize, notes: list[Note]) -> ModelRun:
    seen = {image.name: image.annotations for image in pictures.images if image.name in found}
    if not seen:
        raise DatasetError(N_("None of the pictures can be read"), fix=N_("check the data set with 'dataset check'"))
    ids = sorted(set(pictures.names) | {int(i) for truth in seen.values() for i in truth.class_ids})
    names = tuple(pictures.names.get(i, f"class {i}") for i in ids)
    labels = Labels(tuple(ids), names, tuple(seen))
    return ModelRun(truths_from(seen, labels), found_from(found, labels), labels, size, tuple(notes))


def class_mapping(model_names: Sequence[str], data_names: Mapping[int, str]) -> dict[int, int]:
    """The data set's class id for each of the model's classes: by name, and by number where one side has no names.

    Where both have as many classes and at least half of the names stand in the same places, the rest goes by its
    place: Darknet's list for COCO says motorbike and aeroplane where COCO says motorcycle and airplane.

    Raises:
        DatasetError: the two have nothing in common.
    """
    nameless = not data_names or all(name == f"class {i}" for i, name in enumerate(model_names))
    if nameless:
        return {i: i for i in range(len(model_names))}
    ids = {_plain(name): i for i, name in sorted(data_names.items(), reverse=True)}
    mapping = {i: ids[_plain(name)] for i, name in enumerate(model_names) if _plain(name) in ids}
    ordered = sorted(data_names)
    agree = len(ordered) == len(model_names) and all(ordered[i] == number for i, number in mapping.items())
    if agree and 2 * len(mapping) >= len(ordered):
        mapping = dict(enumerate(ordered))
    if not mapping:
        raise DatasetError(
            N_("The model's classes ({model} …) and the data set's ({data} …) have no name in common"),
            fix=N_("give --names with the data set's names in the order of the model's classes"),
            model=", ".join(model_names[:3]),
            data=", ".join(list(data_names.values())[:3]),
        )
    return mapping


def _plain(name: str) -> str:
    """A name without the differences that mean nothing: case, blanks, dashes."""
    return "".join(c for c in name.casefold() if c.isalnum()) or name


def renamed(detections: Detections, mapping: Mapping[int, int]) -> Detections:
    """Detections with the data set's class ids; those of classes that it does not have are left out."""
    kept = np.array([int(i) in mapping for i in detections.class_ids], bool)
    ids = np.array([mapping[int(i)] for i in detections.class_ids[kept]], np.int64)
    return Detections(detections.boxes[kept], detections.scores[kept], ids, detections.candidate_index[kept])


def _about_classes(names: Sequence[str], mapping: Mapping[int, int], data_names: Mapping[int, str]) -> list[Note]:
    """Which classes do not count, and which have two names."""
    notes = []
    left = [name for i, name in enumerate(names) if i not in mapping]
    if left:
        message = N_("{count} classes of the model are not in the data set ({names}): their detections do not count")
        notes.append(Note(message, {"count": len(left), "names": _some(left)}))
    pairs = [(names[i], data_names.get(number, names[i])) for i, number in mapping.items()]
    twice = [f"{one} = {other}" for one, other in pairs if _plain(one) != _plain(other)]
    if twice:
        message = N_("{count} classes were matched by their place, not by their name ({names})")
        notes.append(Note(message, {"count": len(twice), "names": _some(twice)}))
    return notes


def _some(words: Sequence[str]) -> str:
    return ", ".join(words[:3]) + (" …" if words[3:] else "")


def _read(pictures: Sequence[LabelledImage], notes: list[Note]) -> tuple[list[LabelledImage], list[Image]]:
    """The pictures that can be read, with their pixels; the others are noted."""
    read, images = [], []
    for one in pictures:
        try:
            if one.path is not None:
                images.append(read_image(one.path))
                read.append(one)
        except ImageError as error:
            notes.append(Note(N_("Left out: {reason}"), {"reason": str(error)}))
    return read, images


def _aspect(picture: LabelledImage) -> float:
    size = picture.annotations.image_size
    return size.height / size.width if size.width else 0.0


def _prepared(model: Detector, images: list[Image], size: ImageSize) -> list[Prepared]:
    """The pictures of one batch as the family's own validation sees them."""
    if not images:
        return []
    if model.family == "yolov5" and size.height == size.width:
        return prepare_rectangles(images, size.height, model.stride)
    return [prepare(model, image, size=size) for image in images]


def _detect(model: Detector, prepared: list[Prepared], thresholds: Thresholds, device: str) -> Iterator[Detections]:
    """The detections of each picture; those of one input size go through the network together."""
    same = len({one.placement.network for one in prepared}) < 2
    for group in [prepared] if same and prepared else [[one] for one in prepared]:
        with turn(resolve_device(device), "evaluate", interactive=False):
            run = engine_for(model, device=device, precision="float32", engine="torch")
            maps = run(torch.cat([one.batch for one in group]))
        for place, one in enumerate(group):
            own = tuple(raw[place : place + 1] for raw in maps)
            yield judge(candidates_from_maps(model, own, one), thresholds).detections
