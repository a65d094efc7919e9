"""The whole of training on eight pictures: what was seen often enough is known by heart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.training.test_loop import Onlooker
from yolodash.data.augment.recipe import UNCHANGED
from yolodash.data.batches import Batches
from yolodash.data.opening import open_dataset
from yolodash.evaluation.running import pictures_of
from yolodash.losses.yolov5 import Gains
from yolodash.models.detector import Detector
from yolodash.scenes.writing import SeriesOptions, write_scenes
from yolodash.structures import ImageSize
from yolodash.training.beginning import starting_network
from yolodash.training.checkpoint import BEST
from yolodash.training.loop import Job, train
from yolodash.training.settings import Settings
from yolodash.training.validation import Metrics, validate


@pytest.mark.slow
def test_eight_pictures_are_learned_by_heart(tmp_path: Path, asset: Callable[[str], Path]) -> None:
    write_scenes(tmp_path / "scenes", SeriesOptions(images=10, size=ImageSize(96, 128), seed=1))
    pictures = pictures_of(open_dataset(tmp_path / "scenes" / "data.yaml"), "train")
    assert len(pictures.images) == 8
    names = [pictures.names[i] for i in range(3)]
    ids = {i: i for i in range(3)}
    torch.manual_seed(0)
    start = starting_network(str(asset("models/yolov5n-official-v7.0/yolov5n.pt")), "", names, 160)
    settings = Settings(
        epochs=20, batch=8, size=160, nominal_batch=8, warmup_epochs=1, warmup_batches=20, learning_rate=0.002,
        optimizer="adamw", patience=0,
    )  # fmt: skip
    results: list[Metrics] = []

    def measured(network: Detector) -> Metrics:
        results.append(validate(network, pictures, ids, size=160, batch=8, device="cpu"))
        return results[-1]

    batches = Batches(pictures.images * 10, ids, size=160, batch=8, recipe=UNCHANGED)
    train(Job(start.network, batches, measured, settings, Gains(), tmp_path), Onlooker())

    assert max(one.map50 for one in results) > 0.99
    assert (tmp_path / BEST).exists()
