"""How pictures are divided: a partition, groups whole, classes everywhere, the same again by the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yolodash.data.dataset import SPLITS
from yolodash.data.likeness import alike, signature, twins
from yolodash.data.split import RATIOS, joined, split_pictures
from yolodash.errors import OptionError

COUNTS = st.lists(st.lists(st.integers(0, 6), max_size=5), min_size=1, max_size=60)
SHARES = st.tuples(st.integers(1, 20), st.integers(0, 20), st.integers(0, 20)).map(
    lambda parts: tuple(part / sum(parts) for part in parts)
)


def named(boxes: list[list[int]]) -> dict[str, list[int]]:
    return {f"picture {number}": own for number, own in enumerate(boxes)}


def places(parts: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {stem: part for part, stems in parts.items() for stem in stems}


@given(boxes=COUNTS, ratios=SHARES, seed=st.integers(0, 9), data=st.data())
@settings(max_examples=60)
def test_every_picture_is_in_one_part_and_no_group_is_torn(
    boxes: list[list[int]], ratios: tuple[float, ...], seed: int, data: st.DataObject
) -> None:
    classes = named(boxes)
    groups = {stem: data.draw(st.integers(0, 8)) for stem in classes if data.draw(st.booleans())}

    parts = split_pictures(classes, groups=groups, ratios=ratios, seed=seed)

    assert sorted(stem for stems in parts.values() for stem in stems) == sorted(classes)
    assert tuple(parts) == SPLITS
    where = places(parts)
    assert all(len({where[stem] for stem in groups if groups[stem] == group}) == 1 for group in set(groups.values()))
    assert not any(parts[name] for name, ratio in zip(SPLITS, ratios, strict=True) if not ratio)


@given(boxes=COUNTS, ratios=SHARES, seed=st.integers(0, 9), data=st.data())
@settings(max_examples=60)
def test_a_part_is_larger_than_its_share_by_less_than_a_group(
    boxes: list[list[int]], ratios: tuple[float, ...], seed: int, data: st.DataObject
) -> None:
    classes = named(boxes)
    groups = {stem: data.draw(st.integers(0, 8)) for stem in classes}
    largest = max(list(groups.values()).count(group) for group in groups.values())

    parts = split_pictures(classes, groups=groups, ratios=ratios, seed=seed)

    for name, ratio in zip(SPLITS, ratios, strict=True):
        assert len(parts[name]) <= max(ratio * len(classes) + 1, 1) + largest - 1 + 1e-9


@given(boxes=st.lists(st.lists(st.integers(0, 6), max_size=5), min_size=30, max_size=60), seed=st.integers(0, 9))
@settings(max_examples=60)
def test_without_groups_the_shares_are_exact_and_train_has_every_class(boxes: list[list[int]], seed: int) -> None:
    classes = named(boxes)

    parts = split_pictures(classes, ratios=RATIOS, seed=seed)

    assert all(abs(len(parts[name]) - ratio * len(classes)) <= 1 for name, ratio in zip(SPLITS, RATIOS, strict=True))
    seen = {class_id for stem in parts["train"] for class_id in classes[stem]}
    assert seen == {class_id for own in boxes for class_id in own}


def test_the_seed_decides_and_nothing_else() -> None:
    classes = named([[number % 3] for number in range(100)])

    again = [split_pictures(given, seed=4) for given in (classes, dict(reversed(classes.items())))]

    assert places(again[0]) == places(again[1])
    assert again[0] != split_pictures(classes, seed=5)


def test_a_rare_class_is_in_every_part_in_its_share() -> None:
    classes = named([[1] if number % 20 == 0 else [0] for number in range(400)])

    parts = split_pictures(classes, seed=0)

    rare = {name: sum(classes[stem] == [1] for stem in stems) for name, stems in parts.items()}
    assert rare == {"train": 16, "val": 2, "test": 2}


def test_two_large_groups_leave_neither_train_nor_val_empty() -> None:
    classes = named([[0]] * 100)
    groups = {stem: number < 50 for number, stem in enumerate(classes)}

    parts = split_pictures(classes, groups=groups)

    assert [len(parts[name]) for name in SPLITS] == [50, 50, 0]


def test_nothing_is_divided_into_three_empty_parts() -> None:
    assert split_pictures({}) == {"train": (), "val": (), "test": ()}


@pytest.mark.parametrize("ratios", [(1, 1, 1), (0.5, 0.5), (0, 0.5, 0.5), (1.2, -0.2, 0), (float("nan"), 0, 1)])
def test_shares_that_are_none_are_refused(ratios: tuple[float, ...]) -> None:
    with pytest.raises(OptionError, match=r"--ratios"):
        split_pictures({"one": [0]}, ratios=ratios)


def test_what_is_connected_through_others_is_one_group() -> None:
    pairs = [("c", "b"), ("d", "e")]

    groups = joined(pairs, {"a": "film.mp4", "b": "film.mp4", "e": "", "f": "other.mp4", "g": ""})

    assert groups["a"] == groups["b"] == groups["c"] == "a"
    assert groups["d"] == groups["e"] == "d"
    assert groups["f"] == "f"
    assert "g" not in groups


def test_twins_are_the_pairs_that_one_list_has_with_itself() -> None:
    random = np.random.default_rng(0)
    pictures = [random.integers(0, 256, (40, 60, 3), np.uint8) for _ in range(4)]
    lighter = np.clip(pictures[1].astype(int) + 2, 0, 255).astype(np.uint8)
    found = [signature(pictures[0], "x"), signature(pictures[1]), None, signature(lighter), signature(pictures[0], "x")]

    pairs = [(pair.first, pair.second, pair.identical) for pair in twins(found)]

    assert pairs == [(0, 4, True), (1, 3, False)]
    assert {(one.first, one.second) for one in alike(found, found) if one.first < one.second} == {(0, 4), (1, 3)}
