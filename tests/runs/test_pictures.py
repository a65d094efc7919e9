"""The pictures that a training leaves for whoever looks on."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training_files import small_data, small_weights
from yolodash.data.augment.recipe import Recipe
from yolodash.data.batches import Batches
from yolodash.data.images import read_image
from yolodash.data.opening import open_dataset
from yolodash.evaluation.running import ModelRun, Pictures, pictures_of, run_model
from yolodash.models.loading import load_model
from yolodash.runs.pictures import (
    FOLDER,
    LOW_BOXES,
    MOST_BOXES,
    MOST_EPOCHS,
    SCORE,
    VALIDATION,
    RunPictures,
    chosen_pictures,
    read_augmented,
    thinned,
)
from yolodash.runs.state import read_json


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModelRun, Pictures, Batches]:
    """What a small network finds in 16 scenes, and the batches of them."""
    folder = tmp_path_factory.mktemp("seen")
    dataset = open_dataset(small_data(folder))
    pictures = pictures_of(dataset, "train")
    done = run_model(load_model(small_weights(folder)), pictures, size=64, device="cpu", classes={0: 0, 1: 1, 2: 2})
    batches = Batches(pictures.images, {i: i for i in range(3)}, size=64, batch=12, recipe=Recipe(), seed=4)
    return done, pictures, batches


def pictures(run: Path, batches: Batches) -> RunPictures:
    run.mkdir(exist_ok=True)
    return RunPictures(run, batches, ("cube", "sphere", "cylinder"))


def book(run: Path) -> dict[str, Any]:
    found = read_json(run / FOLDER / VALIDATION)
    assert found is not None
    return found


def test_the_first_batch_is_shown_as_the_network_saw_it(
    tmp_path: Path, seen: tuple[ModelRun, Pictures, Batches]
) -> None:
    writer = pictures(tmp_path / "run", seen[2])
    assert read_augmented(tmp_path / "run") is None
    writer.batch_done(3, 1)
    writer.batch_done(3, 2)

    shown = read_augmented(tmp_path / "run")
    assert shown is not None
    assert (shown.epoch, len(shown.files)) == (3, 8)
    first = seen[2].example(3, seen[2].indices(3)[0][0])
    assert read_image(shown.files[0]).shape == (448, 448, 3)  # 7 times as large, so that labels hide less
    assert first.image.shape == (64, 64, 3)


def test_the_same_pictures_are_kept_epoch_after_epoch_with_what_was_found(
    tmp_path: Path, seen: tuple[ModelRun, Pictures, Batches]
) -> None:
    done, images, batches = seen
    run = tmp_path / "run"
    for epoch in range(3):
        pictures(run, batches).validated(epoch, done, images)  # a new writer each, as after a resume

    kept = book(run)
    assert [one["epoch"] for one in kept["epochs"]] == [0, 1, 2]
    assert [one["name"] for one in kept["pictures"]] == chosen_pictures(done)
    assert len(set(chosen_pictures(done))) == 6
    for place, picture in enumerate(kept["pictures"]):
        assert read_image(run / FOLDER / picture["file"]).shape[:2] == (picture["height"], picture["width"])
        index = done.labels.images.index(picture["name"])
        assert len(picture["truths"]) == (done.truths.image == index).sum() > 0
        scores = [box[5] for box in kept["epochs"][0]["boxes"][place]]
        of_picture = np.sort(done.found.score[done.found.image == index])[::-1]
        assert scores == sorted(scores, reverse=True)
        assert len(scores) == min(len(of_picture), max(LOW_BOXES, min(MOST_BOXES, int((of_picture > SCORE).sum()))))


def test_an_epoch_that_is_done_again_takes_the_place_of_what_was_there(
    tmp_path: Path, seen: tuple[ModelRun, Pictures, Batches]
) -> None:
    done, images, batches = seen
    for epoch in (0, 1, 2, 1):
        pictures(tmp_path / "run", batches).validated(epoch, done, images)
    assert [one["epoch"] for one in book(tmp_path / "run")["epochs"]] == [0, 1]


def test_pictures_without_objects_are_shown_where_there_are_no_others(
    seen: tuple[ModelRun, Pictures, Batches],
) -> None:
    empty = replace(seen[0].truths, **{name: getattr(seen[0].truths, name)[:0] for name in vars(seen[0].truths)})
    assert len(chosen_pictures(replace(seen[0], truths=empty))) == 6


def test_no_number_is_drawn_by_chance(tmp_path: Path, seen: tuple[ModelRun, Pictures, Batches]) -> None:
    done, images, batches = seen
    writer = pictures(tmp_path / "run", batches)
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()  # type: ignore[index]
    writer.batch_done(0, 1)
    writer.validated(0, done, images)
    assert before == (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())  # type: ignore[index]


@pytest.mark.parametrize("content", [None, "{", '{"pictures": [{}], "epochs": 3}', "[]"])
def test_a_display_that_cannot_be_written_or_read_stops_nothing(
    tmp_path: Path, seen: tuple[ModelRun, Pictures, Batches], content: str | None
) -> None:
    done, images, batches = seen
    run = tmp_path / "run"
    run.mkdir()
    if content is None:
        (run / FOLDER).write_text("in the way")
    else:
        (run / FOLDER).mkdir()
        (run / FOLDER / VALIDATION).write_text(content)
    writer = pictures(run, batches)
    writer.batch_done(0, 1)
    writer.validated(0, done, images)
    if content is None:
        assert read_augmented(run) is None
    else:
        assert [one["epoch"] for one in book(run)["epochs"]] == [0]


def test_of_many_epochs_the_recent_ones_stay_the_densest() -> None:
    epochs: list[dict[str, Any]] = []
    for epoch in range(1000):
        epochs = thinned([*epochs, {"epoch": epoch}])
        assert len(epochs) <= MOST_EPOCHS
        assert epochs[0]["epoch"] == 0
        assert epochs[-1]["epoch"] == epoch
    gaps = np.diff([one["epoch"] for one in epochs])
    assert gaps[0] >= gaps[-1]
    assert (gaps > 0).all()
