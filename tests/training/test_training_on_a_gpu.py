"""What holds on a processor holds on a GPU: the loss falls in every precision, and a run goes on to the same bits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.training.drawn_batches import DrawnBatches
from tests.training.test_loop import SETTINGS, Onlooker, assert_equal, by_epoch
from tests.yolov5_files import tiny
from yolodash.errors import DeviceError
from yolodash.losses.yolov5 import Gains
from yolodash.models.detector import Detector
from yolodash.models.yolov5.official import build
from yolodash.training.loop import Job, train
from yolodash.training.settings import PrecisionName, Settings
from yolodash.training.step import loss_of, losses

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here"),
]
ON_GPU = replace(SETTINGS, device="cuda:0")
ROOM = 2 << 30
"""Bytes of the GPU that the test of too little memory leaves itself."""


@pytest.fixture(params=["float32", "bfloat16", "float16"])
def precision(request: pytest.FixtureRequest) -> PrecisionName:
    if request.param == "bfloat16" and not torch.cuda.is_bf16_supported():
        pytest.skip("this GPU has no units for bfloat16")
    result: PrecisionName = request.param
    return result


@pytest.fixture
def little_room() -> Iterator[None]:
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(ROOM / torch.cuda.get_device_properties(0).total_memory)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)
    torch.cuda.empty_cache()


def real(classes: int = 2) -> Detector:
    """A YOLOv5n with random weights: pooling, nearest neighbours and joined maps included."""
    return build("n", classes, names=tuple(f"thing {number}" for number in range(classes)))


def job(
    folder: Path, settings: Settings, *, network: Detector | None = None, batches: DrawnBatches | None = None
) -> Job:
    torch.manual_seed(5)
    folder.mkdir(exist_ok=True)
    return Job(network or tiny(classes=2), batches or DrawnBatches(), by_epoch(), settings, Gains(), folder)


def test_the_loss_falls_in_every_precision(tmp_path: Path, precision: PrecisionName) -> None:
    watcher = Onlooker()
    settings = replace(ON_GPU, precision=precision, epochs=12, optimizer="adamw", learning_rate=0.005)

    assert train(job(tmp_path, settings), watcher) == "finished"

    totals = [sum(line[f"loss_{term}"] for term in ("box", "objectness", "class")) for line in watcher.records]
    assert totals[-1] < 0.92 * totals[0]
    assert watcher.records[-1]["memory_bytes"] > 0


@pytest.mark.parametrize("kind", ["tiny", "real"])
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(tmp_path: Path, precision: PrecisionName, kind: str) -> None:
    settings = replace(ON_GPU, precision=precision)

    def fresh(name: str) -> Job:
        torch.manual_seed(5)
        return job(tmp_path / name, settings, network=real() if kind == "real" else tiny(classes=2))

    train(fresh("whole"), Onlooker())
    assert train(fresh("cut"), Onlooker(stop_after=7)) == "stopped"
    torch.rand(17, device="cuda:0")
    assert train(fresh("cut"), Onlooker()) == "finished"

    assert_equal(tmp_path / "whole", tmp_path / "cut")


def test_the_loss_and_its_gradients_are_those_of_the_processor() -> None:
    batch = next(DrawnBatches().epoch(0))
    found: list[tuple[list[float], list[torch.Tensor]]] = []
    for device in ("cpu", "cuda:0"):
        torch.manual_seed(5)
        network = tiny(classes=2).to(device).train()
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            terms = losses(network, batch, loss_of(network, Gains()), replace(SETTINGS, device=device))
            terms.total.backward()
        values = [one.item() for one in (terms.total, terms.box, terms.objectness, terms.class_)]
        found.append((values, [one.grad.cpu() for one in network.parameters() if one.grad is not None]))

    (here, own), (there, theirs) = found
    assert there == pytest.approx(here, rel=1e-4)
    for one, other in zip(own, theirs, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-3, atol=1e-4)


@pytest.mark.usefixtures("little_room")
def test_too_little_memory_names_a_batch_that_fits(tmp_path: Path) -> None:
    settings = replace(ON_GPU, batch=64, size=640, epochs=1)
    with pytest.raises(DeviceError, match=r"Not enough memory on cuda:0 for batches of 64") as caught:
        train(job(tmp_path / "large", settings, network=real(), batches=DrawnBatches(640, 64, 1)), Onlooker())

    named = re.search(r"--batch (\d+)", str(caught.value))
    assert named is not None
    fits = int(named[1])
    assert 1 <= fits < 64
    smaller = replace(settings, batch=fits)
    assert train(job(tmp_path / "small", smaller, network=real(), batches=DrawnBatches(640, fits, 1)), Onlooker())
