"""Data sets written in another form and read again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from yolodash.data.dataset import Dataset, LabelledImage, Row, annotations_from
from yolodash.data.opening import open_dataset
from yolodash.data.writing import write_dataset
from yolodash.errors import OptionError, WorkspaceError
from yolodash.structures import ImageSize

FORMS = ("yolo", "coco", "voc")


def picture(path: Path, size: ImageSize, shade: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.new("RGB", (size.width, size.height), (shade, shade, shade)).save(path)
    return path


def made(
    folder: Path,
    rows: Sequence[Sequence[Row]],
    names: dict[int, str],
    splits: Sequence[tuple[str, ...]] = (("train",), ("val",), ("test",)),
    files: Sequence[str] = ("one.png", "two.png", "three.png"),
) -> Dataset:
    size = ImageSize(30, 50)
    images = [
        LabelledImage(file, picture(folder / file, size, 40 * number), annotations_from(list(part), size), parts)
        for number, (file, part, parts) in enumerate(zip(files, rows, splits, strict=False))
    ]
    return Dataset("coco", folder, names, tuple(images), ())


def boxes_by_picture(dataset: Dataset) -> dict[int, list[tuple[str, tuple[float, ...]]]]:
    """Class names and boxes of every picture, told apart by its shade, since files are renamed."""
    result = {}
    for image in dataset.images:
        assert image.path is not None
        shade = Pillow.open(image.path).getpixel((0, 0))
        assert isinstance(shade, tuple)
        truth = image.annotations
        result[int(shade[0])] = sorted(
            (dataset.names[int(i)], tuple(np.round(box, 6).tolist()))
            for i, box in zip(truth.class_ids, truth.boxes, strict=True)
        )
    return result


ROWS = (
    (Row(0, (1.0, 2.0, 10.5, 11.25)), Row(2, (0.1, 0.2, 0.3, 0.4)), Row(0, (5.0, 5.0, 45.0, 25.0))),
    (),
    (Row(2, (1 / 3, 2 / 7, 31 / 3, 17 / 7)),),
)
NAMES = {0: "gatto, nero", 1: "never used", 2: "سيارة 🚗 <b>&"}


@pytest.mark.parametrize("first", FORMS)
@pytest.mark.parametrize("second", FORMS)
def test_boxes_names_and_parts_survive_two_forms(first: str, second: str, tmp_path: Path) -> None:
    dataset = made(tmp_path / "own", ROWS, NAMES)
    write_dataset(dataset, tmp_path / "first", first)
    write_dataset(open_dataset(tmp_path / "first"), tmp_path / "second", second)
    again = open_dataset(tmp_path / "second")
    assert boxes_by_picture(again) == boxes_by_picture(dataset)
    assert {image.path.stem: image.splits for image in again.images if image.path} == {
        "one": ("train",), "two": ("val",), "three": ("test",),
    }  # fmt: skip
    assert not [problem for problem in again.problems if problem.severity == "error"]


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_of_two_parts_stays_one_picture(form: str, tmp_path: Path) -> None:
    dataset = made(tmp_path / "own", ROWS, NAMES, splits=(("train", "val"), ("train", "val"), ("train", "val")))
    write_dataset(dataset, tmp_path / "out", form)
    again = open_dataset(tmp_path / "out")
    assert [image.splits for image in again.images] == [("train", "val")] * 3
    assert boxes_by_picture(again) == boxes_by_picture(dataset)


@pytest.mark.parametrize("form", FORMS)
def test_pictures_of_one_name_get_names_of_their_own(form: str, tmp_path: Path) -> None:
    files = ("a/same.png", "b/same.png", "c/SAME.PNG")
    dataset = made(tmp_path / "own", ROWS, NAMES, files=files)
    write_dataset(dataset, tmp_path / "out", form)
    assert boxes_by_picture(open_dataset(tmp_path / "out")) == boxes_by_picture(dataset)


@pytest.mark.parametrize("form", FORMS)
def test_pictures_are_copied_to_the_byte_and_the_originals_stay(form: str, tmp_path: Path) -> None:
    dataset = made(tmp_path / "own", ROWS, NAMES)
    before = {path: path.read_bytes() for path in (tmp_path / "own").iterdir()}
    write_dataset(dataset, tmp_path / "out", form)
    assert {path: path.read_bytes() for path in (tmp_path / "own").iterdir()} == before
    copies = {image.path.read_bytes() for image in open_dataset(tmp_path / "out").images if image.path}
    assert copies == set(before.values())


def test_coco_holds_ids_areas_and_crowds_and_opens_in_pycocotools(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from pycocotools.coco import COCO

    rows = ((Row(7, (1 / 3, 2.0, 10.0, 10.0), area=61.5, crowd=True), Row(90, (1.0, 1.0, 4.0, 4.0))),)
    dataset = made(tmp_path / "own", rows, {7: "cat", 90: "dog"})
    written = write_dataset(dataset, tmp_path / "out", "coco")
    again = open_dataset(tmp_path / "out")
    assert again.names == dataset.names
    for ours, theirs in zip(again.images, dataset.images, strict=True):
        assert np.array_equal(ours.annotations.xywh, theirs.annotations.xywh)
        assert np.array_equal(ours.annotations.areas, theirs.annotations.areas)
        assert np.array_equal(ours.annotations.crowd, theirs.annotations.crowd)
    opened = COCO(str(tmp_path / "out" / "annotations" / "instances_train.json"))
    capsys.readouterr()
    assert sorted(opened.anns) == [1, 2]
    assert opened.loadCats([7])[0]["name"] == "cat"
    assert written.boxes == 2


def test_what_a_form_cannot_say_is_told(tmp_path: Path) -> None:
    rows = ((Row(3, (1.0, 1.0, 5.0, 5.0), crowd=True), Row(9, (1.0, 1.0, 5.0, 5.0), difficult=True)),)
    dataset = made(tmp_path / "own", rows, {3: "cat", 5: "nobody", 9: "dog"})
    told = {form: sorted({note.kind for note in write_dataset(dataset, tmp_path / form, form).notes}) for form in FORMS}
    assert told == {
        "yolo": ["lost_flag", "renumbered"],
        "coco": ["lost_flag"],
        "voc": ["lost_class", "lost_flag"],
    }
    assert open_dataset(tmp_path / "yolo").names == {0: "cat", 1: "nobody", 2: "dog"}
    assert open_dataset(tmp_path / "voc").images[0].annotations.difficult.tolist() == [False, True]


def test_yolo_labels_stay_within_the_picture_and_hold_no_box_twice(tmp_path: Path) -> None:
    rows = ((Row(0, (-5.0, 10.0, 20.0, 40.0)), Row(0, (60.0, 1.0, 5.0, 5.0)), Row(0, (1.0, 1.0, 0.0, 5.0))),)
    twice = ((*rows[0], rows[0][0]),)
    written = write_dataset(made(tmp_path / "own", twice, {0: "cat"}), tmp_path / "out", "yolo")
    again = open_dataset(tmp_path / "out")
    assert written.boxes == 1
    assert [note.values["count"] for note in written.notes if note.kind == "left_out_box"] == [3]
    assert np.allclose(again.images[0].annotations.boxes, [[0, 10, 15, 30]])
    assert again.problems == ()


def test_a_missing_picture_is_told_and_the_rest_is_written(tmp_path: Path) -> None:
    dataset = made(tmp_path / "own", ROWS, NAMES)
    gone = LabelledImage("gone.png", None, dataset.images[0].annotations, ("train",))
    whole = Dataset("coco", dataset.root, NAMES, (*dataset.images, gone), ())
    written = write_dataset(whole, tmp_path / "out", "voc")
    assert written.images == 3
    assert [note.file for note in written.notes if note.kind == "left_out"] == ["gone.png"]


def test_nothing_is_written_over_and_no_other_form_is_guessed(tmp_path: Path) -> None:
    dataset = made(tmp_path / "own", ROWS, NAMES)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("kept")
    with pytest.raises(WorkspaceError, match="stays untouched"):
        write_dataset(dataset, tmp_path / "out", "yolo")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]
    with pytest.raises(OptionError, match="yolo, coco, voc"):
        write_dataset(dataset, tmp_path / "other", "createml")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("name", ["raccoon_voc", "roboflow_coco_rbc", "roboflow_yolo_building"])
def test_real_data_sets_survive_all_forms(name: str, asset, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    here, counted = asset(f"datasets/{name}"), []
    for step, form in enumerate(("yolo", "coco", "voc", "yolo")):
        place = tmp_path / f"{step}-{form}"
        write_dataset(open_dataset(here), place, form)
        again = open_dataset(place)
        boxes = {again.names[i]: count for i, count in again.boxes_per_class().items() if count}
        counted.append((len(again.images), boxes, sorted(len(image.annotations.boxes) for image in again.images)))
        here = place
    assert counted == [counted[0]] * 4
