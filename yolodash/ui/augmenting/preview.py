"""The original beside nine draws, with the boxes that stay and those that are lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import streamlit as st

from yolodash.data.augment.boxes import Boxes
from yolodash.data.augment.cutting import CutPolicy, settled, stays
from yolodash.data.augment.recipe import Recipe
from yolodash.data.augment.varied import draw_for, follow, paint, partners_of
from yolodash.data.images import encode_jpeg
from yolodash.drawing import draw_boxes
from yolodash.structures import Image
from yolodash.ui.augmenting import subject as subjects
from yolodash.ui.augmenting.subject import Subject

DRAWS, ACROSS = 9, 3
TILE = (216, 162)
"""Width and height of a draw in pixels."""
GROUND = 128
GAP = 4
MARGIN = 0.12
"""Of the picture, around it, where boxes may reach beyond its edge."""
LOST = "x"
"""On a box that does not stay; the letters of pictures have no better cross."""
MOST_BOXES = 300
"""Drawn on one picture."""


@dataclass(frozen=True)
class Drawn:
    """One picture with boxes.

    Attributes:
        image: with its boxes.
        kept, lost: how many boxes stay and how many do not.
    """

    image: Image
    kept: int
    lost: int


@dataclass(frozen=True)
class Sheet:
    """The nine draws as one JPEG, and how many boxes stay and are lost in all of them."""

    jpeg: bytes
    kept: int
    lost: int


@st.cache_data(show_spinner=False, max_entries=200)
def sheet(key: str, stamp: str, index: int, recipe: Recipe, seed: int, policy: CutPolicy, _subject: Subject) -> Sheet:
    """Nine draws of one training picture, numbered as the copies of an enlarged data set are."""
    draws = [one_draw(_subject, index, copy, recipe, seed, policy) for copy in range(1, DRAWS + 1)]
    tiles = [numbered(fitted(one.image), copy) for copy, one in enumerate(draws, start=1)]
    return Sheet(encode_jpeg(grid(tiles), 88), sum(one.kept for one in draws), sum(one.lost for one in draws))


def one_draw(subject: Subject, index: int, copy: int, recipe: Recipe, seed: int, policy: CutPolicy) -> Drawn:
    """One draw at the size of the preview, with its boxes."""
    pictures = len(subject.training)
    source = subject.kept.preview_source
    drawn = draw_for(recipe, seed=seed, index=index, copy=copy, pictures=pictures, size=source(index).size)
    image = paint(index, drawn, subject.kept.preview)
    followed = follow(index, drawn, source)
    kept = stays(followed, policy)
    classes = [subject.kept.class_ids(number) for number in (index, *partners_of(drawn))]
    ids = [classes[place][row] for place, row in zip(followed.source, followed.row, strict=True)]
    there = np.where(kept[:, None], settled(followed, policy), followed.seen)
    shown = with_boxes(image, there, ids, kept.tolist(), subject, beyond=policy.way == "keep")
    return Drawn(shown, int(kept.sum()), int((~kept).sum()))


def with_boxes(
    image: Image, boxes: Boxes, ids: Sequence[int], kept: Sequence[bool], subject: Subject, *, beyond: bool
) -> Image:
    """Outlines with a letter each, brought to a tile's size first; those that are lost crossed out."""
    width, height = tile_size(image)
    scale = np.array([width / image.shape[1], height / image.shape[0]] * 2)
    small = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    moved = boxes * scale
    if beyond:
        pad = round(MARGIN * max(width, height))
        small = np.pad(small, ((pad, pad), (pad, pad), (0, 0)), constant_values=GROUND)
        moved = moved + pad
    letters = subjects.letters(subject.names())
    rows = sorted(zip(moved.tolist(), ids, kept, strict=True), key=lambda row: row[2])[-MOST_BOXES:]
    small = crossed_out(small, [box for box, _id, stays_ in rows if not stays_])
    return draw_boxes(small, [(tuple(box), i, letters.get(i, str(i)) if stays_ else LOST) for box, i, stays_ in rows])


def crossed_out(image: Image, boxes: Sequence[Sequence[float]]) -> Image:
    """Both diagonals of each box, light on dark, so that they are seen on any ground."""
    image = image.copy()
    for x1, y1, x2, y2 in ([round(value) for value in box] for box in boxes):
        for shade, width in ((0, 3), (255, 1)):
            for start, end in (((x1, y1), (x2, y2)), ((x1, y2), (x2, y1))):
                cv2.line(image, start, end, (shade, shade, shade), width, cv2.LINE_AA)
    return image


def tile_size(image: Image) -> tuple[int, int]:
    """Width and height of a picture that fills a tile."""
    height, width = image.shape[:2]
    scale = min(TILE[0] / width, TILE[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def fitted(image: Image) -> Image:
    """In the middle of a tile of one size."""
    height, width = image.shape[:2]
    if width > TILE[0] or height > TILE[1]:
        image = np.asarray(cv2.resize(image, tile_size(image), interpolation=cv2.INTER_AREA), np.uint8)
        height, width = image.shape[:2]
    tile = np.full((TILE[1], TILE[0], 3), GROUND, np.uint8)
    top, left = (TILE[1] - height) // 2, (TILE[0] - width) // 2
    tile[top : top + height, left : left + width] = image
    return tile


def numbered(tile: Image, number: int) -> Image:
    """The number of a draw in the corner, readable on any ground."""
    place, face = (5, tile.shape[0] - 6), cv2.FONT_HERSHEY_SIMPLEX
    tile = cv2.putText(tile.copy(), str(number), place, face, 0.5, (0, 0, 0), 3, cv2.LINE_AA).astype(np.uint8)
    return cv2.putText(tile, str(number), place, face, 0.5, (255, 255, 255), 1, cv2.LINE_AA).astype(np.uint8)


def grid(tiles: Sequence[Image]) -> Image:
    """Tiles of one size in rows of three, with a gap between them."""
    spaced = [np.pad(tile, ((0, GAP), (0, GAP), (0, 0)), constant_values=GROUND) for tile in tiles]
    rows = [np.concatenate(spaced[first : first + ACROSS], axis=1) for first in range(0, len(spaced), ACROSS)]
    return np.asarray(np.concatenate(rows)[:-GAP, :-GAP])


@st.cache_data(show_spinner=False, max_entries=200)
def original(key: str, stamp: str, index: int, _subject: Subject) -> bytes:
    """The picture before anything is done to it, with its boxes."""
    image, boxes = _subject.kept.preview(index), _subject.kept.preview_source(index).boxes
    names, letters = _subject.names(), subjects.letters(_subject.names())
    ids = _subject.kept.class_ids(index)
    rows = [(tuple(box), i, named(i, names, letters)) for box, i in zip(boxes.tolist(), ids, strict=True)]
    return encode_jpeg(draw_boxes(image, rows[:MOST_BOXES]), 90)


def named(class_id: int, names: dict[int, str], letters: dict[int, str]) -> str:
    """A class as the original shows it: its letter on the draws, then its name."""
    name, letter = names.get(class_id, f"class {class_id}"), letters.get(class_id, str(class_id))
    return name if name.capitalize().startswith(letter) else f"{letter} {name}"
