"""The loop: what it writes, how it stops, and that a run goes on to the same bits."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.training.drawn_batches import DrawnBatches
from tests.training.test_transfer import TINY_CFG
from tests.yolov5_files import tiny
from yolodash.errors import DeviceError, OptionError, WorkspaceError
from yolodash.losses.yolov5 import Gains
from yolodash.models.detector import Detector
from yolodash.models.loading import load_model
from yolodash.training.beginning import continued, starting_network
from yolodash.training.checkpoint import BEST, LAST, Position, State
from yolodash.training.loop import METRICS, Job, train
from yolodash.training.settings import Settings
from yolodash.training.validation import Metrics

SETTINGS = Settings(epochs=3, batch=4, size=64, nominal_batch=8, warmup_batches=3, warmup_epochs=0.5, patience=0)


class Onlooker:
    """A watcher that asks to stop, or dies, after so many batches."""

    def __init__(self, stop_after: int | None = None, die_after: int | None = None) -> None:
        self.stop_after, self.die_after = stop_after, die_after
        self.batches = 0
        self.records: list[dict[str, Any]] = []

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def stopping(self) -> bool:
        return self.stop_after is not None and self.batches >= self.stop_after

    def batch_done(self, position: Position, steps: int) -> None:
        self.batches += 1
        if self.batches == self.die_after:
            raise KeyboardInterrupt

    def epoch_done(self, record: dict[str, Any], state: State) -> None:
        self.records.append(record)


def by_epoch() -> Callable[[Detector], Metrics]:
    """A validation that only looks at the weights, so that the tests are quick."""

    def validate(network: Detector) -> Metrics:
        share = abs(float(next(network.parameters()).double().sum())) % 1
        return Metrics(share, share, share, share)

    return validate


def job(folder: Path, settings: Settings = SETTINGS) -> Job:
    torch.manual_seed(5)
    folder.mkdir(exist_ok=True)
    return Job(tiny(classes=2), DrawnBatches(), by_epoch(), settings, Gains(), folder)


def weights(folder: Path, name: str = LAST) -> dict[str, torch.Tensor]:
    return load_file(folder / name)


def assert_equal(one: Path, other: Path) -> None:
    a, b = weights(one), weights(other)
    assert a.keys() == b.keys()
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_a_run_writes_a_line_an_epoch_and_two_networks_that_load(tmp_path: Path) -> None:
    watcher = Onlooker()

    assert train(job(tmp_path), watcher) == "finished"

    lines = [json.loads(line) for line in (tmp_path / METRICS).read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [0, 1, 2]
    assert lines == watcher.records
    assert lines[-1]["loss_box"] > 0
    assert set(lines[0]["learning_rates"]) == {"weights", "normalisation", "biases"}
    assert {name.split(".")[0] for name in weights(tmp_path)} == {"model", "ema", "optimizer", "random"}
    best, last = load_model(tmp_path / BEST), load_model(tmp_path / LAST)
    assert best.names == last.names == ("thing 0", "thing 1")
    assert best.anchors == tiny(classes=2).anchors
    assert {t.dtype for t in weights(tmp_path, BEST).values() if t.is_floating_point()} == {torch.float16}


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
@pytest.mark.parametrize("batches", [1, 2, 4, 7, 8, 13])
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(tmp_path: Path, batches: int, optimizer: Any) -> None:
    settings = replace(SETTINGS, optimizer=optimizer, learning_rate=0.01)
    train(job(tmp_path / "whole", settings), Onlooker())

    outcome = train(job(tmp_path / "cut", settings), Onlooker(stop_after=batches))
    assert outcome == "stopped"
    torch.rand(17)  # another process's generators stand elsewhere
    assert train(job(tmp_path / "cut", settings), Onlooker()) == "finished"

    assert_equal(tmp_path / "whole", tmp_path / "cut")


@pytest.mark.parametrize("batches", [3, 5, 9])
def test_a_run_that_died_goes_on_to_the_same_bits(tmp_path: Path, batches: int) -> None:
    train(job(tmp_path / "whole"), Onlooker())

    with pytest.raises(KeyboardInterrupt):
        train(job(tmp_path / "cut"), Onlooker(die_after=batches))
    train(job(tmp_path / "cut"), Onlooker())

    assert_equal(tmp_path / "whole", tmp_path / "cut")
    whole, cut = ((tmp_path / name / METRICS).read_text().splitlines() for name in ("whole", "cut"))
    for one, other in zip(map(json.loads, whole), map(json.loads, cut), strict=True):
        for changing in ("seconds", "images_per_second", "memory_bytes"):
            del one[changing], other[changing]
        assert one == other


def test_a_darknet_network_learns_and_its_files_load_and_go_on(tmp_path: Path) -> None:
    def fresh(name: str) -> Job:
        torch.manual_seed(5)
        (tmp_path / "tiny.cfg").write_text(TINY_CFG)
        start = starting_network("", str(tmp_path / "tiny.cfg"), ["a", "b"], 64)
        (tmp_path / name).mkdir(exist_ok=True)
        return Job(start.network, DrawnBatches(), by_epoch(), SETTINGS, Gains(), tmp_path / name, start.cfg)

    train(fresh("whole"), Onlooker())
    train(fresh("cut"), Onlooker(stop_after=7))
    again = continued(tmp_path / "cut" / LAST)
    train(replace(fresh("cut"), network=again.network, cfg=again.cfg), Onlooker())

    assert_equal(tmp_path / "whole", tmp_path / "cut")
    model = load_model(tmp_path / "cut" / BEST)
    assert (model.family, model.names) == ("yolov3", ("a", "b"))


def test_lines_after_the_checkpoint_go_and_a_line_that_is_missing_comes(tmp_path: Path) -> None:
    train(job(tmp_path), Onlooker(stop_after=10))
    path = tmp_path / METRICS
    first, second = path.read_text().splitlines()
    path.write_text(f'{first}\n{{"epoch": 7}}\nno line\n{{"epoch": 2, "cut')

    train(job(tmp_path), Onlooker(stop_after=1))

    assert path.read_text().splitlines()[:2] == [first, second]
    assert [json.loads(line)["epoch"] for line in path.read_text().splitlines()] == [0, 1]


def test_frozen_layers_keep_their_weights_and_only_with_the_switch_their_statistics(tmp_path: Path) -> None:
    start = job(tmp_path).network.state_dict()
    start = {name: tensor.clone() for name, tensor in start.items()}

    for switch in (False, True):
        folder = tmp_path / str(switch)
        train(job(folder, replace(SETTINGS, freeze=2, freeze_statistics=switch)), Onlooker())
        after = {name.removeprefix("model."): t for name, t in weights(folder).items() if name.startswith("model.")}
        parameters = {name for name, _ in job(folder).network.named_parameters()}
        moved = {name for name in start if not torch.equal(start[name], after[name])}
        frozen = {name for name in start if name.startswith(("layers.0.", "layers.1."))}
        assert not moved & frozen & parameters
        assert bool(moved & frozen) is not switch
        assert parameters - frozen <= moved


def test_all_layers_but_the_head_can_be_frozen_and_no_more(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="6 layers"):
        train(job(tmp_path, replace(SETTINGS, freeze=6)), Onlooker())


def test_a_loss_that_is_no_number_stops_with_a_sentence_and_the_last_state_stays(tmp_path: Path) -> None:
    train(job(tmp_path), Onlooker(stop_after=5))
    before = (tmp_path / LAST).read_bytes()

    with pytest.raises(OptionError, match=r"no longer a number.*lower learning rate"):
        train(job(tmp_path, replace(SETTINGS, learning_rate=1e30, clip=1e30)), Onlooker())

    assert (tmp_path / LAST).read_bytes() == before


def test_training_ends_early_when_nothing_gets_better(tmp_path: Path) -> None:
    def falling(network: Detector) -> Metrics:
        falling.calls += 1  # type: ignore[attr-defined]
        return Metrics(0, 0, 0, 1 / falling.calls)  # type: ignore[attr-defined]

    falling.calls = 0  # type: ignore[attr-defined]
    endless = replace(job(tmp_path, replace(SETTINGS, epochs=50, patience=2)), validate=falling)

    assert train(endless, Onlooker()) == "early"
    assert len((tmp_path / METRICS).read_text().splitlines()) == 3
    assert train(replace(endless, network=job(tmp_path).network), Onlooker()) == "early"


def test_a_full_disk_stops_with_a_sentence_and_the_files_before_stay_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(job(tmp_path), Onlooker(stop_after=5))
    before = (tmp_path / LAST).read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(WorkspaceError, match="No space left"):
            train(job(tmp_path), Onlooker())

    assert (tmp_path / LAST).read_bytes() == before
    assert not list(tmp_path.glob("*.part"))
    assert train(job(tmp_path), Onlooker()) == "finished"


def test_out_of_memory_names_a_batch_that_fits(tmp_path: Path) -> None:
    class Greedy(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(1))

        def forward(self, batch: torch.Tensor) -> tuple[torch.Tensor]:
            if len(batch) > 2:
                raise RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes")
            return (batch * self.weight,)

    from yolodash.training.memory import memory_problems

    network = Greedy()
    with (
        pytest.raises(DeviceError, match=r"batches of 16.*--batch 2, which fits"),
        memory_problems(network, batch=16, size=32, device="cpu"),
    ):
        network(torch.zeros(16, 3, 32, 32))
