"""What is rendered for the page Pixels: squares that are equal, cameras that agree, a head that can be sliced."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from yolodash.data import stereo
from yolodash.data.images import read_image
from yolodash.scenes import checker, phantom, views
from yolodash.structures import ImageSize
from yolodash.ui.learn.pixels import stored_pictures


def inside(corners: np.ndarray, size: ImageSize) -> np.ndarray:
    """The pixels well within a square."""
    mask = np.zeros((size.height, size.width), np.uint8)
    middle = corners.mean(axis=0)
    cv2.fillPoly(mask, [np.round(middle + (corners - middle) * 0.85).astype(np.int32)], 1)
    return mask.astype(bool)


@pytest.fixture(scope="module")
def kept() -> np.ndarray:
    return read_image(stored_pictures.STORED / stored_pictures.CHECKER)


def test_both_squares_have_exactly_the_same_intensity_all_over(kept: np.ndarray) -> None:
    values = [
        set(kept[inside(checker.corners_of(square, checker.SIZE), checker.SIZE)].reshape(-1).tolist())
        for square in (checker.LIT, checker.SHADED)
    ]
    assert values[0] == values[1]
    assert len(values[0]) == 1


def test_their_neighbours_are_what_makes_them_look_different(kept: np.ndarray) -> None:
    column, row = checker.SHADED
    beside = checker.corners_of((column, row + 1), checker.SIZE).mean(axis=0)
    own = checker.corners_of(checker.SHADED, checker.SIZE).mean(axis=0)
    darker, here = (checker.intensity(kept, *np.round(place).astype(int)) for place in (beside, own))
    assert darker < here - 30


def test_the_kept_picture_is_what_the_renderer_draws(kept: np.ndarray) -> None:
    half = ImageSize(checker.SIZE.height // 4, checker.SIZE.width // 4)
    drawn = checker.render_checker(half).image
    coarse = cv2.resize(kept, (half.width, half.height), interpolation=cv2.INTER_AREA)
    assert kept.shape == (checker.SIZE.height, checker.SIZE.width, 3)
    assert np.abs(drawn.astype(int) - coarse.astype(int)).mean() < 2.5


@pytest.mark.parametrize("strip", [stored_pictures.FILM, stored_pictures.VIEWS])
def test_a_strip_holds_as_many_pictures_as_it_says(strip: stored_pictures.Strip) -> None:
    picture = read_image(stored_pictures.STORED / strip.file)
    assert picture.shape == (strip.size.height, strip.count * strip.size.width, 3)


def test_a_kept_view_is_what_that_camera_sees() -> None:
    small = ImageSize(60, 80)
    drawn = views.views(8, small)[0]
    picture = read_image(stored_pictures.STORED / "views.jpg")[:, :320]
    coarse = cv2.resize(picture, (80, 60), interpolation=cv2.INTER_AREA)
    assert np.abs(drawn.astype(int) - coarse.astype(int)).mean() < 6


def test_cameras_in_a_circle_keep_their_height_and_distance() -> None:
    front = views.scene().camera
    for angle in np.linspace(0, 2 * np.pi, 9):
        camera = views.camera_at(front, float(angle))
        assert camera.position[2] == front.position[2]
        assert np.hypot(*camera.position[:2]) == pytest.approx(np.hypot(*front.position[:2]))
    assert np.allclose(views.camera_at(front, 2 * np.pi).position, front.position)


def test_a_head_is_hard_outside_and_the_same_from_left_and_right_where_nothing_lies() -> None:
    volume = phantom.phantom(40)
    assert volume.shape == (40, 40, 40)
    assert volume[0, 0, 0] == 0
    assert volume.max() == 255
    middle = phantom.slice_of(volume, 0, 20)
    assert middle[20, np.flatnonzero(middle[20])[0]] == 255  # the first that is met is the skull
    np.testing.assert_array_equal(volume[3], volume[3, :, ::-1])


def test_slices_of_the_three_axes_meet_in_the_same_numbers() -> None:
    volume = phantom.phantom(20)
    z, y, x = 12, 7, 9
    assert phantom.slice_of(volume, 0, z)[y, x] == volume[z, y, x]
    assert phantom.slice_of(volume, 1, y)[19 - z, x] == volume[z, y, x]
    assert phantom.slice_of(volume, 2, x)[19 - z, y] == volume[z, y, x]


def test_what_moves_further_between_two_cameras_is_nearer() -> None:
    pair = stereo.stereo_pair()
    metres = stereo.distance(pair.disparity)

    assert pair.left.shape == pair.right.shape == (*pair.disparity.shape, 3)
    known = np.isfinite(metres)
    assert 0.5 < known.mean() < 1
    assert metres[known].min() > 1.5
    assert metres[known].max() < 6
    order = np.argsort(pair.disparity[known])
    assert (np.diff(metres[known][order]) <= 0).all()
