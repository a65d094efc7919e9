"""YOLO9000's tree of classes, a text with a name and the number of its parent a line."""

from __future__ import annotations

import re
from pathlib import Path

from yolodash.errors import N_, ModelFileError
from yolodash.structures import ClassTree

LONGEST_FILE = 4_000_000

_NUMBER = re.compile(r"-?[0-9]{1,8}")


def read_tree(written: str, folder: Path, classes: int) -> ClassTree:
    """Read the tree that a cfg names.

    The cfg's own path is another machine's and is not followed: a file of the same base name must lie beside the cfg.

    Args:
        written: the path as the cfg has it, such as ``data/9k.tree``.
        folder: where the cfg lies.
        classes: how many the output layer has.

    Raises:
        ModelFileError: when there is no such file, or it is no tree of that many classes.
    """
    name = written.replace("\\", "/").rsplit("/", 1)[-1]
    path = folder / name
    if name in {"", ".", ".."} or path.is_symlink() or not path.is_file():
        raise ModelFileError(
            N_("the network's classes form a tree, and its file {name} is not there"),
            fix=N_("put the file {name} itself (no link) beside the cfg"),
            where=name,
            name=name,
        )
    if path.stat().st_size > LONGEST_FILE:
        raise _no_tree(name, 0)
    parents = _parents(path.read_text(encoding="utf-8", errors="replace"), name)
    if len(parents) != classes:
        raise ModelFileError(
            N_("the tree has {found} classes, the cfg asks for {classes}"),
            fix=N_("put the tree that belongs to this cfg beside it"),
            where=name,
            found=len(parents),
            classes=classes,
        )
    return ClassTree(parents=parents, group_sizes=_group_sizes(parents))


def _parents(text: str, name: str) -> tuple[int, ...]:
    """The parent of each class; it must come before its children, so that there are no circles."""
    parents: list[int] = []
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != 2 or _NUMBER.fullmatch(fields[1]) is None:
            raise _no_tree(name, number)
        parent = int(fields[1])
        if not -1 <= parent < len(parents):
            raise _no_tree(name, number)
        parents.append(parent)
    return tuple(parents)


def _group_sizes(parents: tuple[int, ...]) -> tuple[int, ...]:
    """Siblings stand one after the other; a group ends where the parent changes."""
    sizes: list[int] = []
    for index, parent in enumerate(parents):
        if index and parent == parents[index - 1]:
            sizes[-1] += 1
        else:
            sizes.append(1)
    return tuple(sizes)


def _no_tree(name: str, line: int) -> ModelFileError:
    return ModelFileError(
        N_("the file {name} is no tree: each line needs a name and the number of an earlier line, or -1"),
        fix=N_("put the tree that was published with the network beside the cfg"),
        where=f"{name}:{line}",
        name=name,
    )
