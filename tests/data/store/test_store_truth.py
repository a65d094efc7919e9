"""What was confirmed is on the disk, signed, and nobody's save hides another's."""

from __future__ import annotations

import json
import pickle
import random
import select
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored import box, save, small_dataset

from yolodash.data.opening import open_dataset
from yolodash.data.store.history import history
from yolodash.data.store.pictures import list_pictures
from yolodash.data.store.truth import ConflictError, StoredBox, new_box_id, read_truth, save_truth, truth_path
from yolodash.errors import DatasetError, WorkspaceError

SAVER = """
import sys
from dataclasses import replace
from pathlib import Path
from yolodash.data.store.truth import StoredBox, read_truth, save_truth
dataset, stem = Path(sys.argv[1]), "p0"
while True:
    truth = read_truth(dataset, stem)
    number = truth.revision + 1
    boxes = tuple(StoredBox(str(one), 0, (0.0, 0.0, 1.0 + one % 50, number / 1000)) for one in range(number % 40))
    saved = save_truth(dataset, stem, replace(truth, boxes=boxes), by="ada")
    print(saved.revision, flush=True)
"""


def test_a_save_is_signed_dated_and_read_back(workspace: Path) -> None:
    dataset = small_dataset()
    first = save(dataset, "p0", box("a"))
    second = save(dataset, "p0", *first.boxes, box("b", (1.5, 2.25, 3.125, 4.0625), 1), by="bob")

    assert second == read_truth(dataset, "p0")
    assert second.revision == first.revision + 1
    assert [(one.by, one.id) for one in second.boxes] == [("ada", "a"), ("bob", "b")]
    assert second.boxes[0] == first.boxes[0]
    assert second.boxes[1].box == (1.5, 2.25, 3.125, 4.0625)
    assert second.boxes[1].at >= first.boxes[0].at > ""


def test_a_moved_box_is_signed_by_who_moved_it_and_the_others_are_not(workspace: Path) -> None:
    dataset = small_dataset()
    first = save(dataset, "p0", box("a"), box("b", (0.0, 0.0, 5.0, 5.0)))
    moved = replace(first.boxes[1], box=(1.0, 0.0, 6.0, 5.0))
    second = save(dataset, "p0", first.boxes[0], moved, by="bob")

    assert [one.by for one in second.boxes] == ["ada", "bob"]


def test_the_second_of_two_saves_is_shown_the_first_and_writes_nothing(workspace: Path) -> None:
    dataset = small_dataset()
    read = read_truth(dataset, "p0")
    mine = save_truth(dataset, "p0", replace(read, boxes=(box("a"),)), by="ada")
    before = truth_path(dataset, "p0").read_bytes()

    with pytest.raises(ConflictError, match="Somebody saved this picture meanwhile") as caught:
        save_truth(dataset, "p0", replace(read, boxes=(box("z"),)), by="bob")

    assert caught.value.theirs == mine
    assert truth_path(dataset, "p0").read_bytes() == before
    assert pickle.loads(pickle.dumps(caught.value)).theirs == mine  # as between processes


def test_of_many_savers_at_once_each_revision_belongs_to_one(workspace: Path) -> None:
    dataset = small_dataset()
    confirmed: list[int] = []

    def work(name: str) -> None:
        while len(confirmed) < 60:
            truth = read_truth(dataset, "p0")
            try:
                saved = save_truth(
                    dataset, "p0", replace(truth, boxes=(*truth.boxes, box(f"{name} {new_box_id()}"))), by=name
                )
            except ConflictError:
                continue
            confirmed.append(saved.revision)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("ada", "bob", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(confirmed)) == len(confirmed)
    assert len(read_truth(dataset, "p0").boxes) == len(confirmed)


@pytest.mark.parametrize(
    "corners", [(5.0, 5.0, 5.0, 9.0), (90.0, 1.0, 99.0, 9.0), (float("nan"), 0.0, 1.0, 1.0), (9.0, 9.0, 1.0, 1.0)]
)
def test_a_box_without_area_in_the_picture_is_refused_and_nothing_written(
    workspace: Path, corners: tuple[float, float, float, float]
) -> None:
    dataset = small_dataset()
    before = read_truth(dataset, "p0")

    with pytest.raises(DatasetError, match="no area"):
        save(dataset, "p0", box("a", corners))

    assert read_truth(dataset, "p0") == before


def test_a_box_is_cut_at_the_edge_of_the_picture(workspace: Path) -> None:
    saved = save(small_dataset(), "p0", box("a", (-5.0, 10.0, 100.0, 61.0)))

    assert saved.boxes[0].box == (0.0, 10.0, 80.0, 60.0)


def test_two_boxes_of_one_id_are_refused(workspace: Path) -> None:
    with pytest.raises(DatasetError, match="one id"):
        save(small_dataset(), "p0", box("a"), box("a"))


@pytest.mark.parametrize("name", ["../p0", "a/b", "", ".hidden", "x\0y"])
def test_a_name_that_leads_elsewhere_is_refused(workspace: Path, name: str) -> None:
    with pytest.raises(WorkspaceError, match="cannot be a name"):
        read_truth(small_dataset(), name)


def test_a_picture_that_is_not_there_is_a_sentence(workspace: Path) -> None:
    with pytest.raises(DatasetError, match="no such picture"):
        read_truth(small_dataset(), "p9")


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"width": 1}', '{"width": 8, "height": 8, "boxes": [{"box": []}]}']
)
def test_a_damaged_annotation_is_a_sentence_and_its_history_still_there(workspace: Path, content: str) -> None:
    dataset = small_dataset()
    save(dataset, "p0", box("a"))
    truth_path(dataset, "p0").write_text(content)

    with pytest.raises(DatasetError, match="no annotation that can be read"):
        read_truth(dataset, "p0")


def test_unknown_keys_stay(workspace: Path) -> None:
    dataset = small_dataset()
    truth = read_truth(dataset, "p0")
    save_truth(dataset, "p0", replace(truth, extra={"comments": [{"by": "ada", "text": "blurred"}], "mine": 1}), by="")

    assert save(dataset, "p0", box("a")).extra == {"comments": [{"by": "ada", "text": "blurred"}], "mine": 1}


def test_a_saved_picture_opens_as_a_data_set_for_training(workspace: Path) -> None:
    dataset = small_dataset()
    save(dataset, "p1", box("a", (1.0, 2.0, 3.0, 5.0), 1))

    opened = open_dataset("parts")
    [image] = [one for one in opened.images if one.name == "images/p1.png"]
    assert opened.names == {0: "screw", 1: "nut"}
    assert image.annotations.boxes.tolist() == [[1.0, 2.0, 3.0, 5.0]]
    assert image.annotations.class_ids.tolist() == [1]


boxes_strategy = st.dictionaries(
    st.sampled_from("abcdef"),
    st.builds(
        lambda x, y, width, height, class_id: ((x, y, x + width, y + height), class_id),
        st.integers(0, 40),
        st.integers(0, 30),
        st.integers(1, 20),
        st.integers(1, 20),
        st.integers(0, 1),
    ),
    max_size=5,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(saves=st.lists(boxes_strategy, max_size=6))
def test_the_history_gives_back_every_revision(
    workspace: Path, saves: list[dict[str, tuple[tuple[float, float, float, float], int]]]
) -> None:
    dataset = small_dataset(f"parts-{new_box_id()}", 1)
    kept = [read_truth(dataset, "p0")]
    for wanted in saves:
        boxes = [StoredBox(name, class_id, corners) for name, (corners, class_id) in wanted.items()]
        kept.append(save(dataset, "p0", *boxes))

    assert history(dataset, "p0") == kept


def test_what_another_program_wrote_begins_the_history(workspace: Path) -> None:
    dataset = small_dataset()
    save(dataset, "p0", box("a"))
    (dataset / "journal.jsonl").write_text('{"event": "created"}\n')
    found = read_truth(dataset, "p0")
    saved = save(dataset, "p0", *found.boxes, box("b"))

    assert history(dataset, "p0") == [found, saved]


def test_a_line_that_was_never_confirmed_is_no_revision(workspace: Path) -> None:
    dataset = small_dataset()
    first = save(dataset, "p0", box("a"))
    before = truth_path(dataset, "p0").read_bytes()
    save(dataset, "p0", box("lost"))
    truth_path(dataset, "p0").write_bytes(before)  # as if killed between the two writes

    assert history(dataset, "p0")[-1] == first
    again = save(dataset, "p0", box("b"))
    assert history(dataset, "p0")[-2:] == [first, again]


def test_a_full_disk_is_a_sentence_and_the_old_truth_stays(workspace: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(small)], capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    try:
        dataset = small_dataset()
        here = small / "parts"
        shutil.copytree(dataset, here)
        first = save(here, "p0", box("a"))
        many = [box(str(number), (0.0, 0.0, 1.0 + number % 70, 9.0)) for number in range(2000)]
        with pytest.raises(WorkspaceError, match="No space left on device"):
            save(here, "p0", *many)
        assert read_truth(here, "p0") == first
        assert not list(here.rglob("*.part"))
    finally:
        subprocess.run(["umount", str(small)], check=True)


def kill_again_and_again(dataset: Path, kills: int) -> int:
    """Kill a process that saves, ``kills`` times; every confirmed save is there. Gives how many were confirmed."""
    rng, total = random.Random(0), 0
    for _turn in range(kills):
        process = subprocess.Popen([sys.executable, "-c", SAVER, str(dataset)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], 60)[0]
        time.sleep(rng.uniform(0, 0.05))
        process.kill()
        told, _ = process.communicate()
        lines = told.decode().split("\n")[:-1]
        confirmed = int(lines[-1])
        truth = read_truth(dataset, "p0")
        assert truth.revision in (confirmed, confirmed + 1)  # the last one may not have been told yet
        assert len(truth.boxes) == truth.revision % 40
        assert all(one.box[3] <= truth.revision / 1000 for one in truth.boxes)
        assert history(dataset, "p0")[-1] == truth
        assert list_pictures(dataset)[0].revision == truth.revision
        total += len(lines)
    return total


def test_a_kill_loses_no_confirmed_save(workspace: Path) -> None:
    assert kill_again_and_again(small_dataset(), 8) >= 8


@pytest.mark.slow
def test_two_hundred_kills_lose_no_confirmed_save(workspace: Path) -> None:
    assert kill_again_and_again(small_dataset(), 200) >= 200


def test_the_journal_is_json_line_by_line(workspace: Path) -> None:
    dataset = small_dataset()
    save(dataset, "p0", box("a"))

    lines = [json.loads(line) for line in (dataset / "journal.jsonl").read_text().splitlines()]
    assert [one["event"] for one in lines] == ["created", "saved", "saved", "saved", "saved"]
    assert lines[-1]["by"] == "ada"
