"""Scenes drawn into the workspace by a process of its own, and what is trained on them after."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from yolodash.data.opening import open_dataset
from yolodash.errors import OptionError, WorkspaceError
from yolodash.runs.config import TrainOptions, options_from
from yolodash.runs.folders import find_run, read_run
from yolodash.runs.making import Making, begin_making, making, makings, put_away
from yolodash.runs.state import read_state, request_stop
from yolodash.scenes.writing import SeriesOptions
from yolodash.structures import ImageSize

FEW = SeriesOptions(images=4, size=ImageSize(48, 64), seed=2)


def ended(name: str) -> Making:
    end = time.monotonic() + 300
    while time.monotonic() < end:
        found = making(name)
        assert found is not None
        if not found.alive:
            return found
        time.sleep(0.2)
    raise AssertionError("not drawn in time")


def test_scenes_are_drawn_then_trained_on_and_nobody_draws_them_twice(workspace: Path) -> None:
    training = TrainOptions(data="", cfg="yolov5p", size=64, batch=2, epochs=1, device="cpu")
    begin_making("few", FEW, training=training, run="on few")

    with pytest.raises(WorkspaceError, match="data set of this name"):
        begin_making("few", FEW)
    found = ended("few")

    assert (found.done, found.total, found.run, found.error) == (4, 4, "on few", None)
    assert len(open_dataset("few").images) == 4
    run = find_run("on few")
    options = options_from(read_run(run)["options"])
    assert (Path(options.data), options.cfg) == ((workspace / "datasets" / "few").resolve(), "yolov5p")
    assert read_state(run).state in ("queued", "running", "finished")
    request_stop(run)
    put_away("few")
    assert makings() == []


def test_what_makes_no_sense_or_is_taken_starts_nothing(workspace: Path) -> None:
    (workspace / "datasets" / "there").mkdir(parents=True)
    (workspace / "runs" / "taken").mkdir(parents=True)

    with pytest.raises(OptionError):
        begin_making("none", SeriesOptions(images=0))
    with pytest.raises(WorkspaceError, match="data set of this name"):
        begin_making("there", FEW)
    with pytest.raises(WorkspaceError, match="cannot be a name"):
        begin_making("../out", FEW)
    with pytest.raises(WorkspaceError, match="run of this name"):
        begin_making("new", FEW, training=TrainOptions(data="", cfg="yolov5p"), run="taken")
    assert makings() == []
