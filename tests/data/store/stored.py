"""Small data sets of the workspace for tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from yolodash.data.images import encode_png
from yolodash.data.store.folders import create_dataset
from yolodash.data.store.pictures import add_picture
from yolodash.data.store.truth import Box, StoredBox, Truth, read_truth, save_truth


def picture(seed: int, height: int = 60, width: int = 80) -> bytes:
    """A small PNG, another for every seed."""
    return encode_png(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


def small_dataset(name: str = "parts", pictures: int = 3) -> Path:
    """Screws and nuts, in pictures called ``p0``, ``p1`` …, not labelled."""
    dataset = create_dataset(name, classes=["screw", "nut"], by="ada")
    for number in range(pictures):
        add_picture(dataset, f"p{number}.png", picture(number), by="ada")
    return dataset


def box(name: str, corners: Box = (10.0, 10.0, 30.0, 30.0), class_id: int = 0) -> StoredBox:
    """A box that somebody drew."""
    return StoredBox(name, class_id, corners)


def save(dataset: Path, stem: str, *boxes: StoredBox, by: str = "ada") -> Truth:
    """Save these boxes over whatever is there."""
    return save_truth(dataset, stem, replace(read_truth(dataset, stem), boxes=boxes, state="in_work"), by=by)
