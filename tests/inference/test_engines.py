"""Engines give the same numbers, and ``auto`` never changes what is found."""

from __future__ import annotations

import gc
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_detector import TinyDetector
from torch import Tensor, nn

from yolodash.errors import DeviceError, OptionError
from yolodash.inference.engines import EngineName, Precision, engine_for, pool, trial
from yolodash.inference.engines.agreement import HALF, SINGLE, same_detections
from yolodash.inference.engines.trial import REFERENCE, Measurement, best
from yolodash.models.detector import Detector
from yolodash.models.layers import ConvolutionBlock
from yolodash.structures import Detections, Head, ImageSize

RAW = 1e-4
"""Raw numbers of a float32 network of two layers, summed in another order: far below what moves a box by .001 px."""


class SmallNetwork(Detector):
    """A block with batch norm and SiLU and a head: small, and folded and exported like a real one."""

    def __init__(self, seed: int = 0) -> None:
        head = Head("yolov5", ((30.0, 61.0), (62.0, 45.0)), 16, 3)
        names = ("one", "two", "three")
        super().__init__(names=names, family="yolov5", release=None, heads=(head,), size=ImageSize(64, 64))
        torch.manual_seed(seed)
        self.block = ConvolutionBlock(nn.Conv2d(3, 8, 8, 8, bias=False), nn.BatchNorm2d(8), nn.SiLU())
        self.head = nn.Conv2d(8, 16, 2, 2)
        statistics = self.block.normalisation
        assert isinstance(statistics, nn.BatchNorm2d)
        nn.init.uniform_(statistics.running_var, 0.01, 0.1)
        self.eval().requires_grad_(False)

    def forward(self, batch: Tensor) -> tuple[Tensor, ...]:
        raw: Tensor = self.head(self.block(batch))
        return (raw.reshape(raw.shape[0], 2, 8, raw.shape[2], raw.shape[3]).permute(0, 1, 3, 4, 2),)


@pytest.mark.parametrize("engine", ["torch", "onnxruntime", "openvino"])
def test_every_engine_gives_the_networks_own_raw_maps_at_any_size(workspace: Path, engine: EngineName) -> None:
    model = SmallNetwork()
    run = engine_for(model, engine=engine, precision="float32", device="cpu")
    assert (run.name, run.precision, run.device) == (engine, "float32", "cpu")
    for shape in ((1, 3, 64, 64), (2, 3, 32, 96)):
        batch = torch.rand(shape)
        for ours, expected in zip(run(batch), model(batch), strict=True):
            torch.testing.assert_close(ours, expected, rtol=RAW, atol=RAW)


@pytest.mark.parametrize("engine", ["torch", "onnxruntime", "openvino"])
def test_several_pictures_at_once_give_what_one_after_another_gives(workspace: Path, engine: EngineName) -> None:
    model = SmallNetwork()
    run = engine_for(model, engine=engine, precision="float32", device="cpu")
    assert run.at_once >= 1
    batches = [torch.rand(1, 3, 64, 32 * number) for number in range(1, 6)]
    assert run.each([]) == []
    for maps, batch in zip(run.each(batches), batches, strict=True):
        for ours, expected in zip(maps, model(batch), strict=True):
            torch.testing.assert_close(ours, expected, rtol=RAW, atol=RAW)


def test_reduced_precision_gives_float32_maps_near_the_reference(workspace: Path) -> None:
    model, batch = SmallNetwork(), torch.rand(1, 3, 64, 64)
    for ours, expected in zip(
        engine_for(model, engine="torch", precision="bfloat16", device="cpu")(batch), model(batch), strict=True
    ):
        assert ours.dtype == torch.float32
        torch.testing.assert_close(ours, expected, rtol=0.05, atol=0.05)
        assert not torch.equal(ours, expected)


def test_an_engine_leaves_its_model_as_it_was(workspace: Path) -> None:
    model = SmallNetwork().train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    engine_for(model, engine="torch", precision="float32", device="cpu")(torch.rand(1, 3, 64, 64))
    assert model.training
    assert isinstance(model.block.normalisation, nn.BatchNorm2d)
    assert isinstance(model.block.activation, nn.SiLU)
    assert not model.block.activation.inplace
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_an_engine_is_made_once_and_anew_when_weights_change(workspace: Path) -> None:
    model, batch = SmallNetwork(), torch.rand(1, 3, 64, 64)
    first = engine_for(model, engine="torch", precision="float32", device="cpu")
    assert engine_for(model, engine="torch", precision="float32", device="cpu") is first
    model.head.bias.add_(1)
    second = engine_for(model, engine="torch", precision="float32", device="cpu")
    torch.testing.assert_close(second(batch)[0], first(batch)[0] + 1)


def test_engines_are_few_and_go_with_their_models(workspace: Path) -> None:
    models = [SmallNetwork(seed) for seed in range(pool.MOST_ENGINES + 2)]
    for model in models:
        engine_for(model, engine="torch", precision="float32", device="cpu")
    assert pool.ready_count() == pool.MOST_ENGINES
    del model, models
    gc.collect()
    assert pool.ready_count() == 0


def test_without_a_trial_auto_is_the_reference_and_says_so(workspace: Path) -> None:
    run = engine_for(SmallNetwork(), device="cpu", trial_seconds=0)
    assert (run.name, run.precision) == REFERENCE
    assert "not all that is installed has been timed" in str(run.note)
    assert not list(workspace.glob("devices/engines/*"))


def test_the_trial_measures_every_contender_and_writes_it_down(workspace: Path) -> None:
    model = SmallNetwork()
    run = engine_for(model, device="cpu", trial_seconds=math.inf)
    (record,) = workspace.glob("devices/engines/*.json")
    written = {(entry["engine"], entry["precision"]) for entry in json.loads(record.read_text())["measurements"]}
    assert written == set(trial.contenders("cpu")) - {REFERENCE}
    batch = torch.rand(1, 3, 64, 64)
    tolerance = RAW if run.precision == "float32" else 0.05
    torch.testing.assert_close(run(batch)[0], model(batch)[0], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [("same", ("onnxruntime", "float32")), ("differs", REFERENCE), ("unavailable", REFERENCE)],
)
def test_what_is_remembered_decides(
    workspace: Path, verdict: trial.Verdict, expected: tuple[EngineName, Precision]
) -> None:
    model = SmallNetwork()
    path = trial.record_path(model, "cpu")
    others = [Measurement(*kind, 9.0, 3.0, 3.0, "same") for kind in trial.contenders("cpu")[2:]]
    entries = [Measurement("onnxruntime", "float32", 1.0, 3.0, 0.33, verdict), *others]
    trial.write_record(path, "cpu", [vars(entry) for entry in entries])
    written = path.read_bytes()
    run = engine_for(model, device="cpu", trial_seconds=math.inf)
    assert (run.name, run.precision) == expected
    assert path.read_bytes() == written
    if expected != REFERENCE:
        assert "1 ms where PyTorch in float32 takes 3 ms" in str(run.note)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1, "measurements": [{"engine": "abacus"}, 3]}'])
def test_a_broken_record_is_as_good_as_none(workspace: Path, content: bytes) -> None:
    model = SmallNetwork()
    path = trial.record_path(model, "cpu")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert trial.remembered(model, "cpu") == []


def test_a_contender_has_to_be_clearly_faster_and_right() -> None:
    kinds: list[trial.Contender] = [REFERENCE, ("onnxruntime", "float32"), ("openvino", "float32")]
    right = Measurement("onnxruntime", "float32", 8.0, 10.0, 0.8, "same")
    wrong = Measurement("openvino", "float32", 1.0, 10.0, 0.1, "differs")
    assert best([wrong, right], kinds) == right
    assert best([wrong], kinds) is None
    assert best([replace(right, ratio=0.97)], kinds) is None
    assert best([right], kinds[:1]) is None


def detections(*rows: tuple[int, int, float, float]) -> Detections:
    """Detections of (candidate, class, score, left edge), each 100 pixels wide and high."""
    candidate, class_ids, scores, left = (np.array(column) for column in zip(*rows, strict=True))
    boxes = np.stack([left, left * 0, left + 100, left * 0 + 100], axis=1)
    return Detections(boxes.astype(np.float32), scores.astype(np.float32), class_ids, candidate)


@pytest.mark.parametrize(
    ("theirs", "single", "half"),
    [
        (((5, 0, 0.8, 10.0), (7, 1, 0.5, 50.0)), True, True),
        (((5, 0, 0.804, 10.4), (7, 1, 0.5, 50.0)), True, True),
        (((5, 0, 0.806, 10.0), (7, 1, 0.5, 50.0)), False, True),
        (((5, 0, 0.8, 11.0), (7, 1, 0.5, 50.0)), False, True),
        (((5, 0, 0.8, 14.0), (7, 1, 0.5, 50.0)), False, False),
        (((5, 1, 0.8, 10.0), (7, 1, 0.5, 50.0)), False, False),
        (((6, 0, 0.8, 10.0), (7, 1, 0.5, 50.0)), False, False),
        (((5, 0, 0.8, 10.0),), False, False),
        (((5, 0, 0.8, 10.0), (7, 1, 0.5, 50.0), (9, 1, 0.104, 80.0)), True, True),
        (((5, 0, 0.8, 10.0), (7, 1, 0.5, 50.0), (9, 1, 0.13, 80.0)), False, False),
    ],
)
def test_the_same_detections_are_the_same_pairs_in_the_same_place(
    theirs: tuple[tuple[int, int, float, float], ...], single: bool, half: bool
) -> None:
    ours, others = detections((5, 0, 0.8, 10.0), (7, 1, 0.5, 50.0)), detections(*theirs)
    assert same_detections(ours, others, 0.1, SINGLE) is single
    assert same_detections(others, ours, 0.1, SINGLE) is single
    assert same_detections(ours, others, 0.1, HALF) is half


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"engine": "abacus"}, "'abacus' is no engine"),
        ({"precision": "float8"}, "'float8' is no precision"),
        ({"device": "tpu"}, "no device called 'tpu'"),
        ({"device": "cuda:x"}, "no device called 'cuda:x'"),
    ],
)
def test_an_option_that_does_not_exist_is_named(options: dict[str, str], sentence: str) -> None:
    with pytest.raises(OptionError, match=sentence):
        engine_for(TinyDetector(), **options)  # type: ignore[arg-type]


def test_what_this_machine_cannot_do_is_said(workspace: Path) -> None:
    with pytest.raises(DeviceError, match="no device 'cuda:63'"):
        engine_for(TinyDetector(), device="cuda:63")
    with pytest.raises(DeviceError, match="onnxruntime runs in float32 only"):
        engine_for(TinyDetector(), engine="onnxruntime", precision="bfloat16")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("precision", ["float32", "float16", "bfloat16"])
def test_a_gpu_gives_the_reference_numbers(workspace: Path, precision: Precision) -> None:
    model, batch = SmallNetwork(), torch.rand(1, 3, 64, 64)
    run = engine_for(model, device="cuda:0", precision=precision, engine="torch")
    torch.testing.assert_close(run(batch)[0], model(batch)[0], rtol=0.05, atol=0.05)
