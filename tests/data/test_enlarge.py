"""An enlarged data set: only training pictures are there again, and the result opens and trains as it stands."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from yolodash.data.augment.enlarge import (
    SOURCE,
    Enlargement,
    check_enlargement,
    enlarge,
    enlargement_from,
    training_pictures,
)
from yolodash.data.augment.recipe import RECIPES, UNCHANGED, VARIED
from yolodash.data.dataset import Dataset
from yolodash.data.images import encode_jpeg
from yolodash.data.opening import open_dataset
from yolodash.data.writing import write_dataset
from yolodash.errors import DatasetError, OptionError, WorkspaceError
from yolodash.scenes.writing import SeriesOptions, write_scenes
from yolodash.structures import ImageSize


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("scenes") / "scenes"
    write_scenes(folder, SeriesOptions(10, ImageSize(60, 80), 2), workers=1)
    return open_dataset(folder)


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(one for one in folder.rglob("*") if one.is_file() and one.name != "about.json"):
        found.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return found.hexdigest()


def test_only_training_pictures_are_there_again(scenes: Dataset, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    made = enlarge(scenes, tmp_path / "large", Enlargement(copies=3, seed=1), progress=lambda *done: told.append(done))
    opened = open_dataset(tmp_path / "large")

    assert (made.images, made.made) == (34, 24)
    assert told == [(done, 34) for done in range(1, 35)]
    assert [len(opened.split(split)) for split in ("train", "val", "test")] == [32, 1, 1]
    assert opened.problems == ()
    assert sum(len(one.annotations.class_ids) for one in opened.images) == made.boxes
    assert opened.names == scenes.names


def test_originals_stay_byte_for_byte_with_their_truth(scenes: Dataset, tmp_path: Path) -> None:
    enlarge(scenes, tmp_path / "large", Enlargement(copies=1))
    for one in scenes.images:
        assert one.path is not None
        for relative in (Path("images") / one.path.name, Path("annotations") / f"{one.path.stem}.json"):
            assert (tmp_path / "large" / relative).read_bytes() == (scenes.root / relative).read_bytes()


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(scenes: Dataset, tmp_path: Path) -> None:
    everything = replace(VARIED, mosaic=0.5, mixup=0.5, crop=0.3, quarter_turn=0.5, grey=0.2)
    for name, seed in (("one", 4), ("again", 4), ("other", 5)):
        enlarge(scenes, tmp_path / name, Enlargement(everything, seed, copies=2))
    one, again, other = (digest(tmp_path / name) for name in ("one", "again", "other"))

    assert one == again != other


def test_more_copies_leave_the_first_ones_as_they_were(scenes: Dataset, tmp_path: Path) -> None:
    for copies in (1, 2):
        enlarge(scenes, tmp_path / str(copies), Enlargement(copies=copies))
    first = sorted((tmp_path / "1" / "images").glob("*-1.jpg"))

    assert len(first) == 8
    for path in first:
        assert path.read_bytes() == (tmp_path / "2" / "images" / path.name).read_bytes()


def test_boxes_say_where_they_come_from_and_keep_class_and_flags(scenes: Dataset, tmp_path: Path) -> None:
    crowded = replace(
        scenes,
        images=tuple(
            replace(one, annotations=replace(one.annotations, crowd=np.ones(len(one.annotations.crowd), bool)))
            for one in scenes.images
        ),
    )
    enlarge(crowded, tmp_path / "large", Enlargement(replace(UNCHANGED, flip_horizontal=1.0), copies=1))
    record = json.loads((tmp_path / "large" / "annotations" / "000000-1.json").read_text(encoding="utf-8"))
    before = scenes.images[0].annotations

    assert record["extra"] == {"origin": "000000", "copy": 1, "partners": []}
    assert {box["source"] for box in record["boxes"]} == {SOURCE}
    assert [box["class_id"] for box in record["boxes"]] == before.class_ids.tolist()
    assert all(box["flags"] == ["crowd"] for box in record["boxes"])
    mirrored = [[80 - x2, y1, 80 - x1, y2] for x1, y1, x2, y2 in before.boxes.tolist()]
    np.testing.assert_allclose([box["box"] for box in record["boxes"]], mirrored)


def test_boxes_beyond_the_edge_are_kept_whole_only_where_that_is_asked_for(scenes: Dataset, tmp_path: Path) -> None:
    moved = replace(UNCHANGED, translate=0.5, least_visible=0.4)
    counts = {}
    for way in ("keep", "clip", "drop"):
        enlarge(scenes, tmp_path / way, Enlargement(moved, copies=1, way=way))  # type: ignore[arg-type]
        opened = open_dataset(tmp_path / way).split("train")
        boxes = np.concatenate([one.annotations.boxes for one in opened])
        counts[way] = len(boxes)
        beyond = (boxes < 0).any() or (boxes[:, [0, 2]] > 80).any() or (boxes[:, [1, 3]] > 60).any()
        assert bool(beyond) == (way == "keep")
        labels = "".join(path.read_text() for path in (tmp_path / way / "labels").glob("*.txt")).split()
        assert all(float(value) >= 0 for value in labels)
    assert counts["keep"] == counts["clip"] > counts["drop"]


@pytest.mark.parametrize("form", ["yolo", "coco", "voc"])
def test_data_sets_of_every_form_are_enlarged(scenes: Dataset, tmp_path: Path, form: str) -> None:
    write_dataset(scenes, tmp_path / form, form)
    made = enlarge(open_dataset(tmp_path / form), tmp_path / "large", Enlargement(copies=1))
    opened = open_dataset(tmp_path / "large")

    assert (made.images, made.made) == (18, 8)
    assert opened.boxes_per_class().keys() == scenes.boxes_per_class().keys()
    assert [one for one in opened.problems if one.severity == "error"] == []


def test_a_broken_picture_stops_nothing_and_is_told(scenes: Dataset, tmp_path: Path) -> None:
    write_dataset(scenes, tmp_path / "yolo", "yolo")
    picture = sorted((tmp_path / "yolo" / "images" / "train").glob("*.jpg"))[0]
    picture.write_bytes(picture.read_bytes()[:1500])  # its header is whole
    made = enlarge(open_dataset(tmp_path / "yolo"), tmp_path / "large", Enlargement(copies=2))

    assert made.made == 14
    assert [note.kind for note in made.notes] == ["not_enlarged"]
    assert picture.name in made.notes[0].sentence()


def test_what_nobody_has_labelled_yet_is_kept_and_not_changed(scenes: Dataset, tmp_path: Path) -> None:
    enlarge(scenes, tmp_path / "one", Enlargement(UNCHANGED, copies=1))
    (tmp_path / "one" / "annotations" / "000003.json").unlink()
    opened = open_dataset(tmp_path / "one")
    made = enlarge(opened, tmp_path / "two", Enlargement(copies=1))

    assert made.made == 15
    assert not list((tmp_path / "two" / "images").glob("000003-1-1*"))[1:]
    assert (tmp_path / "two" / "images" / "000003.jpg").exists()
    assert not (tmp_path / "two" / "annotations" / "000003.json").exists()


def test_a_small_picture_a_bare_one_and_one_of_ten_thousand_boxes(tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    for stem, image, lines in (
        ("dot", noise[:1, :1], ["0 0.5 0.5 1 1"]),
        ("bare", noise, []),
        ("many", noise, [f"0 {0.05 + i % 100 / 120:.6f} {0.05 + i // 100 / 120:.6f} 0.05 0.05" for i in range(10_000)]),
    ):
        (folder / "images" / f"{stem}.jpg").write_bytes(encode_jpeg(image))
        (folder / "labels" / f"{stem}.txt").write_text("\n".join(lines))
    (folder / "data.yaml").write_text("path: .\ntrain: images\nval: images\nnames: [thing]\n")
    everything = replace(VARIED, mosaic=0.5, mixup=0.5, crop=0.5, quarter_turn=0.5, perspective=0.001)
    made = enlarge(open_dataset(folder), tmp_path / "large", Enlargement(everything, copies=4))

    assert made.made == 12
    assert [one for one in open_dataset(tmp_path / "large").problems if one.severity == "error"] == []


def test_nothing_is_left_when_it_is_stopped(scenes: Dataset, tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done == 13:
            raise StopError

    with pytest.raises(StopError):
        enlarge(scenes, tmp_path / "large", Enlargement(copies=3), progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_what_lies_there_stays_and_what_cannot_be_enlarged_is_said(scenes: Dataset, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(WorkspaceError):
        enlarge(scenes, tmp_path / "full", Enlargement())
    with pytest.raises(DatasetError, match="no pictures to train on"):
        training_pictures(replace(scenes, images=scenes.split("val")))
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    "changes",
    [
        {"copies": 0}, {"copies": 101}, {"copies": 1.5}, {"seed": -1}, {"way": "half"},
        {"recipe": replace(VARIED, blur=float("nan"))},
    ],
)  # fmt: skip
def test_requests_that_make_no_sense_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        check_enlargement(replace(Enlargement(), **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_request_comes_back_from_its_record(recipe: object) -> None:
    wanted = Enlargement(recipe, 7, 3, "clip")  # type: ignore[arg-type]
    assert enlargement_from(json.loads(json.dumps(wanted.record()))) == wanted
    with pytest.raises(OptionError):
        enlargement_from({"recipe": {"fog": 1}})
