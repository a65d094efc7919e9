"""The classes' names: a text with one a line, beside the weights or the cfg."""

from __future__ import annotations

from pathlib import Path

from yolodash.errors import N_, ModelFileError

LONGEST_FILE = 4_000_000
MOST_FILES = 1_000


def class_names(given: Path | None, weights: Path, cfg: Path, classes: int) -> tuple[str, ...]:
    """One name a class.

    The file that was given; else ``STEM.names`` beside the weights or the cfg; else the only ``*.names`` beside the
    weights with the right number of lines; else ``class 0``, ``class 1`` …

    Raises:
        ModelFileError: when a file that was given, or that bears the model's own name, has another number of names.
    """
    if given is not None:
        return _fitting(given, classes)
    for path in (weights.with_suffix(".names"), cfg.with_suffix(".names")):
        if path.is_file():
            return _fitting(path, classes)
    return _only_fitting(weights.parent, classes) or tuple(f"class {index}" for index in range(classes))


def read_names(path: Path) -> tuple[str, ...]:
    """The lines of a names file that are not empty."""
    try:
        if not path.is_file():
            raise FileNotFoundError(path)
        with path.open("rb") as stream:
            data = stream.read(LONGEST_FILE + 1)
    except OSError as error:
        raise ModelFileError(
            N_("the names file cannot be read"), fix=N_("check the path and its permissions"), where=path
        ) from error
    if len(data) > LONGEST_FILE or b"\0" in data:
        raise ModelFileError(
            N_("the names file is no list of names"), fix=N_("give a text with one name a line"), where=path.name
        )
    lines = data.decode("utf-8-sig", errors="replace").splitlines()
    return tuple(line.strip() for line in lines if line.strip())


def _fitting(path: Path, classes: int) -> tuple[str, ...]:
    names = read_names(path)
    if len(names) != classes:
        raise ModelFileError(
            N_("the names file has {found} names, the network has {classes} classes"),
            fix=N_("give the names file that belongs to this network, or none"),
            where=path.name,
            found=len(names),
            classes=classes,
        )
    return names


def _only_fitting(folder: Path, classes: int) -> tuple[str, ...] | None:
    paths = [path for path in sorted(folder.glob("*.names"))[:MOST_FILES] if path.is_file()]
    lists = []
    for path in paths:
        try:
            lists.append(read_names(path))
        except ModelFileError:
            continue  # not meant for this network: its name says nothing about it
    fitting = [names for names in lists if len(names) == classes]
    return fitting[0] if len(fitting) == 1 else None
