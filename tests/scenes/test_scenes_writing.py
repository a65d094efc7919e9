"""Scenes on disk: whole or not at all, the same bytes for the same seed, and every reader counts the same."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from yolodash.data.images import read_image
from yolodash.data.opening import open_dataset
from yolodash.errors import OptionError, WorkspaceError
from yolodash.scenes import writing
from yolodash.scenes.programs import Step
from yolodash.scenes.questions import answer
from yolodash.scenes.sampling import sample_scene
from yolodash.scenes.writing import SeriesOptions, scene_of, split_of, write_scenes
from yolodash.structures import ImageSize

OPTIONS = SeriesOptions(images=10, size=ImageSize(60, 80), seed=11, questions=True)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("series") / "scenes"
    write_scenes(output, OPTIONS, workers=1)
    return output


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_runs_give_the_same_bytes_however_many_processes_draw(written: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_scenes(tmp_path / "again", OPTIONS, workers=2, progress=lambda done, of: told.append((done, of)))

    assert contents(tmp_path / "again") == contents(written)
    assert told == [(done, 10) for done in range(1, 11)]


def test_the_folder_opens_by_its_annotations_and_by_its_yaml_with_the_same_boxes(written: Path) -> None:
    own, yolo = open_dataset(written), open_dataset(written / "data.yaml")

    assert (own.format, yolo.format) == ("yolodash", "yolo")
    assert own.names == yolo.names == {0: "cube", 1: "sphere", 2: "cylinder"}
    assert own.problems == yolo.problems == ()
    assert own.boxes_per_class() == yolo.boxes_per_class()
    for one, other in zip(own.images, yolo.images, strict=True):
        assert (one.name, one.splits) == (other.name, other.splits)
        np.testing.assert_allclose(one.annotations.boxes, other.annotations.boxes, atol=1e-9)
    assert Counter(image.splits for image in own.images) == {("train",): 8, ("val",): 1, ("test",): 1}


def test_a_file_of_every_kind_tells_the_same_scene(written: Path) -> None:
    drawn = scene_of(4, 11, OPTIONS.size)
    truth = json.loads((written / "annotations/000004.json").read_text())
    graph = json.loads((written / "scenes/000004.json").read_text())

    assert [box["box"] for box in truth["boxes"]] == [list(one.box) for one in drawn.seen]
    assert [graph["blocks"][int(box["id"])]["box"] for box in truth["boxes"]] == [box["box"] for box in truth["boxes"]]
    assert [block["colour"] for block in graph["blocks"]] == [block.colour for block in drawn.scene.blocks]
    picture = read_image(written / "images/000004.jpg")
    assert picture.shape == (60, 80, 3)
    assert np.abs(picture.astype(int) - drawn.rendered.image).mean() < 3


def test_written_questions_have_the_answers_of_their_programs(written: Path) -> None:
    lines = [json.loads(line) for line in (written / "questions.jsonl").read_text().splitlines()]

    assert len({line["image"] for line in lines}) >= 8
    for line in lines:
        program = tuple(Step(step["function"], tuple(step["inputs"]), step["value"]) for step in line["program"])
        index = int(Path(line["image"]).stem)
        assert answer(program, sample_scene(11, index, OPTIONS.size)) == line["answer"]


@pytest.mark.parametrize(
    ("images", "counts"), [(1, (1, 0, 0)), (5, (4, 1, 0)), (48, (40, 4, 4)), (1000, (800, 100, 100))]
)
def test_pictures_are_split_by_their_number(images: int, counts: tuple[int, int, int]) -> None:
    parts = [split_of(index, images) for index in range(images)]

    assert parts == ["train"] * counts[0] + ["val"] * counts[1] + ["test"] * counts[2]


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (SeriesOptions(images=0), "--images"),
        (SeriesOptions(images=10_000_000), "--images"),
        (SeriesOptions(seed=-1), "--seed"),
        (SeriesOptions(size=ImageSize(240, 5000)), "--size"),
        (SeriesOptions(size=ImageSize(1, 320)), "--size"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_and_nothing_is_written(
    options: SeriesOptions, place: str, tmp_path: Path
) -> None:
    with pytest.raises(OptionError, match=place):
        write_scenes(tmp_path / "scenes", options)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_stays_untouched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(WorkspaceError, match="untouched"):
        write_scenes(tmp_path, OPTIONS)
    assert contents(tmp_path) == {"mine.txt": b"mine"}


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    output = tmp_path / "empty"
    output.mkdir()
    write_scenes(output, SeriesOptions(images=1, size=ImageSize(60, 80)))

    assert len(open_dataset(output).images) == 1


def test_a_series_that_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: int, of: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_scenes(tmp_path / "scenes", OPTIONS, workers=1, progress=stop)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing, "_write", full)
    with pytest.raises(WorkspaceError, match="No space left"):
        write_scenes(tmp_path / "scenes", OPTIONS, workers=1)
    assert not list(tmp_path.iterdir())
