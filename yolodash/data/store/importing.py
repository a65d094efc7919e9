"""A data set in another form, taken into the workspace: pictures byte by byte, class ids as they are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from yolodash import workspace
from yolodash.data.dataset import Dataset, Problem
from yolodash.data.store.classes import StoredClass, usual_colour
from yolodash.data.store.folders import free_place, write_frame
from yolodash.data.store.journal import note_event, now
from yolodash.data.store.parts import by_part
from yolodash.data.store.truth import StoredBox, Truth, new_box_id, truth_record
from yolodash.data.writing import Placed, class_names, placed, tell
from yolodash.errors import N_

Progress = Callable[[int, int], None]
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Imported:
    """What was taken in.

    Attributes:
        notes: what could not be.
    """

    folder: Path
    images: int
    boxes: int
    notes: tuple[Problem, ...]


def import_dataset(source: Dataset, name: str, *, by: str, progress: Progress | None = None) -> Imported:
    """Make a data set of the workspace from one that was opened; it appears whole or not at all.

    Args:
        source: of ``open_dataset``.
        name: of the new data set.
        progress: told after every picture.

    Raises:
        WorkspaceError: the name is taken or cannot be one, or the disk cannot be written to.
    """
    place = free_place(name)
    notes: list[Problem] = []
    pictures = placed(source, notes)
    _tell_areas(source, notes)
    boxes = 0
    with workspace.new_folder(place) as folder:
        names = class_names(source)
        write_frame(folder, [StoredClass(number, one, usual_colour(number)) for number, one in names.items()])
        note_event(folder, "imported", by, format=source.format, source=source.root.name, images=len(pictures))
        for done, one in enumerate(pictures, start=1):
            boxes += _take(one, folder, f"import {source.format}", by)
            if progress is not None:
                progress(done, len(pictures))
        workspace.write_json(folder / "splits.json", by_part({one.stem: one.image.splits for one in pictures}))
    return Imported(place, len(pictures), boxes, tuple(notes))


def _take(one: Placed, folder: Path, source: str, by: str) -> int:
    """Copy a picture and write its truth; gives the number of boxes."""
    assert one.image.path is not None
    shutil.copyfile(one.image.path, folder / "images" / one.file)
    truth = truth_of(one, source, by)
    # Not flushed one by one: the whole folder is, before it appears.
    text = json.dumps(truth_record(truth), ensure_ascii=False)
    (folder / "annotations" / f"{one.stem}.json").write_text(text + "\n", encoding="utf-8")
    return len(truth.boxes)


def truth_of(one: Placed, source: str, by: str) -> Truth:
    """The truth of a picture that was read from another form; boxes without area in the picture are left out."""
    annotations, at = one.image.annotations, now()
    size = annotations.image_size
    boxes = []
    for place, (x1, y1, x2, y2) in enumerate(annotations.boxes.tolist()):
        box = max(x1, 0.0), max(y1, 0.0), min(x2, float(size.width)), min(y2, float(size.height))
        if box[2] > box[0] and box[3] > box[1]:
            flags = [("crowd", annotations.crowd[place]), ("difficult", annotations.difficult[place])]
            class_id, kept = int(annotations.class_ids[place]), tuple(flag for flag, is_so in flags if is_so)
            boxes.append(StoredBox(new_box_id(), class_id, box, kept, None, by, at, source))
    return Truth(1, size, "done" if boxes else "unlabelled", "", tuple(boxes), {"origin": one.image.name})


def _tell_areas(source: Dataset, notes: list[Problem]) -> None:
    """COCO states the area of an object's mask; a data set of boxes has no place for it."""
    count = 0
    for image in source.images:
        own = image.annotations.xywh[:, 2] * image.annotations.xywh[:, 3]
        count += int((abs(own - image.annotations.areas) > _TOLERANCE * own.clip(1.0)).sum())
    if count:
        message = N_("{count} boxes stated another area than their own, as that of a mask; it was left behind")
        tell(notes, "lost_area", message, N_("keep the original data set beside it"), count=count)
