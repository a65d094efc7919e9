"""What is in a box: how crops are cut, and that the bundled classifier is right on scenes that it never saw."""

from __future__ import annotations

import numpy as np
import pytest

from yolodash.inference.attributes import GREY, classify, crops, places
from yolodash.models.classifier import QUESTIONS
from yolodash.scenes.truth import description
from yolodash.scenes.writing import scene_of
from yolodash.structures import ImageSize

RANDOM = np.random.default_rng(0)
NOISE = RANDOM.integers(0, 256, (120, 160, 3), dtype=np.uint8)


def test_a_crop_is_the_square_around_its_box_with_some_of_what_surrounds_it() -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    image[80:120, 90:110] = 255
    [crop] = crops(image, np.array([[90.0, 80.0, 110.0, 120.0]]))  # 52 pixels a side, the box's 40 among them

    bright = np.argwhere(crop[..., 0] > 127)
    assert bright.min(axis=0) == pytest.approx([64 * 6 / 52, 64 * 16 / 52], abs=1)
    assert bright.max(axis=0) + 1 == pytest.approx([64 * 46 / 52, 64 * 36 / 52], abs=1)


def test_what_lies_outside_the_picture_is_grey() -> None:
    [crop] = crops(np.zeros((100, 100, 3), np.uint8), np.array([[0.0, 0.0, 40.0, 40.0]]))
    assert (crop[:6, :] == GREY).all()
    assert (crop[12:, 12:] == 0).all()


def test_a_box_that_reaches_far_beyond_the_picture_is_cut_to_it() -> None:
    wild = np.array([[-1e9, -1e9, 1e9, 1e9]])
    assert (crops(NOISE, wild) == crops(NOISE, np.array([[0.0, 0.0, 160.0, 120.0]]))).all()


def test_places_do_not_depend_on_how_finely_a_picture_is_drawn() -> None:
    boxes = RANDOM.uniform(0, 100, (20, 4))
    assert np.allclose(places(boxes, ImageSize(120, 160)), places(3 * boxes, ImageSize(360, 480)))


def test_no_boxes_have_no_attributes() -> None:
    found = classify(NOISE, np.zeros((0, 4)))
    assert {name: values.shape for name, values in found.probabilities.items()} == {
        name: (0, len(words)) for name, words in QUESTIONS.items()
    }


def test_one_box_is_answered_as_it_is_among_many() -> None:
    boxes = np.array([[10.0, 10, 60, 60], [50, 20, 90, 100], [100, 40, 130, 70]])
    together, alone = classify(NOISE, boxes), classify(NOISE, boxes[1:2])
    for name in QUESTIONS:
        assert together.probabilities[name][1] == pytest.approx(alone.probabilities[name][0], abs=1e-5)


def test_the_bundled_classifier_knows_the_blocks_of_scenes_that_it_never_saw() -> None:
    right = []
    for index in range(6):
        drawn = scene_of(index, seed=2_024)
        found = classify(drawn.rendered.image, np.array([one.box for one in drawn.seen]))
        for number, one in enumerate(drawn.seen):
            words = found.words(number)
            truth = description(drawn.scene.blocks[one.block])
            right += [words[name] == value for name, value in truth.items()]
    assert len(right) > 100
    assert np.mean(right) > 0.94  # measured on many more scenes: over .97


def test_the_bundled_classifier_knows_that_bare_ground_is_no_block() -> None:
    drawn = scene_of(0, seed=2_024)
    empty = np.array([[10.0, 190, 50, 230], [270, 195, 310, 235], [140, 200, 180, 238]])
    found = classify(drawn.rendered.image, empty)
    assert [found.words(number)["thing"] for number in range(3)] == ["none of these"] * 3
