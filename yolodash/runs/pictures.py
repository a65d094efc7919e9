"""What a training looks at, for whoever looks on: its first pictures as they were changed, and the same few pictures of
the validation after each epoch, with what the network found in them.

Only a display: it draws no number by chance, costs no run of a network, takes at most a fiftieth of the time, and a
disk that is full stops nothing. Imports no torch: the pages read here what the worker writes.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from yolodash.data.images import encode_jpeg, read_image, thumbnail
from yolodash.drawing import draw_boxes
from yolodash.errors import YoloDashError
from yolodash.runs.state import read_json, replace_display

if TYPE_CHECKING:
    from yolodash.data.batches import Batches
    from yolodash.evaluation.running import ModelRun, Pictures

FOLDER = "pictures"
AUGMENTED, VALIDATION = "augmented.json", "validation.json"
MOST_AUGMENTED, MOST_VALIDATION = 8, 6
AUGMENTED_SIDE, VALIDATION_SIDE = 480, 360
SCORE = 0.25
"""Detections of a higher score are kept, up to ``MOST_BOXES``; of the others the best, so that one sees them come."""
MOST_BOXES, LOW_BOXES = 25, 4
MOST_EPOCHS = 100
_PARTS = ("name", "file", "height", "width", "scale", "truths")
SHARE, ALLOWANCE = 0.02, 1.0
"""Of the training's time, and seconds on top, so that a short one is shown too."""


@dataclass(frozen=True)
class Augmented:
    """The first pictures of a batch, with their boxes drawn in: of which epoch, and the files."""

    epoch: int
    files: tuple[Path, ...]


class RunPictures:
    """Writes the pictures of one run while it trains.

    Args:
        run: its folder.
        batches: of the training pictures.
        names: of the network's classes.
    """

    def __init__(self, run: Path, batches: Batches, names: Sequence[str]) -> None:
        self._folder, self._batches, self._names = run / FOLDER, batches, tuple(names)
        self._began, self._spent = time.monotonic(), 0.0
        self._augmented = False
        self._book: dict[str, Any] | None = None

    def batch_done(self, epoch: int, step: int) -> None:
        """After the first batch that this worker learns from: show it. ``step`` counts the epoch's batches from 1."""
        if self._augmented:
            return
        self._augmented = True
        with self._display():
            indices = self._batches.indices(epoch)[max(step - 1, 0)]
            for place, index in enumerate(indices[:MOST_AUGMENTED]):
                _replace(self._folder / f"augmented-{place}.jpg", self._drawn(epoch, index))
            about = {"epoch": epoch, "count": min(len(indices), MOST_AUGMENTED)}
            _replace(self._folder / AUGMENTED, json.dumps(about).encode())

    def validated(self, epoch: int, done: ModelRun, pictures: Pictures) -> None:
        """After a validation: keep what was found in the chosen pictures."""
        if self._spent > ALLOWANCE + SHARE * (time.monotonic() - self._began):
            return
        with self._display():
            if self._book is None:
                self._book = self._opened(done, pictures, epoch)
            found = [_found(done, picture) for picture in self._book["pictures"]]
            self._book["epochs"] = thinned([*self._book["epochs"], {"epoch": epoch, "boxes": found}])
            _replace(self._folder / VALIDATION, json.dumps(self._book, ensure_ascii=False).encode())

    @contextlib.contextmanager
    def _display(self) -> Iterator[None]:
        """The time is counted; what goes wrong is not the training's concern."""
        began = time.monotonic()
        with contextlib.suppress(OSError, YoloDashError, ValueError, LookupError, MemoryError):
            yield
        self._spent += time.monotonic() - began

    def _drawn(self, epoch: int, index: int) -> bytes:
        """A picture as the network sees it, with its boxes; small ones in larger pixels, so that labels hide less."""
        example = self._batches.example(epoch, index)
        times = max(1, AUGMENTED_SIDE // max(example.image.shape[:2]))
        small = thumbnail(example.image.repeat(times, axis=0).repeat(times, axis=1), AUGMENTED_SIDE)
        boxes = example.boxes * (small.shape[1] / example.image.shape[1])
        labelled = zip(boxes.tolist(), example.class_ids.tolist(), strict=True)
        return encode_jpeg(draw_boxes(small, [(tuple(box), i, self._names[i]) for box, i in labelled]), 85)

    def _opened(self, done: ModelRun, pictures: Pictures, epoch: int) -> dict[str, Any]:
        """The book that is there, without the epochs that are done again; else a new one, its pictures chosen."""
        known = read_book(self._folder.parent)
        chosen = chosen_pictures(done)
        if known is not None and [picture["name"] for picture in known["pictures"]] == chosen:
            return {**known, "epochs": [one for one in known["epochs"] if one["epoch"] < epoch]}
        paths = {image.name: image.path for image in pictures.images}
        shown = []
        for place, name in enumerate(chosen):
            path = paths[name]
            if path is None:
                continue
            image = read_image(path)
            small = thumbnail(image, VALIDATION_SIDE)
            _replace(self._folder / f"validation-{place}.jpg", encode_jpeg(small, 85))
            size = {"height": small.shape[0], "width": small.shape[1], "scale": small.shape[1] / image.shape[1]}
            shown.append({"name": name, "file": f"validation-{place}.jpg", **size})
        for picture in shown:
            picture["truths"] = _truths(done, picture)
        return {"names": list(done.labels.class_names), "pictures": shown, "epochs": []}


def chosen_pictures(done: ModelRun) -> list[str]:
    """The pictures that are shown: spread over those that have objects, else over all; the same after every epoch."""
    with_objects = np.unique(done.truths.image)
    places = with_objects if len(with_objects) else np.arange(len(done.labels.images))
    wanted = np.linspace(0, len(places) - 1, min(MOST_VALIDATION, len(places))).round().astype(int)
    return [done.labels.images[places[place]] for place in wanted]


def thinned(epochs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All of them while they are few; of more every second one and the last, so that the old ones are the sparser."""
    return epochs if len(epochs) <= MOST_EPOCHS else [*epochs[:-1:2], epochs[-1]]


def _truths(done: ModelRun, picture: dict[str, Any]) -> list[list[float]]:
    """Corners in pixels of the small picture, and the class."""
    here = done.truths.image == done.labels.images.index(picture["name"])
    corners = _corners(done.truths.xywh[here], picture["scale"])
    return [[*box, label] for box, label in zip(corners, done.truths.label[here].tolist(), strict=True)]


def _found(done: ModelRun, picture: dict[str, Any]) -> list[list[float]]:
    """Corners in pixels of the small picture, class and score, the surest first."""
    here = np.flatnonzero(done.found.image == done.labels.images.index(picture["name"]))
    here = here[np.argsort(-done.found.score[here], kind="stable")]
    score = done.found.score[here]
    here = here[: min(MOST_BOXES, max(LOW_BOXES, int((score > SCORE).sum())))]
    corners = _corners(done.found.xywh[here], picture["scale"])
    rest = zip(corners, done.found.label[here].tolist(), done.found.score[here].tolist(), strict=True)
    return [[*box, label, round(score, 3)] for box, label, score in rest]


def _corners(xywh: np.ndarray[Any, Any], scale: float) -> list[list[float]]:
    left, top, width, height = xywh.T
    corners = np.stack([left, top, left + width, top + height], axis=1) * scale
    return [[round(value, 1) for value in box] for box in corners.tolist()]


def _replace(path: Path, data: bytes) -> None:
    """A file for whoever looks on, in a folder that is made for it."""
    path.parent.mkdir(exist_ok=True)
    replace_display(path, data)


def read_book(run: Path) -> dict[str, Any] | None:
    """The chosen pictures of the validation and what was found in them; None where there is nothing sound (yet).

    ``names`` of the classes; ``pictures``, each with ``name``, ``file``, ``height``, ``width`` and ``truths`` (corners
    in its pixels and the class); ``epochs``, each with ``epoch`` and ``boxes``: for each picture corners, class, score.
    """
    found = read_json(run / FOLDER / VALIDATION)
    try:
        sound = found is not None and all(
            isinstance(one["epoch"], int) and len(one["boxes"]) == len(found["pictures"]) for one in found["epochs"]
        )
        whole = sound and found is not None and all({*_PARTS} <= {*picture} for picture in found["pictures"])
    except (KeyError, TypeError):
        return None
    return found if whole else None


def read_augmented(run: Path) -> Augmented | None:
    """The pictures of a batch; None where there are none (yet)."""
    about = read_json(run / FOLDER / AUGMENTED)
    try:
        if about is None:
            return None
        files = tuple(run / FOLDER / f"augmented-{place}.jpg" for place in range(min(int(about["count"]), 64)))
        return Augmented(int(about["epoch"]), tuple(path for path in files if path.is_file()))
    except (KeyError, TypeError, ValueError):
        return None
