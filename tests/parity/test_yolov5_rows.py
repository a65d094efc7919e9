"""Real and formula checkpoints against the rows that the official releases' own code computed from them.

The inputs are formulas, so that no decoder or resize takes part. Tolerances: probabilities to 1e-4, boxes to .02 px.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from yolodash.models.loading import load_model

Asset = Callable[[str], Path]
REFERENCES = "models/reference_outputs"
REAL = {
    "yolov5n-v7.0__synthetic640": "yolov5n-official-v7.0/yolov5n.pt",
    "yolov5n-dna-origami__synthetic640": "yolov5n-dna-origami/best.pt",
    "yolov5n-infrared-human__synthetic640": "yolov5n-infrared-human/best.pt",
    "yolov5n-six-crops__synthetic320": "yolov5n-six-crops/best.pt",
}
FORMULA = ("v3.0-nc3-legacy", "v4.0-nc80", "v6.0-nc3-legacy", "v7.0-nc3-autoanchor")


def pattern(side: int) -> NDArray[np.uint8]:
    """``(1, 3, side, side)``: (3x + 5y + 85c + ⌊xy/64⌋) mod 256."""
    c, y, x = np.meshgrid(np.arange(3), np.arange(side), np.arange(side), indexing="ij")
    return ((3 * x + 5 * y + 85 * c + (x * y) // 64) % 256).astype(np.uint8)[None]


def waves(height: int, width: int) -> NDArray[np.float32]:
    """``(1, 3, height, width)``: .5 + .5·sin(.01·(7919c + 131y + 17x))."""
    c, y, x = np.meshgrid(np.arange(3), np.arange(height), np.arange(width), indexing="ij")
    return (0.5 + 0.5 * np.sin(0.01 * (c * 7919.0 + y * 131.0 + x * 17.0))).astype(np.float32)[None]


def rows_of(weights: Path, batch: NDArray[np.float32], *, fuse: bool = False) -> NDArray[np.float32]:
    model = load_model(weights)
    with torch.no_grad():
        rows: NDArray[np.float32] = (model.fused() if fuse else model).rows(torch.from_numpy(batch))[0].numpy()
    return rows


def assert_rows_agree(
    rows: NDArray[np.float32], index: NDArray[Any], expected: NDArray[np.float32], box: float = 0.02
) -> None:
    difference = np.abs(rows[index] - expected)
    assert difference[:, :4].max() <= box
    assert difference[:, 4:].max() <= 1e-4


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("fuse", [False, True], ids=["unfused", "fused"])
def test_a_real_model_gives_the_reference_rows(name: str, fuse: bool, asset: Asset) -> None:
    reference = json.loads(asset(f"{REFERENCES}/{name}.json").read_text())
    expected = np.load(asset(f"{REFERENCES}/{name}.npz"))
    planes = pattern(320 if name.endswith("320") else 640)
    assert hashlib.sha256(planes.tobytes()).hexdigest() == reference["input_uint8_sha256"]

    rows = rows_of(asset(f"models/{REAL[name]}"), planes.astype(np.float32) / 255, fuse=fuse)

    assert [1, *rows.shape] == reference["output_shape"]
    assert_rows_agree(rows, expected["row_index"], expected["rows"])
    assert_rows_agree(rows, expected["sample_row_index"], expected["sample_rows"])


@pytest.mark.parametrize("name", FORMULA)
@pytest.mark.parametrize("size", [(320, 320), (256, 384)], ids=str)
def test_a_model_of_every_release_gives_the_reference_rows(name: str, size: tuple[int, int], asset: Asset) -> None:
    expected = np.load(asset(f"{REFERENCES}/formula/{name}.npz"))
    rows = rows_of(asset(f"models/yolov5-formula/{name}.pt"), waves(*size))

    box = 0.1 if name.startswith("v3.0") else 0.02  # there float32 alone is .04 px from float64
    label = f"{size[0]}x{size[1]}"
    assert_rows_agree(rows, expected[f"top_index_{label}"], expected[f"top_rows_{label}"], box)
    assert_rows_agree(rows, expected[f"sample_index_{label}"], expected[f"sample_rows_{label}"], box)
