"""What can be taken from a watched video, for any thresholds: the video with its boxes, lines of JSON, a table, labels.

The video is encoded by a process of its own: ``python -m yolodash.runs.exporting FOLDER OUTPUT THRESHOLDS``.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from yolodash import workspace
from yolodash.data.store.truth import StoredBox, new_box_id
from yolodash.errors import YoloDashError
from yolodash.runs import state as states
from yolodash.runs.launch import start_detached
from yolodash.runs.processes import lower_priority
from yolodash.runs.told_errors import error_from, error_record
from yolodash.runs.watched import FollowedFrame, Watched, follow, open_watched
from yolodash.structures import Image, ImageSize, Thresholds

FRESH = 60.0
"""Seconds without a sign after which an export is taken for dead."""
_SECONDS = 0.5
COLUMNS = ("frame", "seconds", "track", "class_id", "class_name", "score", "x1", "y1", "x2", "y2")


@dataclass(frozen=True)
class Exported:
    """How far the encoding of a video is.

    Attributes:
        path: of the video.
        ready: whether it is there.
        done, total: frames.
        error: why it failed; None where it did not.
    """

    path: Path
    ready: bool = False
    done: int = 0
    total: int = 0
    error: YoloDashError | None = None


def begin_export(watched: Watched, thresholds: Thresholds, folder: Path) -> Path:
    """Start encoding into a folder; the file is named by what it shows. Gives its path."""
    path = export_path(watched, thresholds, folder)
    if not path.is_file() and not at_work(path):
        workspace.make_folder(folder)
        _say(path, {"done": 0, "total": 0})
        arguments = [str(watched.folder), str(path), json.dumps(asdict(thresholds))]
        start_detached("yolodash.runs.exporting", arguments, path.with_suffix(".log"))
    return path


def export_path(watched: Watched, thresholds: Thresholds, folder: Path) -> Path:
    """Where the video for these thresholds lies, or would."""
    about = repr((watched.stamp, asdict(thresholds)))
    return folder / f"{hashlib.sha256(about.encode()).hexdigest()[:16]}.mp4"


def at_work(path: Path) -> bool:
    """Whether a process gave a sign of this export not long ago."""
    with contextlib.suppress(OSError):
        return time.time() - path.with_suffix(".json").stat().st_mtime < FRESH and not path.is_file()
    return False


def read_export(path: Path) -> Exported | None:
    """How far an export is; None where there is none."""
    if path.is_file():
        return Exported(path, ready=True)
    said = states.read_json(path.with_suffix(".json"))
    if said is None:
        return None
    if "error" in said:
        return Exported(path, error=error_from(said["error"]))
    return Exported(path, False, int(said.get("done", 0)), int(said.get("total", 0))) if at_work(path) else None


def _say(path: Path, value: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # only a display
        states.write_display(path.with_suffix(".json"), value)


def export_video(
    watched: Watched, thresholds: Thresholds, output: Path, progress: Callable[[int], object] = lambda _done: None
) -> None:
    """The part of the video that was looked at, with its boxes and its sound.

    Raises:
        VideoError, OptionError, WorkspaceError: it cannot be read, or not be written.
    """
    from yolodash.data.videos.writing import new_video
    from yolodash.inference.video import Behind, SeenFrame, drawn

    source, names = watched.source, watched.model.names

    def write(seen: SeenFrame) -> None:
        writer.write(drawn(seen, names), seen.frame.seconds - watched.begin)

    with (
        new_video(output, rate=watched.video.rate, sound_from=source, start=watched.begin) as writer,
        Behind[SeenFrame](write) as line,
    ):
        for done, (image, frame) in enumerate(with_pictures(watched, follow(watched, thresholds))):
            line.put(_seen(image, frame))
            progress(done + 1)


def _seen(image: Image, frame: FollowedFrame) -> Any:
    from yolodash.data.videos.reading import Frame
    from yolodash.inference.video import SeenFrame

    return SeenFrame(Frame(frame.index, frame.seconds, image), frame.detections, frame.tracks, frame.processed)


def with_pictures(watched: Watched, frames: Iterator[FollowedFrame]) -> Iterator[tuple[Image, FollowedFrame]]:
    """Frames with their pictures, decoded once more."""
    from yolodash.data.videos.reading import open_video
    from yolodash.inference.video import ahead

    wanted = next(frames, None)
    with open_video(watched.source) as opened, contextlib.closing(ahead(opened.frames)) as decoded:
        for one in decoded:
            if wanted is None:
                return
            if one.index == wanted.index:
                yield one.image, wanted
                wanted = next(frames, None)


def json_lines(watched: Watched, thresholds: Thresholds) -> bytes:
    """A line a frame that the network saw, as ``video --json`` writes them."""
    from yolodash.inference.video import frame_record

    lines = (
        frame_record(frame.index, frame.seconds, frame.detections, frame.tracks, watched.model.names)
        for frame in follow(watched, thresholds)
        if frame.processed
    )
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def table(watched: Watched, thresholds: Thresholds) -> bytes:
    """A row a box, as CSV."""
    from yolodash.inference.results import harmless

    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for frame in follow(watched, thresholds):
        found = frame.detections
        rows = zip(frame.tracks, found.class_ids.tolist(), found.scores.tolist(), found.boxes.tolist(), strict=True)
        for track, class_id, score, box in rows if frame.processed else ():
            sides = [round(side, 2) for side in box]
            about = (frame.index, round(frame.seconds, 6), track, class_id, harmless(watched.model.names[class_id]))
            writer.writerow([*about, round(score, 5), *sides])
    return stream.getvalue().encode()


def chosen_frames(
    watched: Watched, thresholds: Thresholds, every: int, *, empty: bool = False
) -> Iterator[FollowedFrame]:
    """Every so many-th of the frames that the network saw; those without boxes only where they are wanted."""
    seen = (frame for frame in follow(watched, thresholds) if frame.processed)
    return (frame for place, frame in enumerate(seen) if place % every == 0 and (empty or len(frame.detections.scores)))


def yolo_archive(watched: Watched, thresholds: Thresholds, every: int, *, empty: bool = False) -> bytes:
    """Pictures and labels of chosen frames, with a data.yaml that opens, as a zip."""
    from yolodash.data.images import encode_jpeg
    from yolodash.inference.results import ImageResult, yolo_text

    stream = io.BytesIO()
    names = "".join(f"  {number}: {json.dumps(name)}\n" for number, name in enumerate(watched.model.names))
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("data.yaml", f"path: .\ntrain: images\nval: images\nnames:\n{names}")
        for image, frame in with_pictures(watched, chosen_frames(watched, thresholds, every, empty=empty)):
            result = ImageResult("", ImageSize(*image.shape[:2]), frame.detections)
            lines = (line.rpartition(" ")[0] + "\n" for line in yolo_text(result).splitlines())  # truth has no score
            archive.writestr(f"images/{frame.index:06d}.jpg", encode_jpeg(image, 95))
            archive.writestr(f"labels/{frame.index:06d}.txt", "".join(lines))
    return stream.getvalue()


def send_frames(
    watched: Watched,
    thresholds: Thresholds,
    every: int,
    dataset: Path,
    *,
    by: str,
    progress: Callable[[int], object] = lambda _done: None,
) -> int:
    """Put chosen frames and their boxes into a data set of the workspace, as proposals for whoever annotates.

    Args:
        dataset: its folder; classes are met by their names, and those that are missing are added.
        by: who does it.
        progress: told after every frame.

    Returns:
        how many pictures were added; one that is there already is not added again.

    Raises:
        ConflictError, OptionError, WorkspaceError: as ``add_picture`` and ``add_class``.
    """
    from yolodash.data.images import encode_jpeg
    from yolodash.data.store.pictures import add_picture
    from yolodash.data.store.truth import Truth

    ids: dict[int, int] = {}
    stem, added = Path(watched.options.title).stem or "video", 0
    for done, (image, frame) in enumerate(with_pictures(watched, chosen_frames(watched, thresholds, every))):
        boxes = tuple(_proposals(watched, frame, dataset, ids, by))
        truth = Truth(0, ImageSize(*image.shape[:2]), "in_work", boxes=boxes)
        origin = f"{watched.options.title}, {frame.seconds:.2f} s"
        name = f"{stem} {frame.index:06d}.jpg"
        came = add_picture(dataset, name, encode_jpeg(image, 95), by=by, truth=truth, origin=origin)
        added += came.duplicate_of is None
        progress(done + 1)
    return added


def _proposals(
    watched: Watched, frame: FollowedFrame, dataset: Path, ids: dict[int, int], by: str
) -> Iterator[StoredBox]:
    from yolodash.data.store.classes import add_class, living, read_classes

    found = frame.detections
    for class_id, (x1, y1, x2, y2) in zip(found.class_ids.tolist(), found.boxes.tolist(), strict=True):
        name = watched.model.names[class_id]
        if class_id not in ids:
            known = {one.name.casefold(): one.id for one in living(read_classes(dataset))}
            ids[class_id] = known[name.casefold()] if name.casefold() in known else add_class(dataset, name, by=by).id
        if x2 > x1 and y2 > y1:
            source = f"model {watched.options.weights}"
            yield StoredBox(new_box_id(), ids[class_id], (x1, y1, x2, y2), by=by, source=source)


def main(arguments: list[str]) -> int:
    """The process that encodes; what goes wrong stands in the file beside the output."""
    folder, output, values = Path(arguments[0]), Path(arguments[1]), json.loads(arguments[2])
    classes = values.pop("classes")
    thresholds = Thresholds(**values, classes=None if classes is None else tuple(classes))
    lower_priority()
    said = 0.0

    def progress(done: int) -> None:
        nonlocal said
        if time.monotonic() - said > _SECONDS:
            said = time.monotonic()
            _say(output, {"done": done, "total": total})

    try:
        watched = open_watched(folder)
        total = 0 if watched is None else sum(1 for _ in watched.frames())
        if watched is not None:
            export_video(watched, thresholds, output, progress)
    except YoloDashError as error:
        _say(output, {"error": error_record(error)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
