"""What is said of a scene is what its picture shows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yolodash.scenes.blocks import Block, Camera, Lamp, Scene
from yolodash.scenes.programs import RELATIONS
from yolodash.scenes.rendering import GROUND, camera_axes, render, trace
from yolodash.scenes.sampling import FEWEST, MOST, sample_scene
from yolodash.scenes.shapes import distance_to, floats, hides, may_hide
from yolodash.scenes.truth import LEAST_VISIBLE, pixel_of, related, seen_blocks, truth_of, visible_shares
from yolodash.scenes.writing import Hardness, hardness_of
from yolodash.structures import ImageSize

SMALL = ImageSize(96, 128)
AHEAD = Camera(position=(0.0, -9.0, 1.5), target=(0.0, 0.0, 0.5))


def looking_at(*blocks: Block) -> Scene:
    return Scene(blocks, AHEAD, Lamp(), ImageSize(240, 320))


def test_the_same_seed_gives_the_same_picture_and_another_index_another_one() -> None:
    first, again, other = (render(sample_scene(5, index, SMALL)).image for index in (2, 2, 3))

    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_what_is_traced_without_colours_is_what_is_drawn() -> None:
    scene = sample_scene(1, 1, SMALL)

    np.testing.assert_array_equal(trace(scene).seen, render(scene).seen)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_a_box_bounds_the_pixels_that_show_its_block(index: int) -> None:
    traced = trace(sample_scene(3, index, SMALL))
    for one in seen_blocks(traced):
        x1, y1, x2, y2 = (int(value) for value in one.box)
        shown = traced.seen == one.block
        inside = shown[y1:y2, x1:x2]
        assert inside.sum() == shown.sum()
        assert all(side.any() for side in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))
        assert one.visible == shown.sum() / traced.alone[one.block].sum()


def test_the_truth_holds_the_boxes_of_what_is_seen_with_the_classes_of_the_shapes() -> None:
    scene = looking_at(
        Block("cylinder", "red", "rubber", "small", -1, 0), Block("cube", "red", "rubber", "large", 1, 0)
    )
    truth = truth_of(scene, seen_blocks(trace(scene)))

    assert truth.class_ids.tolist() == [2, 0]
    assert truth.boxes[0, 2] < truth.boxes[1, 0]
    np.testing.assert_allclose(truth.areas, truth.xywh[:, 2] * truth.xywh[:, 3])


@pytest.mark.parametrize(("aside", "boxes"), [(0.0, 1), (0.76, 1), (0.92, 2), (1.5, 2)])
def test_a_block_of_which_less_than_a_fifth_is_visible_gets_no_box(aside: float, boxes: int) -> None:
    scene = looking_at(
        Block("cube", "red", "rubber", "large", 0.0, -1.0), Block("sphere", "blue", "rubber", "small", aside, 1.2)
    )
    shares = visible_shares(trace(scene))

    assert shares[0] == 1
    assert (shares[1] >= LEAST_VISIBLE) == (boxes == 2)
    assert (shares[1] > 0) == (aside > 0)
    assert len(seen_blocks(trace(scene))) == boxes


def test_a_block_outside_the_picture_gets_no_box() -> None:
    scene = looking_at(Block("cube", "red", "rubber", "large", 0, 0), Block("cube", "red", "rubber", "large", 40, 0))

    assert [one.block for one in seen_blocks(trace(scene))] == [0]


def test_the_pixel_of_a_ball_is_the_middle_of_its_box() -> None:
    scene = looking_at(Block("sphere", "red", "rubber", "small", -1.3, 2.0))
    (one,) = seen_blocks(trace(scene))
    x1, y1, x2, y2 = one.box

    assert pixel_of(scene, scene.blocks[0]) == pytest.approx(((x1 + x2) / 2, (y1 + y2) / 2), abs=1)


def test_relations_are_opposite_and_nothing_stands_beside_itself() -> None:
    for index in range(20):
        scene = sample_scene(8, index)
        left, right, behind, front = (related(scene, relation) for relation in RELATIONS)
        for one in range(len(scene.blocks)):
            for relation, opposite in ((left, right), (behind, front)):
                assert one not in relation[one]
                assert all(one in opposite[other] and one not in relation[other] for other in relation[one])


def test_left_is_left_in_the_picture_and_behind_is_farther_from_the_camera() -> None:
    scene = sample_scene(2, 4)
    forward = camera_axes(scene.camera)[2]
    for one, others in enumerate(related(scene, "behind")):
        for other in others:
            away = [np.dot((block.x, block.y, 0), forward) for block in (scene.blocks[one], scene.blocks[other])]
            assert away[1] > away[0]
    one, other = Block("cube", "red", "rubber", "small", -1, 0), Block("cube", "red", "rubber", "small", 1, 0)
    scene = looking_at(one, other)
    assert related(scene, "left") == [[], [0]]
    assert pixel_of(scene, one)[0] < pixel_of(scene, other)[0]


@pytest.mark.parametrize("shape", ["cube", "sphere", "cylinder"])
def test_a_block_hides_a_light_exactly_where_a_ray_toward_it_meets_the_block(shape: str) -> None:
    random = np.random.default_rng(0)
    block = Block(shape, "red", "rubber", "large", 0.3, -0.4, 0.7)  # type: ignore[arg-type]
    points = floats(random.uniform([-3, -3, 0], [3, 3, 0], (400, 3)))
    lights = floats(random.uniform([-3, -3, 5], [3, 3, 8], (6, 3)))
    hidden = hides(block, points, lights)

    for light, row in zip(lights, hidden, strict=True):
        np.testing.assert_array_equal(row, distance_to(block, points, light - points) < 1)
    centre = floats(lights.mean(axis=0))
    radius = float(np.linalg.norm(lights - centre, axis=1).max())
    assert hidden.any()
    assert not (hidden.any(axis=0) & ~may_hide(block, points, centre, radius)).any()


def test_the_ground_beside_a_block_lies_in_its_shadow() -> None:
    scene = Scene(
        (Block("cube", "gray", "rubber", "large", 0, 0),),
        Camera(position=(0, -6, 6)),
        Lamp(position=(-5, 0, 5), brightness=1.0),
        ImageSize(120, 160),
    )
    rendered = render(scene)
    rows, columns = np.nonzero(rendered.seen == 0)
    row = int(rows.mean())
    left, right = rendered.image[row, columns.min() - 8], rendered.image[row, columns.max() + 8]

    assert rendered.seen[row, columns.min() - 8] == rendered.seen[row, columns.max() + 8] == GROUND
    assert left.mean() > right.mean() + 30


def test_metal_mirrors_what_rubber_does_not() -> None:
    beside = Block("cube", "red", "rubber", "large", 1.1, -1.2)
    metal = looking_at(Block("sphere", "gray", "metal", "large", -0.5, 0.0), beside)
    rubber = replace(metal, blocks=(replace(metal.blocks[0], material="rubber"), beside))
    redness = []
    for scene in (metal, rubber):
        rendered = render(scene)
        ball = rendered.image[rendered.seen == 0].astype(int)
        redness.append(int((ball[:, 0] - ball[:, 1]).max()))

    assert redness[0] > redness[1] + 20


def test_scenes_hold_three_to_ten_blocks_that_keep_apart_and_can_be_seen() -> None:
    counts = set()
    for index in range(40):
        scene = sample_scene(4, index)
        counts.add(len(scene.blocks))
        assert len(seen_blocks(trace(scene))) >= len(scene.blocks) - 1
        for number, one in enumerate(scene.blocks):
            assert all(math.dist((one.x, one.y), (b.x, b.y)) > one.half + b.half for b in scene.blocks[:number])
    assert counts == set(range(FEWEST, MOST + 1))


@pytest.mark.parametrize("seed", [0, 7, 123_456_789])
def test_scenes_of_any_seed_are_hard(seed: int) -> None:
    total = Hardness()
    for index in range(40):
        total += hardness_of(seen_blocks(trace(sample_scene(seed, index))))

    assert total.partly_hidden >= 0.25 * total.boxes
    assert total.small >= 0.15 * total.boxes
