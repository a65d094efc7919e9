"""The sliding window: its places, and what falls between them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yolodash.inference.attributes import crops
from yolodash.inference.sliding import held_by_none, inside_context, slide, windows
from yolodash.structures import ImageSize

SIZES = st.integers(1, 300)


def test_a_window_of_100_in_steps_of_50_has_fifteen_places_on_300_by_200() -> None:
    places = windows(ImageSize(200, 300), 100, 50)
    assert len(places) == 5 * 3
    assert places[0].tolist() == [0, 0, 100, 100]
    assert places[1].tolist() == [50, 0, 150, 100]
    assert places[-1].tolist() == [200, 100, 300, 200]


@given(height=SIZES, width=SIZES, side=st.integers(8, 200), step=st.integers(4, 200))
def test_all_windows_lie_in_the_picture_wherever_one_fits(height: int, width: int, side: int, step: int) -> None:
    places = windows(ImageSize(height, width), side, step)
    assert len(np.unique(places, axis=0)) == len(places) >= 1
    assert ((places[:, 2:] - places[:, :2]) == side).all()
    assert (places[:, 0] >= 0).all()
    assert (places[:, 2] <= max(width, side)).all()
    assert (places[:, 3] <= max(height, side)).all()


def test_an_object_on_the_line_between_two_windows_is_held_by_none() -> None:
    places = windows(ImageSize(200, 200), 100, 100)
    boxes = np.array([[10, 10, 90, 90], [80, 10, 120, 50], [0, 0, 150, 50]], np.float32)
    assert held_by_none(boxes, places).tolist() == [False, True, True]
    assert held_by_none(boxes, windows(ImageSize(200, 200), 100, 50)).tolist() == [False, False, True]
    assert held_by_none(np.empty((0, 4), np.float32), places).tolist() == []


def test_a_crop_shows_the_very_window() -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    image[64:128, 64:128] = 255
    crop = crops(image, inside_context(np.array([[64.0, 64, 128, 128]])))[0]
    assert crop.mean() == pytest.approx(255, abs=1)


def test_sliding_tells_its_progress_and_says_something_of_every_window() -> None:
    told: list[tuple[int, int]] = []
    slid = slide(np.full((120, 160, 3), 90, np.uint8), 40, 20, lambda done, total: told.append((done, total)))
    assert len(slid.windows) == 7 * 5 == len(slid.probabilities) == len(slid.words)
    assert told == [(35, 35)]
    assert slid.passes == 1
    assert ((slid.probabilities >= 0) & (slid.probabilities <= 1)).all()
