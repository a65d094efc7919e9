"""Small detectors with random weights, one for every decode rule, for tests that need no real file."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from yolodash.geometry.letterbox import place_darknet, place_yolov5
from yolodash.inference.prediction import candidates_from_maps
from yolodash.inference.preparation import Prepared
from yolodash.models.detector import Detector
from yolodash.structures import Candidates, ClassTree, Family, Head, ImageSize

WIDE = ImageSize(90, 160)
TREE = ClassTree(parents=(-1, -1, 0, 0, 2, 2), group_sizes=(2, 2, 2))

HEADS: dict[str, tuple[Family, tuple[Head, ...]]] = {
    "v1": ("yolov1", (Head("detection", ((0.0, 0.0),) * 2, 32, 4, square_root=True),)),
    "v1 without square root": ("yolov1", (Head("detection", ((0.0, 0.0),) * 2, 32, 4),)),
    "v2": ("yolov2", (Head("region", ((30.0, 61.0), (62.0, 45.0)), 32, 4, softmax=True),)),
    "9000": ("yolov2", (Head("region", ((30.0, 61.0), (62.0, 45.0)), 32, 6, softmax=True, tree=TREE),)),
    "v3": (
        "yolov3",
        (Head("yolo", ((116.0, 90.0), (156.0, 198.0)), 32, 4), Head("yolo", ((30.0, 61.0), (62.0, 45.0)), 16, 4)),
    ),
    "v4": (
        "yolov4",
        (
            Head("yolo", ((116.0, 90.0), (156.0, 198.0)), 32, 4, scale_x_y=1.05),
            Head("yolo", ((30.0, 61.0), (62.0, 45.0)), 16, 4, scale_x_y=1.2),
        ),
    ),
    "v4-csp": (
        "yolov4",
        (
            Head("yolo", ((116.0, 90.0), (156.0, 198.0)), 32, 4, scale_x_y=2.0, new_coords=True),
            Head("yolo", ((30.0, 61.0), (62.0, 45.0)), 16, 4, scale_x_y=2.0, new_coords=True),
        ),
    ),
    "v5": (
        "yolov5",
        (
            Head("yolov5", ((10.0, 13.0), (16.0, 30.0)), 8, 4),
            Head("yolov5", ((30.0, 61.0), (62.0, 45.0)), 16, 4),
            Head("yolov5", ((116.0, 90.0), (156.0, 198.0)), 32, 4),
        ),
    ),
}


class TinyDetector(Detector):
    """Averages each cell's pixels and multiplies them by random numbers: no detector, but it has the right shapes."""

    def __init__(self, kind: str = "v5", size: int = 128, seed: int = 0) -> None:
        family, heads = HEADS[kind]
        names = tuple(f"thing {number}" for number in range(heads[0].classes))
        super().__init__(names=names, family=family, release=None, heads=heads, size=ImageSize(size, size))
        generator = torch.Generator().manual_seed(seed)
        self.weights = nn.ParameterList(
            torch.randn(len(head.anchors) * (5 + head.classes), 3, 1, 1, generator=generator) * 4 for head in heads
        )

    def forward(self, batch: Tensor) -> tuple[Tensor, ...]:
        maps: list[Tensor] = []
        for head, weight in zip(self.heads, self.weights, strict=True):
            cells = nn.functional.avg_pool2d(batch - 0.5, head.stride)
            raw = nn.functional.conv2d(cells, weight)
            if head.new_coords:
                raw = raw.sigmoid()
            if head.kind == "detection":
                maps.append(raw.flatten(1)[:, : self._flat_length(head, raw)])
            else:
                shape = (batch.shape[0], len(head.anchors), 5 + head.classes, *raw.shape[-2:])
                maps.append(raw.view(shape).permute(0, 1, 3, 4, 2))
        return tuple(maps)

    @staticmethod
    def _flat_length(head: Head, raw: Tensor) -> int:
        """v1's classes belong to the cell, not to each of its boxes."""
        return raw.shape[-2] * raw.shape[-1] * (head.classes + 5 * len(head.anchors))


def random_candidates(
    kind: str, *, seed: int = 0, network: int = 128, image: ImageSize = WIDE, spread: float = 1.5
) -> Candidates:
    """Candidates from random raw numbers, decoded by the rule of one generation."""
    model = TinyDetector(kind, size=network)
    generator = torch.Generator().manual_seed(seed)
    size = ImageSize(network, network)
    maps: list[Tensor] = []
    for shape in (raw.shape for raw in model(torch.zeros(1, 3, network, network))):
        raw = torch.randn(shape, generator=generator) * spread
        maps.append(raw.sigmoid() if model.heads[0].new_coords else raw)
    place = place_yolov5 if model.family == "yolov5" else place_darknet
    prepared = Prepared(torch.zeros(1, 3, network, network), place(image, size, "letterbox"), image)
    return candidates_from_maps(model, tuple(maps), prepared)


def random_picture(height: int = 90, width: int = 160, seed: int = 0) -> np.ndarray:
    """A picture of noise: ``(H, W, 3)`` uint8."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
