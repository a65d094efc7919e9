"""What the steps look at: a picture, a model, and what the model said about it; the network runs at most once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import streamlit as st

from yolodash.data.images import thumbnail
from yolodash.models.catalogue import InstalledModel
from yolodash.structures import Candidates, Head, ImageSize, Thresholds, Transform
from yolodash.ui import caching, inputs, workbench
from yolodash.ui.caching import NetworkInput
from yolodash.ui.learn import lesson, sending
from yolodash.ui.pictures import Photo

LONGEST = 900
QUALITY = 85
Box = tuple[int, int, int, int]

LECTURE_ANCHORS = (
    ((10.0, 13.0), (16.0, 30.0), (33.0, 23.0)),
    ((30.0, 61.0), (62.0, 45.0), (59.0, 119.0)),
    ((116.0, 90.0), (156.0, 198.0), (373.0, 326.0)),
)
LECTURE_HEADS = tuple(
    Head("yolo", anchors, stride, 80) for anchors, stride in zip(LECTURE_ANCHORS, (8, 16, 32), strict=True)
)
"""YOLOv3's three scales, for where there is no model, or one without anchors."""
LECTURE_SIDE = 416


@dataclass(frozen=True)
class Subject:
    """A picture, and the model that looks at it (None while there is none)."""

    photo: Photo
    model: InstalledModel | None


@dataclass(frozen=True)
class Scene:
    """A picture as a network sees it.

    Attributes:
        photo: the picture.
        image_size: of the upright picture.
        network: of the network's input.
        transform: from picture to network.
        heads: the network's outputs, small strides first.
        candidates: what the network said, or None where there is no network.
        identity: another one for another picture, model or input.
    """

    photo: Photo
    image_size: ImageSize
    network: ImageSize
    transform: Transform
    heads: tuple[Head, ...]
    candidates: Candidates | None
    identity: str


def choose() -> Subject:
    """In the sidebar: the picture and the model of all steps."""
    photo = lesson.choose_picture()
    with st.sidebar:
        return Subject(photo, inputs.choose_model())


def look(subject: Subject) -> Scene:
    """The picture in the model's own input, with what the model says; without a model, in the lecture's 416 × 416."""
    if subject.model is None:
        return square(subject, LECTURE_SIDE)
    prediction = caching.known_prediction(subject.model, subject.photo, NetworkInput())
    if prediction is None:
        workbench.look_while_it_runs(subject.model, subject.photo, NetworkInput())
        st.rerun()
    found = prediction.candidates
    heads = tuple(sorted(found.heads, key=lambda head: head.stride))
    identity = _digest(subject.photo.key, caching.identity(subject.model))
    return Scene(subject.photo, found.image_size, found.network_size, found.transform, heads, found, identity)


def square(subject: Subject, side: int) -> Scene:
    """The picture in a square input of this side, without running anything."""
    height, width = caching.pixels(subject.photo).shape[:2]
    scale = min(side / height, side / width)
    transform = Transform(scale, scale, (side - width * scale) / 2, (side - height * scale) / 2)
    size, network = ImageSize(height, width), ImageSize(side, side)
    return Scene(subject.photo, size, network, transform, LECTURE_HEADS, None, _digest(subject.photo.key, side))


def needs_model(subject: Subject) -> bool:
    """Where there is no model yet: the offer to get one; True if that is what the page now shows."""
    if subject.model is None:
        inputs.offer_model(subject.photo)
    return subject.model is None


def anchors_of(scene: Scene) -> tuple[Head, ...]:
    """The scene's heads where they have anchors, else YOLOv3's: v1 has none."""
    return LECTURE_HEADS if any(head.kind == "detection" for head in scene.heads) else scene.heads


def picture(scene: Scene) -> dict[str, object]:
    """The picture for the browser, and where it lies in the network's input, in network pixels."""
    transform, size = scene.transform, scene.image_size
    return {
        "jpeg": _jpeg(scene.photo.source, scene.photo.id, scene.photo),
        "x": transform.offset_x,
        "y": transform.offset_y,
        "width": size.width * transform.scale_x,
        "height": size.height * transform.scale_y,
    }


def main_index(scene: Scene) -> int:
    """The candidate to begin with: the largest detection, which can be seen best; else the one with the best score."""
    assert scene.candidates is not None
    return _main_index(scene.identity, scene.candidates)


@st.cache_data(max_entries=100, show_spinner=False)
def _main_index(identity: str, _candidates: Candidates) -> int:
    from yolodash.inference.selection import judge

    candidates = _candidates
    found = judge(candidates, Thresholds()).detections
    if len(found.boxes):
        sides = found.boxes[:, 2:] - found.boxes[:, :2]
        return int(found.candidate_index[np.nan_to_num(sides[:, 0] * sides[:, 1]).argmax()])
    return best_index(candidates)


def best_index(candidates: Candidates) -> int:
    """The candidate with the highest score."""
    from yolodash.inference.selection import pair_scores

    return int(np.nan_to_num(pair_scores(candidates).max(axis=1), nan=-1.0).argmax())


def main_box(scene: Scene) -> Box:
    """A box to begin with, in whole network pixels: the largest detection's, else one in the middle."""
    width, height = scene.network.width, scene.network.height
    if scene.candidates is not None:
        box = network_box(scene, main_index(scene))
        left, right = (int(np.clip(round(value), 0, width)) for value in (box[0], box[2]))
        top, bottom = (int(np.clip(round(value), 0, height)) for value in (box[1], box[3]))
        if right - left >= 8 and bottom - top >= 8:
            return left, top, right, bottom
    return round(width * 0.3), round(height * 0.3), round(width * 0.7), round(height * 0.72)


def network_box(scene: Scene, index: int) -> tuple[float, float, float, float]:
    """A candidate's box in network pixels, finite whatever the network said."""
    assert scene.candidates is not None
    transform = scene.transform
    box = np.nan_to_num(scene.candidates.boxes[index].astype(np.float64), posinf=1e6, neginf=-1e6).clip(-1e6, 1e6)
    scale = np.array([transform.scale_x, transform.scale_y] * 2)
    offset = np.array([transform.offset_x, transform.offset_y] * 2)
    left, top, right, bottom = (box * scale + offset).tolist()
    return left, top, right, bottom


def detections(scene: Scene, thresholds: Thresholds) -> list[tuple[int, int, float]]:
    """Candidate, class and score of what is found, by score descending; nothing without a network."""
    if scene.candidates is None:
        return []
    from yolodash.inference.selection import judge

    found = judge(scene.candidates, thresholds).detections
    rows = zip(found.candidate_index.tolist(), found.class_ids.tolist(), found.scores.tolist(), strict=True)
    return [(int(index), int(class_id), float(score)) for index, class_id, score in rows]


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()[:16]


@st.cache_data(show_spinner=False, max_entries=32)
def _jpeg(source: str, photo_id: str, _photo: Photo) -> str:
    """A picture as base64 of a JPEG that fits the page; a picture's id names its content."""
    return sending.jpeg(thumbnail(caching.pixels(_photo), LONGEST), QUALITY)
