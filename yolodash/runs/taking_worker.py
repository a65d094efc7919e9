"""The process that takes things into a data set: ``python -m yolodash.runs.taking_worker ID``.

It does what ``taking_in.begin_taking`` wrote down: pictures, a labelled data set, or frames of a video. It tells how
far it is, and ends when it is asked to.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yolodash import workspace
from yolodash.data.archives import MOST_FILES
from yolodash.data.dataset import Dataset, Problem
from yolodash.data.images import encode_jpeg
from yolodash.data.opening import open_dataset
from yolodash.data.signatures import HEAD_BYTES, picture_kind
from yolodash.data.store.adding import add_dataset
from yolodash.data.store.folders import create_dataset, find_stored, free_place
from yolodash.data.store.importing import import_dataset
from yolodash.data.store.pictures import add_picture
from yolodash.data.videos.reading import open_video
from yolodash.errors import N_, DatasetError, ImageError, YoloDashError
from yolodash.runs.processes import lower_priority
from yolodash.runs.state import read_json, write_display
from yolodash.runs.taking_in import LOCK, PROGRESS, REQUEST, STOP, home
from yolodash.runs.told_errors import error_record

MOST_TOLD = 20
FRAME_QUALITY = 95
_SECONDS = 0.4


class _StoppedError(Exception):
    """Somebody asked for the end."""


@dataclass
class _Job:
    """The work, and what is told of it."""

    folder: Path
    request: dict[str, Any]
    told: dict[str, Any] = field(default_factory=dict)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    said: float = 0.0

    def tell(self, *, now: bool = False, **values: Any) -> None:
        """Keep what is to be told, and tell it every now and then.

        Raises:
            _StoppedError: it is to end.
        """
        self.told.update(values)
        if now or time.monotonic() - self.said > _SECONDS:
            self.said = time.monotonic()
            with suppress(OSError):  # a full disk: what is wanted to be written is what will say so
                write_display(self.folder / PROGRESS, {**self.told, "reasons": self.reasons})
            if (self.folder / STOP).exists():
                raise _StoppedError

    def count(self, what: str) -> None:
        """One more."""
        self.told[what] = self.told.get(what, 0) + 1

    def refuse(self, error: YoloDashError) -> None:
        """One that could not be taken."""
        self.count("refused")
        if len(self.reasons) < MOST_TOLD:
            self.reasons.append(error_record(error))


def work(job: str) -> None:
    """Do what was asked."""
    folder = home() / job
    task = _Job(folder, read_json(folder / REQUEST) or {})
    try:
        task.tell(now=True, done=0)
        _WORK[task.request["kind"]](task)
        task.told["finished"] = True
    except _StoppedError:
        task.told["stopped"] = True
    except YoloDashError as error:
        task.told["error"] = error_record(error)
    shutil.rmtree(folder / "files", ignore_errors=True)  # first of all, so that a full disk has room for the next line
    write_display(folder / PROGRESS, {**task.told, "reasons": task.reasons})


def _take_files(task: _Job) -> None:
    """Bare pictures one by one; as soon as there is anything else, the folder is opened as a data set."""
    files = sorted(path for path in (task.folder / "files").rglob("*") if path.is_file())
    if len(files) > MOST_FILES:
        raise DatasetError(N_("These are {count} files"), fix=N_("take fewer at once"), count=len(files))
    others = [path for path in files if not _is_picture(path)]
    stems = {path.stem for path in set(files).difference(others)}
    if others and len(files) == 1 and others[0].suffix.lower() == ".zip":
        _take_opened(task, open_dataset(others[0]))
    elif any(_is_label(path, stems) for path in others):
        _take_opened(task, open_dataset(task.folder / "files", confined=True))
    else:
        _take_pictures(task, files)


def _is_label(path: Path, stems: Collection[str]) -> bool:
    """Whether a file may say what is in pictures; a text does where a picture has its name."""
    suffix = path.suffix.lower()
    return suffix in (".yaml", ".yml", ".json", ".xml") or (suffix == ".txt" and path.stem in stems)


def _take_pictures(task: _Job, files: list[Path]) -> None:
    """Pictures and archives in turn."""
    dataset = _target(task)
    for done, path in enumerate(files, start=1):
        if path.suffix.lower() == ".zip" and not _is_picture(path):
            _take_opened(task, open_dataset(path))
        else:
            _take_picture(task, dataset, path.name, path.read_bytes())
        task.tell(done=done, total=len(files))


def _take_picture(task: _Job, dataset: Path, name: str, data: bytes, origin: str = "") -> None:
    try:
        added = add_picture(dataset, name, data, by=task.request["by"], origin=origin)
    except (ImageError, DatasetError) as error:
        task.refuse(error)
        return
    task.count("doubles" if added.duplicate_of else "added")


def _take_path(task: _Job) -> None:
    _take_opened(task, open_dataset(task.request["source"]))


def _take_opened(task: _Job, source: Dataset) -> None:
    """A labelled data set: as a new one whole or not at all; into one that is there picture by picture."""
    name, by = task.request["name"], task.request["by"]
    if not any(image.path is not None for image in source.images):
        raise DatasetError(
            N_("None of the pictures that these labels name is there: {count}"),
            where=source.root.name,
            fix=N_("bring the pictures together with their labels, in a zip or a folder"),
            count=len(source.images),
        )

    def progress(done: int, total: int) -> None:
        task.tell(done=done, total=total)

    if (workspace.folder("datasets") / name).exists():
        came = add_dataset(find_stored(name), source, by=by, progress=progress)
        task.told.update(added=came.images, doubles=came.doubles)
        notes = came.notes
    else:
        free_place(name)
        imported = import_dataset(source, name, by=by, progress=progress)
        task.told.update(added=imported.images)
        notes = imported.notes
    for problem in (*source.problems, *notes):
        told_before = problem.kind == "left_out" and bool(source.problems)
        if problem.severity != "note" and not told_before:
            task.refuse(_as_error(problem))


def _as_error(problem: Problem) -> DatasetError:
    where = f"{problem.file}:{problem.line}" if problem.line else problem.file
    return DatasetError(problem.message, where=where, fix=problem.fix, **problem.values)


def _take_video(task: _Job) -> None:
    """Frames at a steady rate by the time at which they are shown, whatever the video's own."""
    (path,) = (path for path in (task.folder / "files").rglob("*") if path.is_file())
    rate = float(task.request["per_second"])
    with open_video(path) as video:
        dataset = _target(task)
        due = 0.0
        for frame in video.frames:
            if frame.seconds + 1e-6 >= due:
                due = max(due + 1 / rate, frame.seconds + 0.5 / rate)
                data = encode_jpeg(frame.image, FRAME_QUALITY)
                _take_picture(task, dataset, f"{path.stem}-{frame.index:06d}.jpg", data, path.name)
            task.tell(done=frame.index + 1, total=max(video.facts.expected_frames, frame.index + 1))
        for note in video.notes:
            task.refuse(DatasetError(note.text, where=path.name, fix=N_("check its end"), **note.values))


def _target(task: _Job) -> Path:
    """The data set, made if it is not there yet."""
    name = task.request["name"]
    if (workspace.folder("datasets") / name).exists():
        return find_stored(name)
    return create_dataset(name, by=task.request["by"])


def _is_picture(path: Path) -> bool:
    with path.open("rb") as file:
        return picture_kind(file.read(HEAD_BYTES)) is not None


_WORK = {"files": _take_files, "path": _take_path, "video": _take_video}


def main(arguments: list[str]) -> int:
    """The process's own."""
    (job,) = arguments
    with workspace.locked(workspace.inside(home(), job) / LOCK, wait=False) as ours:
        if not ours:
            return 1
        lower_priority()
        work(job)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
