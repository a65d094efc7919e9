"""Made-up candidates of every family, full of ties, exact overlaps and broken boxes, for the tests of the overlay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from yolodash.structures import Candidates, ClassTree, Family, Head, HeadKind, Image, ImageSize, Transform

ANCHORS = (
    ((10.0, 13.0), (16.0, 30.0), (33.0, 23.0)),
    ((30.0, 61.0), (62.0, 45.0), (59.0, 119.0)),
    ((116.0, 90.0), (156.0, 198.0), (373.0, 326.0)),
)
KINDS = ("yolov5", "yolov3", "yolov1", "yolo9000")


def picture(height: int = 240, width: int = 320) -> Image:
    """A gradient, so that every corner looks different."""
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 255 // max(width, 1), y * 255 // max(height, 1), (x + y) % 256], axis=-1).astype(np.uint8)


def heads_of(kind: str, classes: int) -> tuple[tuple[Head, ...], ImageSize, Family]:
    """The heads of a small network of this kind, its input size and its family."""
    if kind == "yolov1":
        return (Head("detection", ((0.0, 0.0),) * 3, 64, classes, square_root=True),), ImageSize(448, 448), "yolov1"
    if kind == "yolo9000":
        tree = ClassTree(parents=(-1,) * classes, group_sizes=(classes,))
        return (Head("region", ANCHORS[0] + ANCHORS[1][:2], 32, classes, tree=tree),), ImageSize(256, 320), "yolov2"
    rule: HeadKind = "yolov5" if kind == "yolov5" else "yolo"
    heads = tuple(Head(rule, anchors, 8 * 2**scale, classes) for scale, anchors in enumerate(ANCHORS))
    return heads, ImageSize(64, 96), "yolov5" if kind == "yolov5" else "yolov3"


def candidates_of(kind: str, classes: int = 5, seed: int = 0, names: tuple[str, ...] | None = None) -> Candidates:
    """Candidates on a picture of 320 × 240; a third of the numbers is rounded, so that scores and overlaps tie."""
    random = np.random.default_rng(seed)
    heads, network, family = heads_of(kind, classes)
    positions = positions_of(heads, network)  # (N, 4)
    count = len(positions)
    objectness, probabilities = numbers_of(kind, random, count, classes)
    names = names or tuple(f"class {number}" for number in range(classes))
    return Candidates(
        boxes=boxes_of(random, count),
        raw=np.zeros((count, 5 + classes), dtype=np.float32),
        objectness=objectness,
        class_probabilities=probabilities,
        scale=positions[:, 0],
        row=positions[:, 1],
        column=positions[:, 2],
        anchor=positions[:, 3],
        image_size=ImageSize(240, 320),
        network_size=network,
        transform=Transform(network.width / 320, network.width / 320, 0.0, (network.height - network.width * 0.75) / 2),
        family=family,
        names=names,
        heads=heads,
    )


def positions_of(heads: tuple[Head, ...], network: ImageSize) -> np.ndarray:
    """``(N, 4)`` scale, row, column, anchor: heads in order, then anchor, row, column."""
    return np.array(
        [
            (scale, row, column, anchor)
            for scale, head in enumerate(heads)
            for anchor in range(len(head.anchors))
            for row in range(network.height // head.stride)
            for column in range(network.width // head.stride)
        ],
        dtype=np.int64,
    ).reshape(-1, 4)


def boxes_of(random: np.random.Generator, count: int) -> np.ndarray:
    """``(N, 4)`` float32 around a dozen objects; some on whole pixels, some inverted, empty, endless or no number."""
    objects = random.uniform([20, 20, 15, 15], [300, 220, 140, 140], size=(12, 4))
    box = objects[random.integers(0, 12, count)] + random.normal(0, 6, (count, 4))
    box[::5] = random.uniform([-20, -20, 1, 1], [340, 260, 60, 60], size=(len(box[::5]), 4))
    box[::3] = np.round(box[::3] / 8) * 8
    corners = np.concatenate([box[:, :2] - box[:, 2:] / 2, box[:, :2] + box[:, 2:] / 2], axis=1).astype(np.float32)
    strange = [[np.nan, 0, 9, 9], [0, 0, np.inf, 9], [9, 9, 1, 1], [5, 5, 5, 5], [-3e38, -3e38, 3e38, 3e38]]
    corners[random.choice(count, 5, replace=False)] = strange
    return corners


def numbers_of(kind: str, random: np.random.Generator, count: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Objectness ``(N,)`` and class probabilities ``(N, C)``, float32; v1's are linear, YOLO9000's one a candidate."""
    if kind == "yolov1":
        objectness, probabilities = random.uniform(-0.3, 1.3, count), random.uniform(-0.3, 1.3, (count, classes))
    else:
        objectness = 1 / (1 + np.exp(-random.normal(-1, 2.5, count)))
        probabilities = 1 / (1 + np.exp(-random.normal(-1, 2.5, (count, classes))))
    objectness[::3] = np.round(objectness[::3] * 16) / 16
    probabilities[::3] = np.round(probabilities[::3] * 16) / 16
    if kind == "yolo9000":
        one = np.arange(classes) == random.integers(0, classes, count)[:, None]
        probabilities = np.where(one & (probabilities > 0.3), probabilities, 0.0)
    objectness[7] = np.nan
    probabilities[11, 2] = np.nan
    return objectness.astype(np.float32), probabilities.astype(np.float32)


def none_of(candidates: Candidates) -> Candidates:
    """The same model, but not one candidate."""
    rows = ("boxes", "raw", "objectness", "class_probabilities", "scale", "row", "column", "anchor")
    return replace(candidates, **{name: getattr(candidates, name)[:0] for name in rows})
