"""What a gallery keeps on disk selects the same detections as the whole, and stays small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_detector import TinyDetector, random_candidates, random_picture

from yolodash.inference.selection import judge
from yolodash.structures import Thresholds
from yolodash.ui.gallery_store import Shelf
from yolodash.ui.pictures import Photo

PHOTO = Photo("upload", "ab" * 32, "x.jpg")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "results", tmp_path / "thumbnails")


@pytest.mark.parametrize("kind", ["v1", "v2", "9000", "v3", "v4-csp", "v5"])
@pytest.mark.parametrize("score", [0.001, 0.25, 0.6])
def test_what_was_kept_selects_the_same_detections(shelf: Shelf, kind: str, score: float) -> None:
    candidates = random_candidates(kind)
    shelf.keep(PHOTO, random_picture(), candidates)
    kept = shelf.candidates(PHOTO, TinyDetector(kind))

    assert kept is not None
    whole, part = (judge(either, Thresholds(score_threshold=score)).detections for either in (candidates, kept))
    np.testing.assert_array_equal(whole.boxes, part.boxes)
    np.testing.assert_array_equal(whole.scores, part.scores)
    np.testing.assert_array_equal(whole.class_ids, part.class_ids)


def test_a_picture_is_on_the_shelf_when_both_its_files_are(shelf: Shelf) -> None:
    assert not shelf.has(PHOTO)
    shelf.keep(PHOTO, random_picture(), random_candidates("v5"))
    assert shelf.has(PHOTO)
    shelf.thumbnail(PHOTO).unlink()
    assert not shelf.has(PHOTO)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut", b"\x93NUMPY\x01\x00"])
def test_a_spoilt_file_is_no_result_and_no_crash(shelf: Shelf, damage: bytes) -> None:
    shelf.keep(PHOTO, random_picture(), random_candidates("v5"))
    next(shelf.folder.glob("*.npz")).write_bytes(damage)

    assert shelf.candidates(PHOTO, TinyDetector("v5")) is None
