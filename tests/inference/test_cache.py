"""Models are loaded once."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from yolodash.errors import ModelFileError
from yolodash.inference import cache
from yolodash.models.detector import Detector

CFG = """[net]
width=32
height=32
channels=3
[convolutional]
filters=18
size=1
stride=1
activation=linear
[yolo]
mask=0,1,2
anchors=10,13,16,30,33,23
classes=1
num=3
"""
FLOATS = 18 * 3 + 18


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    cache.forget()
    yield
    cache.forget()


def model_files(folder: Path, name: str) -> tuple[Path, Path]:
    """The smallest Darknet network: weights and cfg."""
    weights, cfg = folder / f"{name}.weights", folder / f"{name}.cfg"
    cfg.write_text(CFG)
    header = (0).to_bytes(4, "little") + (2).to_bytes(4, "little") + bytes(12)
    weights.write_bytes(header + bytes(4 * FLOATS))
    return weights, cfg


def test_callers_at_once_get_one_model(tmp_path: Path) -> None:
    weights, cfg = model_files(tmp_path, "net")
    together = threading.Barrier(8)

    def load(_: int) -> Detector:
        together.wait()
        return cache.loaded(weights, cfg)

    with ThreadPoolExecutor(8) as threads:
        models = list(threads.map(load, range(8)))
    assert len({id(model) for model in models}) == 1


def test_the_same_file_by_another_path_is_the_same_model(tmp_path: Path) -> None:
    weights, cfg = model_files(tmp_path, "net")
    link = tmp_path / "other.weights"
    link.symlink_to(weights)
    assert cache.loaded(link, cfg) is cache.loaded(weights, cfg)


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    weights, cfg = model_files(tmp_path, "net")
    first = cache.loaded(weights, cfg)
    assert cache.loaded(weights, cfg) is first
    os.utime(weights, ns=(1, 1))
    assert cache.loaded(weights, cfg) is not first


def test_a_failure_is_not_remembered(tmp_path: Path) -> None:
    weights, cfg = model_files(tmp_path, "net")
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-4])
    with pytest.raises(ModelFileError):
        cache.loaded(weights, cfg)
    weights.write_bytes(whole)
    assert isinstance(cache.loaded(weights, cfg), Detector)


def test_what_was_asked_for_longest_ago_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_MODELS", 2)
    files = [model_files(tmp_path, name) for name in "abc"]
    a, b = cache.loaded(*files[0]), cache.loaded(*files[1])
    assert cache.loaded(*files[0]) is a
    c = cache.loaded(*files[2])
    assert cache.loaded(*files[0]) is a
    assert cache.loaded(*files[2]) is c
    assert cache.loaded(*files[1]) is not b


def test_weights_larger_than_the_bound_are_kept_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_BYTES", 4 * FLOATS - 1)
    files = [model_files(tmp_path, name) for name in "ab"]
    a, b = cache.loaded(*files[0]), cache.loaded(*files[1])
    assert cache.size_in_bytes(b) == 4 * FLOATS
    assert cache.loaded(*files[1]) is b
    assert cache.loaded(*files[0]) is not a
