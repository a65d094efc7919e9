"""Crops to learn from, and a classifier that learns from them, stopped or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from yolodash.data.samples import load_sample
from yolodash.errors import DatasetError, ModelFileError
from yolodash.models.classifier import QUESTIONS
from yolodash.scenes.writing import SeriesOptions, write_scenes
from yolodash.structures import ImageSize
from yolodash.training.classification import Lesson, accuracy, accuracy_on_detections, rate, teach
from yolodash.training.crop_examples import (
    NOT_ASKED,
    Scene,
    answers_of,
    background_boxes,
    epoch_of,
    moved,
    read_scenes,
)

LESSON = Lesson(epochs=2, batch=32)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    folder = tmp_path_factory.mktemp("scenes") / "few"
    write_scenes(folder, SeriesOptions(images=6, size=ImageSize(120, 160), seed=5), workers=1)
    return read_scenes(folder)


def test_the_answers_are_the_words_of_the_scene_graph() -> None:
    block = {"shape": "sphere", "colour": "gray", "material": "metal", "size": "large"}
    assert answers_of(block) == [1, 0, 1, 1, 0]


def test_a_folder_without_scenes_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no rendered scenes"):
        read_scenes(tmp_path)


def test_an_epoch_is_the_same_for_the_same_seed_and_another_one_later(scenes: list[Scene]) -> None:
    first, again, later = (next(epoch_of(scenes, [load_sample("cat")], seed=3, epoch=epoch)) for epoch in (0, 0, 1))
    assert (first.crops == again.crops).all()
    assert (first.answers == again.answers).all()
    assert first.crops.shape != later.crops.shape or (first.crops != later.crops).any()


def test_every_block_is_seen_once_an_epoch_and_nothing_has_no_colour(scenes: list[Scene]) -> None:
    [examples] = epoch_of(scenes, [load_sample("cat")], seed=0, epoch=0)
    blocks = examples.answers[:, -1] == 0

    assert blocks.sum() == sum(len(scene.boxes) for scene in scenes)
    assert (examples.answers[blocks] >= 0).all()
    assert (examples.answers[~blocks, :-1] == NOT_ASKED).all()
    assert (~blocks).sum() >= 2 * len(scenes)  # the photos' alone
    wanted = sorted(map(tuple, np.concatenate([scene.answers for scene in scenes]).tolist()))
    assert sorted(map(tuple, examples.answers[blocks].tolist())) == wanted


def test_boxes_of_nothing_hold_hardly_any_of_a_block() -> None:
    truths = np.array([[100.0, 100, 200, 200]])
    boxes = background_boxes(truths, ImageSize(240, 320), np.random.default_rng(0), 50)
    inside = np.clip(np.minimum(boxes[:, 2:], 200) - np.maximum(boxes[:, :2], 100), 0, None).prod(axis=1)

    assert len(boxes) > 20
    assert (inside <= 0.1 * (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) + 1e-9).all()
    assert (boxes >= 0).all()
    assert (boxes <= [320, 240, 320, 240]).all()


def test_a_moved_box_is_off_by_less_than_a_tenth_of_itself() -> None:
    boxes = np.tile([[10.0, 20, 110, 70]], (500, 1))
    off = np.abs(moved(boxes, np.random.default_rng(0)) - boxes) / [100, 50, 100, 50]
    assert off.max() < 0.1
    assert off.mean() > 0.02


def test_the_rate_rises_then_falls_to_nothing() -> None:
    rates = [rate(progress) for progress in np.linspace(0, 1, 201)]
    top = int(np.argmax(rates))
    assert rates[top] == pytest.approx(1)
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] == pytest.approx(0)


def test_a_lesson_that_was_stopped_ends_with_the_same_weights(scenes: list[Scene], tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(epoch: int, loss: float) -> None:
        raise StoppedError

    whole = teach(scenes, [], LESSON, state=tmp_path / "whole.safetensors")
    with pytest.raises(StoppedError):
        teach(scenes, [], LESSON, state=tmp_path / "cut.safetensors", report=stop)
    resumed = teach(scenes, [], LESSON, state=tmp_path / "cut.safetensors")

    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name
    with pytest.raises(ModelFileError, match="other numbers"):
        teach(scenes, [], replace(LESSON, epochs=3), state=tmp_path / "cut.safetensors")


def test_a_few_scenes_are_learnt_and_measured(scenes: list[Scene]) -> None:
    losses: list[float] = []
    model = teach(scenes, [], Lesson(epochs=30, batch=16), report=lambda epoch, loss: losses.append(loss))
    measure = accuracy(model, scenes, [load_sample("cat")])

    assert losses[-1] < losses[0] / 2
    assert measure.blocks == sum(len(scene.boxes) for scene in scenes)
    assert measure.right["colour"] > 0.8
    truths = {scene.path: scene.boxes for scene in scenes}
    boxes = iter(truths.values())
    assert accuracy_on_detections(model, scenes, lambda image: next(boxes)) == pytest.approx(measure.right)
    nothing = accuracy_on_detections(model, scenes, lambda image: np.zeros((0, 4)))
    assert nothing == dict.fromkeys(QUESTIONS, 0.0)
