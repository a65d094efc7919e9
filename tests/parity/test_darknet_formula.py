"""Darknet networks with weights made by a formula, against the numbers that AlexeyAB's program computed with them.

The tolerances are those that the reference's own text gives: ``before`` to 2e-4 of the tensor's root mean square,
``after`` to 1e-4, boxes and scores to 2e-4.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from yolodash.models.darknet.network import DarknetNetwork, load_darknet
from yolodash.models.heads import region
from yolodash.models.heads.decode import decode_rows
from yolodash.structures import Head, ImageSize

Asset = Callable[[str], Path]

QUICK = ("yolov4-tiny", "enet-coco", "yolov2-tiny", "yolov1-tiny", "yolov3")
LARGE = ("yolov2-tiny-voc", "yolov2", "yolov3-spp", "yolov4", "yolov4-csp", "yolov4x-mish", "yolo9000", "yolov1")
SECOND_SIZES = {"yolov4-tiny": ("320x256",), "yolov2": ("352x256",), "yolov3": ("352x256",)}


@pytest.fixture(
    scope="module", params=[*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)], ids=str
)
def network(
    request: pytest.FixtureRequest, asset: Asset, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, DarknetNetwork]]:
    """One of the networks, loaded from a weights file that is made for the moment."""
    name: str = request.param
    reference = reference_of(asset, name)
    folder = tmp_path_factory.mktemp(name)
    cfg, weights = folder / f"{name}.cfg", folder / f"{name}.weights"
    cfg.write_bytes(asset(f"models/{reference['cfg']}").read_bytes())
    (folder / "9k.tree").write_bytes(asset("models/darknet_cfg/names/9k.tree").read_bytes())
    script = asset("models/formula_weights.py")
    subprocess.run([sys.executable, str(script), str(cfg), str(weights)], check=True, capture_output=True)
    try:
        assert weights.stat().st_size == reference["weights"]["bytes"]
        yield name, load_darknet(weights, cfg)
    finally:
        weights.unlink()


def test_raw_maps_layer_buffers_and_boxes_are_those_of_the_darknet_program(
    network: tuple[str, DarknetNetwork], asset: Asset, record_property: Callable[[str, object], None]
) -> None:
    name, model = network
    for suffix in ("", *(f"_{size}" for size in SECOND_SIZES.get(name, ()))):
        reference = reference_of(asset, name + suffix)
        size = ImageSize(reference["height"], reference["width"])
        batch = formula_input(size)
        with torch.inference_mode():
            raw_maps = model(batch)
        layers = reference["programs"]["AlexeyAB"]["layers"]
        assert len(raw_maps) == len(layers)
        for raw, head, layer in zip(raw_maps, model.heads, layers, strict=True):
            record_property(f"{name}{suffix} before/rms", compare_before(raw, layer))
            record_property(f"{name}{suffix} after", compare_after(raw, head, layer))
        rows = decode_rows(raw_maps, model.heads, size)[0].numpy()
        largest = compare_boxes(rows, model.heads[0], size, reference["programs"]["AlexeyAB"]["boxes"])
        record_property(f"{name}{suffix} boxes", largest)


def reference_of(asset: Asset, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(asset(f"models/reference_outputs/formula/{name}.json").read_text())
    return loaded


def formula_input(size: ImageSize) -> Tensor:
    """0.5 + 0.5·sin(0.01·(7919c + 131y + 17x)) as ``(1, 3, H, W)`` float32."""
    channel, y, x = np.ogrid[0:3, 0 : size.height, 0 : size.width]
    wave = 0.5 + 0.5 * np.sin(0.01 * (channel * 7919 + y * 131 + x * 17))
    return torch.from_numpy(wave.astype(np.float32))[None]


def in_file_order(values: Tensor) -> np.ndarray:
    """``(1, A, h, w, E)`` → flat ``[A, E, h, w]``; what is flat already stays."""
    return (values if values.ndim == 2 else values.permute(0, 1, 4, 2, 3)).reshape(-1).numpy()


def compare_before(raw: Tensor, layer: dict[str, Any]) -> float:
    """The raw map against the program's; gives the largest difference by the root mean square."""
    expected, found = np.array(layer["before"]["values"]), in_file_order(raw)
    rms = float(np.sqrt(np.mean(np.square(found, dtype=np.float64))))
    np.testing.assert_allclose(found[layer["index"]], expected, rtol=1e-4, atol=2e-4 * rms)
    assert found.sum(dtype=np.float64) == pytest.approx(layer["before"]["sum"], abs=1e-5 * rms * found.size)
    assert np.abs(found).sum(dtype=np.float64) == pytest.approx(layer["before"]["abs_sum"], rel=1e-4)
    return float(np.abs(found[layer["index"]] - expected).max() / rms)


def compare_after(raw: Tensor, head: Head, layer: dict[str, Any]) -> float:
    """The output layer's buffer holds what the decode rule computes before grid and anchors come in."""
    expected, found = np.array(layer["after"]["values"]), in_file_order(buffer_after(raw, head))
    np.testing.assert_allclose(found[layer["index"]], expected, rtol=1e-4, atol=1e-4)
    return float(np.abs(found[layer["index"]] - expected).max())


def buffer_after(raw: Tensor, head: Head) -> Tensor:
    """Our decoded map, with grid, stride and anchors taken out again."""
    if head.kind == "detection":
        return raw
    size = ImageSize(raw.shape[2] * head.stride, raw.shape[3] * head.stride)
    decoded = decode_rows((raw,), (replace(head, tree=None),), size).view(raw.shape)
    if head.tree is not None:
        decoded = torch.cat([decoded[..., :5], region.tree_softmax(raw[..., 5:], head.tree)], dim=-1)
    corners = torch.stack(torch.meshgrid(torch.arange(raw.shape[3]), torch.arange(raw.shape[2]), indexing="xy"), dim=-1)
    centre = raw[..., :2] if head.kind == "region" else decoded[..., :2] / head.stride - corners
    return torch.cat([centre, raw[..., 2:4], decoded[..., 4:]], dim=-1)


def compare_boxes(rows: np.ndarray, head: Head, size: ImageSize, reference: dict[str, Any]) -> float:
    """Every box that the program shows is one of our pairs over its threshold, and there are as many of them."""
    scale = np.array([size.width, size.height, size.width, size.height])
    objectness, probabilities = rows[:, 4:5], rows[:, 5:]
    scores = probabilities if head.tree is not None else objectness * probabilities
    gate = np.ones_like(objectness, dtype=bool) if head.kind == "detection" else objectness > reference["thresh"]
    pairs, classes = np.nonzero(gate & (scores > reference["thresh"]))
    assert len(pairs) == reference["class_scores_over_thresh_before_nms"]
    found = np.column_stack([classes, scores[pairs, classes], rows[pairs, :4] / scale])
    differences = [
        np.abs(found[found[:, 0] == class_id, 1:] - numbers).max(axis=1).min(initial=np.inf)
        for class_id, *numbers in reference["top50"]
    ]
    assert max(differences) < 2e-4
    return float(max(differences))
