"""One door for every data set: a ``data.yaml``, a folder, a COCO JSON, a zip, or a name in the workspace."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from yolodash import workspace
from yolodash.data.archives import unpack
from yolodash.data.dataset import Dataset, Format, Problem
from yolodash.data.formats.coco import read_json
from yolodash.data.formats.coco_folder import is_truth, read_coco_dataset
from yolodash.data.formats.createml import is_createml, read_createml
from yolodash.data.formats.cvat import looks_like_cvat, read_cvat
from yolodash.data.formats.kitti import looks_like_kitti, read_kitti
from yolodash.data.formats.label_studio import is_label_studio, read_label_studio
from yolodash.data.formats.labelme import is_labelme, read_labelme
from yolodash.data.formats.own import looks_like_own, read_own
from yolodash.data.formats.voc import looks_like_voc, read_voc
from yolodash.data.formats.yolo import read_yolo, read_yolo_folder
from yolodash.data.sources import find_images
from yolodash.errors import N_, DatasetError

_LARGEST_LOOK = 512 << 20
_LONGEST_HEAD = 1 << 20
_FIRST = 50
_NAMES = re.compile(rb"^[\"']?names[\"']?\s*:", re.MULTILINE)
_SPLIT = re.compile(rb"^[\"']?(train|val|valid|test)[\"']?\s*:", re.MULTILINE)
_JSON_WORDS = (b'"annotation', b'"shapes"', b'"completions"')
_JSON_FORMS: dict[Format, Callable[[Any], bool]] = {
    "coco": is_truth, "labelme": is_labelme, "label_studio": is_label_studio, "createml": is_createml,
}  # fmt: skip
_READERS: dict[Format, Callable[[list[Path], Path], Dataset]] = {
    "coco": read_coco_dataset, "voc": lambda _files, folder: read_voc(folder), "cvat": read_cvat,
    "labelme": read_labelme, "label_studio": read_label_studio, "createml": read_createml, "kitti": read_kitti,
}  # fmt: skip
"""In the order in which a folder is read by them, after ``data.yaml`` and before YOLO's labels."""


def open_dataset(source: str | Path, *, confined: bool = False) -> Dataset:
    """Open a data set, whatever its form.

    A folder that holds several formats is read by the first of ``data.yaml``, COCO JSON, VOC XML, the forms of CVAT,
    LabelMe, Label Studio, Create ML and KITTI, and YOLO labels; what was passed over is a note among its problems. A
    data set of the workspace is read by its annotations: its ``data.yaml`` and labels are made from them.

    Args:
        source: a path, or the name of a data set in the workspace.
        confined: the files come from a stranger: follow no path out of the folder.

    Raises:
        DatasetError: there is nothing that can be read; says what it is and what to do.
    """
    path = Path(source)
    if not path.exists():
        path = _in_workspace(str(source))
    if path.is_dir():
        return _folder(path, confined)
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        return read_yolo(path, confined=confined)
    if suffix == ".json":
        return _READERS[_json_form(read_json(path)) or "coco"]([path], path.parent)
    if suffix == ".xml" and looks_like_cvat(path):
        return read_cvat([path], path.parent)
    if suffix == ".zip":
        return _folder(_unpacked(path), True)
    raise DatasetError(
        N_("This is no data set"),
        where=path.name,
        fix=N_("give a data.yaml, a folder, a COCO .json or a .zip of one of them"),
    )


def _in_workspace(name: str) -> Path:
    if name == workspace.safe_name(name):
        path = workspace.folder("datasets") / name
        if path.is_dir():
            return path
    raise DatasetError(
        N_("There is no such data set"), where=name, fix=N_("give a path, or the name of a data set in the workspace")
    )


def _unpacked(archive: Path) -> Path:
    """The folder of an unpacked archive; the same archive is unpacked once."""
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    place = workspace.folder("datasets") / ".unpacked" / digest[:32]
    with workspace.locked(place.with_suffix(".lock")):
        if not place.is_dir():
            partial = place.with_suffix(".part")
            shutil.rmtree(partial, ignore_errors=True)
            unpack(archive, workspace.make_folder(partial))
            partial.rename(place)
    return place


def _folder(folder: Path, confined: bool) -> Dataset:
    """A folder by the first format that it holds; a lone folder inside stands for it."""
    inner = [path for path in folder.iterdir() if not path.name.startswith((".", "__MACOSX"))]
    if len(inner) == 1 and inner[0].is_dir():
        return _folder(inner[0], confined)
    if looks_like_own(folder):
        return read_own(folder)
    yamls, labels = _yamls(folder), _label_files(folder)
    if yamls:
        opened = read_yolo(yamls[0], confined=confined)
    elif labels:
        form, files = next(iter(labels.items()))
        opened = _READERS[form](files, folder)
    elif find_images([folder]).images:
        opened = read_yolo_folder(folder)
    else:
        raise DatasetError(
            N_("This folder holds no pictures and no labels"),
            where=folder.name,
            fix=N_("give the folder that holds data.yaml, the COCO JSON, or images and labels"),
        )
    others = [file for form, files in labels.items() if form != opened.format for file in _named(form, files)]
    return _noting(opened, folder, [*yamls[1:], *others])


def _named(form: Format, files: list[Path]) -> list[Path]:
    """The files to name where a form was passed over: of forms with a file a picture the first."""
    return files if form in ("coco", "cvat", "label_studio", "createml") else files[:1]


def _noting(opened: Dataset, folder: Path, passed_over: list[Path]) -> Dataset:
    notes = tuple(
        Problem(
            "passed_over",
            path.relative_to(folder).as_posix(),
            0,
            N_("The labels were read as {format}; this file was passed over"),
            N_("open it by its own path to use it"),
            "note",
            {"format": opened.format},
        )
        for path in passed_over
    )
    return replace(opened, problems=opened.problems + notes)


def _yamls(folder: Path) -> list[Path]:
    """Yaml files that name splits; ``data.yaml`` first."""
    found = [path for path in sorted(folder.glob("*.y*ml")) if _names_splits(path)]
    return sorted(found, key=lambda path: path.name != "data.yaml")


def _names_splits(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_LONGEST_HEAD)
    return bool(_NAMES.search(head) and _SPLIT.search(head))


def _label_files(folder: Path) -> dict[Format, list[Path]]:
    """The label files of a folder by their form, the form first by which it is read."""
    found: dict[Format, list[Path]] = {form: [] for form in _READERS}
    for pattern in ("*.json", "*/*.json", "*/*/*.json"):
        for path in sorted(folder.glob(pattern)):
            form = _form_of_json(path)
            if form is not None:
                found[form].append(path)
    for path in sorted(folder.rglob("*.xml")):
        if looks_like_cvat(path):
            found["cvat"].append(path)
        elif looks_like_voc(path):
            found["voc"].append(path)
    found["kitti"] = _kitti_files(folder)
    return {form: files for form, files in found.items() if files}


def _form_of_json(path: Path) -> Format | None:
    if not 0 < path.stat().st_size <= _LARGEST_LOOK:
        return None
    content = path.read_bytes()
    if not any(word in content for word in _JSON_WORDS):
        return None
    try:
        return _json_form(json.loads(content))
    except (ValueError, RecursionError):
        return None


def _json_form(content: Any) -> Format | None:
    return next((form for form, fits in _JSON_FORMS.items() if fits(content)), None)


def _kitti_files(folder: Path) -> list[Path]:
    """KITTI's label files: all of each folder where one of the first has that form, so empty ones too."""
    by_folder: dict[Path, list[Path]] = {}
    for path in sorted(folder.rglob("*.txt")):
        if path.is_file():
            by_folder.setdefault(path.parent, []).append(path)
    return [
        path for files in by_folder.values() if any(looks_like_kitti(path) for path in files[:_FIRST]) for path in files
    ]
