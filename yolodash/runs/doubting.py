"""A model over the labels of a data set: what it doubts, kept beside the data set for as long as the pictures stay.

``python -m yolodash.runs.doubting FOLDER`` looks at the labelled pictures and adds a line for each to ``looks.tsv``.
What was kept at a stop, or when it died, is not looked at again. A line says what the model saw as well, so that a
label that was changed since is judged anew without the model.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import IO, Any

from yolodash import workspace
from yolodash.data.duplicates import cache_folder
from yolodash.data.images import read_image
from yolodash.data.store.classes import StoredClass, living, read_classes
from yolodash.data.store.pictures import StoredPicture, list_pictures
from yolodash.data.store.truth import read_truth
from yolodash.errors import N_, DatasetError, ImageError, ModelFileError
from yolodash.evaluation.suspicion import Doubt, Sight, Sights, doubts, sights_of
from yolodash.models import catalogue
from yolodash.models.catalogue import InstalledModel
from yolodash.runs import jobs
from yolodash.runs.reporting import Watch

LOOKS = "looks.tsv"
MOST_TOLD = 10
"""Doubts of one picture that are kept: no list shows more."""
_MODELS = 6
_FLUSH_SECONDS = 0.5
_TABS = 3
_OWNER = "checks labels"


@dataclass(frozen=True)
class Checked:
    """What a model said of the labels of a data set.

    Attributes:
        doubts: of each picture that it looked at, the most suspicious first; none where it agrees.
        missing: labelled pictures that it has not looked at.
    """

    doubts: Mapping[str, tuple[Doubt, ...]]
    missing: tuple[StoredPicture, ...]

    def worst(self) -> dict[str, float]:
        """How suspicious the most suspicious box of each picture is, in [0, 1]; 0 where model and labels agree."""
        return {stem: found[0].weight if found else 0.0 for stem, found in self.doubts.items()}


def is_labelled(picture: StoredPicture) -> bool:
    """Whether a picture says anything that a model could doubt; one that is done says so by having no box, too."""
    return bool(picture.boxes) or picture.state in ("done", "reviewed")


def check_folder(dataset: Path, model: InstalledModel) -> Path:
    """Where what a model says of a data set is kept; other files of the same name are another model."""
    files = (model.files.weights, model.files.cfg, model.files.names)
    known = repr([(str(path), *_stamp(path)) for path in files if path is not None])
    return cache_folder(dataset) / "doubts" / hashlib.sha256(known.encode()).hexdigest()[:16]


def _stamp(path: Path) -> tuple[int, int]:
    try:
        about = path.stat()
    except OSError:
        return 0, 0  # loading it will say so
    return about.st_size, about.st_mtime_ns


def begin_checking(dataset: Path, model: InstalledModel) -> None:
    """Let a process look at the labelled pictures that this model has not looked at yet.

    Raises:
        WorkspaceError: the disk cannot be written to.
    """
    folder = check_folder(dataset, model)
    jobs.begin(folder, "yolodash.runs.doubting", {"dataset": str(dataset), "model": model.name})
    others = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime)
    for old in others[:-_MODELS]:
        found = jobs.look(old)
        if found is None or not found.at_work:
            shutil.rmtree(old, ignore_errors=True)


class Reader:
    """What a check has found so far; what did not change since the last time is not read again.

    One for each of the folders: it keeps the lines as they are, a thousand bytes for a picture.
    """

    def __init__(self, folder: Path) -> None:
        self._place = folder / LOOKS
        self._read = (0, 0)  # which file, as the file system knows it, and how much of it
        self._lines: dict[str, bytes] = {}
        self._judged: dict[str, tuple[str, int, str, tuple[Doubt, ...]]] = {}
        self._lock = threading.Lock()

    def read(self, dataset: Path, pictures: Sequence[StoredPicture], classes: Sequence[StoredClass]) -> Checked:
        """What the model says of the labels as they are now."""
        with self._lock:
            self._read_on()
            return self._checked(dataset, pictures, classes)

    def _checked(self, dataset: Path, pictures: Sequence[StoredPicture], classes: Sequence[StoredClass]) -> Checked:
        names = {one.id: one.name for one in living(classes)}
        spelt = _spelling(names)
        found, missing = {}, []
        for one in pictures:
            if not is_labelled(one):
                continue
            line = self._lines.get(_key(one))
            if line is None:
                missing.append(one)
            else:
                found[one.stem] = self._judge(dataset, one, line, names, spelt)
        return Checked(found, tuple(missing))

    def _read_on(self) -> None:
        """Take in the lines that were added; a last one that is not whole yet waits, and a torn one is none."""
        with contextlib.suppress(OSError), self._place.open("rb") as file:
            about = os.fstat(file.fileno())
            number, length = self._read
            if number != about.st_ino or about.st_size < length:
                self._lines.clear()
                length = 0
            file.seek(length)
            data = file.read()
            whole = data[: data.rfind(b"\n") + 1]
            self._read = about.st_ino, length + len(whole)
            for line in whole.splitlines():
                key, _tab, rest = line.partition(b"\t")
                if rest.count(b"\t") == _TABS and rest.endswith((b"]]", b"\t[]")):
                    self._lines[key.decode("utf-8", "replace")] = rest

    def _judge(
        self, dataset: Path, one: StoredPicture, line: bytes, names: Mapping[int, str], spelt: str
    ) -> tuple[Doubt, ...]:
        known = self._judged.get(one.stem)
        if known is not None and known[:3] == (_key(one), one.revision, spelt):
            return known[3]
        found = _doubts_of(dataset, one, line, names, spelt)
        self._judged[one.stem] = (_key(one), one.revision, spelt, found)
        return found


def _doubts_of(
    dataset: Path, one: StoredPicture, line: bytes, names: Mapping[int, str], spelt: str
) -> tuple[Doubt, ...]:
    """Those that were written down, or, where labels or names are others by now, those of what the model saw."""
    try:
        revision, spelt_then, told, seen = line.split(b"\t")
        if int(revision) == one.revision and spelt_then.decode() == spelt:
            return tuple(Doubt(one.stem, *each) for each in json.loads(told))
        sights = tuple(Sight(name, (x1, y1, x2, y2), score) for name, x1, y1, x2, y2, score in json.loads(seen))
        return _most(doubts(one.stem, read_truth(dataset, one.stem).boxes, sights, names))
    except (ValueError, TypeError, DatasetError, ImageError):
        return ()


def _most(found: Sequence[Doubt]) -> tuple[Doubt, ...]:
    return tuple(found[:MOST_TOLD])


def _key(picture: StoredPicture) -> str:
    """Changes with the picture's file; its name goes as JSON, which has neither tabs nor line ends."""
    return f"{json.dumps(picture.path.name)} {picture.bytes} {picture.added:.3f}"


def _spelling(names: Mapping[int, str]) -> str:
    return hashlib.sha256(repr(sorted(names.items())).encode()).hexdigest()[:12]


def check(folder: Path, request: Mapping[str, Any]) -> None:
    """Do what a check's folder says.

    Raises:
        YoloDashError: the model or the data set cannot be used.
    """
    from yolodash.inference.devices import require_memory
    from yolodash.inference.looking import look_at, make_ready, worth_trying

    dataset, model = Path(request["dataset"]), catalogue.find_usable(str(request["model"]))
    if model is None:
        raise ModelFileError(
            N_("This model is gone"), where=str(request["model"]), fix=N_("choose another model and start again")
        )
    classes = read_classes(dataset)
    missing = Reader(folder).read(dataset, list_pictures(dataset), classes).missing
    watch = Watch(folder, len(missing))
    require_memory()
    look = _look(model)
    make_ready(look, worth_trying(len(missing)))
    names = {one.id: one.name for one in living(classes)}
    with _lines(folder) as lines:
        for one in missing:
            try:
                seen = sights_of(look_at(look, read_image(one.path), _OWNER)[0])
            except ImageError:
                seen = ()  # the health of the data set tells of it
            lines.add(one, _line(dataset, one, seen, names))
            watch(1)


def _look(model: InstalledModel) -> Any:
    from yolodash.inference.looking import Look
    from yolodash.inference.preparation import input_size
    from yolodash.models.loading import load_model
    from yolodash.structures import Thresholds

    network = load_model(model.files.weights, cfg=model.files.cfg, names=model.files.names)
    return Look(network, Thresholds(), input_size(network, None))


def _line(dataset: Path, one: StoredPicture, seen: Sights, names: Mapping[int, str]) -> str:
    """A picture's line, without its key: which revision and which names were judged, the doubts, what was seen."""
    revision, found = 0, []
    with contextlib.suppress(DatasetError, ImageError):  # no annotation that can be read: nothing to doubt
        truth = read_truth(dataset, one.stem)
        revision, found = truth.revision, doubts(one.stem, truth.boxes, seen, names)
    told = json.dumps([astuple(each)[1:] for each in _most(found)])
    sights = json.dumps([[each.name, *(round(value, 2) for value in each.box), each.score] for each in seen])
    return "\t".join((str(revision), _spelling(names), told, sights))


class _Lines:
    """Lines that are added to a file, several at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._flushed = file, time.monotonic()

    def add(self, picture: StoredPicture, line: str) -> None:
        """One more."""
        self._file.write(f"{_key(picture)}\t{line}\n".encode())
        if time.monotonic() - self._flushed > _FLUSH_SECONDS:
            self._file.flush()
            self._flushed = time.monotonic()


@contextlib.contextmanager
def _lines(folder: Path) -> Any:
    """The file to add to; what a killed process left of a line ends there."""
    try:
        with (folder / LOOKS).open("ab") as file:
            file.write(b"\n")
            yield _Lines(file)
    except OSError as error:
        raise workspace.disk_error(error, folder) from error


if __name__ == "__main__":
    sys.exit(jobs.work(sys.argv[1:], check))
