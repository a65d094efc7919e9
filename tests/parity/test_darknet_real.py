"""Real Darknet models: what their files say, and what they find on real pictures, against AlexeyAB's program."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from yolodash.data.images import read_image
from yolodash.geometry.overlap import intersection_over_union
from yolodash.inference.prediction import predict
from yolodash.models.darknet.network import DarknetNetwork, load_darknet
from yolodash.models.darknet.weights import parse_header
from yolodash.structures import Candidates

Asset = Callable[[str], Path]


class Real(NamedTuple):
    """Where a real model lies, what is known of it, and the exponent of its NMS's distance term (none: plain IoU)."""

    weights: str
    cfg: str
    parameters: int
    reference: str
    nms_exponent: float | None = None


MODELS = {
    "yolov3-tiny": Real("yolov3-tiny/yolov3-tiny.weights", "yolov3-tiny/yolov3-tiny.cfg", 8_852_366, "yolov3-tiny"),
    "yolo-fastest": Real(
        "yolo-fastest-1.1-coco/yolo-fastest-1.1.weights",
        "yolo-fastest-1.1-coco/yolo-fastest-1.1.cfg",
        332_798,
        "yolo-fastest-1.1-coco",
        # the boxes that the program kept overlap by up to .57, but by at most .45 less (d/c)^beta_nms
        nms_exponent=0.6,
    ),
    "yolo-lite": Real(
        "yolo-lite-coco-region/trial6_653550.weights", "yolo-lite-coco-region/trial6.cfg", 649_417, "yolo-lite-coco"
    ),
}


@pytest.fixture(scope="module", params=MODELS)
def real(request: pytest.FixtureRequest, asset: Asset) -> tuple[Real, DarknetNetwork]:
    model = MODELS[request.param]
    return model, load_darknet(asset(f"models/{model.weights}"), asset(f"models/{model.cfg}"))


def test_names_and_parameters_are_the_published_ones(real: tuple[Real, DarknetNetwork], asset: Asset) -> None:
    model, network = real
    assert network.parameter_count == model.parameters
    assert len(network.names) == 80
    assert (network.names[0], network.names[79]) == ("person", "toothbrush")
    header = parse_header(asset(f"models/{model.weights}").read_bytes()[:20])
    assert header.length == (16 if network.family == "yolov2" else 20)


@pytest.mark.parametrize("resize", ["letterbox", "stretch"])
def test_pictures_have_the_detections_of_the_darknet_program(
    real: tuple[Real, DarknetNetwork], resize: str, asset: Asset
) -> None:
    """The same pairs: boxes overlap by .95, scores differ by .02 at most.

    JPEG decoders differ in the last bit, so what lies on a threshold may fall to either side.
    """
    model, network = real
    reference = json.loads(asset(f"models/reference_outputs/{model.reference}__AlexeyAB_{resize}.json").read_text())
    for entry in reference["images"]:
        image = read_image(asset(f"images/{entry['image']}"))
        candidates = predict(network, image, resize=resize, engine="torch", precision="float32")  # type: ignore[arg-type]
        compare(candidates, entry["detections"], reference["thresh"], reference["nms_iou"], model.nms_exponent)


def compare(
    candidates: Candidates,
    expected: list[dict[str, Any]],
    threshold: float,
    nms_threshold: float,
    exponent: float | None,
) -> None:
    scores = torch.from_numpy(candidates.objectness[:, None] * candidates.class_probabilities)
    for class_id in range(len(candidates.names)):
        theirs = [detection for detection in expected if detection["class"] == class_id]
        near = torch.nonzero(scores[:, class_id] > threshold - 0.02)[:, 0]
        boxes, ours = torch.from_numpy(candidates.boxes)[near], scores[near, class_id]
        their_boxes = torch.tensor([detection["box_xyxy_pixels"] for detection in theirs]).view(-1, 4)
        their_scores = torch.tensor([detection["score"] for detection in theirs])
        same = intersection_over_union(their_boxes, boxes) >= 0.95  # (theirs, ours)
        same &= (their_scores[:, None] - ours).abs() <= 0.02
        assert same.any(dim=1).all(), "every detection of the program is one of our pairs"
        certain, possible = survivors(boxes, ours, threshold, nms_threshold, exponent)
        assert same[:, certain].any(dim=0).all(), "what certainly survives here, the program has too"
        assert same[:, possible].any(dim=1).all(), "what the program has, may survive here"


def survivors(
    boxes: Tensor, scores: Tensor, threshold: float, nms_threshold: float, exponent: float | None
) -> tuple[list[int], list[int]]:
    """Greedy suppression, twice: who survives however the close calls end, and who does if they end well."""
    overlap = intersection_over_union(boxes, boxes)
    if exponent is not None:
        overlap = overlap - relative_distance(boxes) ** exponent
    order, overlap = scores.argsort(descending=True).tolist(), overlap.numpy()
    certain: list[int] = []
    possible: list[int] = []
    for index in order:
        if all(overlap[index, other] <= nms_threshold + 0.01 for other in certain):
            if (
                all(overlap[index, other] <= nms_threshold - 0.01 for other in possible)
                and scores[index] > threshold + 0.02
            ):
                certain.append(index)
            possible.append(index)
    return certain, possible


def relative_distance(boxes: Tensor) -> Tensor:
    """Distance of the centres by the diagonal of the box around both, each squared: ``(N, N)``."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    low, high = torch.minimum(boxes[:, None, :2], boxes[:, :2]), torch.maximum(boxes[:, None, 2:], boxes[:, 2:])
    return (centres[:, None] - centres).square().sum(-1) / (high - low).square().sum(-1)
