"""Data sets of the wild: every form opens, and what is wrong in them is said, with its place."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from yolodash.data.archives import unpack
from yolodash.data.formats.coco import read_results
from yolodash.data.opening import open_dataset
from yolodash.errors import DatasetError


def picture(path: Path, size: tuple[int, int] = (100, 50)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.new("RGB", size, "grey").save(path)
    return path


def yolo_set(root: Path, label: str, *, yaml: str = "train: images\nval: images\nnames: [cup, dog]\n") -> Path:
    picture(root / "images/one.jpg")
    (root / "labels").mkdir(exist_ok=True)
    (root / "labels/one.txt").write_bytes(label.encode())
    (root / "data.yaml").write_text(yaml)
    return root / "data.yaml"


@pytest.mark.parametrize(
    ("folder", "form", "images", "boxes"),
    [
        ("coco128_64", "yolo", 64, 451),
        ("raccoon_voc", "voc", 200, 217),
        ("roboflow_coco_rbc", "coco", 30, 691),
        ("roboflow_yolo_building", "yolo", 73, 73),
    ],
)
def test_a_data_set_of_the_wild_opens_whole(
    asset: Callable[[str], Path], folder: str, form: str, images: int, boxes: int
) -> None:
    opened = open_dataset(asset(f"datasets/{folder}"))

    assert opened.format == form
    assert len(opened.images) == images
    assert sum(len(image.annotations.class_ids) for image in opened.images) == boxes
    assert all(image.path is not None for image in opened.images)
    assert not [problem for problem in opened.problems if problem.severity == "error"]


def test_polygons_become_their_tight_boxes_and_are_counted(asset: Callable[[str], Path]) -> None:
    opened = open_dataset(asset("datasets/roboflow_yolo_pallet_polygons"))

    assert opened.polygon_lines == 119
    assert sum(len(image.annotations.class_ids) for image in opened.images) == 170
    assert Counter(split for image in opened.images for split in image.splits) == {"train": 64, "val": 32, "test": 17}


def test_a_yaml_whose_paths_lead_nowhere_is_read_by_its_folder_and_says_so(asset: Callable[[str], Path]) -> None:
    opened = open_dataset(asset("models/yolov5n-six-crops/data.yaml"))

    assert len(opened.split("val")) == 36
    assert {problem.kind for problem in opened.problems} == {"missing_path"}


def test_a_box_is_in_pixels_of_the_picture(tmp_path: Path) -> None:
    opened = open_dataset(yolo_set(tmp_path, "1 0.5 0.5 0.2 0.4\n"))

    np.testing.assert_allclose(opened.images[0].annotations.boxes, [[40, 15, 60, 35]])
    assert opened.images[0].annotations.class_ids.tolist() == [1]
    assert opened.images[0].splits == ("train", "val")


@pytest.mark.parametrize(
    ("line", "kind", "kept"),
    [
        ("0 0.5 0.5 abc 0.1", "not_numbers", 0),
        ("0 0.5 0.5 0.1", "wrong_columns", 0),
        ("0 0.5 0.5 nan 0.1", "not_finite", 0),
        ("0.5 0.5 0.5 0.1 0.1", "not_finite", 0),
        ("0 0.5 0.5 0 0.1", "empty_box", 0),
        ("0 320 240 50 50", "outside_picture", 0),
        ("0 0.05 0.5 0.2 0.2", "over_the_edge", 1),
        ("7 0.5 0.5 0.2 0.2", "unknown_class", 1),
        ("0 0.5 0.5 0.2 0.2 0.93", "confidence", 1),
        ("0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2", "duplicate", 1),
    ],
)
def test_a_label_line_that_is_wrong_is_told_with_its_file_and_line(
    tmp_path: Path, line: str, kind: str, kept: int
) -> None:
    opened = open_dataset(yolo_set(tmp_path, f"\r\n{line}"))

    assert [problem.kind for problem in opened.problems] == [kind]
    assert opened.problems[0].file == "labels/one.txt"
    assert opened.problems[0].line == (3 if kind == "duplicate" else 2)
    assert opened.problems[0].sentence()
    assert len(opened.images[0].annotations.class_ids) == kept


@pytest.mark.parametrize("name", ["bom.txt", "crlf.txt", "trailing_spaces_tabs.txt", "empty.txt"])
def test_odd_but_right_label_files_are_read_without_a_word(
    asset: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    text = asset(f"labels/yolo/{name}").read_bytes().decode("utf-8")
    opened = open_dataset(yolo_set(tmp_path, text, yaml="train: images\n"))

    lines = [line for line in text.replace("\ufeff", "").splitlines() if line.strip()]
    assert len(opened.images[0].annotations.class_ids) == len(lines)
    assert opened.problems == ()


@pytest.mark.parametrize(
    "paths",
    [
        "train: ../train/images\n",
        "train: train/images\n",
        "path: .\ntrain: [train/images]\n",
        "train: list.txt\n",
    ],
)
def test_paths_are_found_in_every_form_of_the_wild(tmp_path: Path, paths: str) -> None:
    picture(tmp_path / "set/train/images/a.jpg")
    (tmp_path / "set/list.txt").write_text("./train/images/a.jpg\n")
    (tmp_path / "set/data.yaml").write_text(paths + "names: {0: cup}\n")

    assert [image.name for image in open_dataset(tmp_path / "set/data.yaml").images] == ["train/images/a.jpg"]


def test_a_yaml_with_aliases_or_tags_is_refused(tmp_path: Path) -> None:
    for text in ("a: &a [1]\ntrain: *a\n", "train: !!python/object/apply:os.system ['true']\n", "[1, 2", "- 1\n"):
        (tmp_path / "data.yaml").write_text(text)
        with pytest.raises(DatasetError):
            open_dataset(tmp_path / "data.yaml")


def test_a_strangers_yaml_follows_no_path_out_of_its_folder(tmp_path: Path) -> None:
    picture(tmp_path / "secret/images/a.jpg")
    picture(tmp_path / "set/images/b.jpg")
    (tmp_path / "set/data.yaml").write_text(f"train: {tmp_path}/secret/images\nval: ../secret/images\nnames: [cup]\n")

    opened = open_dataset(tmp_path / "set/data.yaml", confined=True)

    assert [image.name for image in opened.images] == ["images/b.jpg"]


def test_voc_that_is_odd_is_mended_and_told(asset: Callable[[str], Path]) -> None:
    opened = open_dataset(asset("labels/voc"))

    kinds = Counter(problem.kind for problem in opened.problems)
    assert kinds["swapped_corners"] == 2
    assert "rato-lavão" in opened.names.values()
    assert all((image.annotations.xywh[:, 2:] >= 0).all() for image in opened.images)


def test_an_xml_entity_does_not_unfold(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    (tmp_path / "a.xml").write_text(
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><annotation><object><name>&e;</name></object></annotation>'
    )
    (tmp_path / "b.xml").write_text("<annotation><filename>a.jpg</filename></annotation>")

    opened = open_dataset(tmp_path)

    assert [problem.kind for problem in opened.problems] == ["unreadable"]
    assert opened.names == {}


def test_coco_ids_keep_their_gaps_and_problems_their_place(asset: Callable[[str], Path]) -> None:
    gaps = open_dataset(asset("labels/coco/rle_crowd_id_gaps.json"))
    dangling = open_dataset(asset("labels/coco/missing_image_and_dangling_id.json"))

    assert list(gaps.names) == [1, 2, 4]
    assert gaps.images[0].annotations.crowd.any()
    assert Counter(problem.kind for problem in dangling.problems)["dangling_annotation"] == 1


def test_ids_written_as_floats_and_missing_areas_are_taken_as_meant(asset: Callable[[str], Path]) -> None:
    opened = open_dataset(asset("labels/coco/float_ids_no_area.json"))
    truth = opened.images[0].annotations

    assert len(truth.class_ids) > 0
    np.testing.assert_allclose(truth.areas, truth.xywh[:, 2] * truth.xywh[:, 3])


@pytest.mark.parametrize("text", ["", "{", '{"annotations": 3}', "[1, 2]", "[" * 100_000])
def test_half_a_json_is_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "truth.json").write_text(text)

    with pytest.raises(DatasetError):
        open_dataset(tmp_path / "truth.json")


def test_a_zip_opens_as_its_folder_does(tmp_path: Path, workspace: Path) -> None:
    yolo_set(tmp_path / "set", "0 0.5 0.5 0.2 0.4\n")
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in sorted((tmp_path / "set").rglob("*")):
            archive.write(path, path.relative_to(tmp_path))

    opened = open_dataset(tmp_path / "set.zip")

    assert [image.name for image in opened.images] == ["images/one.jpg"]
    assert open_dataset(tmp_path / "set.zip").root == opened.root


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "a/../../evil.txt", "C:/evil.txt", "..\\evil.txt"])
def test_no_member_of_a_zip_lands_outside(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr(name, "x")

    with pytest.raises(DatasetError):
        unpack(tmp_path / "evil.zip", tmp_path / "out")
    assert not (tmp_path / "evil.txt").exists()


def test_links_duplicates_and_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("a.txt", "1")
        archive.writestr("A.txt", "2")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(4 << 20))
    monkeypatch.setattr("yolodash.data.archives.LARGEST_MEMBER", 1 << 20)

    for name in ("link", "twice", "bomb"):
        with pytest.raises(DatasetError):
            unpack(tmp_path / f"{name}.zip", tmp_path / name)
    assert (tmp_path / "bomb/zeros").stat().st_size <= 1 << 20


def test_what_was_passed_over_is_said(tmp_path: Path) -> None:
    yolo_set(tmp_path, "0 0.5 0.5 0.2 0.4\n")
    (tmp_path / "truth.json").write_text(json.dumps({"images": [], "annotations": [], "categories": []}))

    opened = open_dataset(tmp_path)

    assert opened.format == "yolo"
    assert [(problem.kind, problem.file) for problem in opened.problems] == [("passed_over", "truth.json")]


def test_what_is_no_data_set_gets_a_sentence(tmp_path: Path, workspace: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "empty").mkdir()

    for source in (tmp_path / "notes.txt", tmp_path / "empty", "no-such-set", "../etc"):
        with pytest.raises(DatasetError):
            open_dataset(source)


@pytest.mark.parametrize("text", ["{}", '{"detections": []}', "3", '["a"]', "null"])
def test_a_json_that_holds_no_detections_is_no_empty_result(tmp_path: Path, text: str) -> None:
    (tmp_path / "results.json").write_text(text)

    with pytest.raises(DatasetError):
        read_results(tmp_path / "results.json")
