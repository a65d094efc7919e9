"""What a picture's truth was: every revision from the journal, and the way back to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from yolodash import workspace
from yolodash.data.store.journal import changing, events, note_event
from yolodash.data.store.truth import (
    ConflictError,
    Truth,
    applied,
    box_from,
    read_truth,
    truth_from,
    truth_path,
    truth_record,
)
from yolodash.errors import N_, DatasetError
from yolodash.structures import ImageSize


def history(dataset: Path, stem: str) -> list[Truth]:
    """Every revision of a picture that was saved, from the journal, the oldest first."""
    result: list[Truth] = []
    for one in events(dataset):
        if one.get("stem") != stem:
            continue
        try:
            if one["event"] == "found":
                result = [truth_from(one["truth"])]
            elif one["event"] == "taken back":
                back = truth_from(one["truth"])
                result = [*(truth for truth in result if truth.revision < back.revision), back]
            elif one["event"] == "saved":
                result = _replayed(result, one)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    newest = read_truth(dataset, stem).revision
    return [truth for truth in result if truth.revision <= newest]


def _replayed(past: list[Truth], one: Mapping[str, Any]) -> list[Truth]:
    """The revisions after one more line; one that was never confirmed gives way to the next of its number."""
    revision = int(one["revision"])
    past = [truth for truth in past if truth.revision < revision]
    before = past[-1] if past else Truth(revision - 1, ImageSize(*one["size"]))
    after = applied(before, [box_from(box) for box in one["changed"]], one["removed"], one["by"], one["at"])
    state, assignee, extra = one["state"], one["assignee"], one["extra"]
    return [*past, replace(after, revision=revision, state=state, assignee=assignee, extra=extra)]


def take_back(dataset: Path, stem: str, revision: int, *, read: int, by: str) -> Truth:
    """Make the boxes and the state of an earlier revision those of now, signed and dated as they were then.

    Args:
        revision: the earlier one.
        read: the revision that was on the disk when this was decided.

    Raises:
        ConflictError: another revision is on the disk by now; nothing was written.
        DatasetError: the journal does not know the earlier one.
        WorkspaceError: the disk is full, read-only or not ours; the file is as it was.
    """
    with changing(dataset):
        before = read_truth(dataset, stem)
        if before.revision != read:
            raise ConflictError(stem, before)
        then = next((one for one in history(dataset, stem) if one.revision == revision), None)
        if then is None:
            raise DatasetError(N_("There is no such revision"), where=stem, fix=N_("choose one of the list"))
        after = replace(before, revision=before.revision + 1, state=then.state, boxes=then.boxes)
        note_event(dataset, "taken back", by, stem=stem, to=revision, truth=truth_record(after))
        workspace.write_json(truth_path(dataset, stem), truth_record(after))
        return after
