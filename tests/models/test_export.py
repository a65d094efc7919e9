"""An exported file says what the model says, or there is no file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import onnx
import onnxruntime
import pytest
import torch
from tiny_detector import HEADS, TinyDetector
from torch import Tensor

from yolodash.errors import DeviceError, ModelFileError
from yolodash.models.export import BOX_TOLERANCE, PROBABILITY_TOLERANCE, export_onnx, largest_difference
from yolodash.structures import ImageSize


def rows_of(path: Path, batch: Tensor) -> Tensor:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (rows,) = session.run(["rows"], {"images": batch.numpy()})
    return torch.from_numpy(rows)


@pytest.mark.parametrize("kind", HEADS)
def test_every_kind_of_head_is_exported_with_its_decode_rule(kind: str, tmp_path: Path) -> None:
    model, path = TinyDetector(kind).eval().requires_grad_(False), tmp_path / "model.onnx"
    agreement = export_onnx(model, path)
    assert agreement.boxes <= BOX_TOLERANCE
    assert agreement.probabilities <= PROBABILITY_TOLERANCE
    batch = torch.rand(3, 3, 128, 128)
    torch.testing.assert_close(rows_of(path, batch), model.rows(batch), rtol=1e-4, atol=1e-3)


def test_the_file_takes_other_sizes_only_if_it_was_asked_to(tmp_path: Path) -> None:
    model = TinyDetector().eval().requires_grad_(False)
    export_onnx(model, tmp_path / "any.onnx")
    batch = torch.rand(2, 3, 64, 160)
    torch.testing.assert_close(rows_of(tmp_path / "any.onnx", batch), model.rows(batch), rtol=1e-4, atol=1e-3)
    export_onnx(model, tmp_path / "one.onnx", size=ImageSize(64, 96), dynamic=False)
    (shape,) = [value.type.tensor_type.shape for value in onnx.load(tmp_path / "one.onnx").graph.input]
    assert [dimension.dim_value for dimension in shape.dim] == [1, 3, 64, 96]


def test_the_file_carries_what_a_program_needs(tmp_path: Path) -> None:
    model = TinyDetector()
    export_onnx(model, tmp_path / "model.onnx")
    about = {entry.key: json.loads(entry.value) for entry in onnx.load(tmp_path / "model.onnx").metadata_props}
    assert about["names"] == list(model.names)
    assert about["strides"] == [8, 16, 32]
    assert about["anchors"][0] == [[10, 13], [16, 30]]
    assert about["family"] == "yolov5"
    assert about["size"] == [128, 128]


class ForgetsItsSize(TinyDetector):
    """Does something else in a size other than its own, which tracing cannot see."""

    def forward(self, batch: Tensor) -> tuple[Tensor, ...]:
        first, *others = super().forward(batch)
        return first + (0 if int(batch.shape[-1]) == self.size.width else 1), *others


def test_a_file_that_disagrees_does_not_get_its_name(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"what was there")
    with pytest.raises(ModelFileError, match="differs from the original"):
        export_onnx(ForgetsItsSize(), path)
    assert path.read_bytes() == b"what was there"
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.onnx"]


def test_a_missing_package_is_named_with_the_command_that_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(DeviceError, match=r"onnxruntime is not installed.*pip install onnx onnxruntime"):
        export_onnx(TinyDetector(), tmp_path / "model.onnx")


def test_a_difference_is_relative_above_one_and_infinite_between_a_number_and_none() -> None:
    nan, inf = float("nan"), float("inf")
    assert largest_difference(torch.tensor([0.5]), torch.tensor([0.25])) == 0.25
    assert largest_difference(torch.tensor([110.0]), torch.tensor([100.0])) == pytest.approx(0.1)
    assert largest_difference(torch.tensor([inf, nan]), torch.tensor([inf, nan])) == 0
    assert largest_difference(torch.tensor([nan]), torch.tensor([1.0])) == inf
    assert largest_difference(torch.zeros(2), torch.zeros(3)) == inf
