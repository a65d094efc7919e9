"""What annotation programs export: LabelMe, CVAT, Label Studio, Create ML, KITTI, in order and in disorder."""

from __future__ import annotations

import contextlib
import json
import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from yolodash.data.dataset import Dataset
from yolodash.data.opening import open_dataset
from yolodash.errors import DatasetError

WIDE, HIGH = 200, 100
NAMES = ["猫, cat", "قطة", "dog 🐕 " + "x" * 290]


def put_picture(path: Path, size: tuple[int, int] = (WIDE, HIGH)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.new("RGB", size, (90, 120, 30)).save(path)


def put(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def boxes(dataset: Dataset, place: int = 0) -> list[tuple[str, tuple[float, ...]]]:
    truth = dataset.images[place].annotations
    return [
        (dataset.names[int(i)], tuple(round(float(value), 6) for value in box))
        for i, box in zip(truth.class_ids, truth.boxes, strict=True)
    ]


def kinds(dataset: Dataset) -> list[str]:
    return [problem.kind for problem in dataset.problems]


def labelme(*shapes: Any, picture: str = "one.png", size: tuple[int, int] = (HIGH, WIDE)) -> dict[str, Any]:
    about = {"version": "5.4.1", "flags": {}, "imageData": None, "imagePath": picture}
    return {**about, "shapes": list(shapes), "imageHeight": size[0], "imageWidth": size[1]}


def shape(kind: str, *points: tuple[float, float], label: str = "cat") -> dict[str, Any]:
    return {"label": label, "points": [list(point) for point in points], "shape_type": kind, "flags": {}}


def test_labelme_shapes_become_their_tight_boxes(tmp_path: Path) -> None:
    put_picture(tmp_path / "one.png")
    shapes = [
        shape("rectangle", (50, 40), (10, 20)),
        shape("polygon", (1, 1), (9, 3), (4, 8), label="dog"),
        shape("circle", (100, 50), (100, 60)),
        shape("line", (1, 1), (5, 5)),
        shape("point", (3, 3)),
    ]
    put(tmp_path / "one.json", labelme(*shapes))

    opened = open_dataset(tmp_path)

    assert opened.format == "labelme"
    assert boxes(opened) == [
        ("cat", (10, 20, 50, 40)),
        ("dog", (1, 1, 9, 8)),
        ("cat", (90, 40, 110, 60)),
    ]
    assert kinds(opened) == ["no_box", "no_box"]


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (shape("rectangle", (math.nan, 1), (5, 5)), "not_numbers"),
        (shape("rectangle", (1, 1)), "not_numbers"),
        (shape("rectangle", (1, 1), (5, 5), label=""), "not_numbers"),
        (shape("rectangle", (5, 5), (5, 9)), "empty_box"),
        (shape("rectangle", (300, 5), (310, 9)), "outside_picture"),
        (shape("rectangle", (-9, 5), (10, 9)), "over_the_edge"),
        (7, "not_numbers"),
        ({"label": "cat", "points": "none", "shape_type": "rectangle"}, "not_numbers"),
    ],
)
def test_a_bad_labelme_shape_is_told_and_the_others_stay(tmp_path: Path, bad: Any, kind: str) -> None:
    put_picture(tmp_path / "one.png")
    put(tmp_path / "one.json", labelme(bad, shape("rectangle", (10, 20), (50, 40))))

    opened = open_dataset(tmp_path)

    assert kinds(opened) == [kind]
    assert boxes(opened)[-1] == ("cat", (10, 20, 50, 40))


def test_a_labelme_picture_of_another_size_or_elsewhere_is_told(tmp_path: Path) -> None:
    put_picture(tmp_path / "one.png")
    put_picture(tmp_path.parent / "secret.png")
    put(tmp_path / "one.json", labelme(size=(50, 50)))
    put(tmp_path / "two.json", labelme(picture="..\\secret.png"))
    put(tmp_path / "three.json", '{"shapes": [], "imagePath": "one.png"')

    opened = open_dataset(tmp_path)

    assert sorted(kinds(opened)) == ["missing_image", "other_size"]
    assert opened.images[1].path is None


CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta><task><labels><label><name>dog</name></label><label><name>cat</name></label></labels></task></meta>
  {images}
</annotations>"""
CVAT_BOX = '<box label="{label}" xtl="10" ytl="20" xbr="50" ybr="40" rotation="{turn}" occluded="0" z_order="0"/>'


def cvat(folder: Path, shapes: str, *, subset: str = "Validation", name: str = "a/one.png") -> Dataset:
    put_picture(folder / "images" / "a" / "one.png")
    image = f'<image id="0" name="{name}" width="{WIDE}" height="{HIGH}" subset="{subset}">{shapes}</image>'
    put(folder / "annotations.xml", CVAT.format(images=image))
    return open_dataset(folder)


def test_cvat_boxes_polygons_ellipses_and_masks_are_read_with_the_order_of_its_labels(tmp_path: Path) -> None:
    opened = cvat(
        tmp_path,
        CVAT_BOX.format(label="cat", turn="0")
        + '<polygon label="dog" points="1,1;9,3;4,8"/><ellipse label="cat" cx="100" cy="50" rx="20" ry="10"/>'
        '<mask label="cat" rle="1,2" left="5" top="6" width="7" height="8"/><polyline label="cat" points="1,1;2,2"/>'
        '<tag label="cat"/>',
    )

    assert opened.format == "cvat"
    assert opened.names == {0: "dog", 1: "cat"}
    assert opened.images[0].splits == ("val",)
    assert boxes(opened) == [
        ("cat", (10, 20, 50, 40)),
        ("dog", (1, 1, 9, 8)),
        ("cat", (80, 40, 120, 60)),
        ("cat", (5, 6, 12, 14)),
    ]
    assert kinds(opened) == ["no_box", "no_box"]


def test_a_turned_cvat_box_is_bounded_about_its_centre(tmp_path: Path) -> None:
    opened = cvat(tmp_path, CVAT_BOX.format(label="cat", turn="90"))

    assert boxes(opened) == [("cat", (20, 10, 40, 50))]


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        ('<box label="cat" xtl="a" ytl="2" xbr="5" ybr="4"/>', "not_numbers"),
        ('<box label="" xtl="1" ytl="2" xbr="5" ybr="4"/>', "not_numbers"),
        ('<box label="cat" xtl="1" ytl="2" xbr="1" ybr="4"/>', "empty_box"),
        ('<polygon label="cat" points="1,2;3"/>', "not_numbers"),
        ('<polygon label="cat"/>', "not_numbers"),
        ('<ellipse label="cat" cx="inf" cy="1" rx="2" ry="2"/>', "not_numbers"),
    ],
)
def test_a_bad_cvat_shape_is_told(tmp_path: Path, shapes: str, kind: str) -> None:
    opened = cvat(tmp_path, shapes)

    assert kinds(opened) == [kind]
    assert boxes(opened) == []


def test_cvat_for_videos_and_xml_that_unfolds_are_refused(tmp_path: Path) -> None:
    put(tmp_path / "video" / "annotations.xml", CVAT.format(images='<track id="0" label="cat"/>'))
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><annotations><image name="&a;"/></annotations>'
    put(tmp_path / "bomb" / "annotations.xml", bomb)

    with pytest.raises(DatasetError, match="form for videos"):
        open_dataset(tmp_path / "video")
    with pytest.raises(DatasetError, match="no plain XML"):
        open_dataset(tmp_path / "bomb" / "annotations.xml")


def percent(x: float, y: float, width: float, height: float, *names: str, **more: Any) -> dict[str, Any]:
    value = {"x": x, "y": y, "width": width, "height": height, "rotation": 0, "rectanglelabels": list(names), **more}
    return {"type": "rectanglelabels", "original_width": WIDE, "original_height": HIGH, "value": value}


def task(*results: Any, picture: str = "/data/upload/3/1a2b3c4d-one.png", **more: Any) -> dict[str, Any]:
    return {"id": 1, "data": {"image": picture}, "annotations": [{"id": 9, "result": list(results), **more}]}


def label_studio(folder: Path, *tasks: Any) -> Dataset:
    put_picture(folder / "images" / "one.png")
    put(folder / "export.json", list(tasks))
    return open_dataset(folder)


def test_label_studio_percents_become_pixels(tmp_path: Path) -> None:
    polygon = {"type": "polygonlabels", "original_width": WIDE, "original_height": HIGH,
               "value": {"points": [[0, 0], [10, 5], [5, 20]], "polygonlabels": ["dog"]}}  # fmt: skip
    ellipse = {"type": "ellipselabels", "original_width": WIDE, "original_height": HIGH,
               "value": {"x": 50, "y": 50, "radiusX": 10, "radiusY": 10, "ellipselabels": ["dog"]}}  # fmt: skip
    choice = {"type": "choices", "value": {"choices": ["blurred"]}}

    opened = label_studio(tmp_path, task(percent(5, 20, 20, 20, "cat"), polygon, ellipse, choice))

    assert opened.format == "label_studio"
    assert [image.name for image in opened.images] == ["images/one.png"]
    assert boxes(opened) == [("cat", (10, 20, 50, 40)), ("dog", (0, 0, 20, 20)), ("dog", (80, 40, 120, 60))]
    assert opened.problems == ()


def test_a_turned_label_studio_box_turns_about_its_left_top_in_pixels(tmp_path: Path) -> None:
    opened = label_studio(tmp_path, task(percent(25, 20, 20, 20, "cat", rotation=90)))

    assert boxes(opened) == [("cat", (30, 20, 50, 60))]


def test_of_several_label_studio_annotations_the_ground_truth_counts_and_predictions_never(tmp_path: Path) -> None:
    several = task(percent(5, 20, 20, 20, "cat"), ground_truth=True)
    several["annotations"].append({"id": 10, "result": []})
    several["annotations"].append({"id": 11, "result": [percent(0, 0, 9, 9, "cat")], "was_cancelled": True})
    several["predictions"] = [{"result": [percent(0, 0, 50, 50, "dog")]}]

    opened = label_studio(tmp_path, several)

    assert boxes(opened) == [("cat", (10, 20, 50, 40))]
    assert kinds(opened) == ["several_annotations"]


@pytest.mark.parametrize(
    "picture", ["one.png", "https://a.b/c/one.png?x=1", "/data/local-files/?d=d%2Fone.png", "s3://bucket/one.png"]
)
def test_label_studio_pictures_are_found_by_every_kind_of_address(tmp_path: Path, picture: str) -> None:
    opened = label_studio(tmp_path, task(percent(5, 20, 20, 20, "cat"), picture=picture))

    assert opened.images[0].name == "images/one.png"
    assert kinds(opened) == []


def test_the_short_form_of_label_studio_is_read(tmp_path: Path) -> None:
    short = {"image": "/data/upload/one.png", "id": 1, "annotator": 1, "annotation_id": 2,
             "label": [{"x": 5, "y": 20, "width": 20, "height": 20, "rotation": 0, "rectanglelabels": ["cat"],
                        "original_width": WIDE, "original_height": HIGH}]}  # fmt: skip

    assert boxes(label_studio(tmp_path, short)) == [("cat", (10, 20, 50, 40))]


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (task(percent(5, 20, "wide", 20, "cat")), "not_numbers"),  # type: ignore[arg-type]
        (task(percent(5, 20, 20, 20)), "not_numbers"),
        (task(percent(5, 20, 0, 20, "cat")), "empty_box"),
        (task({**percent(5, 20, 20, 20, "cat"), "image_rotation": 90}), "not_numbers"),
        (task({"type": "brushlabels", "value": {"rle": [1], "brushlabels": ["cat"]}}), "no_box"),
        ({"id": 3, "data": {"text": "no picture"}, "annotations": []}, "bad_entry"),
        (7, "bad_entry"),
    ],
)
def test_a_bad_label_studio_task_is_told(tmp_path: Path, bad: Any, kind: str) -> None:
    opened = label_studio(tmp_path, task(percent(5, 20, 20, 20, "cat")), bad)

    assert kind in kinds(opened)


def createml(folder: Path, *entries: Any) -> Dataset:
    put_picture(folder / "train" / "one.png")
    put(folder / "train" / "_annotations.createml.json", list(entries))
    return open_dataset(folder)


def centred(x: Any, y: Any, width: Any, height: Any, label: str = "cat") -> dict[str, Any]:
    return {"label": label, "coordinates": {"x": x, "y": y, "width": width, "height": height}}


def test_create_ml_boxes_are_stated_by_their_centre(tmp_path: Path) -> None:
    put_picture(tmp_path / "valid" / "two.png")
    put(tmp_path / "valid" / "_annotations.createml.json", [{"image": "two.png", "annotations": []}])

    opened = createml(tmp_path, {"image": "one.png", "annotations": [centred(30, 30, 40, 20)]})

    assert opened.format == "createml"
    assert boxes(opened) == [("cat", (10, 20, 50, 40))]
    assert [image.splits for image in opened.images] == [("train",), ("val",)]


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (centred("a", 1, 1, 1), "not_numbers"),
        (centred(9, 9, -4, 4), "empty_box"),
        ({"label": "cat", "coordinates": [1, 2]}, "not_numbers"),
        ("cat", "not_numbers"),
    ],
)
def test_a_bad_create_ml_box_is_told(tmp_path: Path, bad: Any, kind: str) -> None:
    opened = createml(tmp_path, {"image": "one.png", "annotations": [bad, centred(30, 30, 40, 20)]})

    assert kinds(opened) == [kind]
    assert len(boxes(opened)) == 1


def test_an_old_create_ml_file_with_an_unusable_entry_is_read(tmp_path: Path) -> None:
    put_picture(tmp_path / "one.png")
    file = tmp_path / "labels.json"
    put(file, [{"imagefilename": "one.png", "annotation": [centred(30, 30, 40, 20)]}])

    assert boxes(open_dataset(file)) == [("cat", (10, 20, 50, 40))]


KITTI = "Car 0.00 0 -1.58 10.0 20.0 50.0 40.0 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59"


def kitti(folder: Path, text: str) -> Dataset:
    for part in ("training", "testing"):
        put_picture(folder / part / "image_2" / "000000.png")
    put(folder / "training" / "label_2" / "000000.txt", text)
    put(folder / "training" / "calib" / "000000.txt", "P0: " + " ".join(["7.2e+02"] * 12))
    return open_dataset(folder)


def test_kitti_is_read_with_its_unlabelled_half_as_test(tmp_path: Path) -> None:
    opened = kitti(tmp_path, f"{KITTI}\nDontCare -1 -1 -10 1 1 9 9 -1 -1 -1 -1000 -1000 -1000 -10\n{KITTI} 0.9\n")

    assert opened.format == "kitti"
    assert boxes(opened) == [("Car", (10, 20, 50, 40))] * 2
    assert [(image.name, image.splits) for image in opened.images] == [
        ("training/image_2/000000.png", ("train",)),
        ("testing/image_2/000000.png", ("test",)),
    ]
    assert kinds(opened) == ["dont_care"]


@pytest.mark.parametrize(
    ("bad", "kind", "line"),
    [
        ("Car 0 0 0 1 2 3", "wrong_columns", 2),
        (KITTI.replace("50.0", "nan"), "not_numbers", 2),
        (KITTI.replace("50.0", "10.0"), "empty_box", 0),
    ],
)
def test_a_bad_kitti_line_is_told_with_its_place(tmp_path: Path, bad: str, kind: str, line: int) -> None:
    opened = kitti(tmp_path, f"{KITTI}\n{bad}\n")

    assert [(problem.kind, problem.line) for problem in opened.problems] == [(kind, line)]
    assert len(boxes(opened)) == 1


def put_labelme(folder: Path, name: str) -> None:
    put(folder / "one.json", labelme(shape("rectangle", (10, 20), (50, 40), label=name)))


def put_cvat(folder: Path, name: str) -> None:
    box = CVAT_BOX.format(label=name, turn="0")
    put(folder / "annotations.xml", f'<annotations><image name="one.png" id="0">{box}</image></annotations>')


def put_label_studio(folder: Path, name: str) -> None:
    put(folder / "export.json", [task(percent(5, 20, 20, 20, name))])


def put_createml(folder: Path, name: str) -> None:
    put(folder / "labels.json", [{"image": "one.png", "annotations": [centred(30, 30, 40, 20, name)]}])


@pytest.mark.parametrize("name", NAMES, ids=["commas", "arabic", "long"])
@pytest.mark.parametrize("write", [put_labelme, put_cvat, put_label_studio, put_createml])
def test_names_of_every_kind_come_through_a_zip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, str], None], name: str
) -> None:
    monkeypatch.setenv("YOLODASH_HOME", str(tmp_path / "home"))
    folder = tmp_path / "set"
    put_picture(folder / "one.png")
    write(folder, name.strip())
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)

    opened = open_dataset(tmp_path / "set.zip")

    assert boxes(opened) == [(name.strip(), (10, 20, 50, 40))]


@pytest.mark.parametrize("text", ["[", "[]", "{}", "null", '[{"image": 3}]', "[[[[", '{"shapes": 3, "imagePath": "x"}'])
def test_json_of_no_form_is_one_sentence(tmp_path: Path, text: str) -> None:
    put(tmp_path / "labels.json", text)

    with pytest.raises(DatasetError):
        open_dataset(tmp_path / "labels.json")


@pytest.mark.parametrize("seed", range(20))
def test_noise_in_a_label_file_never_ends_in_another_error(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    put_picture(tmp_path / "one.png")
    write = [put_labelme, put_cvat, put_label_studio, put_createml][seed % 4]
    write(tmp_path, "cat")
    file = next(path for path in tmp_path.iterdir() if path.suffix != ".png")
    content = bytearray(file.read_bytes())
    for _turn in range(4):
        content[random.integers(len(content))] = random.integers(32, 127)
    file.write_bytes(bytes(content))

    with contextlib.suppress(DatasetError):
        assert len(open_dataset(file).images) <= 1
