"""Pictures, labels and video frames taken into a data set of the workspace by a process of its own.

What was uploaded is first copied into ``datasets/.taking/ID/files``, so that a closed page loses nothing; then
``python -m yolodash.runs.taking_in ID`` does what ``request.json`` there asks for. Whoever looks reads
``progress.json``; that the process lives, its lock says; ``stop`` beside them ends it.
"""

from __future__ import annotations

import secrets
import shutil
import sys
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal

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
from yolodash.errors import N_, DatasetError, ImageError, OptionError, YoloDashError
from yolodash.runs.launch import start_detached
from yolodash.runs.processes import lower_priority
from yolodash.runs.state import read_json, write_display
from yolodash.runs.told_errors import error_from, error_record

Kind = Literal["files", "path", "video"]
STARTING_SECONDS = 120.0
"""How long the process may take until it holds its lock, on a busy machine."""
MOST_TOLD = 20
FRAME_QUALITY = 95
_SECONDS = 0.4


@dataclass(frozen=True)
class Taking:
    """How far one is, or how it ended.

    Attributes:
        name: of the data set.
        total: 0 while that is not known.
        added, doubles: pictures that came in, and that were there already, byte by byte.
        refused: how many could not be taken; ``reasons``: the first of them.
        finished: it came to its end; else, when it is not ``alive`` either, it was stopped or died.
        error: what ended it.
    """

    id: str
    name: str
    alive: bool
    done: int = 0
    total: int = 0
    added: int = 0
    doubles: int = 0
    refused: int = 0
    reasons: tuple[YoloDashError, ...] = ()
    finished: bool = False
    stopped: bool = False
    error: YoloDashError | None = None


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
                write_display(self.folder / "progress.json", {**self.told, "reasons": self.reasons})
            if (self.folder / "stop").exists():
                raise _StoppedError

    def count(self, what: str) -> None:
        """One more."""
        self.told[what] = self.told.get(what, 0) + 1

    def refuse(self, error: YoloDashError) -> None:
        """One that could not be taken."""
        self.count("refused")
        if len(self.reasons) < MOST_TOLD:
            self.reasons.append(error_record(error))


@contextmanager
def spooled(files: Iterable[tuple[str, IO[bytes]]]) -> Iterator[str]:
    """Copy files to where they outlast the page; the id is for ``begin_taking``. They go again if the block fails.

    Args:
        files: a name, which may hold folders, and the bytes.

    Raises:
        WorkspaceError: the disk is full.
    """
    job = secrets.token_hex(8)
    place = workspace.make_folder(_home() / job / "files")
    try:
        for name, source in files:
            parts = [workspace.safe_name(part) for part in PurePosixPath(name.replace("\\", "/")).parts if part != "/"]
            target = _free(place.joinpath(*(parts or ["unnamed"])))
            workspace.make_folder(target.parent)
            try:
                with target.open("xb") as file:
                    shutil.copyfileobj(source, file, 1 << 20)
            except OSError as error:
                raise workspace.disk_error(error, target) from error
        yield job
    except BaseException:
        shutil.rmtree(_home() / job, ignore_errors=True)
        raise


def begin_taking(job: str, name: str, kind: Kind, *, by: str, source: str = "", per_second: float = 1.0) -> None:
    """Start the work; returns at once.

    Args:
        job: of ``spooled``.
        name: of the data set; one that is there gets more pictures.
        kind: ``files`` that were spooled, a data set at ``source``, or frames of the spooled ``video``.
        source: what ``open_dataset`` takes.
        per_second: frames of a video.

    Raises:
        WorkspaceError: the name cannot be one, or the disk cannot be written to.
        DatasetError: there is a folder of this name that is no data set of this program.
        OptionError: the rate makes no sense.
    """
    if not 0 < per_second <= 1000:
        raise OptionError(N_("This is no number of frames a second"), fix=N_("give one such as 1 or 0.5"))
    place = workspace.inside(workspace.folder("datasets"), name)
    if place.exists():
        find_stored(name)
    asked = {"name": name, "kind": kind, "by": by, "source": source, "per_second": per_second}
    workspace.write_json(_home() / job / "request.json", asked)
    start_detached("yolodash.runs.taking_in", [job], _home() / "taking.log")


def takings() -> list[Taking]:
    """All that are at work, or ended and were not put away; the newest last."""
    folders = sorted(_home().glob("*/request.json"), key=lambda path: path.stat().st_mtime)
    return [found for path in folders if (found := taking(path.parent.name)) is not None]


def taking(job: str) -> Taking | None:
    """How far one is; None where there is none of this id."""
    folder = workspace.inside(_home(), job)
    request = read_json(folder / "request.json")
    if request is None:
        return None
    alive = _alive(folder)  # asked first: who ends in between has said how
    said = read_json(folder / "progress.json") or {}
    counts = {key: int(said.get(key, 0)) for key in ("done", "total", "added", "doubles", "refused")}
    return Taking(
        job,
        str(said.get("name") or request.get("name", "")),
        alive,
        **counts,
        reasons=tuple(error_from(one) for one in said.get("reasons", []) if isinstance(one, dict)),
        finished=bool(said.get("finished")),
        stopped=bool(said.get("stopped")),
        error=error_from(said["error"]) if isinstance(said.get("error"), dict) else None,
    )


def stop_taking(job: str) -> None:
    """Ask one to end; of pictures, those that came in stay."""
    (workspace.inside(_home(), job) / "stop").touch()


def put_away(job: str) -> None:
    """Forget one that ended, with its copies of what was uploaded."""
    shutil.rmtree(workspace.inside(_home(), job), ignore_errors=True)


def sweep(older_than_seconds: float = 86_400.0) -> None:
    """Remove copies for which nobody asked anything, such as those of a server that was ended."""
    for folder in _home().glob("*/files"):
        if not (folder.parent / "request.json").exists() and time.time() - folder.stat().st_mtime > older_than_seconds:
            shutil.rmtree(folder.parent, ignore_errors=True)


def _home() -> Path:
    return workspace.make_folder(workspace.folder("datasets") / ".taking")


def _free(path: Path) -> Path:
    """The path, numbered where another uploaded file has it."""
    chosen, number = path, 1
    while chosen.exists():
        number += 1
        chosen = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return chosen


def _alive(folder: Path) -> bool:
    try:
        young = time.time() - (folder / "request.json").stat().st_mtime < STARTING_SECONDS
    except OSError:
        return False
    if young and not (folder / "progress.json").exists():
        return True
    with workspace.locked(folder / ".lock", wait=False) as free:
        return not free


def work(job: str) -> None:
    """Do what was asked."""
    folder = _home() / job
    task = _Job(folder, read_json(folder / "request.json") or {})
    try:
        task.tell(now=True, done=0)
        _WORK[task.request["kind"]](task)
        task.told["finished"] = True
    except _StoppedError:
        task.told["stopped"] = True
    except YoloDashError as error:
        task.told["error"] = error_record(error)
    shutil.rmtree(folder / "files", ignore_errors=True)  # first of all, so that a full disk has room for the next line
    write_display(folder / "progress.json", {**task.told, "reasons": task.reasons})


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
            task.refuse(DatasetError(N_("The video says: {note}"), where=path.name, fix=N_("check its end"), note=note))


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
    with workspace.locked(workspace.inside(_home(), job) / ".lock", wait=False) as ours:
        if not ours:
            return 1
        lower_priority()
        work(job)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
