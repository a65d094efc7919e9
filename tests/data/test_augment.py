"""Boxes go where their objects go, and chance depends on nothing but seed, epoch and picture."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from yolodash.data.augment.affine import Affine, affine, bounds, matrix_of
from yolodash.data.augment.boxes import Boxes, clipped, stay
from yolodash.data.augment.chance import Drawn, draw, order_of
from yolodash.data.augment.colour import Colour, colour
from yolodash.data.augment.example import Example, augmented
from yolodash.data.augment.flips import Flips, flip
from yolodash.data.augment.letterbox import GREY, fit, letterbox
from yolodash.data.augment.mosaic import Mosaic, mosaic
from yolodash.data.augment.recipe import UNCHANGED, Recipe
from yolodash.scenes.rendering import trace
from yolodash.scenes.sampling import sample_scene
from yolodash.structures import Image, ImageSize

SIDE = 128
SMALL = ImageSize(96, 128)
NOTHING = np.zeros((0, 4))


@cache
def scene(index: int) -> tuple[NDArray[np.bool_], Boxes]:
    """Each of the N blocks of a rendered scene as if it stood alone, ``(N, H, W)``, and its box.

    Alone, because what others leave of a block can be a sliver that vanishes where a picture shrinks.
    """
    alone = [mask for mask in trace(sample_scene(8, index, SMALL)).alone if mask.sum() > 30]
    boxes = []
    for mask in alone:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        boxes.append([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    return np.stack(alone), np.array(boxes, np.float64)


def painted(mask: NDArray[np.bool_]) -> Image:
    """A picture in which one object is white and everything else is black."""
    return np.repeat(np.where(mask, 255, 0).astype(np.uint8)[:, :, None], 3, axis=2)


def seen_box(image: Image) -> Boxes | None:
    """The box of what is more than half white: grey padding is not."""
    white = image[:, :, 0] >= 128
    if not white.any():
        return None
    rows, columns = np.flatnonzero(white.any(axis=1)), np.flatnonzero(white.any(axis=0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.float64)


def example_of(index: int, number: int) -> Example:
    """A scene in which only block ``number`` is white (none for a negative number), fitted to the side."""
    masks, boxes = scene(index)
    image = painted(masks[number]) if number >= 0 else np.zeros((*masks.shape[1:], 3), np.uint8)
    own = boxes[[number]] if number >= 0 else NOTHING
    return Example(*fit(image, own, SIDE), np.zeros(len(own), np.int64))


def affines(angle: float = 0.0) -> st.SearchStrategy[Affine]:
    """Moved, resized and turned by up to ``angle``."""
    part = st.floats(-0.3, 0.3)
    scale, turn = st.floats(0.6, 1.6), st.floats(-angle, angle)
    size = st.just(ImageSize(SIDE, SIDE))
    return st.builds(Affine, size=size, angle=turn, scale=scale, shift_x=part, shift_y=part)


@settings(max_examples=40)
@given(st.integers(0, 5), st.data())
def test_a_moved_resized_mirrored_box_bounds_its_object_to_two_pixels(index: int, data: st.DataObject) -> None:
    _, boxes = scene(index)
    number = data.draw(st.integers(0, len(boxes) - 1))
    drawn = Drawn((), None, data.draw(affines()), Colour(), data.draw(st.builds(Flips, st.booleans(), st.booleans())))
    result = augmented(0, drawn, lambda _: example_of(index, number))

    check(result, boxes[number] * drawn.affine.scale)


@settings(max_examples=40)
@given(st.lists(st.integers(0, 5), min_size=4, max_size=4), st.integers(0, 3), st.data())
def test_a_box_in_a_mosaic_bounds_its_object_to_two_pixels(
    indices: list[int], position: int, data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(scene(indices[position])[1]) - 1))
    meeting = data.draw(st.builds(Mosaic, st.just(SIDE), st.integers(64, 192), st.integers(64, 192)))
    drawn = Drawn((1, 2, 3), meeting, data.draw(affines()), Colour(), data.draw(st.builds(Flips)))
    result = augmented(0, drawn, lambda place: example_of(indices[place], number if place == position else -1))

    check(result, scene(indices[position])[1][number] * drawn.affine.scale)


def check(result: Example, whole: Boxes) -> None:
    """A box holds what is seen of its object, and closely where the object is whole; one without a box is small."""
    shown = seen_box(result.image)
    sides, area = None if shown is None else shown[2:] - shown[:2], (whole[2:] - whole[:2]).prod()
    if len(result.boxes) == 0:
        # A pixel's doubt at each side.
        assert sides is None or sides.min() <= 3 or (sides - 1).prod() <= 0.1 * area or sides.max() > 90 * sides.min()
        return
    (box,) = result.boxes
    if shown is not None:
        assert (box[:2] <= shown[:2] + 1.5).all()
        assert (box[2:] >= shown[2:] - 1.5).all()
    if (box[2:] - box[:2]).prod() > 0.999 * area:
        assert shown is not None
        np.testing.assert_allclose(box, shown, atol=2)


@settings(max_examples=25)
@given(st.integers(0, 5), affines(45), st.floats(-20, 20), st.floats(-20, 20), st.floats(-1e-3, 1e-3))
def test_a_turned_sheared_slanted_box_holds_its_object(
    index: int, parameters: Affine, shear_x: float, shear_y: float, slant: float
) -> None:
    masks, boxes = scene(index)
    whole = replace(parameters, shear_x=shear_x, shear_y=shear_y, perspective_x=slant, perspective_y=-slant)
    for mask, box in zip(masks, boxes, strict=True):
        image, moved = affine(painted(mask), box[None], whole)
        shown = seen_box(image)
        if shown is not None:
            kept = clipped(moved, whole.size)[0]
            assert (kept[:2] <= shown[:2] + 1.5).all()
            assert (kept[2:] >= shown[2:] - 1.5).all()


def test_a_quarter_turn_in_worked_numbers() -> None:
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    turned, boxes = affine(image, np.array([[1.0, 0.0, 3.0, 1.0]]), Affine(ImageSize(6, 4), angle=90))

    np.testing.assert_array_equal(turned, np.rot90(image))
    np.testing.assert_allclose(boxes, [[0, 3, 1, 5]], atol=1e-9)


def test_twice_the_size_about_the_middle_and_a_shift_in_worked_numbers() -> None:
    parameters = Affine(ImageSize(100, 200), scale=2, shift_x=0.1, shift_y=-0.2)
    box = bounds(np.array([[90.0, 40.0, 120.0, 60.0]]), matrix_of(parameters, ImageSize(100, 200)))

    np.testing.assert_allclose(box, [[100 - 20 + 20, 50 - 20 - 20, 100 + 40 + 20, 50 + 20 - 20]])


def test_parameters_that_change_nothing_give_the_same_picture() -> None:
    image = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    boxes = np.array([[3.0, 4.0, 50.0, 60.0]])

    for same, own in (
        affine(image, boxes, Affine(ImageSize(SIDE, SIDE))),
        colour(image, boxes, Colour()),
        flip(image, boxes, Flips()),
        letterbox(image, boxes, ImageSize(SIDE, SIDE)),
        flip(*flip(image, boxes, Flips(True, True)), Flips(True, True)),
    ):
        np.testing.assert_array_equal(same, image)
        np.testing.assert_allclose(own, boxes)


def test_the_letterbox_lies_in_the_middle_of_grey() -> None:
    image, boxes = letterbox(np.zeros((50, 100, 3), np.uint8), np.array([[0.0, 0.0, 100.0, 50.0]]), ImageSize(64, 64))

    np.testing.assert_allclose(boxes, [[0, 16, 64, 48]])
    assert not image[16:48].any()
    assert (image[:16] == GREY).all()
    assert (image[48:] == GREY).all()


def test_the_four_pictures_of_a_mosaic_meet_at_the_point_and_are_cut_by_the_canvas() -> None:
    images = [np.full((8, 10, 3), shade, np.uint8) for shade in (10, 20, 30, 40)]
    canvas, boxes = mosaic(images, [np.array([[0.0, 0.0, 10.0, 8.0]])] * 4, Mosaic(10, 7, 12))

    assert canvas.shape == (20, 20, 3)
    assert [int(canvas[y, x, 0]) for y, x in ((11, 6), (11, 7), (12, 6), (12, 7))] == [10, 20, 30, 40]
    assert canvas[3, 0, 0] == canvas[11, 17, 0] == GREY
    wanted = [[-3, 4, 7, 12], [7, 4, 17, 12], [-3, 12, 7, 20], [7, 12, 17, 20]]
    np.testing.assert_allclose(np.concatenate(boxes), wanted)


def test_hue_goes_around_the_circle_and_saturation_and_value_stop_at_their_ends() -> None:
    shades = np.array([[[200, 40, 40], [40, 200, 40], [0, 0, 0], [255, 255, 255], [120, 120, 120]]], np.uint8)

    def after(**factors: float) -> list[list[int]]:
        return colour(shades, NOTHING, Colour(**factors))[0][0].tolist()  # type: ignore[no-any-return]

    assert after(saturation=0.0)[0] == [200, 200, 200]
    assert after(saturation=9.0)[0] == [200, 0, 0]
    assert after(value=0.5)[4] == [60, 60, 60]
    assert after(value=9.0)[4] == [255, 255, 255]
    assert after(hue=2.0)[1] == pytest.approx([40, 40, 200], abs=3)  # green at 120° becomes blue at 240°
    assert after(hue=4.0)[1] == pytest.approx([40, 200, 40], abs=3)  # 480° is green again
    assert after(hue=3.0)[1] == pytest.approx([200, 40, 40], abs=3)  # 360° is red again


def test_which_boxes_stay_in_worked_numbers() -> None:
    inside = np.array([[0.0, 0, 2, 50], [0, 0, 3, 299], [0, 0, 3, 301], [0, 0, 0, 0]])
    cut = np.array([[-90.1, 0, 10, 50], [-89.9, 0, 10, 50], [-9, -9, -5, -5]])

    assert stay(inside, inside).tolist() == [False, True, False, False]
    assert stay(cut, clipped(cut, ImageSize(60, 60))).tolist() == [False, True, False]
    assert stay(NOTHING, NOTHING).tolist() == []


def test_the_parameters_are_a_function_of_seed_epoch_and_picture() -> None:
    def drawn(seed: int = 1, epoch: int = 2, index: int = 3) -> Drawn:
        return draw(Recipe(degrees=10), seed=seed, epoch=epoch, index=index, pictures=50, side=320)

    assert drawn() == drawn()
    assert len({repr(one) for one in (drawn(), drawn(seed=2), drawn(epoch=3), drawn(index=4))}) == 4
    assert order_of(20, seed=1, epoch=0) == order_of(20, seed=1, epoch=0) != order_of(20, seed=1, epoch=1)
    assert sorted(order_of(20, seed=1, epoch=0)) == list(range(20))


@pytest.mark.parametrize("option", [field.name for field in fields(Recipe)])
def test_changing_one_value_of_the_recipe_changes_nothing_else(option: str) -> None:
    before = draw(Recipe(), seed=4, epoch=0, index=7, pictures=50, side=320)
    after = draw(replace(Recipe(), **{option: 0.0}), seed=4, epoch=0, index=7, pictures=50, side=320)
    touched = {
        "mosaic": {"mosaic", "partners"},
        **{name: {"colour"} for name in ("hue", "saturation", "value")},
        **{name: {"flips"} for name in ("flip_horizontal", "flip_vertical")},
        "least_visible": {"least_visible"},
    }.get(option, {"affine"})

    changed = {field.name for field in fields(Drawn) if getattr(before, field.name) != getattr(after, field.name)}
    assert changed <= touched


def test_the_parameters_stay_within_the_recipe_and_fill_it() -> None:
    recipe = Recipe(degrees=10, shear=5, flip_vertical=0.25, mosaic=0.5)
    drawn = [draw(recipe, seed=0, epoch=0, index=index, pictures=9, side=64) for index in range(600)]
    with_mosaic = [one.mosaic for one in drawn if one.mosaic is not None]

    def spread(values: list[float]) -> list[float]:
        return [min(values), max(values)]

    assert spread([one.affine.scale for one in drawn]) == pytest.approx([0.5, 1.5], abs=0.02)
    assert spread([one.affine.shift_x for one in drawn]) == pytest.approx([-0.1, 0.1], abs=0.004)
    assert spread([one.affine.angle for one in drawn]) == pytest.approx([-10, 10], abs=0.4)
    assert spread([one.colour.hue for one in drawn]) == pytest.approx([0.985, 1.015], abs=0.001)
    assert spread([one.colour.saturation for one in drawn]) == pytest.approx([0.3, 1.7], abs=0.03)
    assert spread([one.x for one in with_mosaic]) == [32, 96]
    assert {partner for one in drawn for partner in one.partners} == set(range(9))
    assert len(with_mosaic) / 600 == pytest.approx(0.5, abs=0.07)
    assert np.mean([one.flips.horizontal for one in drawn]) == pytest.approx(0.5, abs=0.07)
    assert np.mean([one.flips.vertical for one in drawn]) == pytest.approx(0.25, abs=0.06)


def test_an_unchanged_picture_is_only_letterboxed() -> None:
    drawn = draw(UNCHANGED, seed=4, epoch=9, index=7, pictures=50, side=SIDE)
    image = np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)
    result = augmented(0, drawn, lambda _: Example(image, np.array([[3.0, 4.0, 50.0, 60.0]]), np.array([2])))

    np.testing.assert_array_equal(result.image[16:112], image)
    np.testing.assert_allclose(result.boxes, [[3, 20, 50, 76]])
    assert result.class_ids.tolist() == [2]


def test_classes_go_with_their_boxes_when_others_are_lost() -> None:
    boxes = np.array([[0.0, 0, 20, 20], [60, 60, 80, 80], [100, 100, 128, 128]])
    example = Example(np.zeros((SIDE, SIDE, 3), np.uint8), boxes, np.array([5, 6, 7]))
    drawn = Drawn((), None, Affine(ImageSize(SIDE, SIDE), scale=2), Colour(), Flips(horizontal=True))

    result = augmented(0, drawn, lambda _: example)
    assert result.class_ids.tolist() == [6]
    np.testing.assert_allclose(result.boxes, [[128 - 96, 56, 128 - 56, 96]])
