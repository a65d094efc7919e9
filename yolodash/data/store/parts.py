"""Which picture belongs to which part of a data set: ``splits.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from yolodash import workspace
from yolodash.data.dataset import SPLITS
from yolodash.data.store.journal import changing, note_event


def read_splits(dataset: Path) -> dict[str, tuple[str, ...]]:
    """The parts of each picture; pictures without any are not named. A damaged file says nothing."""
    try:
        content = json.loads((dataset / "splits.json").read_bytes())
        named = [(str(stem), split) for split in SPLITS for stem in content.get(split, [])]
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
    result: dict[str, tuple[str, ...]] = {}
    for stem, split in named:
        result[stem] = (*result.get(stem, ()), split)
    return result


def write_splits(dataset: Path, splits: Mapping[str, Sequence[str]], *, by: str) -> None:
    """Say anew which pictures belong to ``train``, ``val`` and ``test``; the journal keeps what was.

    Raises:
        WorkspaceError: the disk is full, read-only or not ours.
    """
    with changing(dataset):
        replace_splits(dataset, splits, by)


def replace_splits(dataset: Path, splits: Mapping[str, Sequence[str]], by: str) -> None:
    """As ``write_splits``, for whoever holds ``changing``."""
    after = {split: sorted(set(splits.get(split, ()))) for split in SPLITS}
    note_event(dataset, "split", by, before=by_part(read_splits(dataset)), counts={k: len(v) for k, v in after.items()})
    workspace.write_json(dataset / "splits.json", after)


def put_into_parts(dataset: Path, more: Mapping[str, Sequence[str]], by: str) -> None:
    """Say to which parts some pictures belong, stem → parts; the others stay. For whoever holds ``changing``."""
    more = {stem: tuple(parts) for stem, parts in more.items() if parts}
    if more:
        note_event(dataset, "put into parts", by, splits=more)
        workspace.write_json(dataset / "splits.json", by_part({**read_splits(dataset), **more}))


def by_part(splits: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Stem → parts, turned into part → stems."""
    return {split: sorted(stem for stem, parts in splits.items() if split in parts) for split in SPLITS}
