"""A list is what the disk holds now, whoever wrote there; what did not change is not read again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored import box, picture, save, small_dataset

from yolodash.data.store import pictures
from yolodash.data.store.classes import add_class, merge_classes
from yolodash.data.store.history import history
from yolodash.data.store.journal import Mark, end_of, events, events_since, note_event
from yolodash.data.store.parts import write_splits
from yolodash.data.store.pictures import StoredPicture, add_picture, delete_pictures, list_pictures, restore_pictures
from yolodash.data.store.truth import new_box_id, read_truth, truth_path

ANOTHER_SERVER = """
import sys
from dataclasses import replace
from pathlib import Path
from yolodash.data.store.parts import write_splits
from yolodash.data.store.pictures import add_picture, delete_pictures, list_pictures
from yolodash.data.store.truth import StoredBox, read_truth, save_truth
dataset = Path(sys.argv[1])
list_pictures(dataset)
for line in sys.stdin:
    what = line.strip()
    if what == "save":
        truth = read_truth(dataset, "p0")
        boxes = (*truth.boxes, StoredBox(str(len(truth.boxes)), 0, (0.0, 0.0, 9.0, 9.0)))
        save_truth(dataset, "p0", replace(truth, boxes=boxes), by="bob")
    elif what == "split":
        write_splits(dataset, {"val": ["p0"]}, by="bob")
    elif what == "delete":
        delete_pictures(dataset, ["p1"], by="bob")
    else:
        add_picture(dataset, "p1.png", Path(what).read_bytes(), by="bob")
    print([(one.stem, one.boxes, one.splits, one.bytes) for one in list_pictures(dataset)], flush=True)
"""


def anew(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[StoredPicture, ...]:
    """The list as somebody makes it who remembers nothing."""
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "_known", {})
        return list_pictures(dataset)


def by_hand(dataset: Path, number: int) -> None:
    """What other programs do to a data set: write in place, give back the old date, replace, remove, bring along."""
    image, truth = dataset / "images" / "p0.png", truth_path(dataset, "p1")
    if number == 0 and truth.exists():
        about = truth.stat()
        truth.write_text(truth.read_text().replace('"revision": 1', '"revision": 9'))
        os.utime(truth, ns=(about.st_atime_ns, about.st_mtime_ns))
    elif number == 1:
        (dataset / "images" / "by hand.png").write_bytes(picture(77))
        truth_path(dataset, "by hand").write_text('{"width": 80, "height": 60, "boxes": [], "assignee": "eve"}')
    elif number == 2 and image.exists():
        image.write_bytes(b"no picture any more" * 9)
    elif number == 3 and truth.exists():
        truth.unlink()
    elif number == 4:
        (dataset / "images" / "more").mkdir(exist_ok=True)
        (dataset / "images" / "more" / "deep.png").write_bytes(picture(78))
    elif number == 5 and (dataset / "images" / "p2.png").exists():
        (dataset / "images" / "p2.png").rename(dataset / "images" / "p3.png")


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["save", "add", "delete", "back", "split", "merge", "hand"]),
                                st.integers(0, 5)), max_size=8))  # fmt: skip
def test_a_list_from_memory_is_the_list_of_who_remembers_nothing(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int]]
) -> None:
    dataset = small_dataset(f"parts-{new_box_id()}")
    entry = None
    for what, number in steps:
        stems = [one.stem for one in list_pictures(dataset)]
        if (
            what == "save"
            and "p0" in stems
            and next(one for one in list_pictures(dataset) if one.stem == "p0").readable
        ):
            save(dataset, "p0", *(box(str(place), class_id=place % 2) for place in range(number)))
        elif what == "add":
            add_picture(dataset, f"p{number}.png", picture(number), by="bob", splits=("test",) if number % 2 else ())
        elif what == "delete" and "p1" in stems:
            entry = delete_pictures(dataset, ["p1"], by="bob")
        elif what == "back" and entry is not None:
            restore_pictures(dataset, entry, by="bob")
            entry = None
        elif what == "split":
            write_splits(dataset, {"train": stems[number:], "val": stems[:number]}, by="bob")
        elif what == "merge" and number == 0 and all(one.readable for one in list_pictures(dataset)):
            merge_classes(dataset, add_class(dataset, f"c{new_box_id()}", by="bob").id, 1, by="bob")
        elif what == "hand":
            by_hand(dataset, number)
        assert list_pictures(dataset) == anew(dataset, monkeypatch)


def test_what_another_server_does_is_shown_at_once(workspace: Path, tmp_path: Path) -> None:
    dataset = small_dataset()
    (tmp_path / "new.png").write_bytes(picture(50, 30, 40))
    command = [sys.executable, "-c", ANOTHER_SERVER, str(dataset)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for what in ("save", "split", "save", "delete", str(tmp_path / "new.png"), "save"):
            other.stdin.write(f"{what}\n")
            other.stdin.flush()
            theirs = other.stdout.readline().strip()
            assert str([(one.stem, one.boxes, one.splits, one.bytes) for one in list_pictures(dataset)]) == theirs
            save(dataset, "p2", box(new_box_id()))
        other.stdin.close()

    first, second, third = list_pictures(dataset)
    assert (first.boxes, first.splits) == (3, ("val",))
    assert (second.stem, second.size.width) == ("p1", 40)
    assert third.revision == read_truth(dataset, "p2").revision


def test_after_one_save_one_annotation_is_read(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = small_dataset(pictures=5)
    list_pictures(dataset)
    read: list[str] = []

    def noted(folder: Path, stem: str) -> object:
        read.append(stem)
        return read_truth(folder, stem)

    monkeypatch.setattr(pictures, "read_truth", noted)
    list_pictures(dataset)
    assert read == []
    save(dataset, "p3", box("a"))
    write_splits(dataset, {"train": ["p0"]}, by="ada")
    list_pictures(dataset)
    assert read == ["p3"]


def test_a_save_is_shown_though_the_file_looks_as_before(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exactly = pictures.stamps
    monkeypatch.setattr(pictures, "stamps", lambda folder: dict.fromkeys(exactly(folder), (1, 1, 1, 1)))  # no clock
    dataset = small_dataset()
    list_pictures(dataset)
    for count in (1, 2, 1):
        save(dataset, "p1", *(box(str(place)) for place in range(count)))
        assert [one.boxes for one in list_pictures(dataset)] == [0, count, 0]


def test_what_is_being_written_is_no_picture_and_an_odd_name_no_end(workspace: Path) -> None:
    dataset = small_dataset()
    (dataset / "images" / ".0123456789abcdef.part").write_bytes(picture(60))
    (dataset / "images" / "what?.png").write_bytes(picture(61))

    shown = list_pictures(dataset)
    assert [(one.stem, one.readable) for one in shown] == [("p0", True), ("p1", True), ("p2", True), ("what?", False)]
    assert shown[-1].size == shown[0].size


def test_of_two_files_of_one_name_the_first_is_the_picture(workspace: Path) -> None:
    dataset = small_dataset()
    (dataset / "images" / "p1.bmp").write_bytes(picture(61))

    assert [one.path.name for one in list_pictures(dataset)] == ["p0.png", "p1.bmp", "p2.png"]


def test_a_journal_is_read_on_from_where_it_was(workspace: Path) -> None:
    dataset = small_dataset()
    everything, mark = events_since(dataset, Mark())
    assert everything == list(events(dataset))
    assert mark == end_of(dataset)

    note_event(dataset, "one", "ada")
    with (dataset / "journal.jsonl").open("ab") as file:
        file.write(b'{"event": "killed')
    new, behind = events_since(dataset, mark)
    assert [one["event"] for one in new] == ["one"]
    note_event(dataset, "two", "ada")
    assert [one["event"] for one in events_since(dataset, behind)[0]] == ["two"]

    (dataset / "journal.jsonl").write_text('{"event": "another journal"}\n')
    again, after = events_since(dataset, behind)
    assert [one["event"] for one in again] == ["another journal"]
    assert not after.continues(behind)
    (dataset / "journal.jsonl").unlink()
    assert events_since(dataset, after) == ([], Mark())


def test_what_another_server_noted_is_not_noted_twice(workspace: Path) -> None:
    dataset = small_dataset()
    save(dataset, "p0", box("a"))
    code = "import sys; from stored import *; d = Path(sys.argv[1]); save(d, 'p1', box('b')); save(d, 'p0', box('c'))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    subprocess.run([sys.executable, "-c", code, str(dataset)], env=environment, check=True)
    save(dataset, "p1", box("d"))

    assert not [one for one in events(dataset) if one["event"] == "found"]
    assert [one.revision for one in history(dataset, "p1")] == [1, 2, 3]
