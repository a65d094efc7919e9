"""A fingerprint changes when a picture or a label does, and only then."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from yolodash.data.fingerprint import fingerprint
from yolodash.data.images import encode_png
from yolodash.data.opening import open_dataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "set"
    for split in ("train", "val"):
        for kind in ("images", "labels"):
            (root / kind / split).mkdir(parents=True)
        (root / "images" / split / "a.png").write_bytes(encode_png(np.zeros((20, 30, 3), np.uint8)))
        (root / "labels" / split / "a.txt").write_text("0 .5 .5 .2 .2\n")
    (root / "data.yaml").write_text("train: images/train\nval: images/val\nnames: [cat]\n")
    return root


def test_a_copy_elsewhere_has_the_same(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)

    assert fingerprint(open_dataset(copy), "val") == fingerprint(open_dataset(folder), "val")


def test_a_label_changes_it(folder: Path) -> None:
    before = fingerprint(open_dataset(folder), "val")
    (folder / "labels" / "val" / "a.txt").write_text("0 .5 .5 .2 .3\n")

    assert fingerprint(open_dataset(folder), "val") != before


def test_another_split_does_not(folder: Path) -> None:
    before = fingerprint(open_dataset(folder), "val")
    (folder / "labels" / "train" / "a.txt").write_text("")

    assert fingerprint(open_dataset(folder), "val") == before
    assert fingerprint(open_dataset(folder), "all") != before
