"""Pictures, labels and video frames taken into a data set of the workspace by a process of its own.

What was uploaded is first copied into ``datasets/.taking/ID/files``, so that a closed page loses nothing; then
``taking_worker`` does what ``request.json`` there asks for. Whoever looks reads ``progress.json``; that the process
lives, its lock says; ``stop`` beside them ends it.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from yolodash import workspace
from yolodash.data.store.folders import find_stored
from yolodash.errors import N_, OptionError, YoloDashError
from yolodash.runs.launch import start_detached
from yolodash.runs.state import read_json
from yolodash.runs.told_errors import error_from

Kind = Literal["files", "path", "video"]
STARTING_SECONDS = 120.0
"""How long the process may take until it holds its lock, on a busy machine."""
REQUEST, PROGRESS, STOP, LOCK = "request.json", "progress.json", "stop", ".lock"


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


@contextmanager
def spooled(files: Iterable[tuple[str, IO[bytes]]]) -> Iterator[str]:
    """Copy files to where they outlast the page; the id is for ``begin_taking``. They go again if the block fails.

    Args:
        files: a name, which may hold folders, and the bytes.

    Raises:
        WorkspaceError: the disk is full.
    """
    job = secrets.token_hex(8)
    place = workspace.make_folder(home() / job / "files")
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
        shutil.rmtree(home() / job, ignore_errors=True)
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
    workspace.write_json(home() / job / REQUEST, asked)
    start_detached("yolodash.runs.taking_worker", [job], home() / "taking.log")


def takings() -> list[Taking]:
    """All that are at work, or ended and were not put away; the newest last."""
    folders = sorted(home().glob(f"*/{REQUEST}"), key=lambda path: path.stat().st_mtime)
    return [found for path in folders if (found := taking(path.parent.name)) is not None]


def taking(job: str) -> Taking | None:
    """How far one is; None where there is none of this id."""
    folder = workspace.inside(home(), job)
    request = read_json(folder / REQUEST)
    if request is None:
        return None
    alive = _alive(folder)  # asked first: who ends in between has said how
    said = read_json(folder / PROGRESS) or {}
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
    (workspace.inside(home(), job) / STOP).touch()


def put_away(job: str) -> None:
    """Forget one that ended, with its copies of what was uploaded."""
    shutil.rmtree(workspace.inside(home(), job), ignore_errors=True)


def sweep(older_than_seconds: float = 86_400.0) -> None:
    """Remove copies for which nobody asked anything, such as those of a server that was ended."""
    for folder in home().glob("*/files"):
        if not (folder.parent / REQUEST).exists() and time.time() - folder.stat().st_mtime > older_than_seconds:
            shutil.rmtree(folder.parent, ignore_errors=True)


def home() -> Path:
    """Where the folder of each lies."""
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
        young = time.time() - (folder / REQUEST).stat().st_mtime < STARTING_SECONDS
    except OSError:
        return False
    if young and not (folder / PROGRESS).exists():
        return True
    with workspace.locked(folder / LOCK, wait=False) as free:
        return not free
