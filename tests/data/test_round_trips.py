"""Every label file of the assets: out in each form and in again, with all that the form can say."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from yolodash.data.dataset import Dataset, LabelledImage
from yolodash.data.opening import open_dataset
from yolodash.data.store.adding import add_dataset
from yolodash.data.store.folders import create_dataset
from yolodash.data.store.importing import import_dataset
from yolodash.data.store.pictures import add_picture
from yolodash.data.writing import write_dataset

FORMS = ("yolo", "coco", "voc")
YOLO = ("crlf", "greater_than_one", "duplicate_lines", "empty", "polygons", "six_columns_conf", "bom",
        "trailing_spaces_tabs", "class_id_beyond_names", "mixed_boxes_and_polygons")  # fmt: skip
VOC = ("float_coords", "absolute_windows_or_mac_path", "missing_size", "swapped_min_max", "latin1_declared",
       "no_objects_or_partial")  # fmt: skip
COCO = ("rle_crowd_id_gaps", "roboflow_small", "float_ids_no_area", "missing_image_and_dangling_id")
OTHERS = ("cvat/task_images.xml", "labelme", "labelstudio/rectangles.json", "other/createml.json", "other/kitti.txt")
SOURCES = (*(f"yolo/{name}.txt" for name in YOLO), *(f"voc/{name}.xml" for name in VOC),
           *(f"coco/{name}.json" for name in COCO), *OTHERS)  # fmt: skip
Boxes = dict[str, set[tuple[str, tuple[float, ...], bool]]]


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YOLODASH_HOME", str(tmp_path / "home"))


def paint(path: Path, width: int, height: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shade = sum(path.name.encode()) % 256
    Pillow.new("RGB", (width, height), (shade, 80, 120)).save(path, "PNG")


def with_pictures(source: Path, folder: Path) -> Dataset:
    """The data set that a label file describes, pictures painted where the assets have none."""
    if source.parent.name == "yolo":
        paint(folder / "images" / "a.png", 640, 480)
        (folder / "labels").mkdir()
        shutil.copyfile(source, folder / "labels" / "a.txt")
        shutil.copyfile(source.parent / "classes.txt", folder / "classes.txt")
        return open_dataset(folder)
    if source.name == "kitti.txt":
        paint(folder / "image_2" / "a.png", 20, 20)
        (folder / "label_2").mkdir()
        shutil.copyfile(source, folder / "label_2" / "a.txt")
        return open_dataset(folder)
    if source.is_dir():
        shutil.copytree(source, folder, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, folder / source.name)
    for image in open_dataset(folder).images:
        size = image.annotations.image_size
        if image.path is None:
            name = Path(image.name.replace("\\", "/")).name
            paint(folder / (name if Path(name).suffix else f"{name}.png"), size.width or 900, size.height or 900)
    return open_dataset(folder)


def boxes(dataset: Dataset, name_of: Callable[[LabelledImage], str] = lambda image: Path(image.name).stem) -> Boxes:
    """What each picture holds, cut at its edge as every form here is: names, boxes, and whether a crowd."""
    result: Boxes = {}
    for image in dataset.images:
        size, truth = image.annotations.image_size, image.annotations
        edge = [size.width, size.height] * 2
        own = set()
        for box, class_id, crowd in zip(truth.boxes.clip(0, edge), truth.class_ids, truth.crowd, strict=True):
            if box[2] > box[0] and box[3] > box[1]:
                rounded = tuple(round(float(value), 4) for value in box)
                own.add((dataset.names.get(int(class_id), f"class {class_id}"), rounded, bool(crowd)))
        if image.path is not None:
            result[name_of(image)] = own
    return result


def without_crowds(of: Boxes) -> Boxes:
    return {name: {(label, box, False) for label, box, _crowd in own} for name, own in of.items()}


def close(first: Boxes, second: Boxes) -> bool:
    """The same to a thousandth of a pixel."""
    if {name: len(own) for name, own in first.items()} != {name: len(own) for name, own in second.items()}:
        return False
    for name, own in first.items():
        for one, other in zip(sorted(own), sorted(second[name]), strict=True):
            if (one[0], one[2]) != (other[0], other[2]) or not np.allclose(one[1], other[1], atol=2e-3):
                return False
    return True


@pytest.mark.parametrize("source", SOURCES)
def test_a_label_file_goes_out_in_each_form_and_comes_back_equal(
    source: str, asset: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    original = with_pictures(asset(f"labels/{source}"), folder)
    expected = boxes(original)
    assert expected

    stored = open_dataset(import_dataset(original, "stored", by="somebody").folder)
    assert close(boxes(stored), expected)
    for form in FORMS:
        write_dataset(stored, tmp_path / form, form)
        again = open_dataset(tmp_path / form)
        wanted = expected if form == "coco" else without_crowds(expected)
        assert close(boxes(again), wanted), form
        twice = open_dataset(import_dataset(again, f"again-{form}", by="somebody").folder)
        assert close(boxes(twice), wanted), form


def test_what_the_assets_of_the_programs_hold(asset: Callable[[str], Path], tmp_path: Path) -> None:
    counts = {}
    for source in OTHERS:
        folder = tmp_path / source.replace("/", "-")
        folder.mkdir()
        opened = with_pictures(asset(f"labels/{source}"), folder)
        counts[opened.format] = (len(opened.images), [len(image.annotations.class_ids) for image in opened.images])

    assert counts == {
        "cvat": (2, [1, 0]),
        "labelme": (3, [2, 4, 3]),
        "label_studio": (2, [2, 2]),
        "createml": (2, [1, 1]),
        "kitti": (1, [3]),
    }


@pytest.mark.parametrize("name", ["raccoon_voc", "roboflow_coco_rbc", "roboflow_yolo_building", "coco128_64"])
def test_adding_to_a_data_set_keeps_what_importing_keeps(name: str, asset: Callable[[str], Path]) -> None:
    source = open_dataset(asset(f"datasets/{name}"))
    dataset = create_dataset("mine", classes=["something else"])

    came = add_dataset(dataset, source, by="somebody")
    again = add_dataset(dataset, source, by="somebody")

    opened = boxes(open_dataset(dataset))
    imported = boxes(open_dataset(import_dataset(source, "imported", by="somebody").folder))
    assert len(imported) == len(opened) + came.doubles
    assert close(opened, {name: own for name, own in imported.items() if name in opened})
    assert came.images == len(opened)
    assert (again.images, again.doubles, again.boxes) == (0, came.images + came.doubles, 0)


def test_labels_that_come_after_their_pictures_find_them(asset: Callable[[str], Path]) -> None:
    source = open_dataset(asset("labels/labelme"))
    dataset = create_dataset("mine")
    for image in source.images:
        assert image.path is not None
        add_picture(dataset, image.name, image.path.read_bytes(), by="somebody")

    came = add_dataset(dataset, source, by="somebody")

    assert (came.images, came.doubles, came.boxes) == (0, 3, 9)
    assert close(boxes(open_dataset(dataset)), boxes(source))


def test_our_coco_is_read_by_pycocotools_as_we_read_it(asset: Callable[[str], Path], tmp_path: Path) -> None:
    from pycocotools.coco import COCO

    original = open_dataset(asset("datasets/raccoon_voc"))
    write_dataset(original, tmp_path / "coco", "coco")

    count = 0
    for file in sorted((tmp_path / "coco").rglob("*.json")):
        read: Any = COCO(str(file))
        images = {one["id"]: one["file_name"] for one in read.loadImgs(read.getImgIds())}
        ours = {Path(image.name).name: image.annotations.xywh for image in open_dataset(file).images}
        for image_id, name in images.items():
            theirs = [one["bbox"] for one in read.loadAnns(read.getAnnIds(imgIds=[image_id]))]
            assert np.allclose(np.reshape(theirs, (-1, 4)), ours[Path(name).name])
            count += len(theirs)
    assert count == sum(len(image.annotations.class_ids) for image in original.images)


def test_our_yolo_is_read_by_supervision_as_we_read_it(asset: Callable[[str], Path], tmp_path: Path) -> None:
    import supervision

    original = open_dataset(asset("datasets/roboflow_yolo_building"))
    write_dataset(original, tmp_path / "yolo", "yolo")

    ours = {Path(image.name).stem: image.annotations.boxes for image in open_dataset(tmp_path / "yolo").images}
    read = 0
    for part in ("train", "val", "test"):
        places = [str(tmp_path / "yolo" / kind / part) for kind in ("images", "labels")]
        theirs = supervision.DetectionDataset.from_yolo(*places, str(tmp_path / "yolo" / "data.yaml"))
        assert theirs.classes == list(original.names.values())
        for path, _pixels, found in theirs:
            assert np.allclose(found.xyxy, ours[Path(path).stem], atol=1e-3)
            read += len(found)
    assert read == sum(len(image.annotations.class_ids) for image in original.images)
