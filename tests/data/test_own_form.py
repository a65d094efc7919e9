"""The workspace's own form of a data set: the annotations are the truth, and what is broken is told with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from yolodash.data.dataset import Dataset
from yolodash.data.opening import open_dataset
from yolodash.errors import DatasetError


def box(*numbers: object, class_id: object = 0, flags: list[str] | None = None) -> dict[str, Any]:
    return {"id": "b", "class_id": class_id, "box": list(numbers), "flags": flags or [], "by": "me"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("images", "annotations", "labels"):
        (tmp_path / name).mkdir()
    for stem in ("one", "two"):
        Pillow.new("RGB", (100, 50), "grey").save(tmp_path / f"images/{stem}.png")
    (tmp_path / "classes.json").write_text('[{"id": 0, "name": "cup"}, {"id": 3, "name": "old", "deleted": true}]')
    (tmp_path / "splits.json").write_text('{"train": ["one"], "val": ["one", "two"]}')
    (tmp_path / "data.yaml").write_text("train: images\nnames: [cup]\n")
    (tmp_path / "labels/one.txt").write_text("0 .5 .5 .1 .1\n" * 3)
    annotate(tmp_path, "one", [box(1.25, 2, 30, 40)])
    annotate(tmp_path, "two", [])
    return tmp_path


def annotate(folder: Path, stem: str, boxes: list[Any], **other: Any) -> None:
    content = {"revision": 1, "width": 100, "height": 50, "state": "done", "boxes": boxes} | other
    (folder / f"annotations/{stem}.json").write_text(json.dumps(content))


def kinds(dataset: Dataset) -> list[tuple[str, str]]:
    return [(problem.kind, problem.file) for problem in dataset.problems]


def test_the_annotations_are_read_and_not_the_labels_made_from_them(folder: Path) -> None:
    opened = open_dataset(folder)

    assert opened.format == "yolodash"
    assert opened.names == {0: "cup"}
    assert [(image.name, image.splits) for image in opened.images] == [
        ("images/one.png", ("train", "val")),
        ("images/two.png", ("val",)),
    ]
    np.testing.assert_array_equal(opened.images[0].annotations.boxes, [[1.25, 2, 30, 40]])
    assert opened.problems == ()


def test_flags_become_crowd_and_difficult(folder: Path) -> None:
    annotate(folder, "one", [box(1, 1, 9, 9, flags=["crowd"]), box(1, 1, 9, 9, flags=["difficult", "blurred"])])
    truth = open_dataset(folder).images[0].annotations

    assert truth.crowd.tolist() == [True, False]
    assert truth.difficult.tolist() == [False, True]


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (box(1, 2, 3), "broken_box"),
        (box("a", 2, 3, 4), "broken_box"),
        (box(1, 2, 3, 4, class_id=None), "broken_box"),
        ("no box", "broken_box"),
        (box(5, 5, 5, 9), "empty_box"),
        (box(9, 5, 5, 9), "empty_box"),
        (box(1, 2, float("nan"), 4), "empty_box"),
        (box(1, 2, 3, 4, class_id=3), "unknown_class"),
        (box(1, 2, 3, 4, class_id=7), "unknown_class"),
    ],
)
def test_a_box_that_cannot_be_used_is_told_and_the_others_stay(folder: Path, broken: Any, kind: str) -> None:
    annotate(folder, "one", [broken, box(1, 2, 3, 4)])
    opened = open_dataset(folder)

    assert kinds(opened) == [(kind, "annotations/one.json")]
    assert "Box 1" in opened.problems[0].sentence()
    assert opened.boxes_per_class() == {0: 1}


@pytest.mark.parametrize("content", [b"", b"[]", b'{"width": 1', b'{"boxes": []}', b"\xff\xfe", b"[" * 100_000])
def test_half_an_annotation_is_told_and_its_picture_stays(folder: Path, content: bytes) -> None:
    (folder / "annotations/one.json").write_bytes(content)
    opened = open_dataset(folder)

    assert kinds(opened) == [("unreadable", "annotations/one.json")]
    assert len(opened.images) == 2
    assert opened.images[0].annotations.image_size.width == 100


def test_missing_pictures_and_missing_annotations_are_told(folder: Path) -> None:
    (folder / "images/one.png").unlink()
    (folder / "annotations/two.json").unlink()
    opened = open_dataset(folder)

    assert kinds(opened) == [("missing_image", "images/one"), ("not_annotated", "images/two.png")]
    assert opened.images[0].path is None
    assert len(opened.images[0].annotations.boxes) == 1


def test_a_picture_of_another_size_is_told(folder: Path) -> None:
    annotate(folder, "one", [], width=200)

    assert kinds(open_dataset(folder)) == [("other_size", "annotations/one.json")]


@pytest.mark.parametrize("content", ["", "[]", '{"train": 5}', '{"train": '])
def test_broken_splits_are_told_and_the_pictures_stay(folder: Path, content: str) -> None:
    (folder / "splits.json").write_text(content)
    opened = open_dataset(folder)

    assert kinds(opened) == [("unreadable", "splits.json")]
    assert len(opened.split("all")) == 2


@pytest.mark.parametrize("content", ["", "{}", '{"a": 1}', "[5]", '[{"id": "x", "name": "y"}]', "[{}]"])
def test_without_classes_the_folder_is_refused_in_a_sentence(folder: Path, content: str) -> None:
    (folder / "classes.json").write_text(content)

    if content == "{}":
        assert open_dataset(folder).names == {}
        return
    with pytest.raises(DatasetError, match=r"classes\.json"):
        open_dataset(folder)
