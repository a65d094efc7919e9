"""One door for every data set: a ``data.yaml``, a folder, a COCO JSON, a zip, or a name in the workspace."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

from yolodash import workspace
from yolodash.data.archives import unpack
from yolodash.data.dataset import Dataset, Problem
from yolodash.data.formats.coco_folder import is_truth, read_coco_dataset
from yolodash.data.formats.own import looks_like_own, read_own
from yolodash.data.formats.voc import looks_like_voc, read_voc
from yolodash.data.formats.yolo import read_yolo, read_yolo_folder
from yolodash.data.sources import find_images
from yolodash.errors import N_, DatasetError

_LARGEST_LOOK = 512 << 20
_LONGEST_HEAD = 1 << 20
_NAMES = re.compile(rb"^[\"']?names[\"']?\s*:", re.MULTILINE)
_SPLIT = re.compile(rb"^[\"']?(train|val|valid|test)[\"']?\s*:", re.MULTILINE)


def open_dataset(source: str | Path, *, confined: bool = False) -> Dataset:
    """Open a data set, whatever its form.

    A folder that holds several formats is read by the first of ``data.yaml``, COCO JSON, VOC XML and YOLO labels; what
    was passed over is a note among its problems. A data set of the workspace is read by its annotations: its
    ``data.yaml`` and labels are made from them.

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
        return read_coco_dataset([path], path.parent)
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
    yamls, truths, voc = _yamls(folder), _truth_files(folder), _voc_files(folder)
    if yamls:
        opened = read_yolo(yamls[0], confined=confined)
    elif truths:
        opened = read_coco_dataset(truths, folder)
    elif voc:
        opened = read_voc(folder)
    elif find_images([folder]).images:
        opened = read_yolo_folder(folder)
    else:
        raise DatasetError(
            N_("This folder holds no pictures and no labels"),
            where=folder.name,
            fix=N_("give the folder that holds data.yaml, the COCO JSON, or images and labels"),
        )
    passed_over = [
        *yamls[1:],
        *(truths if opened.format != "coco" else []),
        *(voc[:1] if opened.format != "voc" else []),
    ]
    return _noting(opened, folder, passed_over)


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


def _truth_files(folder: Path) -> list[Path]:
    """COCO truth files in the folder and the two levels below it."""
    found = [path for pattern in ("*.json", "*/*.json", "*/*/*.json") for path in sorted(folder.glob(pattern))]
    return [path for path in found if _is_coco(path)]


def _is_coco(path: Path) -> bool:
    if not 0 < path.stat().st_size <= _LARGEST_LOOK:
        return False
    content = path.read_bytes()
    if b'"annotations"' not in content:
        return False
    try:
        return is_truth(json.loads(content))
    except (ValueError, RecursionError):
        return False


def _voc_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.xml")) if looks_like_voc(path)]
