"""What becomes of a change: saved once, never over somebody else's, and found again after a lost answer."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from yolodash.data.store.classes import delete_class
from yolodash.data.store.folders import create_dataset
from yolodash.data.store.history import history, take_back
from yolodash.data.store.pictures import add_picture
from yolodash.data.store.truth import ConflictError, StoredBox, Truth, read_truth, save_truth
from yolodash.errors import DatasetError
from yolodash.ui.annotating import proposals
from yolodash.ui.annotating.differences import chosen, differences
from yolodash.ui.annotating.proposals import Proposal
from yolodash.ui.annotating.saving import Conflict, carried, save
from yolodash.ui.canvas import DrawnBox, Message
from yolodash.ui.canvas.messages import read_message

A = "aaaaaaaaaaaa"
B = "bbbbbbbbbbbb"
ONE = DrawnBox("one", 0, (10.0, 20.0, 60.5, 70.25))
TWO = DrawnBox("two", 1, (0.0, 0.0, 33.3, 44.4))


@pytest.fixture
def dataset(workspace: Path) -> Path:
    folder = create_dataset("set", classes=["cup", "cat"])
    picture = io.BytesIO()
    Pillow.new("RGB", (200, 100), "grey").save(picture, "PNG")
    add_picture(folder, "photo.png", picture.getvalue(), by="ann")
    return folder


def said(revision: int, boxes: Sequence[DrawnBox], *, writer: str = A, sequence: int = 1) -> Message:
    return Message(writer, sequence, 1, "set", "photo", revision, tuple(boxes))


def saved(dataset: Path, message: Message, by: str = "ann") -> Truth:
    result = save(dataset, message, by=by)
    assert isinstance(result, Truth)
    return result


def start(dataset: Path) -> int:
    return read_truth(dataset, "photo").revision


def test_a_change_is_on_the_disk_to_the_last_bit_signed_and_in_work(dataset: Path) -> None:
    saved(dataset, said(start(dataset), [ONE]))
    truth = read_truth(dataset, "photo")
    assert [(one.id, one.class_id, one.box, one.by, one.source) for one in truth.boxes] == [
        ("one", 0, ONE.box, "ann", "hand")
    ]
    assert truth.state == "in_work"


def test_the_same_change_sent_again_is_saved_once(dataset: Path) -> None:
    message = said(start(dataset), [ONE])
    first = saved(dataset, message)
    again = saved(dataset, replace(message, attempt=2))
    assert again.revision == first.revision == read_truth(dataset, "photo").revision


def test_the_next_change_of_a_tab_that_never_heard_of_its_last_save_is_saved(dataset: Path) -> None:
    base = start(dataset)
    saved(dataset, said(base, [ONE]))
    after = saved(dataset, said(base, [ONE, TWO], sequence=2))
    assert [one.id for one in after.boxes] == ["one", "two"]


def test_an_older_change_of_the_same_tab_that_comes_late_undoes_nothing(dataset: Path) -> None:
    base = start(dataset)
    saved(dataset, said(base, [ONE, TWO], sequence=5))
    saved(dataset, said(base, [ONE], sequence=4))
    assert [one.id for one in read_truth(dataset, "photo").boxes] == ["one", "two"]


def test_what_somebody_else_changed_after_a_save_that_was_not_heard_of_is_no_part_of_its_answer(dataset: Path) -> None:
    message = said(start(dataset), [ONE])
    first = saved(dataset, message)
    saved(dataset, said(first.revision, [ONE, TWO], writer=B), by="bob")
    assert saved(dataset, replace(message, attempt=2)).revision == first.revision
    assert isinstance(save(dataset, said(first.revision, [], sequence=2), by="ann"), Conflict)


def test_the_end_of_a_class_is_not_taken_for_a_change_of_the_tab_that_drew_last(dataset: Path) -> None:
    base = start(dataset)
    first = saved(dataset, said(base, [ONE, TWO]))
    delete_class(dataset, 1, by="bob")
    assert isinstance(save(dataset, said(first.revision, [ONE, TWO], sequence=2), by="ann"), Conflict)
    assert [one.id for one in read_truth(dataset, "photo").boxes] == ["one"]


def test_a_change_made_of_an_older_revision_writes_nothing_and_brings_both_versions(dataset: Path) -> None:
    base = start(dataset)
    saved(dataset, said(base, [ONE]))
    conflict = save(dataset, said(base, [TWO], writer=B), by="bob")
    assert isinstance(conflict, Conflict)
    assert [one.id for one in read_truth(dataset, "photo").boxes] == ["one"]
    found = {one.id: one for one in differences(conflict)}
    assert (found["one"].mine, found["two"].theirs) == (None, None)
    assert {one.usual for one in found.values()} == {"mine", "theirs"}  # who added it, has it


def test_where_only_the_state_or_a_comment_changed_meanwhile_both_are_kept(dataset: Path) -> None:
    base = start(dataset)
    now = read_truth(dataset, "photo")
    save_truth(dataset, "photo", replace(now, assignee="eve", extra={**now.extra, "comments": ["x"]}), by="bob")
    after = saved(dataset, said(base, [ONE]))
    assert (after.assignee, after.extra["comments"], len(after.boxes)) == ("eve", ["x"], 1)


def test_a_box_that_both_changed_must_be_chosen_and_the_choice_is_what_is_saved(dataset: Path) -> None:
    first = saved(dataset, said(start(dataset), [ONE, TWO]))
    theirs = replace(ONE, box=(1.0, 1.0, 50.0, 50.0))
    mine = replace(ONE, class_id=1)
    saved(dataset, said(first.revision, [theirs, TWO], writer=B), by="bob")
    conflict = save(dataset, said(first.revision, [mine, TWO], sequence=2), by="ann")
    assert isinstance(conflict, Conflict)
    assert [(one.id, one.usual) for one in differences(conflict)] == [("one", None)]
    for side, box, by in (("theirs", theirs.box, "bob"), ("mine", ONE.box, "ann")):
        one = chosen(conflict, {"one": side})  # type: ignore[dict-item]
        assert one.boxes[0].box == box
        assert one.revision == conflict.theirs.revision
        if side == "mine":
            assert save_truth(dataset, "photo", one, by="ann").boxes[0].by == by


def test_flags_and_polygons_stay_with_a_box_and_move_with_it(dataset: Path) -> None:
    now = read_truth(dataset, "photo")
    polygon = (10.0, 20.0, 60.5, 20.0, 60.5, 70.25)
    kept = StoredBox("one", 0, ONE.box, ("difficult",), polygon, source="import coco")
    base = save_truth(dataset, "photo", replace(now, boxes=(kept,)), by="ann")
    after = saved(dataset, said(base.revision, [replace(ONE, box=(20.0, 20.0, 70.5, 70.25))])).boxes[0]
    assert (after.flags, after.source) == (("difficult",), "import coco")
    assert after.polygon == (20.0, 20.0, 70.5, 20.0, 70.5, 70.25)


corners = st.tuples(*[st.floats(0, 1000)] * 2, *[st.floats(1, 1000)] * 2)


@given(corners, corners)
def test_a_polygon_that_fills_its_box_fills_it_after_any_change(
    before: tuple[float, ...], after: tuple[float, ...]
) -> None:
    one, other = ((x, y, x + w, y + h) for x, y, w, h in (before, after))
    assert carried(one, one, other) == pytest.approx(other, abs=1e-6)


def test_proposals_are_no_truth_until_somebody_says_so_and_every_verdict_is_counted(dataset: Path) -> None:
    now = read_truth(dataset, "photo")
    offered = [Proposal(0, (10.0 * i, 0.0, 10.0 * i + 8, 9.0), 0.5 + i / 10) for i in range(4)]
    base = save_truth(
        dataset, "photo", replace(now, extra=proposals.proposed(now.extra, "tiny", offered)), by="model tiny"
    )
    assert base.boxes == ()
    drawn = [DrawnBox(one["id"], one["class_id"], tuple(one["box"]), open=True) for one in proposals.open_ones(base)]
    taken, moved, refused, left = drawn
    after = saved(
        dataset,
        said(base.revision, [replace(taken, open=False), replace(moved, box=(11.0, 1.0, 19.0, 9.0), open=False), left]),
    )
    assert proposals.counts([after]) == {"accepted": 1, "changed": 1, "refused": 1, "open": 1}
    assert [(one.id, one.source) for one in after.boxes] == [(taken.id, "model tiny"), (moved.id, "model tiny")]
    back = saved(dataset, said(after.revision, [replace(taken, open=False), moved, refused, left], sequence=2))
    assert proposals.counts([back]) == {"accepted": 1, "open": 3}  # undone: judged anew
    assert refused.id in {one["id"] for one in proposals.open_ones(back)}


def test_all_revisions_stay_in_the_history_with_who_and_when(dataset: Path) -> None:
    first = saved(dataset, said(start(dataset), [ONE]))
    saved(dataset, said(first.revision, [], sequence=2), by="bob")
    past = history(dataset, "photo")
    assert [len(one.boxes) for one in past[-2:]] == [1, 0]
    assert (past[-2].boxes[0].by, past[-2].boxes[0].at[:2]) == ("ann", "20")


def test_what_is_taken_back_is_signed_and_dated_as_it_was_and_the_history_goes_on(dataset: Path) -> None:
    first = saved(dataset, said(start(dataset), [ONE]))
    second = saved(dataset, said(first.revision, [TWO], sequence=2), by="bob")
    back = take_back(dataset, "photo", first.revision, read=second.revision, by="eve")
    assert (back.boxes, back.revision) == (first.boxes, second.revision + 1)
    third = saved(dataset, said(back.revision, [ONE, TWO], sequence=3), by="bob")
    assert history(dataset, "photo")[-4:] == [first, second, back, third]
    assert [one.by for one in third.boxes] == ["ann", "bob"]
    with pytest.raises(ConflictError):
        take_back(dataset, "photo", first.revision, read=back.revision, by="eve")
    with pytest.raises(DatasetError):
        take_back(dataset, "photo", 99, read=third.revision, by="eve")


WHOLE = {"writer": A, "sequence": 1, "attempt": 1, "dataset": "set", "stem": "photo", "revision": 0, "boxes": []}


@pytest.mark.parametrize(
    "change",
    [
        {"writer": "x"},
        {"writer": 5},
        {"sequence": "one"},
        {"stem": "a\x00b"},
        {"stem": ""},
        {"boxes": "none"},
        {"boxes": [{}]},
        {"boxes": [{"id": "a", "class_id": 0, "box": [0, 0, 1]}]},
        {"boxes": [{"id": "a", "class_id": 0, "box": [0, 0, 1, float("nan")]}]},
        {"boxes": [{"id": "a", "class_id": None, "box": [0, 0, 1, 1]}]},
        {"boxes": [{"id": "a", "class_id": 0, "box": [0, 0, 1, 1]}] * 20_001},
    ],
)
def test_what_is_no_message_is_none(change: dict[str, object]) -> None:
    assert read_message(WHOLE) is not None
    assert read_message({**WHOLE, **change}) is None
    assert read_message(None) is None
