"""Repairs of stored boxes: what they would do, done, taken back, and never over the head of another."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from yolodash.data.dataset import LabelledImage, Row, annotations_from
from yolodash.data.health import box_places
from yolodash.data.repairs import Repair, find_repairs, last_repair, repair, undo
from yolodash.data.store.folders import create_dataset
from yolodash.data.store.history import history
from yolodash.data.store.pictures import add_picture
from yolodash.data.store.truth import StoredBox, Truth, read_truth, save_truth
from yolodash.structures import ImageSize

SIZE = ImageSize(60, 80)
GOOD = StoredBox("good", 0, (10.0, 10.0, 40.0, 40.0))
DOUBLE = StoredBox("double", 0, (10.0, 10.0, 40.0, 40.5))
OTHER_CLASS = StoredBox("other", 1, (10.0, 10.0, 40.0, 40.0))
SPECK = StoredBox("speck", 0, (50.0, 50.0, 51.0, 58.0))
LOST = StoredBox("lost", 7, (5.0, 5.0, 30.0, 30.0))


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two pictures: one with every mistake, one with none."""
    monkeypatch.setenv("YOLODASH_HOME", str(tmp_path / "home"))
    folder = create_dataset("mine", classes=["cat", "dog"])
    for number, boxes in enumerate([(GOOD, DOUBLE, OTHER_CLASS, SPECK, LOST), (GOOD, OTHER_CLASS)]):
        buffer = io.BytesIO()
        Pillow.new("RGB", (SIZE.width, SIZE.height), (number, 9, 9)).save(buffer, "PNG")
        add_picture(folder, f"p{number}.png", buffer.getvalue(), by="a", truth=Truth(0, SIZE, boxes=boxes))
    return folder


def found(dataset: Path) -> dict[str, Repair]:
    return {one.kind: one for one in find_repairs(dataset, ["p0", "p1"])}


def ids(dataset: Path, stem: str = "p0") -> list[str]:
    return [box.id for box in read_truth(dataset, stem).boxes]


def test_each_mistake_names_the_boxes_that_would_go_and_nothing_is_changed_by_looking(dataset: Path) -> None:
    repairs = found(dataset)

    would_go = {kind: [box.id for box in one.changes["p0"].removed] for kind, one in repairs.items()}
    assert would_go == {"double_boxes": ["double"], "specks": ["speck"], "lost_classes": ["lost"]}
    assert all(list(one.changes) == ["p0"] and one.boxes == 1 for one in repairs.values())
    assert len(ids(dataset)) == 5


def test_a_repair_is_signed_and_taken_back_whole(dataset: Path) -> None:
    before = read_truth(dataset, "p0")

    done = repair(dataset, found(dataset)["double_boxes"], by="somebody")
    assert ids(dataset) == ["good", "other", "speck", "lost"]
    assert last_repair(dataset) == done
    undone = undo(dataset, done, by="somebody")

    after = read_truth(dataset, "p0")
    assert undone.skipped == ()
    assert sorted(box.id for box in after.boxes) == sorted(box.id for box in before.boxes)
    assert {box.id: box.box for box in after.boxes} == {box.id: box.box for box in before.boxes}
    assert last_repair(dataset) is None
    assert [len(one.boxes) for one in history(dataset, "p0")] == [5, 4, 5]


def test_the_newest_repair_that_stands_is_the_one_to_take_back(dataset: Path) -> None:
    first = repair(dataset, found(dataset)["double_boxes"], by="a")
    second = repair(dataset, found(dataset)["specks"], by="a")
    undo(dataset, second, by="a")

    assert last_repair(dataset) == first


def test_a_picture_that_another_changed_is_left_alone_by_repair_and_undo(dataset: Path) -> None:
    wanted = found(dataset)["double_boxes"]
    save_truth(dataset, "p0", replace(read_truth(dataset, "p0"), state="in_work"), by="another")
    assert repair(dataset, wanted, by="a").skipped == ("p0",)
    assert len(ids(dataset)) == 5

    done = repair(dataset, found(dataset)["double_boxes"], by="a")
    save_truth(dataset, "p0", replace(read_truth(dataset, "p0"), boxes=()), by="another")
    assert undo(dataset, done, by="a").skipped == ("p0",)
    assert ids(dataset) == []


def test_a_damaged_annotation_is_passed_over(dataset: Path) -> None:
    (dataset / "annotations" / "p0.json").write_text("{")

    assert found(dataset) == {}


def picture(*boxes: tuple[float, float, float, float], size: ImageSize = SIZE) -> LabelledImage:
    rows = [Row(0, (x, y, w, h)) for x, y, w, h in boxes]
    return LabelledImage("a", Path("a"), annotations_from(rows, size), ("train",))


def test_places_are_shares_of_all_boxes() -> None:
    whole, left = picture((0, 0, 80, 60)), picture((0, 0, 50, 100), size=ImageSize(100, 100))

    places = box_places([whole, left, picture()], 4)

    assert places.tolist() == [[1, 1, 0.5, 0.5]] * 4
    assert box_places([], 2).tolist() == [[0, 0], [0, 0]]


@given(st.lists(st.tuples(*[st.floats(0, 40)] * 4), min_size=1, max_size=8))
def test_a_cell_counts_for_the_boxes_that_cover_its_centre(boxes: list[tuple[float, float, float, float]]) -> None:
    size, cells = ImageSize(80, 80), 8
    places = box_places([picture(*boxes, size=size)], cells)

    centres = (np.arange(cells) + 0.5) * 80 / cells
    for row, y in enumerate(centres):
        for column, x in enumerate(centres):
            covering = sum(bx <= x < bx + w and by <= y < by + h for bx, by, w, h in boxes)
            assert places[row, column] == pytest.approx(covering / len(boxes))
