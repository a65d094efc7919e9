"""A picture and its candidates as JSON-able values, whole and exact, for the browser.

Numbers travel as base64 of little-endian float32 or int32: neither quantised nor capped, so that the browser can
select the very pairs that ``inference.select`` selects.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import asdict
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from yolodash.structures import Candidates, Floats, Head, Image, Integers, Thresholds

FLOOR = 0.001
"""The lowest score threshold of the sliders; of ``labels="all"`` only pairs above it travel."""

LONGER_SIDE = 1280
JPEG_QUALITY = 88


def encode(image: Image, candidates: Candidates) -> dict[str, Any]:
    """What the browser needs to select, draw and explain.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        candidates: all boxes that the network made for it.

    Returns:
        ``version`` (a fingerprint of all the rest), ``picture``, ``candidates``, ``pairs``, ``rule``, ``heads``,
        ``transform``, ``names`` and ``default_labels``; plain strings, numbers, lists and dicts.
    """
    content: dict[str, Any] = {
        "picture": encode_picture(image),
        "candidates": encode_candidates(candidates),
        "pairs": encode_pairs(candidates),
        "rule": scoring_rule(candidates.heads),
        "heads": encode_heads(candidates),
        "transform": asdict(candidates.transform),
        "names": list(candidates.names),
        "default_labels": "best" if candidates.family == "yolov5" else "all",
    }
    return {"version": fingerprint(content), **content}


def encode_picture(image: Image) -> dict[str, Any]:
    """The picture as JPEG, at most ``LONGER_SIDE`` pixels on its longer side, and its size before that."""
    height, width = image.shape[:2]
    scale = min(1.0, LONGER_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    resized = cv2.resize(image, size, interpolation=cv2.INTER_AREA) if scale < 1 else image
    written, jpeg = cv2.imencode(
        ".jpg", cv2.cvtColor(resized, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    )
    assert written, "OpenCV writes every uint8 RGB array as JPEG"
    return {"jpeg": base64.b64encode(jpeg.tobytes()).decode("ascii"), "width": width, "height": height}


def encode_candidates(candidates: Candidates) -> dict[str, Any]:
    """Box, objectness and best pair of all N candidates.

    ``best`` is the most probable class; ``highest`` the class with the highest score, or None if it is the same
    everywhere: it differs only where v1's linear objectness is negative.
    """
    probabilities, objectness = candidates.class_probabilities, candidates.objectness  # (N, C), (N,)
    best = probabilities.argmax(axis=1)  # (N,)
    highest = np.where(objectness < 0, (probabilities * objectness[:, None]).argmax(axis=1), best)
    return {
        "count": len(objectness),
        "boxes": floats(candidates.boxes),
        "objectness": floats(objectness),
        "best": _classes(probabilities, best),
        "highest": _classes(probabilities, highest) if (highest != best).any() else None,
    }


def _classes(probabilities: Floats, class_id: Integers) -> dict[str, str]:
    """One class a candidate, and its probability."""
    probability = probabilities[np.arange(len(class_id)), class_id]
    return {"class_id": integers(class_id), "probability": floats(probability)}


def encode_pairs(candidates: Candidates, floor: float = FLOOR) -> dict[str, Any] | None:
    """Every pair of candidate and class whose score exceeds the floor, by candidate, then class.

    None where a candidate has one class at most, so that "all" is the same as "best".
    """
    if candidates.class_probabilities.shape[1] < 2 or has_tree(candidates.heads):
        return None
    passing = candidates.class_probabilities * candidates.objectness[:, None] > np.float32(floor)  # (N, C)
    if scoring_rule(candidates.heads)["objectness_gate"]:
        passing &= (candidates.objectness > np.float32(floor))[:, None]
    candidate, class_id = np.nonzero(passing)
    return {
        "count": len(candidate),
        "candidate": integers(candidate),
        "class_id": integers(class_id),
        "probability": floats(candidates.class_probabilities[candidate, class_id]),
    }


def scoring_rule(heads: tuple[Head, ...]) -> dict[str, bool]:
    """Whether objectness is a gate of its own (not in v1), and whether the score is multiplied by it (not in 9000)."""
    return {
        "objectness_gate": all(head.kind != "detection" for head in heads),
        "multiplied": not has_tree(heads),
    }


def has_tree(heads: tuple[Head, ...]) -> bool:
    """Whether the classes form YOLO9000's tree."""
    return any(head.tree is not None for head in heads)


def encode_heads(candidates: Candidates) -> list[dict[str, Any]]:
    """Stride, anchors, rows and columns of every head: from these the browser places a candidate by its index."""
    return [
        {
            "stride": head.stride,
            "anchors": [list(map(float, anchor)) for anchor in head.anchors],
            "rows": _extent(candidates.row[candidates.scale == scale]),
            "columns": _extent(candidates.column[candidates.scale == scale]),
        }
        for scale, head in enumerate(candidates.heads)
    ]


def encode_thresholds(thresholds: Thresholds) -> dict[str, Any]:
    """The thresholds as JSON-able values, each within what the sliders can show."""
    return {
        "score_threshold": min(max(float(thresholds.score_threshold), FLOOR), 1.0),
        "nms_iou_threshold": min(max(float(thresholds.nms_iou_threshold), FLOOR), 1.0),
        "max_detections": max(1, int(thresholds.max_detections)),
        "class_agnostic": bool(thresholds.class_agnostic),
        "classes": None if thresholds.classes is None else [int(class_id) for class_id in thresholds.classes],
        "labels": thresholds.labels,
    }


def fingerprint(content: dict[str, Any]) -> str:
    """A short name of the content: equal for equal content, another for any other."""
    return hashlib.blake2b(repr(content).encode(), digest_size=12).hexdigest()


def floats(values: Floats) -> str:
    """Base64 of little-endian float32."""
    return _base64(values, "<f4")


def integers(values: Integers) -> str:
    """Base64 of little-endian int32."""
    return _base64(values, "<i4")


def _base64(values: NDArray[Any], kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode("ascii")


def _extent(positions: Integers) -> int:
    return int(positions.max()) + 1 if len(positions) else 0
