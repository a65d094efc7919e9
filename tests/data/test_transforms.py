"""Every transform keeps labels true: boxes bound their objects after it, and light moves no box."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from yolodash.data.augment.affine import bounds
from yolodash.data.augment.boxes import Boxes, clipped
from yolodash.data.augment.camera import Blur, Jpeg, Noise, blur, jpeg, noise
from yolodash.data.augment.chance import draw
from yolodash.data.augment.crop import Crop, crop
from yolodash.data.augment.cutout import Cutout, Hole, cutout, uncovered
from yolodash.data.augment.cutting import CutPolicy, Followed, settled, stays, visible
from yolodash.data.augment.example import Example, augmented
from yolodash.data.augment.extras import Extras
from yolodash.data.augment.flips import Flips, flip
from yolodash.data.augment.letterbox import GREY, fit
from yolodash.data.augment.light import Light, grey, levels_after, light
from yolodash.data.augment.mixup import Mixup, mixup
from yolodash.data.augment.recipe import RECIPES, UNCHANGED, VARIED, YOLOV5_NAMES, Recipe
from yolodash.data.augment.steps import crop_matrix, flip_matrix, turn_matrix
from yolodash.data.augment.transforms import BY_NAME, PROBABILITIES, TRANSFORMS, active, alone, check_recipe
from yolodash.data.augment.turns import Turns, turn
from yolodash.data.augment.varied import Source, Varied, draw_for, follow, varied
from yolodash.errors import OptionError
from yolodash.scenes.rendering import render, trace
from yolodash.scenes.sampling import sample_scene
from yolodash.structures import Image, ImageSize

SIZE = ImageSize(120, 160)
NOTHING = np.zeros((0, 4))
KEEP, CLIP = CutPolicy("keep"), CutPolicy("clip")
EXTRA_NAMES = [one.name for one in fields(Recipe) if one.name not in YOLOV5_NAMES]
EVERYTHING = replace(
    Recipe(degrees=20, shear=8, perspective=0.0005, flip_vertical=0.5, mosaic=0.5),
    quarter_turn=0.5, crop=0.4, brightness=0.2, exposure=1, contrast=0.3, grey=0.3, blur=3, noise=20, jpeg=80,
    cutout=0.3, mixup=0.4,
)  # fmt: skip


@cache
def photo(index: int = 0) -> Image:
    return render(sample_scene(8, index, SIZE)).image


@cache
def blocks(index: int) -> tuple[NDArray[np.bool_], Boxes]:
    """Each block of a rendered scene as if it stood alone, ``(N, H, W)``, and its exact box."""
    alone_ = [mask for mask in trace(sample_scene(8, index, SIZE)).alone if mask.sum() > 60]
    return np.stack(alone_), np.concatenate([box_of(mask)[None] for mask in alone_])


def box_of(mask: NDArray[np.bool_]) -> Boxes:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.float64)


def painted(mask: NDArray[np.bool_]) -> Image:
    return np.repeat(np.where(mask, 255, 0).astype(np.uint8)[:, :, None], 3, axis=2)


def sources_of(pictures: list[tuple[Image, Boxes]]) -> list[Source]:
    return [Source(ImageSize(image.shape[0], image.shape[1]), boxes) for image, boxes in pictures]


def made(recipe: Recipe, pictures: list[tuple[Image, Boxes]], copy: int, policy: CutPolicy = KEEP) -> Varied:
    """The first picture, changed."""
    sources = sources_of(pictures)
    drawn = draw_for(recipe, seed=3, index=0, copy=copy, pictures=len(pictures), size=sources[0].size)
    return varied(0, drawn, lambda place: pictures[place][0], lambda place: sources[place], policy)


# What moves things: the box of the object after the transform is the transformed box.


@given(st.integers(0, 4), st.sampled_from([1, 2, 3]), st.booleans(), st.booleans())
@settings(max_examples=25)
def test_turned_and_mirrored_boxes_bound_their_objects_exactly(
    index: int, quarters: int, across: bool, down: bool
) -> None:
    for mask, box in zip(*blocks(index), strict=True):
        for image, boxes in (
            turn(painted(mask), box[None], Turns(quarters)),
            flip(painted(mask), box[None], Flips(across, down)),
        ):
            np.testing.assert_array_equal(boxes[0], box_of(image[:, :, 0] > 0))


@given(st.integers(0, 4), st.integers(1, 40))
@settings(max_examples=30)
def test_a_cropped_box_bounds_its_object_to_one_enlarged_pixel(index: int, copy: int) -> None:
    cut = draw(replace(UNCHANGED, crop=0.5), seed=1, epoch=copy, index=0, pictures=1, side=160).extras.crop
    for mask, box in zip(*blocks(index), strict=True):
        image, boxes = crop(painted(mask), box[None], cut)
        white = image[:, :, 0] >= 128
        if white.any() and (clipped(boxes, SIZE) == boxes).all():
            np.testing.assert_allclose(boxes[0], box_of(white), atol=1.01)


@pytest.mark.parametrize("name", [one.name for one in TRANSFORMS if one.group == "place"])
def test_a_box_holds_its_object_after_every_transform_that_moves_things(name: str) -> None:
    recipe = alone(EVERYTHING, name)
    for index in range(3):
        for mask, box in list(zip(*blocks(index), strict=True))[:3]:
            for copy in (1, 2, 3):
                result = made(recipe, [(painted(mask), box[None])], copy)
                white = result.image[:, :, 0] >= 128
                if white.any():
                    shown = box_of(white)
                    assert (result.boxes[0, :2] <= shown[:2] + 1.5).all()
                    assert (result.boxes[0, 2:] >= shown[2:] - 1.5).all()


@pytest.mark.parametrize("name", ["flip_horizontal", "quarter_turn", "crop", "scale", "translate"])
def test_without_turning_the_box_is_also_close_to_its_object(name: str) -> None:
    recipe = alone(EVERYTHING, name)
    for mask, box in zip(*blocks(1), strict=True):
        for copy in (1, 2, 3):
            result = made(recipe, [(painted(mask), box[None])], copy)
            size, white = ImageSize(*result.image.shape[:2]), result.image[:, :, 0] >= 128
            if white.any() and (clipped(result.boxes, size) == result.boxes).all():
                np.testing.assert_allclose(result.boxes[0], box_of(white), atol=2)


@given(st.integers(1, 60), st.integers(0, 3))
@settings(max_examples=30)
def test_after_the_whole_recipe_a_box_still_holds_its_object(copy: int, index: int) -> None:
    masks, boxes = blocks(index)
    bare = replace(EVERYTHING, **dict.fromkeys(("mixup", "cutout", "noise", "jpeg", "blur", "mosaic"), 0.0))
    bare = replace(bare, brightness=0.0, exposure=0.0, contrast=0.0, hue=0.0, saturation=0.0, value=0.0)
    for mask, box in list(zip(masks, boxes, strict=True))[:2]:
        result = made(bare, [(painted(mask), box[None])], copy)
        white = result.image[:, :, 0] >= 128
        if white.any() and len(result.boxes):
            shown = box_of(white)
            assert (result.boxes[0, :2] <= shown[:2] + 2).all()
            assert (result.boxes[0, 2:] >= shown[2:] - 2).all()


@given(st.integers(1, 40))
@settings(max_examples=20)
def test_in_a_mosaic_each_box_holds_its_own_object(copy: int) -> None:
    pictures = [(painted(blocks(index)[0][0]), blocks(index)[1][:1]) for index in range(4)]
    blank = (np.zeros((*photo().shape[:2], 3), np.uint8), NOTHING)
    for shown_one in range(4):
        given_ = [one if place == shown_one else blank for place, one in enumerate(pictures)]
        result = made(replace(UNCHANGED, mosaic=1.0, scale=0.3, translate=0.1), given_, copy, CLIP)
        white = result.image[:, :, 0] >= 128
        if white.any() and len(result.boxes):
            every = np.array([*result.boxes[:, :2].min(axis=0), *result.boxes[:, 2:].max(axis=0)])
            assert (every[:2] <= box_of(white)[:2] + 2).all()
            assert (every[2:] >= box_of(white)[2:] - 2).all()


def test_mixed_pictures_have_the_boxes_of_both() -> None:
    (mask, *_), (box, *_) = blocks(0)
    other = (np.zeros((60, 80, 3), np.uint8), np.array([[8.0, 8, 16, 16]]))
    image, own, others = mixup(painted(mask), box[None], *other, Mixup(1, 0.5))

    np.testing.assert_array_equal(own[0], box)
    np.testing.assert_allclose(others, [[16, 16, 32, 32]])
    assert image.max() == 128
    np.testing.assert_array_equal(image[:, :, 0] > 64, mask)


# Laws.


@given(st.integers(0, 3), st.integers(1, 9), st.integers(1, 9))
def test_four_quarter_turns_and_two_mirrors_change_nothing(quarters: int, height: int, width: int) -> None:
    image = np.random.default_rng(height * width).integers(0, 256, (height, width, 3), np.uint8)
    boxes = np.array([[0.0, 0.0, width, height], [0.25, 0.5, 0.75, 0.75]])
    turned = turn(*turn(image, boxes, Turns(quarters)), Turns(4 - quarters))
    mirrored = flip(*flip(image, boxes, Flips(True, True)), Flips(True, True))

    for same, own in (turned, mirrored):
        np.testing.assert_array_equal(same, image)
        np.testing.assert_allclose(own, boxes)


def test_two_mirrors_are_a_half_turn() -> None:
    boxes = blocks(0)[1]
    mirrored, turned = flip(photo(), boxes, Flips(True, True)), turn(photo(), boxes, Turns(2))

    np.testing.assert_array_equal(mirrored[0], turned[0])
    np.testing.assert_array_equal(mirrored[1], turned[1])


@given(st.integers(0, 3), st.booleans(), st.booleans(), st.integers(0, 30))
@settings(max_examples=25)
def test_the_matrices_that_are_shown_move_boxes_as_the_transforms_do(
    quarters: int, across: bool, down: bool, copy: int
) -> None:
    boxes = blocks(0)[1]
    cut = draw(replace(UNCHANGED, crop=0.5), seed=1, epoch=copy, index=0, pictures=1, side=160).extras.crop
    for matrix, moved in (
        (turn_matrix(Turns(quarters), SIZE), turn(photo(), boxes, Turns(quarters))[1]),
        (flip_matrix(Flips(across, down), SIZE), flip(photo(), boxes, Flips(across, down))[1]),
        (crop_matrix(cut, SIZE), crop(photo(), boxes, cut)[1]),
    ):
        np.testing.assert_allclose(bounds(boxes, matrix), moved, atol=1e-9)


@pytest.mark.parametrize(
    "change",
    [
        lambda i, b: light(i, b, Light(1.0, 1.3, 0.2)), grey, lambda i, b: blur(i, b, Blur(3.0)),
        lambda i, b: noise(i, b, Noise(20.0, 4)), lambda i, b: jpeg(i, b, Jpeg(10)),
        lambda i, b: cutout(i, b, Cutout((Hole(0.5, 0.5, 0.3),))),
    ],
    ids=["light", "grey", "blur", "noise", "jpeg", "cutout"],
)  # fmt: skip
def test_what_changes_only_pixels_moves_no_box_and_changes_some_pixel(change: object) -> None:
    before, boxes = photo().copy(), blocks(0)[1]
    image, same = change(photo(), boxes)  # type: ignore[operator]

    np.testing.assert_array_equal(same, boxes)
    assert image.shape == before.shape
    assert image.dtype == np.uint8
    assert (image != before).any()
    np.testing.assert_array_equal(photo(), before)  # the given picture stays as it was


def test_parameters_of_nothing_give_the_same_picture() -> None:
    boxes, nothing = blocks(0)[1], Extras()
    for image, _ in (
        turn(photo(), boxes, nothing.turns), crop(photo(), boxes, nothing.crop), light(photo(), boxes, nothing.light),
        blur(photo(), boxes, nothing.blur), noise(photo(), boxes, nothing.noise), jpeg(photo(), boxes, nothing.jpeg),
        cutout(photo(), boxes, nothing.cutout),
    ):  # fmt: skip
        np.testing.assert_array_equal(image, photo())


# Worked numbers.


def test_light_in_worked_numbers() -> None:
    assert levels_after(Light(exposure=2.2))[[0, 50, 127, 200]].tolist() == [0, 100, 254, 255]
    assert levels_after(Light(contrast=2))[[0, 100, 155, 255]].tolist() == [0, 72, 182, 255]  # 72.5 and 182.5
    assert levels_after(Light(contrast=0))[[0, 255]].tolist() == [128, 128]
    assert levels_after(Light(brightness=-0.2))[[0, 51, 255]].tolist() == [0, 0, 204]


def test_holes_and_what_they_hide_in_worked_numbers() -> None:
    holes, size = Cutout((Hole(0.5, 0.5, 0.5),)), ImageSize(100, 200)
    image, _ = cutout(np.zeros((100, 200, 3), np.uint8), NOTHING, holes)

    assert (image[25:75, 75:125] == GREY).all()
    assert image.sum() == GREY * 50 * 50 * 3
    boxes = np.array([[75.0, 25, 125, 75], [75, 25, 100, 125], [0, 0, 10, 10]])
    np.testing.assert_allclose(uncovered(boxes, holes, size), [0, 0.5, 1])


def test_a_crop_in_worked_numbers() -> None:
    image = np.arange(10 * 10 * 3, dtype=np.uint8).reshape(10, 10, 3)
    cut, boxes = crop(image, np.array([[5.0, 5, 10, 10]]), Crop(0.5, 0.5, 0.0, 0.0))

    assert cut.shape == image.shape
    np.testing.assert_allclose(boxes, [[0, 0, 10, 10]])
    np.testing.assert_array_equal(cut[0, 0], image[5, 5])


def test_what_happens_to_a_cut_box_in_worked_numbers() -> None:
    whole = np.array([[-50.0, 0, 50, 100], [-90, 0, 10, 100], [200, 0, 300, 100], [10, 10, 20, 20], [-9, 0, 1, 100]])
    seen = clipped(whole, ImageSize(100, 100))
    rows = np.arange(5)
    followed = Followed(whole, seen, np.array([1, 1, 1, 0.25, 1.0]), np.zeros(5, np.int64), rows)

    np.testing.assert_allclose(visible(followed), [0.5, 0.1, 0, 0.25, 0.1])
    assert stays(followed, CutPolicy("keep")).tolist() == [True, True, False, True, False]
    assert stays(followed, CutPolicy("clip")).tolist() == [True, True, False, True, False]
    assert stays(followed, CutPolicy("drop", 0.3)).tolist() == [True, False, False, False, False]
    assert stays(followed, CutPolicy("drop", 0.0)).tolist() == [True, True, False, True, False]
    np.testing.assert_array_equal(settled(followed, CutPolicy("keep")), whole)
    np.testing.assert_array_equal(settled(followed, CutPolicy("clip")), seen)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 20))
@settings(max_examples=30)
def test_who_asks_for_more_to_be_seen_keeps_no_more_boxes(one: float, other: float, copy: int) -> None:
    source = Source(SIZE, blocks(2)[1])
    drawn = draw_for(replace(EVERYTHING, mosaic=0.0), seed=1, index=0, copy=copy, pictures=1, size=SIZE)
    followed = follow(0, drawn, lambda _: source)
    few, many = (stays(followed, CutPolicy("drop", share)) for share in (max(one, other), min(one, other)))

    assert (few <= many).all()
    assert (many <= stays(followed, CLIP)).all()


# Chance.


def test_recipes_of_yolov5_draw_what_they_drew_before_there_was_more() -> None:
    parts = []
    for recipe in (Recipe(), Recipe(degrees=20, shear=5, perspective=0.0005, flip_vertical=0.5, mosaic=0.5)):
        for epoch in range(3):
            for index in range(9):
                one = draw(recipe, seed=5, epoch=epoch, index=index, pictures=9, side=160)
                assert one.extras.noise.deviation == 0
                assert replace(one.extras, noise=Noise()) == Extras()
                parts.append(repr((one.partners, one.mosaic, one.affine, one.colour, one.flips)))
    assert hashlib.sha256("".join(parts).encode()).hexdigest()[:16] == "096a050129060dea"


@pytest.mark.parametrize("option", EXTRA_NAMES)
def test_changing_one_value_beyond_yolov5_changes_nothing_else(option: str) -> None:
    touched = {
        "quarter_turn": {"turns"}, "crop_probability": {"crop"}, "brightness": {"light"}, "exposure": {"light"},
        "contrast": {"light"}, "least_visible": set(),
    }.get(option, {option.removesuffix("_probability")})  # fmt: skip
    changed = set()
    for index in range(40):
        before, after = (
            draw(recipe, seed=4, epoch=1, index=index, pictures=9, side=160)
            for recipe in (EVERYTHING, replace(EVERYTHING, **{option: 0.0}))
        )
        assert replace(before, extras=after.extras, least_visible=after.least_visible) == after
        changed |= {
            one.name for one in fields(Extras) if getattr(before.extras, one.name) != getattr(after.extras, one.name)
        }
    assert changed == touched


@pytest.mark.parametrize("name", BY_NAME)
def test_alone_a_transform_draws_what_it_draws_among_the_others(name: str) -> None:
    among, single = EVERYTHING, alone(EVERYTHING, name)
    assert [one.name for one in active(single)] == [name]
    probability = BY_NAME[name].probability
    among = replace(
        among,
        **({probability: 1.0} if probability else {}),
        **({name: 1.0} if BY_NAME[name].unit == "probability" else {}),
    )
    parts = {
        "degrees": "angle",
        "scale": "scale",
        "shear": "shear_x",
        "translate": "shift_y",
        "perspective": "perspective_x",
    }
    for index in range(5):
        one, other = (draw(r, seed=4, epoch=2, index=index, pictures=9, side=160) for r in (among, single))
        if name in parts:
            assert getattr(one.affine, parts[name]) == getattr(other.affine, parts[name])
        elif name in ("crop", "blur", "noise", "jpeg", "cutout", "mixup", "grey"):
            assert getattr(one.extras, name) == getattr(other.extras, name)
        elif name in ("hue", "saturation", "value"):
            assert getattr(one.colour, name) == getattr(other.colour, name)
        elif name in ("brightness", "exposure", "contrast"):
            assert getattr(one.extras.light, name) == getattr(other.extras.light, name)
        elif name == "quarter_turn":
            assert one.extras.turns == other.extras.turns
        elif name == "mosaic":
            assert (one.mosaic, one.partners) == (other.mosaic, other.partners)
        else:
            assert getattr(other.flips, name.removeprefix("flip_"))


def test_every_number_of_the_recipe_is_a_transform_a_probability_or_the_share_that_must_be_seen() -> None:
    assert {one.name for one in fields(Recipe)} == {*BY_NAME, *PROBABILITIES, "least_visible"}
    assert len(TRANSFORMS) >= 16
    for one in TRANSFORMS:
        assert 0 < one.step <= one.usual <= one.high
        assert one.formula.count("{") == one.formula.count("}")


# On the fly in training.


def test_in_training_the_extras_are_a_function_of_seed_epoch_and_picture() -> None:
    examples = [Example(*fit(photo(i), blocks(i)[1], 128), np.zeros(len(blocks(i)[1]), np.int64)) for i in range(4)]

    def seen(epoch: int, index: int, recipe: Recipe = EVERYTHING) -> Example:
        drawn = draw(recipe, seed=7, epoch=epoch, index=index, pictures=4, side=128)
        return augmented(index, drawn, lambda place: examples[place])

    for index in range(4):
        one, again, later = seen(0, index), seen(0, index), seen(1, index)
        np.testing.assert_array_equal(one.image, again.image)
        np.testing.assert_array_equal(one.boxes, again.boxes)
        assert one.image.shape == (128, 128, 3)
        assert len(one.boxes) == len(one.class_ids)
        assert (clipped(one.boxes, ImageSize(128, 128)) == one.boxes).all()
        assert (one.image != later.image).any()
        assert (one.image != seen(0, index, Recipe()).image).any()


def test_in_training_a_box_that_holes_hide_goes() -> None:
    example = Example(np.zeros((64, 64, 3), np.uint8), np.array([[4.0, 4, 14, 14], [40, 40, 60, 60]]), np.array([1, 2]))
    drawn = draw(UNCHANGED, seed=0, epoch=0, index=0, pictures=1, side=64)
    holed = replace(drawn, extras=replace(drawn.extras, cutout=Cutout((Hole(0.15, 0.15, 0.4),))))

    assert augmented(0, drawn, lambda _: example).class_ids.tolist() == [1, 2]
    assert augmented(0, holed, lambda _: example).class_ids.tolist() == [2]


# Bad input.


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, 2e9, True, "much", None])
def test_numbers_that_make_no_sense_are_refused_in_a_sentence(value: object) -> None:
    with pytest.raises(OptionError, match="in a recipe"):
        check_recipe(replace(Recipe(), blur=value))


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_named_recipes_make_sense(recipe: Recipe) -> None:
    check_recipe(recipe)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (7, 1), (2, 2), (3, 500)])
def test_the_smallest_pictures_go_through_every_transform(size: tuple[int, int]) -> None:
    image = np.full((*size, 3), 90, np.uint8)
    for copy in range(1, 13):
        result = made(EVERYTHING, [(image, np.array([[0.0, 0, size[1], size[0]]]))], copy)
        assert result.image.size > 0
        assert np.isfinite(result.boxes).all()


def test_pictures_without_boxes_and_with_ten_thousand_go_through() -> None:
    corners = np.random.default_rng(0).uniform(0, 100, (10_000, 2))
    many = np.concatenate([corners, corners + 10], axis=1)
    for copy in range(1, 6):
        assert len(made(replace(EVERYTHING, mosaic=0.0, mixup=0.0), [(photo(), NOTHING)], copy).boxes) == 0
        result = made(VARIED, [(photo(), many)], copy, CutPolicy("drop", 0.1))
        assert len(result.boxes) + result.lost == 10_000
        assert (result.row < 10_000).all()


def test_a_recipe_of_nothing_changes_nothing() -> None:
    result = made(UNCHANGED, [(photo(), blocks(0)[1])], 1)

    np.testing.assert_array_equal(result.image, photo())
    np.testing.assert_array_equal(result.boxes, blocks(0)[1])
