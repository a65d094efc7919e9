"""Time and memory before the start: the arithmetic, and the process that measures."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training_files import small_data
from yolodash.errors import YoloDashError
from yolodash.runs import estimates
from yolodash.runs.config import Hyperparameters, TrainOptions
from yolodash.runs.estimates import Measured, Rung, at_batch, estimate, fitting_batch, warmup_batches, warmup_epochs
from yolodash.runs.estimating import climb
from yolodash.training.schedule import warmup_length
from yolodash.training.settings import Settings

RUNGS = (Rung(1, 0.3, 1000), Rung(2, 0.5, 1400), Rung(4, 0.9, 2200))
CUDA = Measured("cuda:0", "bfloat16", RUNGS, 0.01, 0.02, 5.0, memory_free=10_000)
OPTIONS = TrainOptions(data="d", cfg="yolov5n", batch=4, epochs=10, workers=2)


def test_a_batch_between_two_rungs_lies_on_the_line_and_beyond_them_on_its_end() -> None:
    assert at_batch(RUNGS, 2) == RUNGS[1]
    assert at_batch(RUNGS, 3).seconds == pytest.approx(0.7)
    assert at_batch(RUNGS, 3).bytes == 1800
    assert at_batch(RUNGS, 8).seconds == pytest.approx(1.7)
    assert at_batch(RUNGS, 8).bytes == 3800
    assert at_batch(RUNGS[:1], 3).seconds == pytest.approx(0.9)


@given(st.integers(1, 200), st.integers(1, 200))
def test_a_larger_batch_never_takes_less(one: int, other: int) -> None:
    low, high = (at_batch(RUNGS, batch) for batch in sorted((one, other)))

    assert low.seconds <= high.seconds
    assert low.bytes <= high.bytes


def test_time_is_start_plus_epochs_of_steps_and_validation() -> None:
    found = estimate(CUDA, OPTIONS, train=40, val=10)

    assert found.epoch_seconds == pytest.approx(40 / 4 * 0.9 + 10 * 0.02)
    assert found.seconds == pytest.approx(5 + 10 * found.epoch_seconds)
    assert found.fits
    assert not estimate(replace(CUDA, memory_free=2000), OPTIONS, train=40, val=10).fits


def test_the_batch_that_fits_leaves_room_and_is_no_larger_than_the_data() -> None:
    assert fitting_batch(CUDA, OPTIONS, train=1000, val=10) == 16  # 7000 bytes of 10,000; 32 would take 13,400
    assert fitting_batch(CUDA, OPTIONS, train=5, val=1) == 4
    assert fitting_batch(replace(CUDA, full=8), OPTIONS, train=1000, val=1) == 4
    assert fitting_batch(replace(CUDA, memory_free=100), OPTIONS, train=1000, val=1) == 0


@given(st.floats(0, 20), st.integers(0, 500), st.integers(1, 400))
def test_the_warm_up_is_as_long_here_as_in_the_training(epochs: float, batches: int, steps: int) -> None:
    here = warmup_batches(Hyperparameters(warmup_epochs=epochs, warmup_batches=batches), steps)

    assert here == warmup_length(Settings(warmup_epochs=epochs, warmup_batches=batches), steps)


def test_three_epochs_lie_wholly_in_the_warm_up_whatever_the_data() -> None:
    lab = TrainOptions(data="d", cfg="yolov5n", epochs=3)

    assert [warmup_epochs(lab, pictures) for pictures in (10, 160, 16_000)] == [3, 3, 3]
    assert warmup_epochs(replace(lab, epochs=50), 16_000) == 3
    assert warmup_epochs(replace(lab, epochs=50), 160) == 10  # 100 batches of 10 an epoch


def test_the_ladder_ends_where_steps_are_long_or_the_memory_ends() -> None:
    quick, full = climb(lambda batch: Rung(batch, 0.001, batch), "cpu", None)
    slow, _ = climb(lambda batch: Rung(batch, 9.0 * batch, batch), "cpu", None)
    tight, _ = climb(lambda batch: Rung(batch, 0.001, 100 * batch), "cpu", 1000)
    none, first = climb(lambda batch: None, "cpu", 1000)

    assert [rung.batch for rung in quick] == [1, 2, 4, 8, 16]
    assert full is None
    assert [rung.batch for rung in slow] == [1, 2]
    assert [rung.batch for rung in tight] == [1, 2, 4]
    assert (none, first) == ([], 1)


def test_everything_that_matters_changes_the_key_and_nothing_else(workspace: Path) -> None:
    key = estimates.key_of(OPTIONS, 3)

    assert estimates.key_of(replace(OPTIONS, epochs=7, batch=1, seed=4), 3) == key
    others = [replace(OPTIONS, size=320), replace(OPTIONS, freeze=10), replace(OPTIONS, cfg="yolov5s")]
    assert len({key, estimates.key_of(OPTIONS, 4), *(estimates.key_of(one, 3) for one in others)}) == 5


def waited(key: str) -> Measured:
    end = time.monotonic() + 300
    while time.monotonic() < end:
        working = estimates.at_work(key)
        found = estimates.measured(key)
        if found is not None:
            return found
        assert working, (estimates.folder() / "estimating.log").read_text()
        time.sleep(0.2)
    raise AssertionError("not measured in time")


def test_a_small_training_is_measured_by_a_process_of_its_own_once(workspace: Path, tmp_path: Path) -> None:
    data = small_data(tmp_path)
    options = TrainOptions(data=str(data), cfg="yolov5p", size=64, batch=4, device="cpu")

    key = estimates.begin(options, 3)
    assert estimates.begin(options, 3) == key
    found = waited(key)

    assert (found.device, found.rungs[0].batch) == ("cpu", 1)
    assert all(rung.seconds > 0 and rung.bytes > 0 for rung in found.rungs)
    assert found.scene_seconds == 0
    assert [name for name, *_ in found.devices][-1] == "cpu"
    before = (estimates.folder() / f"{key}.json").stat().st_mtime_ns
    estimates.begin(options, 3)
    assert not estimates.at_work(key)
    assert (estimates.folder() / f"{key}.json").stat().st_mtime_ns == before


def test_what_cannot_be_trained_cannot_be_measured_and_says_why(workspace: Path, tmp_path: Path) -> None:
    nothing = tmp_path / "no.cfg"
    key = estimates.begin(TrainOptions(data="", cfg=str(nothing), size=64, device="cpu"), 3)

    with pytest.raises(YoloDashError, match="no description of a network"):
        waited(key)
