"""What a training begins with: heads for other classes, fresh networks, anchors held against the boxes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.yolov5_files import network, save, tiny
from yolodash.data.box_sizes import best_possible_recall
from yolodash.data.dataset import LabelledImage, Row, annotations_from
from yolodash.errors import OptionError
from yolodash.models.darknet.network import DarknetNetwork
from yolodash.structures import ImageSize
from yolodash.training.anchors import check_anchors
from yolodash.training.beginning import starting_network
from yolodash.training.transfer import with_classes

TINY_CFG = """[net]
width=64
height=64
channels=3
[convolutional]
batch_normalize=1
filters=8
size=3
stride=8
pad=1
activation=leaky
[convolutional]
filters=14
size=1
stride=1
activation=linear
[yolo]
mask=0,1
anchors=10,13, 30,20
classes=2
num=2
"""


def pictures(*sides: tuple[float, float]) -> list[LabelledImage]:
    rows = [Row(0, (0.0, 0.0, width, height)) for width, height in sides]
    return [LabelledImage("a.jpg", Path("a.jpg"), annotations_from(rows, ImageSize(320, 640)), ("train",))]


def test_another_number_of_classes_gets_a_fresh_head_and_keeps_everything_else() -> None:
    model = tiny(classes=3)
    result = with_classes(model, ["a", "b"], 64)

    assert result.names == ("a", "b")
    assert result.size == ImageSize(64, 64)
    assert [head.classes for head in result.heads] == [2, 2, 2]
    before, after = model.state_dict(), result.state_dict()
    kept = [name for name in before if not name.startswith("layers.5.")]
    assert all(torch.equal(before[name], after[name]) for name in kept)
    assert [tuple(raw.shape) for raw in result(torch.zeros(1, 3, 64, 64))] == [
        (1, 3, 8, 8, 7), (1, 3, 4, 4, 7), (1, 3, 2, 2, 7),
    ]  # fmt: skip


def test_a_fresh_head_expects_few_objects_and_all_classes_alike() -> None:
    biases = with_classes(tiny(classes=3), ["a", "b"], 64).state_dict()["layers.5.0.bias"].view(3, 7)

    torch.testing.assert_close(biases[:, 4], torch.full((3,), math.log(8 / 80**2)))
    torch.testing.assert_close(biases[:, 5:], torch.full((3, 2), math.log(0.6 / 1.00001)))


def test_the_same_number_of_classes_keeps_the_head_under_new_names() -> None:
    model = tiny(classes=2)
    result = with_classes(model, ["cat", "dog"], 64)

    assert result is model
    assert result.names == ("cat", "dog")


def test_a_network_begins_from_a_checkpoint_from_nothing_or_from_a_darknet_cfg(tmp_path: Path) -> None:
    weights = save({"model": network(tiny(classes=4))}, tmp_path / "four.pt")
    cfg = tmp_path / "tiny.cfg"
    cfg.write_text(TINY_CFG)

    assert starting_network(str(weights), "", ["a"], 64).network.names == ("a",)
    assert starting_network("", "yolov5n.yaml", ["a", "b"], 64).network.parameter_count > 1_700_000
    darknet = starting_network("", str(cfg), ["a", "b"], 64)
    assert isinstance(darknet.network, DarknetNetwork)
    assert darknet.cfg == TINY_CFG
    with pytest.raises(OptionError, match=r"2 classes.*classes=3"):
        starting_network("", str(cfg), ["a", "b", "c"], 64)
    with pytest.raises(OptionError, match="yolov9t"):
        starting_network("", "yolov9t", ["a"], 64)
    with pytest.raises(OptionError, match="0 classes"):
        starting_network(str(weights), "", [], 64)


def test_the_best_possible_recall_is_the_share_of_boxes_that_an_anchor_answers_for() -> None:
    anchors = np.array([[10.0, 10.0], [100.0, 50.0]])
    sizes = np.array([[39.9, 10.0], [41.0, 10.0], [26.0, 13.0], [500.0, 300.0]])

    assert best_possible_recall(sizes, anchors) == 0.5
    assert best_possible_recall(np.zeros((0, 2)), anchors) == 1.0


def test_anchors_that_fit_stay_and_poor_ones_are_replaced() -> None:
    model = tiny()
    before = model.anchors
    fine = check_anchors(model, pictures(*[(20.0 + i, 20.0) for i in range(20)]), 640)
    assert (fine.best_possible_recall, fine.replaced, model.anchors) == (1.0, False, before)

    slim = check_anchors(model, pictures(*[(300.0, 10.0 + i % 3) for i in range(30)]), 640)
    assert slim.best_possible_recall == 0
    assert slim.replaced
    assert slim.new_recall == 1
    assert model.anchors != before
    assert all(width > 250 for head in model.anchors for width, _ in head)
