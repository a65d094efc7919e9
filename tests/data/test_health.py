"""What is said of a data set before it is trained on: counts, sizes against anchors, leaks, and what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from yolodash.data.box_sizes import best_possible_recall
from yolodash.data.dataset import Dataset, LabelledImage, Row, annotations_from
from yolodash.data.health import about_sizes, counted, examined, findings, recall_of
from yolodash.data.likeness import alike, signature
from yolodash.data.opening import open_dataset
from yolodash.scenes.writing import scene_of
from yolodash.structures import ImageSize

ANCHORS = np.array([[10.0, 13], [30, 61], [116, 90]])
CLASSES = {0: "cat", 1: "dog"}


def picture(number: int, *rows: Row, splits: tuple[str, ...] = ("train",), path: Path | None = None) -> LabelledImage:
    return LabelledImage(
        f"{splits[0]}/{number}.jpg",
        path or Path(f"{number}.jpg"),
        annotations_from(list(rows), ImageSize(100, 200)),
        splits,
    )


def cat(width: float = 40.0, height: float = 20.0) -> Row:
    return Row(0, (10.0, 10.0, width, height))


def data_set(*images: LabelledImage, names: dict[int, str] | None = None) -> Dataset:
    return Dataset("yolo", Path("somewhere"), names or CLASSES, images, ())


def kinds(dataset: Dataset) -> set[str]:
    return {one.kind for one in findings(counted(dataset))}


def test_counts_are_a_class_and_a_split() -> None:
    health = counted(data_set(picture(0, cat(), cat()), picture(1), picture(2, cat(), splits=("val",))))

    assert dict(health.pictures) == {"train": 2, "val": 1, "test": 0}
    assert dict(health.backgrounds) == {"train": 1, "val": 0, "test": 0}
    assert [(one.name, one.boxes["train"], one.boxes["val"]) for one in health.classes] == [
        ("cat", 2, 1),
        ("dog", 0, 0),
    ]
    assert health.can_train


def test_a_split_that_is_missing_is_an_error_and_forbids_to_train() -> None:
    only_train, only_val = data_set(picture(0, cat())), data_set(picture(0, cat(), splits=("val",)))

    assert "no_validation" in kinds(only_train)
    assert "no_training" in kinds(only_val)
    assert "no_boxes" in kinds(data_set(picture(0), picture(1, splits=("val",))))
    assert not counted(only_train).can_train
    assert not counted(only_val).can_train


def test_what_is_too_little_is_said_with_what_to_expect() -> None:
    few = data_set(picture(0, cat()), picture(1, Row(1, (0, 0, 9, 9)), splits=("val",)))
    enough = data_set(
        *(picture(i, cat(), Row(1, (0, 0, 9, 9))) for i in range(100)),
        *(picture(i, cat(), Row(1, (0, 0, 9, 9)), splits=("val",)) for i in range(20)),
    )

    assert {"few_training", "few_validation", "few_boxes", "unseen_classes", "unmeasured_classes"} <= kinds(few)
    assert kinds(enough) == set()
    for one in findings(counted(few)):
        assert "{" not in one.sentence() + one.advice()


def test_the_gravest_stands_first() -> None:
    order = [one.severity for one in findings(counted(data_set(picture(0), names={0: "cat"})))]

    assert order == sorted(order, key=("error", "warning", "note").index)
    assert order[0] == "error"


def test_recall_is_the_share_of_boxes_that_some_anchor_comes_near() -> None:
    # At 200 pixels a picture of 200 × 100 is as it is: 40 × 20 is near 30 × 61; 160 × 2 is near none.
    health = counted(data_set(picture(0, cat(40, 20), cat(160, 2), cat(12, 12))))

    assert recall_of(health, ANCHORS, 200) == pytest.approx(2 / 3)
    assert [one.kind for one in about_sizes(health, ANCHORS, 200, replaces=True)] == ["anchors"]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(2, 500), st.floats(2, 500)), min_size=1, max_size=8), st.floats(1.5, 6))
def test_more_anchors_never_lower_the_recall(sizes: list[tuple[float, float]], ratio: float) -> None:
    boxes = np.array(sizes)

    fewer, more = best_possible_recall(boxes, ANCHORS[:1], ratio), best_possible_recall(boxes, ANCHORS, ratio)
    assert 0 <= fewer <= more <= 1
    assert best_possible_recall(boxes, boxes, ratio) == 1


def test_boxes_that_are_too_small_at_this_size_ask_for_a_larger_one() -> None:
    health = counted(data_set(picture(0, cat(6, 6), cat(40, 20))))

    assert "small_boxes" in [one.kind for one in about_sizes(health, ANCHORS, 200, replaces=True)]
    assert "small_boxes" not in [one.kind for one in about_sizes(health, ANCHORS, 640, replaces=True)]


def test_a_network_that_cannot_adapt_its_anchors_makes_the_same_finding_a_warning() -> None:
    health = counted(data_set(picture(0, cat(160, 2))))

    (note,), (warning,) = (about_sizes(health, ANCHORS, 200, replaces=replaces) for replaces in (True, False))
    assert (note.severity, warning.severity) == ("note", "warning")


def saved(path: Path, pixels: np.ndarray, **options: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.fromarray(pixels).save(path, **options)
    return path


def test_leaks_are_the_same_file_the_same_picture_smaller_and_one_picture_in_two_splits(tmp_path: Path) -> None:
    scenes = [scene_of(i, 7, ImageSize(60, 80)).rendered.image for i in range(4)]
    first = saved(tmp_path / "a.jpg", scenes[0], quality=95)
    copied = Path(shutil.copy(first, tmp_path / "b.jpg"))
    second = saved(tmp_path / "c.jpg", scenes[1], quality=95)
    smaller = saved(tmp_path / "d.jpg", np.asarray(Pillow.fromarray(scenes[1]).resize((60, 45))), quality=70)
    both, other = saved(tmp_path / "e.png", scenes[2]), saved(tmp_path / "f.png", scenes[3])
    dataset = data_set(
        picture(0, cat(), path=first), picture(1, cat(), path=second),
        picture(2, cat(), splits=("train", "val"), path=both),
        picture(3, cat(), splits=("val",), path=copied), picture(4, cat(), splits=("val",), path=smaller),
        picture(5, cat(), splits=("val",), path=other),
    )  # fmt: skip

    (leak,) = examined(dataset).leaks
    assert leak.splits == ("train", "val")
    assert set(leak.pairs) == {
        ("train/0.jpg", "val/3.jpg"), ("train/1.jpg", "val/4.jpg"), ("train/2.jpg", "train/2.jpg")
    }  # fmt: skip
    assert leak.identical == 2


def test_scenes_on_one_ground_are_not_taken_for_each_other() -> None:
    found = [signature(scene_of(i, 1, ImageSize(48, 64)).rendered.image) for i in range(4)]

    assert [(pair.first, pair.second) for pair in alike(found, found)] == [(i, i) for i in range(4)]
    assert alike(found, []) == []


def test_a_picture_that_cannot_be_read_is_an_error_with_its_name(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff no picture")
    told: list[tuple[int, int]] = []

    health = examined(data_set(picture(0, cat(), path=broken)), lambda done, of: told.append((done, of)))

    assert told == [(1, 1)]
    finding = next(one for one in findings(health) if one.kind == "unreadable")
    assert "broken.jpg" in finding.sentence()


def test_data_sets_of_the_wild_show_what_they_are_known_for(asset: Callable[[str], Path]) -> None:
    pallets = open_dataset(asset("datasets/roboflow_yolo_pallet_polygons"))
    augmented = examined(replace(pallets, images=(*pallets.split("val"), *pallets.split("test"))))
    raccoons = findings(counted(open_dataset(asset("datasets/raccoon_voc"))))

    assert [(leak.splits, len(leak.pairs), leak.identical) for leak in augmented.leaks] == [(("val", "test"), 1, 0)]
    assert "no_validation" in [one.kind for one in raccoons]
