"""A data set, or a version of it, written as a zip by a process of its own.

``python -m yolodash.runs.taking_out FOLDER`` does what ``request.json`` there asks for. One zip of a data set is
written at a time; it appears whole, and a stop, or the next one after a kill, leaves nothing of a half one.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yolodash import workspace
from yolodash.data.duplicates import cache_folder
from yolodash.data.opening import open_dataset
from yolodash.data.writing import placed, write_zip
from yolodash.runs import jobs
from yolodash.runs.jobs import Job
from yolodash.runs.reporting import Watch

KEPT = 4


@dataclass(frozen=True)
class Zip:
    """A zip that lies ready.

    Attributes:
        notes: about what the form cannot say: a message, what to do, and the values of both.
    """

    path: Path
    images: int
    boxes: int
    notes: tuple[tuple[str, str, Mapping[str, Any]], ...]


def zips_folder(dataset: Path) -> Path:
    """Where the zips of a data set lie; which state of it one holds, its name says."""
    return workspace.make_folder(cache_folder(dataset) / "exports")


def begin_taking_out(dataset: Path, source: Path, place: Path, form: str, *, name: str) -> None:
    """Start to write a zip; nothing happens while another one of this data set is at work.

    Args:
        source: the data set's folder, or that of a version.
        place: the zip's, in ``zips_folder``.
        form: ``yolo``, ``coco`` or ``voc``.
        name: what it is to be called.

    Raises:
        WorkspaceError: the disk cannot be written to.
    """
    asked = {"source": str(source), "place": place.name, "form": form, "name": name}
    jobs.begin(_job(dataset), "yolodash.runs.taking_out", asked)


def taking_out(dataset: Path) -> Job | None:
    """How far the zip is that was asked for last; None where none was, or it was put away."""
    return jobs.look(_job(dataset))


def stop_taking_out(dataset: Path) -> None:
    """End it at once."""
    jobs.stop(_job(dataset))


def put_away(dataset: Path) -> None:
    """Forget how it ended."""
    jobs.put_away(_job(dataset))


def ready(place: Path) -> Zip | None:
    """A zip that is whole; None where there is none."""
    try:
        record = json.loads(place.with_suffix(".json").read_bytes())
        place.stat()
        notes = tuple((str(one["message"]), str(one["fix"]), dict(one["values"])) for one in record["notes"])
        return Zip(place, int(record["images"]), int(record["boxes"]), notes)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _job(dataset: Path) -> Path:
    return zips_folder(dataset) / "job"


def write(folder: Path, request: Mapping[str, Any]) -> None:
    """Write the zip that a job asks for.

    Raises:
        YoloDashError: the data set cannot be read, or the disk not written to.
    """
    place = workspace.inside(folder.parent, str(request["place"]))
    _make_room(place)
    dataset = open_dataset(Path(request["source"]))
    pictures = len(placed(dataset, []))
    watch = Watch(folder, 2 * pictures)  # each is copied, then packed

    def packed(done: int, of: int) -> None:
        watch(pictures + pictures * done // max(of, 1) - watch.done)

    written = write_zip(dataset, place, str(request["form"]), progress=lambda _done, _of: watch(1), packed=packed)
    notes = [{"message": one.message, "fix": one.fix, "values": one.values} for one in written.notes]
    record = {"images": written.images, "boxes": written.boxes, "notes": notes}
    workspace.write_json(place.with_suffix(".json"), record)


def _make_room(place: Path) -> None:
    """Remove old zips, one that was not told to be whole, and what a killed process left."""
    for left in place.parent.glob(".*.part"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
    others = [path for path in place.parent.glob("*.zip") if path != place]
    for old in (place, *sorted(others, key=lambda path: path.stat().st_mtime)[: -KEPT + 1]):
        old.with_suffix(".json").unlink(missing_ok=True)
        old.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(jobs.work(sys.argv[1:], write))
