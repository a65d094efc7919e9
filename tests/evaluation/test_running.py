"""A model over a data set: parity with YOLOv5's own validation, class names, pictures that cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tiny_detector import TinyDetector, random_picture

from yolodash.data.images import encode_png
from yolodash.data.opening import open_dataset
from yolodash.errors import DatasetError
from yolodash.evaluation.rectangles import batch_size, place, prepare_rectangles
from yolodash.evaluation.report import report
from yolodash.evaluation.running import class_mapping, pictures_of, renamed, run_model
from yolodash.evaluation.tables import Found, Labels, truths_from
from yolodash.models.loading import load_model
from yolodash.structures import Detections, ImageSize, Thresholds

REFERENCES = "models/reference_outputs"
TINY = Thresholds(score_threshold=0.3, nms_iou_threshold=0.5, labels="all")


def within_a_hundredth_of_the_program(
    asset: Callable[[str], Path], weights: str, data: str, split: str, metrics: str, batch: int = 16
) -> None:
    printed = json.loads(asset(f"{REFERENCES}/{metrics}").read_text())
    size = printed.get("imgsz", printed.get("img"))
    numbers = printed.get("all", printed)
    pictures = pictures_of(open_dataset(asset(data)), split)
    done = run_model(load_model(asset(weights)), pictures, size=size, batch=batch, device="cpu")
    result = report(done.truths, done.found, done.labels, "yolov5")

    assert result.working_point.precision == pytest.approx(numbers.get("precision", numbers.get("P")), abs=0.01)
    assert result.working_point.recall == pytest.approx(numbers.get("recall", numbers.get("R")), abs=0.01)
    assert result.map50 == pytest.approx(numbers["mAP50"], abs=0.01)
    assert result.map == pytest.approx(numbers.get("mAP50_95", numbers.get("mAP50-95")), abs=0.01)


def test_six_crops_scores_what_the_program_says(asset: Callable[[str], Path], workspace: Path) -> None:
    folder = "models/yolov5n-six-crops"
    metrics = "yolov5n-six-crops__val36_metrics.json"
    within_a_hundredth_of_the_program(asset, f"{folder}/best.pt", folder, "all", metrics)


@pytest.mark.slow
def test_dna_origami_scores_what_the_program_says(asset: Callable[[str], Path], workspace: Path) -> None:
    folder = "models/yolov5n-dna-origami"
    metrics = "yolov5n-dna-origami__val_metrics.json"
    within_a_hundredth_of_the_program(asset, f"{folder}/best.pt", folder, "all", metrics)


@pytest.mark.slow
def test_infrared_human_scores_what_its_authors_logged(asset: Callable[[str], Path], workspace: Path) -> None:
    """The file of re-measured numbers says .795 and .298, which these pictures, labels and weights do not give."""
    folder = asset("models/yolov5n-infrared-human")
    logged = (folder / "results.csv").read_text().splitlines()[-1].split(",")
    done = run_model(load_model(folder / "best.pt"), pictures_of(open_dataset(folder), "all"), size=640, device="cpu")
    result = report(done.truths, done.found, done.labels, "yolov5")

    assert result.map50 == pytest.approx(float(logged[6]), abs=0.01)
    assert result.map == pytest.approx(float(logged[7]), abs=0.04)


@pytest.mark.slow
def test_the_official_model_scores_what_the_program_says(asset: Callable[[str], Path], workspace: Path) -> None:
    metrics = "yolov5n-official-v7.0__coco128_64__val_metrics.json"
    weights, data = "models/yolov5n-official-v7.0/yolov5n.pt", "datasets/coco128_64/data.yaml"
    within_a_hundredth_of_the_program(asset, weights, data, "val", metrics, batch=8)


def test_the_program_s_own_predictions_give_the_digits_that_it_printed(asset: Callable[[str], Path]) -> None:
    stem = f"{REFERENCES}/yolov5n-official-v7.0__coco128_64"
    printed = json.loads(asset(f"{stem}__val_metrics.json").read_text())["all"]
    rows = json.loads(asset(f"{stem}__predictions.json").read_text())
    dataset = open_dataset(asset("datasets/coco128_64/data.yaml"))
    annotations = {image.name: image.annotations for image in dataset.split("val")}
    labels = Labels(tuple(dataset.names), tuple(dataset.names.values()), tuple(annotations))
    place_of = {int(Path(name).stem): number for number, name in enumerate(labels.images)}
    image = np.array([place_of[row["image_id"]] for row in rows])
    order = np.argsort(image, kind="stable")
    found = Found(
        image[order],
        np.array([row["category_id"] for row in rows])[order],
        np.array([row["bbox"] for row in rows], float)[order],
        np.array([row["score"] for row in rows])[order],
    )
    result = report(truths_from(annotations, labels), found, labels, "yolov5")
    point = result.working_point

    ours = [round(value, 3) for value in (point.precision, point.recall, result.map50, result.map)]
    assert ours == [printed[name] for name in ("P", "R", "mAP50", "mAP50-95")]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(480, 640), (320, 640)], (512, 672)),
        ([(640, 480), (640, 320)], (672, 512)),
        ([(640, 480), (480, 640)], (672, 672)),
        ([(100, 100)], (672, 672)),
    ],
)
def test_a_batch_is_as_large_as_its_longest_picture_needs(
    sizes: list[tuple[int, int]], expected: tuple[int, int]
) -> None:
    assert batch_size([ImageSize(*size) for size in sizes], 640, 32) == ImageSize(*expected)


def test_a_box_goes_through_a_rectangle_and_back() -> None:
    where = place(ImageSize(656, 875), 640, ImageSize(512, 672))
    middle_x, middle_y = 875 / 2 * where.transform.scale_x, 656 / 2 * where.transform.scale_y

    assert (where.resized.height, where.left, where.top) == (480, 16, 16)
    assert middle_x + where.transform.offset_x == pytest.approx(336, abs=0.5)
    assert middle_y + where.transform.offset_y == pytest.approx(256, abs=0.5)


def test_pictures_of_one_batch_share_a_size_and_keep_their_own_pixels() -> None:
    first, second = random_picture(90, 160), random_picture(100, 160, seed=1)
    prepared = prepare_rectangles([first, second], 160, 32)
    top, left = prepared[0].placement.top, prepared[0].placement.left
    inside = prepared[0].batch[0, :, top : top + 90, left : left + 160]

    assert prepared[0].batch.shape == prepared[1].batch.shape == (1, 3, 128, 192)
    assert np.array_equal((inside.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8), first)


def dataset_of(folder: Path, pictures: dict[str, bytes], names: str) -> Path:
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    for name, data in pictures.items():
        (folder / "images" / name).write_bytes(data)
        (folder / "labels" / name).with_suffix(".txt").write_text("1 0.5 0.5 0.5 0.5\n")
    (folder / "data.yaml").write_text(f"train: images\nval: images\nnames: {names}\n")
    return folder / "data.yaml"


@pytest.mark.parametrize("kind", ["v3", "v5"])
def test_the_batch_changes_no_detection(kind: str, tmp_path: Path, workspace: Path) -> None:
    pictures = {f"{i}.png": encode_png(random_picture(60 + 10 * (i // 2), 100, seed=i)) for i in range(4)}
    opened = pictures_of(
        open_dataset(dataset_of(tmp_path / "d", pictures, "[thing 0, thing 1, thing 2, thing 3]")), "val"
    )
    model = TinyDetector(kind)
    one = run_model(model, opened, TINY, batch=2, device="cpu")
    steps: list[int] = []
    again = run_model(model, opened, TINY, batch=2, device="cpu", progress=steps.append)

    assert steps == [2, 2]
    assert len(one.found.score)
    assert np.array_equal(one.found.xywh, again.found.xywh)
    assert one.labels.images == tuple(f"images/{i}.png" for i in range(4))
    if kind == "v3":
        alone = run_model(model, opened, TINY, batch=1, device="cpu")
        np.testing.assert_allclose(alone.found.score, one.found.score, atol=1e-6)


def test_a_broken_picture_is_left_out_and_said(tmp_path: Path, workspace: Path) -> None:
    good = encode_png(random_picture())
    path = dataset_of(tmp_path / "d", {"a.png": good, "b.png": good[: len(good) // 2]}, "[thing 0, thing 1]")
    done = run_model(TinyDetector(), pictures_of(open_dataset(path), "val"), TINY, device="cpu")

    assert done.labels.images == ("images/a.png",)
    assert len(done.truths.label) == 1
    assert any("b.png" in note.sentence() for note in done.notes)


def test_a_split_without_pictures_is_refused_with_those_that_have_some(tmp_path: Path) -> None:
    path = dataset_of(tmp_path / "d", {"a.png": encode_png(random_picture())}, "[cat, dog]")

    with pytest.raises(DatasetError) as refused:
        pictures_of(open_dataset(path), "test")
    assert "train, val, all" in str(refused.value)


def test_classes_go_by_their_names_wherever_they_stand() -> None:
    assert class_mapping(("person", "Traffic-Light", "zebra"), {90: "person", 7: "traffic light"}) == {0: 90, 1: 7}


def test_a_few_other_names_in_a_list_that_agrees_go_by_their_place() -> None:
    model, data = ("person", "motorbike", "dog", "sofa"), {1: "person", 4: "motorcycle", 18: "dog", 63: "couch"}

    assert class_mapping(model, data) == {0: 1, 1: 4, 2: 18, 3: 63}
    assert class_mapping(("motorbike", "person", "dog", "sofa"), data) == {1: 1, 2: 18}


def test_classes_without_names_go_by_their_numbers() -> None:
    assert class_mapping(("cat", "dog"), {}) == {0: 0, 1: 1}
    assert class_mapping(("class 0", "class 1"), {0: "cat", 1: "dog"}) == {0: 0, 1: 1}


def test_classes_with_nothing_in_common_are_refused_with_both_sides_named() -> None:
    with pytest.raises(DatasetError) as refused:
        class_mapping(("cat", "dog"), {0: "gatto", 1: "cane"})
    assert "cat, dog" in str(refused.value)
    assert "gatto, cane" in str(refused.value)


def test_detections_of_classes_that_the_data_set_lacks_are_left_out() -> None:
    box = np.zeros((3, 4), np.float32)
    found = Detections(box, np.array([0.9, 0.8, 0.7], np.float32), np.array([2, 0, 1]), np.array([5, 6, 7]))
    result = renamed(found, {0: 90, 2: 7})

    assert (result.class_ids.tolist(), result.candidate_index.tolist()) == ([7, 90], [5, 6])
