"""Whether a data set is still the one that a run saw."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from yolodash.data.dataset import Dataset
from yolodash.data.formats.yolo import label_path

_LABEL_SUFFIXES = {"coco": ".json", "voc": ".xml"}
_SHARED = ("classes.json", "splits.json")


def fingerprint(dataset: Dataset, split: str) -> str:
    """SHA-256 over the sorted relative path, size and SHA-256 of a split's pictures and labels."""
    pictures = [image.path for image in dataset.split(split) if image.path is not None]
    if dataset.format == "yolo":
        labels = [label for picture in pictures if (label := label_path(picture)) is not None]
    elif dataset.format == "yolodash":  # not what lies beside them: versions, notes, recipes
        labels = [*sorted((dataset.root / "annotations").glob("*.json")), *map(dataset.root.joinpath, _SHARED)]
    else:
        labels = sorted(dataset.root.rglob(f"*{_LABEL_SUFFIXES[dataset.format]}"))
    return fingerprint_of({_relative(path, dataset.root): path for path in (*pictures, *labels)})


def fingerprint_of(files: Mapping[str, Path]) -> str:
    """The same over files by their names; one that is gone counts as empty."""
    whole = hashlib.sha256()
    for name, path in sorted(files.items()):
        size, digest = _content(path)
        whole.update(f"{name}\0{size}\0{digest}\n".encode("utf-8", "backslashreplace"))
    return whole.hexdigest()


def _content(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    if path.is_file():
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
                size += len(piece)
    return size, digest.hexdigest()


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
